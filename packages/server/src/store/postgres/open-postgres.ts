import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import type { Clock } from '../../ports/clock.ts';
import type { StoreObserver } from '../../ports/store-observer.ts';
import type { Database } from '../database.ts';
import { indexesOf, MIGRATIONS } from '../migrations/migrate.ts';
import { type Migration, POSTGRES } from '../migrations/migration.ts';
import { StoreOpenError } from '../store-open-error.ts';
import type { StoreLogger } from '../store-logger.ts';
import { type IndexBuilder, missingIndexes, startIndexBuilder } from './build-indexes.ts';
import { createPostgresDatabase } from './postgres-database.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { PARSERS } from './query.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?…` */
  readonly url: string;
  readonly clock: Clock;
  readonly logger?: StoreLogger | undefined;
  readonly observer?: Pick<StoreObserver, 'committed'> | undefined;
  readonly migrations?: readonly Migration[] | undefined;
  /** Opened only when indexes over large tables are built, too; else they are built while it is in use. */
  readonly waitForIndexes?: boolean | undefined;
}

/**
 * Nobody waits longer for a database that hangs: a request that finds it so is answered with 503. docs/operate/monitoring.md
 * says both together.
 */
const CONNECT_WITHIN_MS = 3000;
const ANSWER_WITHIN_MS = 5000;
const KEEP_ALIVE_AFTER_MS = 60_000;
/**
 * A node that is frozen in the middle of a transaction holds its locks no longer: less than others wait for them, or
 * it would take all of them along.
 */
const SILENT_IN_TRANSACTION_MS = 4000;

/**
 * Opens a PostgreSQL database, migrated as needed, for any number of nodes.
 * @throws StoreOpenError
 */
export async function openPostgres({
  url,
  clock,
  logger,
  observer,
  migrations = MIGRATIONS,
  waitForIndexes = false,
}: PostgresOptions): Promise<Database> {
  const config: ClientConfig = {
    connectionString: url,
    types: PARSERS,
    application_name: 'tessera',
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    keepAlive: true,
    // Balancers in between forget a silent connection after some minutes; systems ask after two hours.
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
  };
  // A migration may take its time.
  const client = await connect({ ...config, idle_in_transaction_session_timeout: 60_000 });
  let builder: IndexBuilder | undefined;
  try {
    await migratePostgres(client, clock, migrations);
    const missing = await missingIndexes(client, indexesOf(migrations, POSTGRES));
    if (missing.length > 0) {
      builder = startIndexBuilder(config, missing, (error) =>
        logger?.warn({ error }, 'an index was not built; the next start will try again'),
      );
    }
  } catch (error) {
    if (error instanceof StoreOpenError) throw error;
    throw cannotConnect(client, error);
  } finally {
    await client.end();
  }
  if (waitForIndexes) await builder?.done;
  const patience = {
    query_timeout: ANSWER_WITHIN_MS,
    statement_timeout: ANSWER_WITHIN_MS,
    idle_in_transaction_session_timeout: SILENT_IN_TRANSACTION_MS,
  };
  const database = createPostgresDatabase({ ...config, ...patience }, logger, observer?.committed);
  if (builder === undefined) return database;
  const building = builder;
  return { ...database, close: async () => void (await Promise.all([building.stop(), database.close()])) };
}

export async function connect(config: ClientConfig): Promise<Client> {
  const client = create(config);
  // What happens to this connection is told by its queries.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw cannotConnect(client, error);
  }
  return client;
}

function create(config: ClientConfig): Client {
  if (isCutInTwo(config.connectionString)) throw badUrl();
  try {
    return new Client(config);
  } catch (cause) {
    // It may quote the URL and, with it, the password. A certificate that is not there is named by its path.
    if (cause instanceof Error && 'path' in cause) {
      throw new StoreOpenError(
        'bad_url',
        `The database URL names a file that cannot be read: ${String(cause.path)}.`,
      );
    }
    throw badUrl();
  }
}

/** What follows a `/`, `?` or `#` in a password would be taken for the database, and be told as that. */
function isCutInTwo(url = ''): boolean {
  if (!URL.canParse(url)) return false;
  const { username, pathname, search, hash } = new URL(url);
  return username === '' && `${pathname}${search}${hash}`.includes('@');
}

function badUrl(): StoreOpenError {
  return new StoreOpenError(
    'bad_url',
    'The database URL is not a valid PostgreSQL URL. In a password, write / as %2F, ? as %3F, # as %23 and @ as %40.',
  );
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
