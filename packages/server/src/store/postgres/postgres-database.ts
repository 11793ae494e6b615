import { Pool } from 'pg';
import type { ClientConfig, QueryResult } from 'pg';
import { StoreUnavailable } from '../../ports/store-errors.ts';
import type { Database } from '../database.ts';
import type { Statement, Value } from '../statement.ts';
import type { StoreLogger } from '../store-logger.ts';
import { createAppendBatches } from './append-batches.ts';
import { type Connections, createConnections } from './connections.ts';
import { createListener } from './listener.ts';
import { createLane } from './lane.ts';
import type { Lane } from './lane.ts';
import { isOutdatedStatement, translatePostgresError } from './postgres-errors.ts';
import { prepareConnection, query, queryOnce, requirePrimary } from './query.ts';
import { runTransaction } from './transaction.ts';

const TRANSACTIONS_AT_ONCE = 10;
/** As long as one statement may take: then the database hangs, or everybody is in its way. */
const LINE_STANDS_FOR_MS = 5000;
const READ_LANES = 2;
const FOREIGN_WRITE_AGE_MS = 1000;

/** How long the database is waited for, on each connection. */
export interface Patience {
  readonly query_timeout: number;
  readonly statement_timeout: number;
}

/**
 * Lanes for the reads of the token path and one for rows that are only added, all pipelined; a pool for
 * transactions and for reads that take longer, so that nothing slow ever stands before a token.
 * @param committed told how many rows shared a commit
 */
export function createPostgresDatabase(
  config: ClientConfig & Patience,
  logger?: StoreLogger,
  committed?: (writes: number) => void,
): Database {
  const onLost = (error: Error): void => logger?.warn({ error }, 'lost a connection to PostgreSQL');
  const readLanes = Array.from({ length: READ_LANES }, () => createLane(config, 'reads', onLost));
  let turn = 0;
  /** The lanes in turn, so that several backends share the reads. */
  const reads = (): Lane => {
    turn = (turn + 1) % READ_LANES;
    return readLanes[turn] ?? appends;
  };
  const appends = createLane(config, 'writes', onLost);
  const batches = createAppendBatches(appends, committed);
  const pool = new Pool({ ...config, pipeline: true, max: TRANSACTIONS_AT_ONCE });
  // An idle connection was lost; the pool has dropped it and makes a new one when it is needed.
  pool.on('error', onLost);
  pool.on('connect', (client) => {
    // Lost while in use: its queries tell. Without a listener of ours the process would end.
    client.on('error', () => {});
  });
  const answerWithinMs = config.query_timeout;
  const connections = createConnections(pool, TRANSACTIONS_AT_ONCE, LINE_STANDS_FOR_MS, (client) =>
    Promise.all([requirePrimary(client, 'writes'), prepareConnection(client)]),
  );
  const events = createListener(config, 'tessera_events', onLost);
  const writes = createCountdown();

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the statement's text decides its columns
  async function find<Row extends object>(on: Statement, ...values: Value[]): Promise<readonly Row[]> {
    const result = await reads().use((client) => query(client, on, values));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    return result.rows as unknown as readonly Row[];
  }
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
  async function scan<Row extends object>(on: Statement, ...values: Value[]): Promise<readonly Row[]> {
    const result = await readAtLeisure(connections, on, values);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    return result.rows as unknown as readonly Row[];
  }

  return {
    find,
    scan,
    write: (verb) => writes.count(() => runTransaction(connections, verb, answerWithinMs)),
    append: (into, values) => writes.count(() => batches.append(into, values)),
    hasPartitions: true,
    scanWindow: 200_000,
    foreignWriteAgeMs: FOREIGN_WRITE_AGE_MS,
    connections: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: connections.waiting() }),
    onEvents: (wake) => events.onNotice(wake),
    // On each of them: whoever hears that the database answers may be served by any.
    ping: async () => void (await Promise.all([...readLanes, appends].map(pingOn))),
    async close() {
      if (writes.closed()) return;
      await writes.close();
      await events.close();
      await Promise.all([...readLanes, appends].map((lane) => lane.close()).concat(pool.end()));
    },
  };
}

const pingOn = (lane: Lane): Promise<unknown> => lane.use((client) => client.query('SELECT 1'));

/** One read on a connection of its own. @throws StoreUnavailable */
async function readAtLeisure(
  connections: Connections,
  on: Statement,
  values: readonly Value[],
): Promise<QueryResult<object>> {
  for (let tries = 1; ; tries += 1) {
    // oxlint-disable no-await-in-loop -- another connection is tried only where one is outdated
    const { client, release } = await connections.take();
    try {
      const result = await queryOnce(client, on, values);
      release();
      return result;
    } catch (error) {
      release(true);
      if (!isOutdatedStatement(error) || tries > TRANSACTIONS_AT_ONCE) throw translatePostgresError(error);
    }
    // oxlint-enable no-await-in-loop
  }
}

/** Counts writes under way, so that closing can wait for them. */
function createCountdown(): {
  count<Result>(write: () => Promise<Result>): Promise<Result>;
  closed(): boolean;
  close(): Promise<void>;
} {
  const underWay = new Set<Promise<unknown>>();
  let closed = false;
  return {
    async count(write) {
      if (closed) throw new StoreUnavailable('the database is closed');
      const running = write();
      underWay.add(running);
      try {
        return await running;
      } finally {
        underWay.delete(running);
      }
    },
    closed: () => closed,
    async close() {
      closed = true;
      await Promise.allSettled(underWay);
    },
  };
}
