import type { Dialect, Migration } from './migration.ts';

/**
 * Tokens bound to keys, and what only some clients, APIs, grants and tokens have: one JSON column each, NULL for the
 * others. An older program would take a bound token for a free one, so it may not use the database any more.
 */
export const boundTokens: Migration = {
  number: 2,
  minimumProgram: 2,
  statements: ({ integer, bytes, strict }: Dialect) => [
    "ALTER TABLE clients ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}'",
    'ALTER TABLE grants ADD COLUMN particulars TEXT',
    'ALTER TABLE access_tokens ADD COLUMN particulars TEXT',
    'ALTER TABLE authorization_codes ADD COLUMN dpop_jkt TEXT',
    'ALTER TABLE refresh_families ADD COLUMN confirmation TEXT',
    `CREATE TABLE used_identifiers (hash ${bytes} PRIMARY KEY, used_until ${integer} NOT NULL)${strict}`,
    'CREATE INDEX used_identifiers_end ON used_identifiers (used_until)',
  ],
};
