import type { Dialect, Migration } from './migration.ts';

/**
 * What ended, told to whoever checks tokens: places in status lists, and events in the order in which they can be
 * read. An older program would end things without a word, so it may not use the database any more.
 */
export const revocation: Migration = {
  number: 10,
  minimumProgram: 10,
  statements: (dialect, now) => [...statuses(dialect), ...events(dialect, now)],
};

function statuses({ integer, sequence, strict }: Dialect): readonly string[] {
  return [
    // NULL for an opaque token: whoever takes it asks.
    `ALTER TABLE access_tokens ADD COLUMN status_index ${integer}`,
    // Only tokens that can be checked without asking have to be found when their grant ends.
    `CREATE INDEX access_tokens_grant ON access_tokens (grant_id)
       WHERE status_index IS NOT NULL AND grant_id IS NOT NULL`,
    `CREATE TABLE status_blocks (block ${sequence}, reserved_at ${integer} NOT NULL)${strict}`,
    `CREATE TABLE ended_statuses (
       status_index ${integer} PRIMARY KEY, expires_at ${integer} NOT NULL
     )${strict}`,
    'CREATE INDEX ended_statuses_expiry ON ended_statuses (expires_at)',
  ];
}

function events({ name, integer, bytes, strict }: Dialect, now: number): readonly string[] {
  // Numbers are given before transactions commit, so on PostgreSQL a later number may be seen first. Transactions have
  // an order of their own, and of those below the oldest one still open nothing more can come.
  const order =
    name === 'postgres'
      ? `xid BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
         id BIGINT GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (xid, id), UNIQUE (id)`
      : 'xid INTEGER NOT NULL DEFAULT 0, id INTEGER PRIMARY KEY AUTOINCREMENT';
  const columns = `at ${integer} NOT NULL, purge_at ${integer} NOT NULL, kind TEXT NOT NULL, token_id ${bytes},
    format TEXT, status_index ${integer}, resource_id TEXT, resource TEXT, grant_id TEXT, client_id TEXT,
    expires_at ${integer}`;
  return [
    name === 'postgres'
      ? `CREATE TABLE events (${columns}, ${order})`
      : `CREATE TABLE events (${order}, ${columns})${strict}`,
    'CREATE INDEX events_purge ON events (purge_at)',
    ...(name === 'postgres' ? NOTIFY : []),
    // There is always one, so that there is always a place to read on from.
    `INSERT INTO events (at, purge_at, kind) VALUES (${Math.trunc(now)}, ${Math.trunc(now)}, 'first')`,
  ];
}

/** Whoever reads is woken when the transaction commits; what there is to read stands in the table. */
const NOTIFY: readonly string[] = [
  `CREATE FUNCTION tessera_notify_events() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN PERFORM pg_notify('tessera_events', ''); RETURN NULL; END $$`,
  `CREATE TRIGGER events_notify AFTER INSERT ON events
   FOR EACH STATEMENT EXECUTE FUNCTION tessera_notify_events()`,
];
