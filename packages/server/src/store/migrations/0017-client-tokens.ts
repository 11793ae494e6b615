import type { Dialect, Migration } from './migration.ts';

/** Public tokens of apps, what they open at an API, and from where secrets were last used. */
export const clientTokens: Migration = {
  number: 17,
  minimumProgram: 11,
  statements: ({ integer, bytes, strict }: Dialect) => [
    `CREATE TABLE client_tokens (
       id ${bytes} PRIMARY KEY, client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
       sealed ${bytes} NOT NULL, hint TEXT NOT NULL, created_at ${integer} NOT NULL, ends_at ${integer},
       last_used_at ${integer}
     )${strict}`,
    'CREATE INDEX client_tokens_client ON client_tokens (client_id)',
    // At most one of a client has no end, whatever two nodes do at the same time.
    'CREATE UNIQUE INDEX client_tokens_current ON client_tokens (client_id) WHERE ends_at IS NULL',
    // NULL: the API takes none.
    'ALTER TABLE resources ADD COLUMN client_token_scopes TEXT',
    // A secret and a registration token that somebody found are looked up by what they are.
    'CREATE INDEX client_secrets_hash ON client_secrets (hash)',
    'CREATE INDEX registrations_token ON registrations (token_hash)',
    'ALTER TABLE client_secret_uses ADD COLUMN last_used_from TEXT',
  ],
};
