import type { Dialect, Migration } from './migration.ts';

/**
 * Agents, apps that people blocked, and when grants last got a token. An older program would take an agent for any
 * other client and ask nobody about its owner, so it may not use the database any more.
 */
export const agents: Migration = {
  number: 18,
  minimumProgram: 18,
  statements: ({ integer, sequence, strict }: Dialect) => [
    `ALTER TABLE grants ADD COLUMN last_used_at ${integer}`,
    // No ON DELETE for the owner: an agent must never be left behind as a client of nobody.
    `CREATE TABLE agents (
       seq ${sequence}, client_id TEXT NOT NULL UNIQUE REFERENCES clients (id) ON DELETE CASCADE,
       owner_id TEXT NOT NULL REFERENCES users (id), review_at ${integer} NOT NULL, details TEXT NOT NULL
     )${strict}`,
    'CREATE INDEX agents_owner ON agents (owner_id)',
    'CREATE INDEX agents_review ON agents (review_at)',
    `CREATE TABLE blocked_clients (
       user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
       client_id TEXT NOT NULL, at ${integer} NOT NULL, PRIMARY KEY (user_id, client_id)
     )${strict}`,
  ],
};
