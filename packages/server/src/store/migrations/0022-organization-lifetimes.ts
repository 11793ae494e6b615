import type { Migration } from './migration.ts';

/** How long the tokens of an organization's apps live, where neither app nor API says otherwise. */
export const organizationLifetimes: Migration = {
  number: 22,
  minimumProgram: 11,
  statements: () => ['ALTER TABLE organizations ADD COLUMN access_token_lifetime TEXT'],
};
