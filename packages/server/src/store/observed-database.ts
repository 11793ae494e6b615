/** A database as whoever watches it sees it: how long it takes, and which events reach the audit log. */
import type { AuditEvent } from '../domain/audit-event.ts';
import { StoreUnavailable } from '../ports/store-errors.ts';
import type { StoreObserver, StoreOperation } from '../ports/store-observer.ts';
import type { Database } from './database.ts';
import { eventOfStep } from './nouns/audit.ts';
import type { Flight, StepResult, Verb } from './statement.ts';

/** Of the quick operations one in so many is measured, the first one included. */
const MEASURED_ONE_IN = 8;

export function observedDatabase(database: Database, observer: StoreObserver): Database {
  const measure = async <Result>(operation: StoreOperation, run: () => Promise<Result>): Promise<Result> => {
    const startedAt = performance.now();
    try {
      const result = await run();
      observer.answered(operation, performance.now() - startedAt, true);
      return result;
    } catch (error) {
      // What a rule of the schema refuses was answered, too.
      observer.answered(operation, performance.now() - startedAt, !(error instanceof StoreUnavailable));
      throw error;
    }
  };
  const isMeasured = everyNth(MEASURED_ONE_IN);
  return {
    ...database,
    find: (on, ...values) =>
      isMeasured() ? measure('find', () => database.find(on, ...values)) : database.find(on, ...values),
    scan: (on, ...values) => measure('scan', () => database.scan(on, ...values)),
    append: (into, values) =>
      isMeasured() ? measure('append', () => database.append(into, values)) : database.append(into, values),
    async write(verb) {
      let events: EventOfStep[] = [];
      const result = await measure('write', () =>
        database.write(() => {
          events = [];
          return noting(verb(), events);
        }),
      );
      for (const { type, outcome } of events) observer.recorded(type, outcome);
      return result;
    },
  };
}

type EventOfStep = Pick<AuditEvent, 'type' | 'outcome'>;

/** The same verb; the events that it records are noted on the way. */
function* noting<Result>(verb: Verb<Result>, events: EventOfStep[]): Verb<Result> {
  let turn: IteratorResult<Flight, Result> = verb.next();
  while (turn.done !== true) {
    for (const step of turn.value.steps) {
      const event = eventOfStep(step);
      if (event !== undefined) events.push(event);
    }
    let results: readonly StepResult[];
    try {
      results = yield turn.value;
    } catch (error) {
      turn = verb.throw(error);
      continue;
    }
    turn = verb.next(results);
  }
  return turn.value;
}

function everyNth(count: number): () => boolean {
  let turn = 0;
  return () => {
    turn = (turn + 1) % count;
    return turn === 1;
  };
}
