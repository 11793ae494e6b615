/**
 * The connections for transactions, and the line of those who wait for one. A line that moves may be long: whoever
 * stands in it is served. One that does not move is a database that hangs, and everybody in it is told.
 */
import type { Pool, PoolClient } from 'pg';
import { StoreUnavailable } from '../../ports/store-errors.ts';

/** A connection in the hands of one. */
export interface Taken {
  readonly client: PoolClient;
  /** To be called once. @param isBroken the connection is not to be used again */
  readonly release: (isBroken?: boolean) => void;
}

export interface Connections {
  /** @throws StoreUnavailable, whatever keeps the connection from being made: a password that was changed as well */
  take(): Promise<Taken>;
  /** How many stand in line. */
  waiting(): number;
}

interface Waiter {
  readonly since: number;
  serve(): void;
  refuse(): void;
}

const LOOK_EVERY_MS = 250;

/**
 * @param pool with room for `atOnce`, so that nobody ever waits in it for anything but a connection being made
 * @param patienceMs so long nobody in line needs to be served before all who waited so long are told
 * @param prepare done once to each new connection; one that it fails on is not used
 */
export function createConnections(
  pool: Pick<Pool, 'connect'>,
  atOnce: number,
  patienceMs: number,
  prepare: (client: PoolClient) => Promise<unknown>,
): Connections {
  return new Line(pool, atOnce, patienceMs, prepare);
}

class Line implements Connections {
  readonly #pool: Pick<Pool, 'connect'>;
  readonly #patienceMs: number;
  readonly #prepare: (client: PoolClient) => Promise<unknown>;
  readonly #prepared = new WeakSet<PoolClient>();
  #free: number;
  #waiters: Waiter[] = [];
  /** When the database last did what somebody asked. */
  #movedAt = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(
    pool: Pick<Pool, 'connect'>,
    atOnce: number,
    patienceMs: number,
    prepare: (client: PoolClient) => Promise<unknown>,
  ) {
    this.#pool = pool;
    this.#free = atOnce;
    this.#patienceMs = patienceMs;
    this.#prepare = prepare;
  }

  waiting(): number {
    return this.#waiters.length;
  }

  async take(): Promise<Taken> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn();
    let client: PoolClient;
    try {
      client = await this.#connect();
    } catch (cause) {
      this.#next();
      throw new StoreUnavailable('the database cannot be reached', { cause });
    }
    return {
      client,
      release: (isBroken = false) => {
        if (!isBroken) this.#movedAt = performance.now();
        client.release(isBroken);
        this.#next();
      },
    };
  }

  async #connect(): Promise<PoolClient> {
    const client = await this.#pool.connect();
    if (this.#prepared.has(client)) return client;
    try {
      await this.#prepare(client);
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.#prepared.add(client);
    return client;
  }

  #turn(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#waiters.push({
      since: performance.now(),
      serve: () => resolve(undefined),
      refuse: () => reject(new StoreUnavailable('the database does not answer')),
    });
    this.#watch ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    return promise;
  }

  /** The place of one who has gone is the next one's. */
  #next(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#free += 1;
    else next.serve();
    this.#rest();
  }

  #look(): void {
    const before = performance.now() - this.#patienceMs;
    if (this.#movedAt > before) return;
    const told = this.#waiters.filter(({ since }) => since <= before);
    this.#waiters = this.#waiters.slice(told.length);
    for (const each of told) each.refuse();
    this.#rest();
  }

  #rest(): void {
    if (this.#waiters.length > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }
}
