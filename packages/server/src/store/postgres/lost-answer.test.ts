import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../../../../test/postgres.ts';
import type { TestPostgres } from '../../../../../test/postgres.ts';
import type { Store } from '../../ports/store.ts';
import { accessToken, audit, client } from '../contract/samples.ts';
import { openStore } from '../open-store.ts';

/** The connection is cut when the database answers: what it was asked for is done, and nobody hears of it. */
describe('a write whose answer is lost', () => {
  let postgres: TestPostgres;
  let store: Store;
  let other: Client;
  let between: Server;
  let cutAfter: string | undefined;
  const app = client();

  beforeAll(async () => {
    postgres = await startPostgres();
    const url = new URL(await postgres.createDatabase());
    other = new Client(url.href);
    await other.connect();
    const port = Number(url.port);
    between = createServer((near) => pass(near, connect(port, '127.0.0.1')));
    await new Promise<void>((resolve) => {
      between.listen(0, '127.0.0.1', resolve);
    });
    const { port: ours } = between.address() as AddressInfo;
    url.port = String(ours);
    store = await openStore({ url: url.href });
    await store.clients.create(app, audit('client.created'));
    await store.accessTokens.issue(accessToken(undefined, { clientId: app.id }));
  });
  afterAll(async () => {
    await store.close();
    between.close();
    await other.end();
    await postgres.stop();
  });

  function pass(near: Socket, far: Socket): void {
    let isLast = false;
    near.on('data', (data) => {
      if (cutAfter !== undefined && data.includes(cutAfter)) [isLast, cutAfter] = [true, undefined];
      far.write(data);
    });
    far.on('data', (data) => {
      if (isLast) setTimeout(() => far.destroy(), 50);
      else near.write(data);
    });
    for (const [one, the] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => the.destroy());
    }
  }
  const count = async (table: string, id: string): Promise<unknown> =>
    (await other.query(`SELECT count(*)::int AS n FROM ${table} WHERE ${id}`)).rows[0]?.['n'];

  it('of a transaction is told as such, and the write is there once', async () => {
    const made = client();
    cutAfter = 'COMMIT\0';
    await expect(store.clients.create(made, audit('client.created'))).rejects.toMatchObject({
      name: 'StoreUnavailable',
    });
    expect(await count('clients', `id = '${made.id}'`)).toBe(1);
  });
  it('of rows that travel together is told to each of them, and they are there once', async () => {
    const rows = Array.from({ length: 5 }, () => accessToken(undefined, { clientId: app.id }));
    const before = Number(await count('access_tokens', 'TRUE'));
    cutAfter = 'access_tokens_append';
    const outcomes = await Promise.allSettled(rows.map((row) => store.accessTokens.issue(row)));
    expect(outcomes.map((each) => each.status === 'rejected' && each.reason.name)).toEqual(
      rows.map(() => 'StoreUnavailable'),
    );
    expect(await count('access_tokens', 'TRUE')).toBe(before + rows.length);
  });
  it('of a node that joins does not keep it from joining', async () => {
    const node = { id: 'node_1', version: '1', times: { turnMs: 1000, leaseMs: 1000 } };
    cutAfter = 'COMMIT\0';
    await expect(store.cluster.join(node)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(await count('cluster_nodes', 'TRUE')).toBe(1);
    const { nodes, duty } = await store.cluster.join(node);
    expect([nodes.map(({ id }) => id), duty.holder]).toEqual([['node_1'], 'node_1']);
  });
});
