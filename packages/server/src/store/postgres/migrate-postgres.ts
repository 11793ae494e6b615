/** Migrations of a database that other nodes are using: each in a transaction of its own, and none of them patient. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Clock } from '../../ports/clock.ts';
import { migrate, missingOf, prepareMigrations, readMigrations } from '../migrations/migrate.ts';
import type { Migration } from '../migrations/migration.ts';
import { POSTGRES } from '../migrations/migration.ts';
import type { StepResult, Verb } from '../statement.ts';
import { isLockTimeout } from './postgres-errors.ts';
import { query } from './query.ts';

/** The number is ours: "tesser" in ASCII. */
export const MIGRATION_LOCK = 0x74_65_73_73_65_72;
/**
 * Whoever waits for the lock of a table holds up everybody who comes after; so a migration does not wait long, and
 * tries again when it was in nobody's way for a moment.
 */
const LOCK_TIMEOUT_MS = 1000;
/** How long the tables that a migration changes may be out of reach. */
const STATEMENT_TIMEOUT_MS = 10_000;
const NO_LIMIT = 0;
const PAUSE_MS = 100;
const PATIENCE_MS = 120_000;
/** Migrations up to this one were made before there was such a limit; one of them rewrites the audit log. */
const LAST_WITHOUT_LIMIT = 24;

/**
 * Brings the database to the schema of this program. Nodes that start at once migrate one after the other; a node that
 * misses nothing does not wait for one that does.
 * @throws StoreOpenError
 */
export async function migratePostgres(
  client: Client,
  clock: Clock,
  migrations: readonly Migration[],
): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  // oxlint-disable no-await-in-loop -- a migration follows the one before
  for (;;) {
    const now = clock();
    const missing = await missingMigrations(client, migrations);
    if (missing === 'all') {
      await inTurn(client, giveUpAt, NO_LIMIT, () => runVerb(client, migrate(POSTGRES, now, migrations)));
      continue;
    }
    if (missing === 'unknown') {
      await inTurn(client, giveUpAt, NO_LIMIT, () =>
        runVerb(client, prepareMigrations(POSTGRES, now, migrations)),
      );
      continue;
    }
    const [next] = missing;
    if (next === undefined) break;
    for (const sql of next.ahead?.(POSTGRES, now) ?? []) {
      await inTurn(client, giveUpAt, NO_LIMIT, () => client.query(sql));
    }
    const limit = next.number > LAST_WITHOUT_LIMIT ? STATEMENT_TIMEOUT_MS : NO_LIMIT;
    await inTurn(client, giveUpAt, limit, () =>
      runVerb(client, migrate(POSTGRES, now, migrations, next.number)),
    );
  }
  // oxlint-enable no-await-in-loop
  await inTurn(client, giveUpAt, STATEMENT_TIMEOUT_MS, () => prepareEvents(client, clock()));
}

/** Without waiting for anybody. @returns `unknown` from before a database kept a table of them */
async function missingMigrations(
  client: Client,
  migrations: readonly Migration[],
): Promise<readonly Migration[] | 'all' | 'unknown'> {
  const { rows } = await client.query<{ readonly used: boolean; readonly known: boolean }>(
    "SELECT to_regclass('meta') IS NOT NULL AS used, to_regclass('applied_migrations') IS NOT NULL AS known",
  );
  const { used = false, known = false } = rows[0] ?? {};
  if (!used) return 'all';
  return known ? missingOf(await runVerb(client, readMigrations(migrations)), migrations) : 'unknown';
}

/**
 * One transaction, and nobody else's migration at the same time. Nobody waits inside of a transaction for their turn:
 * an index that is being built waits for all transactions that were open before it.
 */
async function inTurn(
  client: Client,
  giveUpAt: number,
  statementTimeoutMs: number,
  work: () => Promise<unknown>,
): Promise<void> {
  for (;;) {
    // oxlint-disable no-await-in-loop -- one attempt follows the other
    try {
      await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
      await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await client.query(`SET LOCAL statement_timeout = ${statementTimeoutMs}`);
      const { rows } = await client.query<{ readonly mine: boolean }>(
        'SELECT pg_try_advisory_xact_lock($1) AS mine',
        [MIGRATION_LOCK],
      );
      const isOurTurn = rows[0]?.mine === true;
      if (isOurTurn) await work();
      await client.query('COMMIT');
      if (isOurTurn) return;
      if (performance.now() > giveUpAt) throw new Error('another node has been migrating it for too long');
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      if (!isLockTimeout(error) || performance.now() > giveUpAt) throw error;
    }
    await wait(PAUSE_MS);
    // oxlint-enable no-await-in-loop
  }
}

export async function runVerb<Result>(client: Client, verb: Verb<Result>): Promise<Result> {
  let turn = verb.next();
  while (turn.done !== true) {
    const results: StepResult[] = [];
    for (const step of turn.value.steps) {
      // oxlint-disable-next-line no-await-in-loop -- one statement of a migration needs the one before
      const { rows, rowCount } = await query(client, step.statement, step.values);
      results.push({ rows, changes: rowCount ?? 0 });
    }
    turn = verb.next(results);
  }
  return turn.value;
}

/** Numbers of transactions start anew where a dump is restored: events from before would seem to lie ahead. */
async function prepareEvents(client: Client, now: number): Promise<void> {
  await client.query(
    'DELETE FROM events WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint AND xid <> pg_current_xact_id()::text::bigint',
  );
  await client.query(
    `INSERT INTO events (at, purge_at, kind) SELECT $1, $1, 'first' WHERE NOT EXISTS (SELECT 1 FROM events)`,
    [Math.trunc(now)],
  );
}
