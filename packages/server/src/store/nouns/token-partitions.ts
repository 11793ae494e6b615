/**
 * On PostgreSQL access tokens lie in partitions by the day on which they expire. A day that is over, and kept long
 * enough, goes as a whole: nobody deletes its rows one by one.
 */
import { EXPIRED_TOKEN_RETENTION_MS, LONGEST_TOKEN_LIFE_MS } from '../../domain/access-token.ts';
import type { Database } from '../database.ts';
import { change, row, statement } from '../statement.ts';
import type { Statement, Verb } from '../statement.ts';
import { TOKEN_PARTITION_MS, type TokenPartition } from '../token-partition.ts';

/** What makes the partitions fit a time. */
export interface PartitionPlan {
  readonly create: readonly Required<TokenPartition>[];
  readonly drop: readonly string[];
}

/** How long before the first token in it a partition is there, whatever keeps the nodes from making it. */
const AHEAD_MS = 2 * TOKEN_PARTITION_MS;
/** Whoever waits for a table holds up everybody who comes after; the chore comes again. */
const LOCK_TIMEOUT = "SET LOCAL lock_timeout = '500ms'";

// SQLite has one table, which is no partition of anything.
const listPartitions = statement(
  'token_partitions',
  "SELECT '' AS name, '' AS bound WHERE 1 = 0",
  `SELECT relname AS name, pg_get_expr(relpartbound, pg_class.oid) AS bound
   FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
   WHERE inhparent = to_regclass('access_tokens') ORDER BY relname`,
);

/** None where the tokens are in one table. */
export async function tokenPartitions(database: Pick<Database, 'scan'>): Promise<readonly TokenPartition[]> {
  const rows = await database.scan<{ readonly name: string; readonly bound: string }>(listPartitions);
  return rows.map(({ name, bound }) => {
    const [, from, below] = /^FOR VALUES FROM \('?(\w+)'?\) TO \('?(\d+)'?\)$/.exec(bound) ?? [];
    return {
      name,
      ...(from === undefined || from === 'MINVALUE' ? {} : { from: Number(from) }),
      ...(below === undefined ? {} : { below: Number(below) }),
    };
  });
}

/** Whether the rows of a partition are deleted one by one: it does not end soon, or never. */
export function isLasting({ from }: TokenPartition): boolean {
  return from === undefined;
}

/** @param now milliseconds since the epoch */
export function planPartitions(partitions: readonly TokenPartition[], now: number): PartitionPlan {
  const today = Math.floor(now / TOKEN_PARTITION_MS);
  const last = Math.floor((now + LONGEST_TOKEN_LIFE_MS + AHEAD_MS) / TOKEN_PARTITION_MS);
  const days = Array.from({ length: last - today + 1 }, (_, index) => today + index);
  return {
    create: days
      .map((day) => ({
        name: `access_tokens_${dateOf(day)}`,
        from: day * TOKEN_PARTITION_MS,
        below: (day + 1) * TOKEN_PARTITION_MS,
      }))
      .filter(({ from, below }) => !partitions.some((each) => overlaps(each, from, below))),
    drop: partitions
      .filter((each) => each.below !== undefined && each.below <= now - EXPIRED_TOKEN_RETENTION_MS)
      .map(({ name }) => name),
  };
}

/** Makes and drops partitions, each in a transaction of its own. @returns how many */
export async function keepPartitions(database: Database, now: number): Promise<number> {
  const partitions = await tokenPartitions(database);
  if (partitions.length === 0) return 0;
  const { create, drop } = planPartitions(partitions, now);
  let changed = 0;
  // oxlint-disable no-await-in-loop -- one lock at a time
  for (const each of create) changed += await database.write(() => createPartition(each));
  for (const name of drop) changed += await database.write(() => dropPartition(name));
  // oxlint-enable no-await-in-loop
  return changed;
}

function* createPartition({ name, from, below }: Required<TokenPartition>): Verb<number> {
  // Rows that came before their partition stay where they are; they would have to be moved while everybody waits.
  if ((yield* row(findStray, from, below)) !== undefined) return 0;
  yield* run('token_partition_patience', LOCK_TIMEOUT);
  yield* run(
    `${name}_make`,
    `CREATE TABLE ${name} (LIKE access_tokens INCLUDING DEFAULTS INCLUDING STORAGE)`,
  );
  yield* run(`${name}_number`, `CREATE UNIQUE INDEX ${name}_seq ON ${name} (seq)`);
  yield* run(
    `${name}_attach`,
    `ALTER TABLE access_tokens ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${below})`,
  );
  return 1;
}

function* dropPartition(name: string): Verb<number> {
  yield* run('token_partition_patience', LOCK_TIMEOUT);
  yield* run(`${name}_drop`, `DROP TABLE ${name}`);
  return 1;
}

const findStray = statement(
  'token_partition_stray',
  'SELECT 1 AS one FROM access_tokens WHERE expires_at >= $1 AND expires_at < $2 LIMIT 1',
);

function* run(name: string, sql: string): Verb<void> {
  const made: Statement = statement(name, sql);
  yield* change(made);
}

function overlaps({ from, below }: TokenPartition, first: number, end: number): boolean {
  if (below === undefined) return false;
  return (from === undefined || from < end) && first < below;
}

/** Of a day by its number since the epoch: `20261123`. */
function dateOf(day: number): string {
  return new Date(day * TOKEN_PARTITION_MS).toISOString().slice(0, 10).replaceAll('-', '');
}
