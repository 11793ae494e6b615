import type { Dialect, Migration } from './migration.ts';

/**
 * People in organizations, and invitations. A personal organization has no row here: it has its person, whom `users` names. An older
 * program would take apps that people made for those of the operator, so it may not use the database any more.
 */
export const organizations: Migration = {
  number: 15,
  minimumProgram: 15,
  statements: ({ integer, bytes, sequence, strict }: Dialect) => [
    `CREATE TABLE memberships (
       seq ${sequence}, organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
       user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, role TEXT NOT NULL,
       created_at ${integer} NOT NULL, updated_at ${integer} NOT NULL, UNIQUE (organization_id, user_id)
     )${strict}`,
    'CREATE INDEX memberships_user ON memberships (user_id)',
    // A row lives until it is accepted, declined, taken back or over; whoever is invited again has one row.
    `CREATE TABLE invitations (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, hash ${bytes} NOT NULL UNIQUE,
       organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE, email TEXT NOT NULL,
       role TEXT NOT NULL, invited_by TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
       created_at ${integer} NOT NULL, expires_at ${integer} NOT NULL, UNIQUE (organization_id, email)
     )${strict}`,
    'CREATE INDEX invitations_inviter ON invitations (invited_by)',
    'CREATE INDEX invitations_expiry ON invitations (expires_at)',
  ],
};
