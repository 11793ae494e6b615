import type { Dialect, Migration } from './migration.ts';

/** Devices that wait for a person, issuers whose JWTs are taken, and who may exchange tokens. */
export const moreGrants: Migration = {
  number: 7,
  minimumProgram: 2,
  statements: ({ integer, bytes, sequence, strict }: Dialect) => [
    "ALTER TABLE resources ADD COLUMN token_exchange_clients TEXT NOT NULL DEFAULT '[]'",
    // session_id: who entered the user code. grant_id has no foreign key: the grant is written after it.
    `CREATE TABLE device_authorizations (
       device_code_hash ${bytes} PRIMARY KEY, user_code_hash ${bytes} NOT NULL UNIQUE,
       client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE, scopes TEXT NOT NULL, resource_id TEXT,
       code_challenge TEXT, address TEXT NOT NULL, created_at ${integer} NOT NULL, expires_at ${integer} NOT NULL,
       interval_ms ${integer} NOT NULL, polled_at ${integer}, session_id TEXT, grant_id TEXT, denied_at ${integer},
       redeemed_at ${integer}
     )${strict}`,
    'CREATE INDEX device_authorizations_client ON device_authorizations (client_id)',
    'CREATE INDEX device_authorizations_expiry ON device_authorizations (expires_at)',
    // settings: keys, rules and limits as JSON; they are read together or not at all.
    `CREATE TABLE trusted_issuers (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, organization_id TEXT NOT NULL REFERENCES organizations (id),
       name TEXT NOT NULL, issuer TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, status TEXT NOT NULL,
       settings TEXT NOT NULL, created_at ${integer} NOT NULL, updated_at ${integer} NOT NULL
     )${strict}`,
    'CREATE INDEX trusted_issuers_organization ON trusted_issuers (organization_id)',
    `CREATE TABLE linked_identities (
       trusted_issuer_id TEXT NOT NULL REFERENCES trusted_issuers (id) ON DELETE CASCADE, subject TEXT NOT NULL,
       user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, created_at ${integer} NOT NULL,
       PRIMARY KEY (trusted_issuer_id, subject)
     )${strict}`,
    'CREATE INDEX linked_identities_user ON linked_identities (user_id)',
  ],
};
