import type { Dialect, Migration } from './migration.ts';

/** Providers by which people sign in, and whom they know. */
export const identityProviders: Migration = {
  number: 19,
  minimumProgram: 11,
  statements: ({ integer, bytes, sequence, strict }: Dialect) => [
    `CREATE TABLE identity_providers (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, issuer TEXT NOT NULL UNIQUE,
       status TEXT NOT NULL, sealed_secret ${bytes}, settings TEXT NOT NULL, created_at ${integer} NOT NULL,
       updated_at ${integer} NOT NULL
     )${strict}`,
    `CREATE TABLE upstream_identities (
       provider_id TEXT NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE, subject TEXT NOT NULL,
       user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, sealed_tokens ${bytes},
       tokens_version ${integer} NOT NULL, refreshing_until ${integer} NOT NULL, created_at ${integer} NOT NULL,
       last_used_at ${integer} NOT NULL, PRIMARY KEY (provider_id, subject), UNIQUE (user_id, provider_id)
     )${strict}`,
  ],
};
