import type { Fence } from '../../domain/duty.ts';
import { NotOnDuty } from '../../ports/store-errors.ts';
import type { Database } from '../database.ts';
import { row, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { DATABASE_TIME } from './database-time.ts';

// Shared between the acts of one turn, and in the way of whoever would take the duty: until this act is committed, or not.
const holdDuty = statement(
  'duty_hold',
  `SELECT number FROM duty WHERE number = $1 AND holder = $2 AND lease_until > ${DATABASE_TIME.sqlite}`,
  `SELECT number FROM duty WHERE number = $1 AND holder = $2 AND lease_until > ${DATABASE_TIME.postgres} FOR SHARE`,
);

/** Goes before anything else in a transaction. @throws NotOnDuty, which undoes it */
export function* requireDuty({ number, holder }: Fence): Verb<void> {
  if ((yield* row(holdDuty, number, holder)) === undefined) throw new NotOnDuty();
}

/** A database whose every write carries the fencing number, and is refused once another node is on duty. */
export function fencedDatabase(database: Database, fence: Fence): Database {
  return {
    ...database,
    write: (verb) =>
      database.write(function* () {
        yield* requireDuty(fence);
        return yield* verb();
      }),
    append: () => Promise.reject(new Error('nothing on duty is written in passing')),
  };
}
