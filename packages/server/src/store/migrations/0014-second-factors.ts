import type { Dialect, Migration } from './migration.ts';

/** Passkeys, authenticator apps, recovery codes. */
export const secondFactors: Migration = {
  number: 14,
  // An older program would let a password alone in.
  minimumProgram: 14,
  statements: ({ integer, bytes, sequence, strict }: Dialect) => [
    `CREATE TABLE passkeys (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
       credential_id TEXT NOT NULL UNIQUE, public_key ${bytes} NOT NULL, name TEXT NOT NULL,
       sign_count ${integer} NOT NULL, backup_eligible ${integer} NOT NULL, backed_up ${integer} NOT NULL,
       transports TEXT NOT NULL, aaguid TEXT NOT NULL, created_at ${integer} NOT NULL, last_used_at ${integer}
     )${strict}`,
    'CREATE INDEX passkeys_user ON passkeys (user_id)',
    `CREATE TABLE authenticator_apps (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
       name TEXT NOT NULL, sealed_seed ${bytes} NOT NULL, last_step ${integer} NOT NULL,
       created_at ${integer} NOT NULL, last_used_at ${integer}
     )${strict}`,
    'CREATE INDEX authenticator_apps_user ON authenticator_apps (user_id)',
    `CREATE TABLE recovery_codes (
       user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, hash ${bytes} NOT NULL,
       created_at ${integer} NOT NULL, used_at ${integer}, PRIMARY KEY (user_id, hash)
     )${strict}`,
  ],
};
