import type { Dialect, Migration } from './migration.ts';

/**
 * Clients that register themselves. An older program would trust them as if an operator had registered them, so it
 * may not use the database any more.
 */
export const registrations: Migration = {
  number: 5,
  minimumProgram: 5,
  statements: ({ integer, bytes, sequence, strict }: Dialect) => [
    `ALTER TABLE resources ADD COLUMN allow_url_clients ${integer} NOT NULL DEFAULT 0`,
    `CREATE TABLE registrations (
       client_id TEXT PRIMARY KEY REFERENCES clients (id) ON DELETE CASCADE, token_hash ${bytes} NOT NULL
     )${strict}`,
    `CREATE TABLE initial_access_tokens (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, hash ${bytes} NOT NULL UNIQUE, hint TEXT NOT NULL, name TEXT NOT NULL,
       organization_id TEXT NOT NULL REFERENCES organizations (id), max_uses ${integer} NOT NULL,
       uses ${integer} NOT NULL, created_at ${integer} NOT NULL, expires_at ${integer} NOT NULL
     )${strict}`,
    'CREATE INDEX initial_access_tokens_organization ON initial_access_tokens (organization_id)',
    `CREATE INDEX clients_self_registered ON clients (updated_at)
       WHERE registered_by IN ('registration', 'metadata_document')`,
  ],
};
