import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import { StoreUnavailable } from '../../ports/store-errors.ts';
import { isOutdatedStatement, translatePostgresError } from './postgres-errors.ts';
import { prepareConnection } from './query.ts';

/** One pipelined connection: queries are sent at once and answered in order. It comes back by itself when lost. */
export interface Lane {
  /** @throws StoreUnavailable */
  use<Result>(query: (client: Client) => Promise<Result>): Promise<Result>;
  /** Waits for the answers under way. */
  close(): Promise<void>;
}

/** @param onLost told when a connection that had been made is lost */
export function createLane(config: ClientConfig, onLost: (error: Error) => void): Lane {
  let connected: Client | undefined;
  let connecting: Promise<Client> | undefined;
  let closed = false;

  async function connect(): Promise<Client> {
    const client = new Client({ ...config, pipeline: true });
    let lost = false;
    const lose = (reason?: Error): void => {
      if (lost) return;
      lost = true;
      if (connected === client) connected = undefined;
      if (!closed && reason !== undefined) onLost(reason);
      void client.end().catch(() => {});
    };
    client.on('error', lose);
    client.on('end', () => lose());
    try {
      await client.connect();
      await prepareConnection(client);
    } catch (error) {
      lost = true;
      void client.end().catch(() => {});
      throw error;
    }
    if (!lost) connected = client;
    return client;
  }

  const reconnected = (): Promise<Client> =>
    (connecting ??= connect().finally(() => {
      connecting = undefined;
    }));

  return {
    async use(query) {
      if (closed) throw new StoreUnavailable('the database is closed');
      const client = connected;
      try {
        return await query(client ?? (await reconnected()));
      } catch (error) {
        if (client === undefined || !isOutdatedStatement(error)) throw translatePostgresError(error);
      }
      if (connected === client) connected = undefined;
      void client.end().catch(() => {});
      try {
        return await query(connected ?? (await reconnected()));
      } catch (error) {
        throw translatePostgresError(error);
      }
    },
    async close() {
      closed = true;
      const client = connected ?? (await connecting?.catch(() => undefined));
      await client?.end();
    },
  };
}
