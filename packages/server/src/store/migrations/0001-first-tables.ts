import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { Dialect, Migration } from './migration.ts';

/** Everything the first release keeps. */
export const firstTables: Migration = {
  number: 1,
  minimumProgram: 1,
  statements: (dialect, now) => [
    ...owners(dialect),
    `INSERT INTO organizations (id, name, kind, created_at)
       VALUES ('${DEFAULT_ORGANIZATION_ID}', 'Default', 'default', ${Math.trunc(now)})`,
    ...signIn(dialect),
    ...grants(dialect),
    ...accessTokens(dialect),
    ...records(dialect),
  ],
};

function owners({ integer, bytes, sequence, strict }: Dialect): readonly string[] {
  return [
    `CREATE TABLE organizations (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL, created_at ${integer} NOT NULL
     )${strict}`,
    // disabled_at follows status; it is when the tokens of a disabled account stopped working.
    `CREATE TABLE users (
       seq ${sequence}, id TEXT NOT NULL UNIQUE CHECK (substr(id, 1, 4) = 'usr_'), email TEXT NOT NULL UNIQUE,
       email_verified ${integer} NOT NULL, display_name TEXT NOT NULL, role TEXT NOT NULL, status TEXT NOT NULL,
       organization_id TEXT NOT NULL REFERENCES organizations (id), password_hash TEXT,
       created_at ${integer} NOT NULL, updated_at ${integer} NOT NULL, disabled_at ${integer}
     )${strict}`,
    `CREATE TABLE clients (
       seq ${sequence}, id TEXT NOT NULL UNIQUE CHECK (substr(id, 1, 4) <> 'usr_'),
       organization_id TEXT NOT NULL REFERENCES organizations (id), name TEXT NOT NULL, application_type TEXT NOT NULL,
       redirect_uris TEXT NOT NULL, grant_types TEXT NOT NULL, token_endpoint_auth_method TEXT NOT NULL, scopes TEXT,
       require_pkce ${integer} NOT NULL, first_party ${integer} NOT NULL, registered_by TEXT NOT NULL,
       status TEXT NOT NULL, client_uri TEXT, logo_uri TEXT, policy_uri TEXT, tos_uri TEXT, contacts TEXT,
       created_at ${integer} NOT NULL, updated_at ${integer} NOT NULL, disabled_at ${integer}
     )${strict}`,
    `CREATE TABLE client_secrets (
       client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE, position ${integer} NOT NULL,
       id TEXT NOT NULL, hash ${bytes} NOT NULL, hint TEXT NOT NULL, created_at ${integer} NOT NULL,
       expires_at ${integer}, PRIMARY KEY (client_id, position)
     )${strict}`,
    `CREATE TABLE resources (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, organization_id TEXT NOT NULL REFERENCES organizations (id),
       identifier TEXT NOT NULL UNIQUE, name TEXT NOT NULL, scopes TEXT NOT NULL, default_scopes TEXT NOT NULL,
       token_format TEXT NOT NULL, access_token_lifetime TEXT NOT NULL, signing_alg TEXT NOT NULL,
       is_default ${integer} NOT NULL, resource_servers TEXT NOT NULL, built_in ${integer} NOT NULL,
       created_at ${integer} NOT NULL, updated_at ${integer} NOT NULL
     )${strict}`,
    'CREATE INDEX users_organization ON users (organization_id)',
    'CREATE INDEX clients_organization ON clients (organization_id)',
    'CREATE INDEX resources_organization ON resources (organization_id)',
    'CREATE UNIQUE INDEX resources_one_default ON resources (is_default) WHERE is_default = 1',
    // generation: the first, second … key of its algorithm; it decides which of two nodes added the next one.
    `CREATE TABLE signing_keys (
       seq ${sequence}, kid TEXT NOT NULL UNIQUE, alg TEXT NOT NULL, generation ${integer} NOT NULL,
       public_jwk TEXT NOT NULL, sealed_private_key ${bytes} NOT NULL, created_at ${integer} NOT NULL,
       active_from ${integer} NOT NULL, retires_at ${integer}, UNIQUE (alg, generation)
     )${strict}`,
  ];
}

function signIn({ integer, strict }: Dialect): readonly string[] {
  return [
    `CREATE TABLE sessions (
       id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, auth_time ${integer} NOT NULL,
       amr TEXT NOT NULL, created_at ${integer} NOT NULL, expires_at ${integer} NOT NULL, user_agent TEXT, address TEXT,
       ended_at ${integer}
     )${strict}`,
    'CREATE INDEX sessions_user ON sessions (user_id)',
    'CREATE INDEX sessions_expiry ON sessions (expires_at)',
    'CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL',
    // resource_id is '' for the issuer and the default API: a key cannot hold NULL.
    `CREATE TABLE consents (
       user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
       client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE, resource_id TEXT NOT NULL,
       scopes TEXT NOT NULL, updated_at ${integer} NOT NULL, PRIMARY KEY (user_id, client_id, resource_id)
     )${strict}`,
    'CREATE INDEX consents_client ON consents (client_id)',
  ];
}

