import type { Dialect, Migration } from './migration.ts';

/** What OpenID Connect adds: claims of people, session ids that outlive a second sign-in, logout told to apps. */
export const openid: Migration = {
  number: 8,
  minimumProgram: 2,
  statements: ({ integer, bytes, sequence, strict }: Dialect) => [
    "ALTER TABLE users ADD COLUMN claims TEXT NOT NULL DEFAULT '{}'",
    'ALTER TABLE sessions ADD COLUMN sid TEXT',
    'CREATE INDEX grants_session ON grants (session_id) WHERE session_id IS NOT NULL',
    // Whom to tell when a session ends; a grant may be gone by then.
    `CREATE TABLE session_clients (
       seq ${sequence}, sid TEXT NOT NULL, client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
       user_id TEXT NOT NULL, expires_at ${integer} NOT NULL, UNIQUE (sid, client_id)
     )${strict}`,
    'CREATE INDEX session_clients_user ON session_clients (user_id)',
    'CREATE INDEX session_clients_client ON session_clients (client_id)',
    'CREATE INDEX session_clients_end ON session_clients (expires_at)',
    `CREATE TABLE logout_notices (
       sid TEXT NOT NULL, client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
       user_id TEXT NOT NULL, attempts ${integer} NOT NULL, next_attempt_at ${integer} NOT NULL,
       PRIMARY KEY (sid, client_id)
     )${strict}`,
    'CREATE INDEX logout_notices_due ON logout_notices (next_attempt_at)',
    'CREATE INDEX logout_notices_client ON logout_notices (client_id)',
    `CREATE TABLE sealed_secrets (name TEXT PRIMARY KEY, sealed ${bytes} NOT NULL)${strict}`,
  ],
};
