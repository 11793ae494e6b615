import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../database.ts';
import { migrate } from '../migrations/migrate.ts';
import { POSTGRES } from '../migrations/migration.ts';
import { StoreOpenError } from '../store-open-error.ts';
import type { StoreLogger } from '../store-logger.ts';
import { createPostgresDatabase } from './postgres-database.ts';
import { PARSERS, query } from './query.ts';

/** Nodes that start at once migrate one after the other. The number is ours: "tessera" in ASCII, cut to 53 bits. */
const MIGRATION_LOCK = 0x74_65_73_73_65_72;

/**
 * Nobody waits longer for a database that hangs: a request that finds it so is answered with 503. docs/operate/monitoring.md
 * says both together.
 */
const CONNECT_WITHIN_MS = 3000;
const ANSWER_WITHIN_MS = 5000;

/**
 * Opens a PostgreSQL database, migrated as needed, for any number of nodes.
 * @param url `postgres://user:password@host:port/database?…`
 * @throws StoreOpenError
 */
export async function openPostgres(url: string, clock: Clock, logger?: StoreLogger): Promise<Database> {
  const config: ClientConfig = {
    connectionString: url,
    types: PARSERS,
    application_name: 'tessera',
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
  };
  // A migration may take its time.
  const client = await connect(config);
  try {
    await migrateNow(client, clock);
  } catch (error) {
    if (error instanceof StoreOpenError) throw error;
    throw cannotConnect(client, error);
  } finally {
    await client.end();
  }
  const patience = { query_timeout: ANSWER_WITHIN_MS, statement_timeout: ANSWER_WITHIN_MS };
  return createPostgresDatabase({ ...config, ...patience }, logger);
}

async function connect(config: ClientConfig): Promise<Client> {
  let client: Client;
  try {
    client = new Client(config);
  } catch (cause) {
    // The cause may quote the URL and, with it, the password.
    void cause;
    throw new StoreOpenError('bad_url', 'The database URL is not a valid PostgreSQL URL.');
  }
  // What happens to this connection is told by its queries.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw cannotConnect(client, error);
  }
  return client;
}

function cannotConnect(client: Client, cause: unknown): StoreOpenError {
  const place = `${client.host}:${client.port}/${client.database ?? ''}`;
  return new StoreOpenError('cannot_connect', `Cannot use PostgreSQL at ${place}: ${reasonOf(cause)}.`, {
    cause,
  });
}

/** A refused connection to a name with several addresses comes as a bundle without a text of its own. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0]);
  return cause instanceof Error
    ? cause.message.split('\n')[0]?.replace(/\.$/, '') || cause.name
    : 'unknown reason';
}

async function migrateNow(client: Client, clock: Clock): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  const verb = migrate(POSTGRES, clock());
  let turn = verb.next();
  while (turn.done !== true) {
    const results = [];
    for (const step of turn.value.steps) {
      // oxlint-disable-next-line no-await-in-loop -- one statement of a migration needs the one before
      const { rows, rowCount } = await query(client, step.statement, step.values);
      results.push({ rows, changes: rowCount ?? 0 });
    }
    turn = verb.next(results);
  }
  // Numbers of transactions start anew where a dump is restored: events from before would seem to lie ahead.
  await client.query(
    'DELETE FROM events WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint AND xid <> pg_current_xact_id()::text::bigint',
  );
  await client.query(
    `INSERT INTO events (at, purge_at, kind) SELECT $1, $1, 'first' WHERE NOT EXISTS (SELECT 1 FROM events)`,
    [Math.trunc(clock())],
  );
  await client.query('COMMIT');
}
