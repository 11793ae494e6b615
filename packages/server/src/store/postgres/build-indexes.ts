/** Indexes over large tables, built while all nodes go on writing. */
import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import type { Index } from '../migrations/migration.ts';

/** The number is ours: "tesseri" in ASCII, cut to 53 bits. */
const INDEX_LOCK = 0x65_73_73_65_72_69;

/** By this, and its number, the database knows who is building. */
const APPLICATION = 'tessera indexes';

/** Builds what is missing of some indexes, in the background. */
export interface IndexBuilder {
  /** Settles when nothing is left to build here; never rejects. */
  readonly done: Promise<void>;
  /** What is half built is built anew by whoever starts next. */
  stop(): Promise<void>;
}

/**
 * One node builds; the others, and this one, serve meanwhile.
 * @param failed told why an index was not built; the next start tries again
 */
export function startIndexBuilder(
  config: ClientConfig,
  indexes: readonly Index[],
  failed: (error: unknown) => void,
): IndexBuilder {
  const client = new Client({ ...config, application_name: APPLICATION, query_timeout: 0 });
  let stopped = false;
  const fail = (error: unknown): void => {
    if (!stopped) failed(error);
  };
  client.on('error', fail);
  const number = connect(client).catch(fail);
  const done = number
    .then(() => build(client, indexes))
    .catch(fail)
    .finally(() => void client.end().catch(() => {}));
  return {
    done,
    async stop() {
      stopped = true;
      await Promise.race([done, cancel(config, await number)]);
      await done;
    },
  };
}

/** Which of the indexes are not there, or were left half built. */
export async function missingIndexes(client: Client, indexes: readonly Index[]): Promise<readonly Index[]> {
  const { rows } = await client.query<{ readonly name: string }>(
    `SELECT relname AS name FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
     WHERE relname = ANY ($1) AND indisvalid AND pg_table_is_visible(pg_class.oid)`,
    [indexes.map(({ name }) => name)],
  );
  const there = new Set(rows.map(({ name }) => name));
  return indexes.filter(({ name }) => !there.has(name));
}

/** @returns the number of its process at the database */
async function connect(client: Client): Promise<number | undefined> {
  await client.connect();
  const { rows } = await client.query<{ readonly pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}

async function build(client: Client, indexes: readonly Index[]): Promise<void> {
  // Whoever waited here would hold up the very index that is being built, which waits for all open transactions.
  const { rows } = await client.query<{ readonly mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
    INDEX_LOCK,
  ]);
  if (rows[0]?.mine !== true) return;
  for (const { name, on } of await missingIndexes(client, indexes)) {
    // oxlint-disable no-await-in-loop -- one index at a time is work enough for a database in use
    await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    await client.query(`CREATE INDEX CONCURRENTLY ${name} ON ${on}`);
    // oxlint-enable no-await-in-loop
  }
}

/** The database is told: it would go on building for nobody. */
async function cancel(config: ClientConfig, pid: number | undefined | void): Promise<void> {
  if (pid === undefined) return;
  const other = new Client(config);
  other.on('error', () => {});
  try {
    await other.connect();
    await other.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND application_name = $2',
      [pid, APPLICATION],
    );
  } catch {
    // It is out of reach, and so is its work.
  } finally {
    await other.end().catch(() => {});
  }
}
