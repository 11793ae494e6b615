import type { Dialect, Migration } from './migration.ts';

/** The nodes of a cluster, who of them is on duty, and what was done there. Times are the database's own. */
export const duty: Migration = {
  number: 24,
  minimumProgram: 11,
  statements: ({ integer, sequence, strict }: Dialect) => [
    `CREATE TABLE cluster_nodes (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, version TEXT NOT NULL,
       joined_at ${integer} NOT NULL, seen_at ${integer} NOT NULL, left_at ${integer}
     )${strict}`,
    `CREATE TABLE duty (
       one ${integer} PRIMARY KEY CHECK (one = 1), number ${integer} NOT NULL, holder TEXT NOT NULL,
       taken_at ${integer} NOT NULL, lease_until ${integer} NOT NULL
     )${strict}`,
    // Nobody has held it yet, and it may be taken.
    "INSERT INTO duty (one, number, holder, taken_at, lease_until) VALUES (1, 0, '', 0, 0)",
    `CREATE TABLE duty_turns (
       number ${integer} PRIMARY KEY, node_id TEXT NOT NULL, node_name TEXT NOT NULL, taken_at ${integer} NOT NULL,
       how TEXT NOT NULL
     )${strict}`,
    `CREATE TABLE duty_acts (
       chore TEXT PRIMARY KEY, count ${integer} NOT NULL, last_at ${integer} NOT NULL, number ${integer} NOT NULL
     )${strict}`,
  ],
};