function grants({ integer, bytes, sequence, strict }: Dialect): readonly string[] {
  return [
    // resource_id has no foreign key: it may name the issuer itself, which is no row.
    // live_until: nothing that was issued under the grant lives longer; after that the row can go.
    `CREATE TABLE grants (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
       client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE, organization_id TEXT NOT NULL,
       session_id TEXT, scopes TEXT NOT NULL, resource_id TEXT,
       auth_time ${integer} NOT NULL, amr TEXT NOT NULL, created_at ${integer} NOT NULL, ended_at ${integer},
       end_reason TEXT, live_until ${integer} NOT NULL
     )${strict}`,
    'CREATE INDEX grants_user ON grants (user_id)',
    'CREATE INDEX grants_client ON grants (client_id)',
    'CREATE INDEX grants_resource ON grants (resource_id) WHERE resource_id IS NOT NULL',
    'CREATE INDEX grants_end ON grants (live_until)',
    `CREATE TABLE authorization_codes (
       hash ${bytes} PRIMARY KEY, grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
       client_id TEXT NOT NULL, redirect_uri TEXT NOT NULL, code_challenge TEXT, nonce TEXT,
       expires_at ${integer} NOT NULL, used_at ${integer}
     )${strict}`,
    'CREATE INDEX authorization_codes_grant ON authorization_codes (grant_id)',
    'CREATE INDEX authorization_codes_expiry ON authorization_codes (expires_at)',
    // answer_to, answered_at, sealed_answer: the answer to the latest rotation, while it may be given again.
    `CREATE TABLE refresh_families (
       id TEXT PRIMARY KEY, grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE, client_id TEXT NOT NULL,
       expires_at ${integer} NOT NULL, created_at ${integer} NOT NULL, ended_at ${integer}, answer_to ${bytes},
       answered_at ${integer}, sealed_answer ${bytes}
     )${strict}`,
    'CREATE INDEX refresh_families_grant ON refresh_families (grant_id)',
    'CREATE INDEX refresh_families_expiry ON refresh_families (expires_at)',
    'CREATE INDEX refresh_families_ended ON refresh_families (ended_at) WHERE ended_at IS NOT NULL',
    'CREATE INDEX refresh_families_answered ON refresh_families (answered_at) WHERE answered_at IS NOT NULL',
    // Found by `lookup` and without foreign keys, as access tokens are, and for the same reason.
    `CREATE TABLE refresh_tokens (
       seq ${sequence}, lookup ${integer} NOT NULL, hash ${bytes} NOT NULL, family_id TEXT NOT NULL,
       expires_at ${integer} NOT NULL, created_at ${integer} NOT NULL, rotated_at ${integer}
     )${strict}`,
    'CREATE INDEX refresh_tokens_lookup ON refresh_tokens (lookup)',
    'CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at)',
  ];
}

/**
 * The table that grows fastest. Rows are appended; they are found by the first 48 bits of the random id, because a
 * small index over a number is several times cheaper to keep than one over 32 random bytes. It has no foreign keys:
 * a token whose grant, client, user or API is gone counts as ended when it is read, and goes when it has expired.
 */
function accessTokens({ name, integer, bytes, sequence, strict }: Dialect): readonly string[] {
  return [
    `CREATE TABLE access_tokens (
       seq ${sequence}, lookup ${integer} NOT NULL, id ${bytes} NOT NULL, format TEXT NOT NULL, grant_id TEXT,
       client_id TEXT NOT NULL, user_id TEXT, resource_id TEXT, scopes TEXT NOT NULL, issued_at ${integer} NOT NULL,
       expires_at ${integer} NOT NULL, lifetime_reason TEXT NOT NULL, revoked_at ${integer}
     )${strict}`,
    'CREATE INDEX access_tokens_lookup ON access_tokens (lookup)',
    'CREATE INDEX access_tokens_expiry ON access_tokens (expires_at)',
    // Where the table may be too large to read through, a person's tokens need a way of their own.
    ...(name === 'postgres'
      ? ['CREATE INDEX access_tokens_user ON access_tokens (user_id, seq) WHERE user_id IS NOT NULL']
      : []),
  ];
}

function records({ integer, sequence, strict }: Dialect): readonly string[] {
  return [
    `CREATE TABLE audit_events (
       seq ${sequence}, id TEXT NOT NULL, at ${integer} NOT NULL, type TEXT NOT NULL, outcome TEXT NOT NULL,
       actor TEXT NOT NULL, user_id TEXT, client_id TEXT, grant_id TEXT, resource_id TEXT, request_id TEXT,
       address TEXT, detail TEXT
     )${strict}`,
    `CREATE TABLE failed_attempts (seq ${sequence}, key TEXT NOT NULL, at ${integer} NOT NULL)${strict}`,
    'CREATE INDEX failed_attempts_key ON failed_attempts (key, at)',
    'CREATE INDEX failed_attempts_at ON failed_attempts (at)',
  ];
}
