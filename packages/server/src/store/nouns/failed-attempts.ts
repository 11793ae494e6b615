import type { FailedAttempts } from '../../ports/failed-attempts.ts';
import type { Database } from '../database.ts';
import { lastly, statement, step } from '../statement.ts';

const insertAttempt = statement('attempt_insert', 'INSERT INTO failed_attempts (key, at) VALUES ($1, $2)');
const countAttempts = statement(
  'attempt_count',
  'SELECT count(*) AS attempts FROM failed_attempts WHERE key = $1 AND at >= $2',
);
const clearAttempts = statement('attempt_clear', 'DELETE FROM failed_attempts WHERE key = $1');

export function createFailedAttempts(database: Database): FailedAttempts {
  return {
    record: (keys, at) =>
      database.write(function* () {
        yield* lastly(...keys.map((key) => step(insertAttempt, key, at)));
      }),
    count: (keys, since) =>
      Promise.all(
        keys.map(async (key) => {
          const [counted] = await database.find<{ attempts: number }>(countAttempts, key, since);
          return counted?.attempts ?? 0;
        }),
      ),
    clear: (keys) =>
      database.write(function* () {
        yield* lastly(...keys.map((key) => step(clearAttempts, key)));
      }),
  };
}
