import type { Migration } from './migration.ts';

/** The redirect URI that was refused, for whoever may register it. */
export const refusedRedirectUris: Migration = {
  number: 21,
  minimumProgram: 11,
  statements: () => ['ALTER TABLE refusals ADD COLUMN redirect_uri TEXT'],
};
