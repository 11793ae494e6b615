import type { Dialect, Migration } from './migration.ts';

/** Tokens that people make for their own scripts, what organizations allow of them, and where tokens were last used. */
export const personalAccessTokens: Migration = {
  number: 16,
  minimumProgram: 11,
  statements: ({ integer, bytes, sequence, strict }: Dialect) => [
    // resource_id and the organizations have no foreign keys: the row tells what was, after they are gone.
    // warned_days: the nearest end of which the owner was told by mail.
    `CREATE TABLE personal_access_tokens (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, hash ${bytes} NOT NULL UNIQUE, hint TEXT NOT NULL,
       user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, organization_id TEXT NOT NULL,
       resource_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT, scopes TEXT NOT NULL,
       created_at ${integer} NOT NULL, updated_at ${integer} NOT NULL, expires_at ${integer}, approval TEXT NOT NULL,
       approval_organization_id TEXT, decided_by TEXT, decided_at ${integer}, decision_reason TEXT,
       revoked_at ${integer}, revoked_reason TEXT, regenerated_from TEXT, regenerated_at ${integer},
       warned_days ${integer}
     )${strict}`,
    'CREATE INDEX personal_access_tokens_user ON personal_access_tokens (user_id, seq)',
    'CREATE INDEX personal_access_tokens_organization ON personal_access_tokens (organization_id)',
    'CREATE INDEX personal_access_tokens_resource ON personal_access_tokens (resource_id)',
    `CREATE INDEX personal_access_tokens_expiry ON personal_access_tokens (expires_at)
       WHERE revoked_at IS NULL AND expires_at IS NOT NULL`,
    `CREATE TABLE token_rules (
       organization_id TEXT PRIMARY KEY REFERENCES organizations (id) ON DELETE CASCADE, rules TEXT NOT NULL,
       updated_at ${integer} NOT NULL
     )${strict}`,
    `CREATE TABLE token_uses (
       token_id ${bytes} PRIMARY KEY, used_at ${integer} NOT NULL, used_by TEXT NOT NULL, used_from TEXT,
       used_with TEXT, forget_at ${integer} NOT NULL
     )${strict}`,
    'CREATE INDEX token_uses_end ON token_uses (forget_at)',
  ],
};
