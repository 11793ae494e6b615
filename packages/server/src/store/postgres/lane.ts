import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import { StoreUnavailable } from '../../ports/store-errors.ts';
import { isOutdatedStatement, translatePostgresError } from './postgres-errors.ts';
import { prepareTokenPath, requirePrimary, sayGoodbye } from './query.ts';

/**
 * One pipelined connection: queries are sent at once and answered in order. It comes back by itself when lost; while
 * it cannot be made, whoever asks hears so at once instead of waiting for one more attempt.
 */
export interface Lane {
  /** @throws StoreUnavailable */
  use<Result>(query: (client: Client) => Promise<Result>): Promise<Result>;
  /** Waits for the answers under way. */
  close(): Promise<void>;
}

const RETRY_AFTER_MS = 250;
/** No answer takes longer. */
const RETIRED_AFTER_MS = 10_000;

/** @param onLost told when a connection that had been made is lost */
export function createLane(
  config: ClientConfig,
  use: 'reads' | 'writes',
  onLost: (error: Error) => void,
): Lane {
  return new PipelinedLane(config, use, onLost);
}

class PipelinedLane implements Lane {
  readonly #config: ClientConfig;
  readonly #use: 'reads' | 'writes';
  readonly #onLost: (error: Error) => void;
  #connected: Client | undefined;
  #connecting: Promise<Client> | undefined;
  /** The last attempt to connect failed, and none has succeeded since. */
  #isDown = false;
  #closed = false;
  readonly #retired = new Set<Client>();

  constructor(config: ClientConfig, use: 'reads' | 'writes', onLost: (error: Error) => void) {
    this.#config = config;
    this.#use = use;
    this.#onLost = onLost;
  }

  async use<Result>(query: (client: Client) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new StoreUnavailable('the database is closed');
    if (this.#isDown) throw new StoreUnavailable('the database cannot be reached');
    const client = this.#connected;
    try {
      return await query(client ?? (await this.#connect()));
    } catch (error) {
      if (client === undefined || !isOutdatedStatement(error)) throw translatePostgresError(error);
      this.#retire(client);
      return this.use(query);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#connected ?? (await this.#connecting?.catch(() => undefined));
    const clients = client === undefined ? [...this.#retired] : [client, ...this.#retired];
    await Promise.all(clients.map((each) => sayGoodbye(each)));
  }

  /** One attempt, whoever waits for it. */
  #connect(): Promise<Client> {
    this.#connecting ??= this.#attempt().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #attempt(): Promise<Client> {
    const client = new Client({ ...this.#config, pipeline: true });
    let lost = false;
    const lose = (reason?: Error): void => {
      if (lost) return;
      lost = true;
      if (this.#connected === client) this.#connected = undefined;
      if (!this.#closed && reason !== undefined) this.#onLost(reason);
      void client.end().catch(() => {});
    };
    client.on('error', lose);
    client.on('end', () => lose());
    try {
      await client.connect();
      await Promise.all([requirePrimary(client, this.#use), prepareTokenPath(client)]);
    } catch (error) {
      lost = true;
      void client.end().catch(() => {});
      this.#isDown = true;
      this.#tryAgainLater();
      throw new StoreUnavailable('the database cannot be reached', { cause: error });
    }
    this.#isDown = false;
    if (!lost) this.#connected = client;
    return client;
  }

  /** Nothing new is asked on a connection; what was asked is answered. */
  #retire(client: Client): void {
    if (this.#connected !== client) return;
    this.#connected = undefined;
    this.#retired.add(client);
    setTimeout(() => {
      this.#retired.delete(client);
      void client.end().catch(() => {});
    }, RETIRED_AFTER_MS).unref();
  }

  /** Until it answers again, whether somebody asks or not: the first who asks then need not wait. */
  #tryAgainLater(): void {
    setTimeout(() => {
      if (!this.#closed) this.#connect().catch(() => undefined);
    }, RETRY_AFTER_MS).unref();
  }
}
