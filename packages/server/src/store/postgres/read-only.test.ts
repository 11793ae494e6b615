import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../../../../test/postgres.ts';
import type { TestPostgres } from '../../../../../test/postgres.ts';
import type { Store } from '../../ports/store.ts';
import { accessToken, audit, bytes, client, NOW } from '../contract/samples.ts';
import { openStore } from '../open-store.ts';

describe('a PostgreSQL server that may only be read', () => {
  let postgres: TestPostgres;
  let store: Store;
  let url: string;
  const app = client();
  beforeAll(async () => {
    postgres = await startPostgres();
    url = await postgres.createDatabase();
    store = await openStore({ url });
    await store.clients.create(app, audit('client.created'));
  });
  afterAll(async () => {
    await store.close();
    await postgres.stop();
  });

  const run = async (sql: string): Promise<readonly Record<string, unknown>[]> => {
    const elsewhere = new URL(url);
    elsewhere.pathname = '/postgres';
    const other = new Client(elsewhere.href);
    await other.connect();
    const { rows } = await other.query<Record<string, unknown>>(sql);
    await other.end();
    return rows;
  };
  const outcomesOf = async (...attempts: readonly Promise<unknown>[]): Promise<readonly string[]> =>
    (await Promise.allSettled(attempts)).map((each) =>
      each.status === 'rejected' ? String(each.reason.name) : 'good',
    );
  const writes = (): Promise<readonly string[]> =>
    outcomesOf(
      store.accessTokens.issue(accessToken(undefined, { clientId: app.id })),
      store.accessTokens.revoke(bytes(), NOW, audit('token.revoked')),
      store.clients.list({}, { limit: 1 }),
      store.ping(),
    );
  const reads = (): Promise<readonly string[]> =>
    outcomesOf(store.accessTokens.find(bytes()), store.accessTokens.find(bytes()));
  const all = (outcome: string, count: number): readonly string[] => Array(count).fill(outcome);

  // Sessions stay as they began here, as do those with a standby to which the address led after a failover.
  it('is left for one that takes writes, as soon as the address leads there', async () => {
    const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tessera'`;
    await run('ALTER DATABASE tessera_1 SET default_transaction_read_only = on');
    await run(cut);
    await expect
      .poll(async () => (await reads()).concat(await writes()))
      .toEqual([...all('good', 2), ...all('StoreUnavailable', 4)]);
    await run('ALTER DATABASE tessera_1 RESET default_transaction_read_only');
    await expect.poll(writes).toEqual(all('good', 4));
  });

  it('tells nothing while it is a standby, which may be behind', async () => {
    const [place] = await run('SHOW data_directory');
    await postgres.halt();
    await writeFile(join(String(place?.['data_directory']), 'standby.signal'), '');
    // Started in the eyes of the test's own tools once it takes writes.
    const started = postgres.start();
    const isBehind = async (): Promise<unknown> =>
      (await run('SELECT pg_is_in_recovery() AS it_is').catch(() => []))[0]?.['it_is'];
    await expect.poll(isBehind).toBe(true);
    expect((await reads()).concat(await writes())).toEqual(all('StoreUnavailable', 6));
    await run('SELECT pg_promote()');
    await started;
    await expect.poll(async () => (await reads()).concat(await writes())).toEqual(all('good', 6));
  });
});
