import type { Dialect, Migration } from './migration.ts';

/** Keys that were taken back, and events that tell of one. */
export const revokedKeys: Migration = {
  number: 30,
  minimumProgram: 11,
  statements: ({ integer }: Dialect) => [
    `ALTER TABLE signing_keys ADD COLUMN revoked_at ${integer}`,
    'ALTER TABLE events ADD COLUMN kid TEXT',
  ],
};
