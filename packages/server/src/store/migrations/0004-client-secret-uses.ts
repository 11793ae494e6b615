import type { Dialect, Migration } from './migration.ts';

/** When secrets were last used, apart from the secrets: it changes all the time, and they are kept in memory. */
export const clientSecretUses: Migration = {
  number: 4,
  minimumProgram: 2,
  statements: ({ integer, strict }: Dialect) => [
    `CREATE TABLE client_secret_uses (
       client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE, secret_id TEXT NOT NULL,
       last_used_at ${integer} NOT NULL, PRIMARY KEY (client_id, secret_id)
     )${strict}`,
  ],
};
