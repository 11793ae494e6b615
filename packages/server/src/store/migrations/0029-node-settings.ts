import type { Migration } from './migration.ts';

/** With what settings each node runs, as it said when it joined; no secret is among them. */
export const nodeSettings: Migration = {
  number: 29,
  minimumProgram: 11,
  statements: () => ['ALTER TABLE cluster_nodes ADD COLUMN settings TEXT'],
};
