import type { CountedAttempts, FailedAttempts } from '../../ports/failed-attempts.ts';
import type { Database } from '../database.ts';
import { lastly, statement, step } from '../statement.ts';
import type { Step, StepResult, Verb } from '../statement.ts';

const insertAttempt = statement('attempt_insert', 'INSERT INTO failed_attempts (key, at) VALUES ($1, $2)');
// Of the attempts within the window the one that has to leave it before another fits; none while one does.
const readBlocking = statement(
  'attempt_blocking',
  'SELECT at FROM failed_attempts WHERE key = $1 AND at > $2 ORDER BY at DESC LIMIT 1 OFFSET $3',
);
const clearAttempts = statement('attempt_clear', 'DELETE FROM failed_attempts WHERE key = $1');
// Who counts under a key holds it until it is counted; SQLite has one writer anyway.
const holdKey = statement(
  'attempt_hold',
  'SELECT $1 AS held',
  'SELECT CAST(pg_advisory_xact_lock(hashtextextended($1, 0)) AS text) AS held',
);

interface BlockingColumns {
  readonly at: number;
}

export function createFailedAttempts(database: Database): FailedAttempts {
  return {
    take: (counted, at) =>
      database.write(function* (): Verb<number | undefined> {
        // In one order everywhere, so that no two wait for each other.
        const held = counted.toSorted((one, other) => (one.key < other.key ? -1 : 1));
        const blocking = held.map((one) => step(readBlocking, ...blockingValues(one, at)));
        const results = yield {
          steps: [...held.map(({ key }) => step(holdKey, key)), ...blocking],
          last: false,
        };
        const freeAt = latest(held, results.slice(held.length).map(firstOf));
        if (freeAt === undefined) yield* lastly(...recordSteps(keysOf(held), at));
        return freeAt;
      }),
    async freeAt(counted, at) {
      const found = await Promise.all(
        counted.map((one) => database.find<BlockingColumns>(readBlocking, ...blockingValues(one, at))),
      );
      return latest(
        counted,
        found.map(([first]) => first),
      );
    },
    record: (keys, at) =>
      database.write(function* () {
        yield* lastly(...recordSteps(keys, at));
      }),
    clear: (keys) =>
      database.write(function* () {
        yield* lastly(...keys.map((key) => step(clearAttempts, key)));
      }),
  };
}

function blockingValues({ key, limit, windowMs }: CountedAttempts, at: number): [string, number, number] {
  return [key, at - windowMs, limit - 1];
}

function keysOf(counted: readonly CountedAttempts[]): readonly string[] {
  return counted.map(({ key }) => key);
}

function recordSteps(keys: readonly string[], at: number): readonly Step[] {
  return keys.map((key) => step(insertAttempt, key, at));
}

function firstOf({ rows }: StepResult): BlockingColumns | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the statement's text decides its columns
  return rows[0] as BlockingColumns | undefined;
}

/** When every key has room again. */
function latest(
  counted: readonly CountedAttempts[],
  blocking: readonly (BlockingColumns | undefined)[],
): number | undefined {
  let freeAt: number | undefined;
  for (const [index, { windowMs }] of counted.entries()) {
    const { at } = blocking[index] ?? {};
    if (at !== undefined) freeAt = Math.max(freeAt ?? 0, at + windowMs);
  }
  return freeAt;
}
