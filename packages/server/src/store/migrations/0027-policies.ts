import type { Dialect, Migration } from './migration.ts';

/** Access policies, every version of each, what their changes touch, and what is known of the risk of people. */
export const policies: Migration = {
  number: 27,
  minimumProgram: 11,
  statements: ({ integer, sequence, strict }: Dialect) => [
    `CREATE TABLE policies (
       seq ${sequence}, id TEXT NOT NULL UNIQUE,
       organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE, server_wide ${integer} NOT NULL,
       name TEXT NOT NULL, mode TEXT NOT NULL, settings TEXT NOT NULL, version ${integer} NOT NULL,
       created_at ${integer} NOT NULL, updated_at ${integer} NOT NULL, decides_from ${integer} NOT NULL
     )${strict}`,
    'CREATE INDEX policies_organization ON policies (organization_id)',
    // Without a foreign key: the history tells what was, after the policy is gone.
    `CREATE TABLE policy_versions (
       seq ${sequence}, policy_id TEXT NOT NULL, version ${integer} NOT NULL, what TEXT NOT NULL, at ${integer} NOT NULL,
       actor TEXT NOT NULL, policy TEXT NOT NULL, UNIQUE (policy_id, version)
     )${strict}`,
    // revision: counts every change; epoch: those that tokens are judged anew by.
    `CREATE TABLE policy_epoch (
       one ${integer} PRIMARY KEY CHECK (one = 1), epoch ${integer} NOT NULL, revision ${integer} NOT NULL
     )${strict}`,
    'INSERT INTO policy_epoch (one, epoch, revision) VALUES (1, 0, 0)',
    `CREATE TABLE policy_changes (
       seq ${sequence}, epoch ${integer} NOT NULL, at ${integer} NOT NULL, client_id TEXT, resource_id TEXT,
       organization_id TEXT, user_id TEXT
     )${strict}`,
    'CREATE INDEX policy_changes_at ON policy_changes (at)',
    `CREATE TABLE risk_signals (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
       level TEXT NOT NULL, reason TEXT, created_by TEXT NOT NULL, created_at ${integer} NOT NULL,
       expires_at ${integer} NOT NULL
     )${strict}`,
    'CREATE INDEX risk_signals_user ON risk_signals (user_id)',
    'CREATE INDEX risk_signals_expiry ON risk_signals (expires_at)',
    'ALTER TABLE events ADD COLUMN policy_epoch ' + integer,
    'ALTER TABLE events ADD COLUMN organization_id TEXT',
  ],
};
