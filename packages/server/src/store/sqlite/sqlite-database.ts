import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreUnavailable } from '../../ports/store-errors.ts';
import type { Database } from '../database.ts';
import { statement } from '../statement.ts';
import type { Statement, StepResult, Value, Verb } from '../statement.ts';
import { watchEndedTokens } from './ended-tokens.ts';
import { createGroupedCommit, type TransactionControl } from './grouped-commit.ts';
import { watchEvents } from './events.ts';
import { createNewestRows, LOOKED_UP_TABLES, type NewestRows } from './newest-rows.ts';
import { isUnavailable, translateSqliteError } from './sqlite-errors.ts';

interface Prepared {
  readonly made: StatementSync;
  readonly givesRows: boolean;
  /** Hears of the rows that the statement adds. */
  readonly adds: NewestRows | undefined;
}

const PING = statement('ping', 'SELECT 1');

/**
 * One connection of one process. Reads answer at once; writes share the commit of their turn of the event loop.
 * @param release called after the connection is closed
 * @param committed told how many writes shared a commit
 */
export function createSqliteDatabase(
  connection: DatabaseSync,
  release: () => void,
  committed?: (writes: number) => void,
): Database {
  const prepared = new Map<string, Prepared>();
  const newestRows = new Map<string | undefined, NewestRows>(
    LOOKED_UP_TABLES.map((table) => [table, createNewestRows(connection, table)]),
  );
  let closed = false;
  const prepare = (on: Statement): Prepared => {
    let known = prepared.get(on.name);
    if (known === undefined) {
      const made = connection.prepare(toSqlite(on));
      known = { made, givesRows: made.columns().length > 0, adds: newestRows.get(on.addsLookupTo) };
      prepared.set(on.name, known);
    }
    return known;
  };
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the statement's text decides its columns
  const read = <Row extends object>(on: Statement, values: readonly Value[]): readonly Row[] => {
    if (closed) throw new StoreUnavailable('the database is closed');
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
      return prepare(on).made.all(...values) as unknown as readonly Row[];
    } catch (error) {
      throw translateSqliteError(error);
    }
  };
  const run = (on: Statement, values: readonly Value[]): StepResult => {
    const { made, givesRows, adds } = prepare(on);
    if (givesRows) {
      const rows = made.all(...values);
      return { rows, changes: rows.length };
    }
    const { changes, lastInsertRowid } = made.run(...values);
    adds?.inserted(Number(values[0]), Number(lastInsertRowid));
    return { rows: [], changes: Number(changes) };
  };
  const events = watchEvents(connection);
  const control = transactionControl(connection, [...newestRows.values()], events.committed);
  const commits = createGroupedCommit(control, setImmediate, committed);
  const write = async <Result>(job: () => Result): Promise<Result> => {
    try {
      return await commits.submit(job);
    } catch (error) {
      throw translateSqliteError(error);
    }
  };

  return {
    find: async (on, ...values) => read(on, values),
    async scan(on, ...values) {
      // Whoever is waiting for a token goes first.
      await new Promise(setImmediate);
      return read(on, values);
    },
    write: (verb) => write(() => runVerb(verb(), run)),
    append: (into, values) => write(() => void run(into.statement, values)),
    scanWindow: 10_000,
    foreignWriteAgeMs: 0,
    onTokenEnd: (ended) => watchEndedTokens(connection, ended),
    onEvents: events.onWritten,
    ping: async () => void read(PING, []),
    async close() {
      if (closed) return;
      commits.close();
      closed = true;
      connection.close();
      release();
    },
  };
}

function transactionControl(
  connection: DatabaseSync,
  newestRows: readonly NewestRows[],
  eventsCommitted: () => void,
): TransactionControl {
  return {
    begin: () => connection.exec('BEGIN IMMEDIATE'),
    commit() {
      for (const rows of newestRows) rows.beforeCommit();
      connection.exec('COMMIT');
      for (const rows of newestRows) rows.committed();
      eventsCommitted();
    },
    rollback: () => connection.exec('ROLLBACK'),
    inTransaction: () => connection.isTransaction,
    isUnavailable,
  };
}

/** node:sqlite takes values by position for `?1`, not for `$1`. */
export function toSqlite(on: Statement): string {
  return on.sql.replaceAll(/\$(\d+)/g, '?$1');
}

/** Runs a verb to its end without a pause. */
export function runVerb<Result>(
  verb: Verb<Result>,
  run: (on: Statement, values: readonly Value[]) => StepResult,
): Result {
  let turn = verb.next();
  while (turn.done !== true) {
    turn = verb.next(turn.value.steps.map((step) => run(step.statement, step.values)));
  }
  return turn.value;
}
