import type { PoolClient, QueryResult } from 'pg';
import { StoreUnavailable } from '../../ports/store-errors.ts';
import type { Flight, StepResult, Verb } from '../statement.ts';
import type { Connections } from './connections.ts';
import { isOutdatedStatement, isTransient, translatePostgresError } from './postgres-errors.ts';
import { patience, query } from './query.ts';

/** One look through everything that is alive: many millions of rows. */
const LOOK_THROUGH_ALL_MS = 30_000;
const ATTEMPTS = 4;
/** Each of them may have prepared what a newer program has made outdated; one made anew has not. */
const CONNECTIONS_AT_MOST = 20;

/**
 * Runs a verb in a transaction of its own. What was refused because of another transaction (a deadlock) is run anew.
 * @param answerWithinMs how long one statement may take, as the connections have it
 * @throws StoreUnavailable, UniqueViolation. When the connection is lost during COMMIT nobody knows whether it was
 * kept; it is reported as unavailable too, and the one-time verbs are safe to repeat.
 */
export async function runTransaction<Result>(
  connections: Connections,
  verb: () => Verb<Result>,
  answerWithinMs: number,
): Promise<Result> {
  let attempts = ATTEMPTS;
  let outdated = CONNECTIONS_AT_MOST;
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- an attempt follows the failure of the one before
      return await attemptTransaction(connections, verb(), answerWithinMs);
    } catch (error) {
      if (isOutdatedStatement(error)) outdated -= 1;
      else if (isTransient(error)) attempts -= 1;
      else throw translatePostgresError(error);
      if (attempts === 0 || outdated === 0) throw translatePostgresError(error);
    }
  }
}

async function attemptTransaction<Result>(
  connections: Connections,
  verb: Verb<Result>,
  answerWithinMs: number,
): Promise<Result> {
  const { client, release } = await connections.take();
  try {
    const result = await fly(client, verb, answerWithinMs);
    release();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').then(
      () => release(isOutdatedStatement(error)),
      () => release(true),
    );
    throw error;
  }
}

/** BEGIN travels with the first flight of steps, COMMIT with the last one where the verb says which it is. */
async function fly<Result>(client: PoolClient, verb: Verb<Result>, answerWithinMs: number): Promise<Result> {
  let turn = verb.next();
  if (turn.done === true) return turn.value;
  let begin = true;
  let committed = false;
  while (turn.done !== true) {
    if (committed) throw new Error('a verb went on after its last flight');
    // oxlint-disable-next-line no-await-in-loop -- a flight may depend on the results of the one before
    const results = await send(client, turn.value, begin, answerWithinMs);
    begin = false;
    committed = turn.value.last;
    turn = verb.next(results);
  }
  if (!committed) requireCommitted(await client.query('COMMIT'));
  return turn.value;
}

async function send(
  client: PoolClient,
  flight: Flight,
  begin: boolean,
  answerWithinMs: number,
): Promise<readonly StepResult[]> {
  // The database counts each statement from its beginning, the driver from when all of them were sent.
  let withinMs = 0;
  const before = begin ? [client.query('BEGIN ISOLATION LEVEL READ COMMITTED')] : [];
  if (flight.steps.some((step) => step.statement.looksThroughAll === true))
    before.push(client.query(`SET LOCAL statement_timeout = ${LOOK_THROUGH_ALL_MS}`));
  const steps = flight.steps.map(({ statement, values }) => {
    withinMs += statement.looksThroughAll === true ? LOOK_THROUGH_ALL_MS : answerWithinMs;
    return query(client, statement, values, withinMs);
  });
  const after = flight.last ? [client.query({ text: 'COMMIT', ...patience(withinMs + answerWithinMs) })] : [];
  // All of them are awaited: after the first failure the others fail too, and must not be left alone.
  const settled = await Promise.allSettled<QueryResult<object>>([...before, ...steps, ...after]);
  const results = settled.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
  const commit = flight.last ? results.pop() : undefined;
  if (commit !== undefined) requireCommitted(commit);
  return results.slice(before.length).map((result) => ({ rows: result.rows, changes: result.rowCount ?? 0 }));
}

/** COMMIT of a transaction that has failed answers ROLLBACK, and no error. */
function requireCommitted(result: QueryResult<object>): void {
  if (result.command !== 'COMMIT') throw new StoreUnavailable('the database did not commit');
}
