import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../../../../test/postgres.ts';
import type { TestPostgres } from '../../../../../test/postgres.ts';
import type { Store } from '../../ports/store.ts';
import { NotOnDuty } from '../../ports/store-errors.ts';
import { accessToken, audit, client, DAY, HOUR, NOW } from '../contract/samples.ts';
import { MIGRATIONS } from '../migrations/migrate.ts';
import { openStore } from '../open-store.ts';
import { planPartitions } from './token-partitions.ts';

const TODAY = Math.floor(NOW / DAY) * DAY;
const day = (number: number) => ({ from: TODAY + number * DAY, below: TODAY + (number + 1) * DAY });
const FALLBACK = { name: 'access_tokens_default' };

describe('the plan of the partitions', () => {
  it('has a day for every token that may be issued, and two more', () => {
    const { create, drop } = planPartitions([FALLBACK], TODAY);
    expect(create).toEqual(
      ['20260921', '20260922', '20260923', '20260924'].map((date, index) => ({
        name: `access_tokens_${date}`,
        ...day(index),
      })),
    );
    expect(drop).toEqual([]);
  });
  it('leaves alone what is there, and what takes part of a day', () => {
    const first = { name: 'access_tokens_before', below: TODAY + 3 * DAY };
    const odd = { name: 'made_by_hand', from: TODAY + 3 * DAY + HOUR, below: TODAY + 3 * DAY + 2 * HOUR };
    expect(planPartitions([first, odd, FALLBACK], TODAY)).toEqual({ create: [], drop: [] });
  });
  it('drops a day once all its tokens have been over for a day, and never what takes the rest', () => {
    const partitions = [
      { name: 'access_tokens_before', below: day(-2).from },
      { name: 'a', ...day(-2) },
      FALLBACK,
    ];
    expect(planPartitions(partitions, TODAY - 1).drop).toEqual(['access_tokens_before']);
    expect(planPartitions(partitions, TODAY).drop).toEqual(['access_tokens_before', 'a']);
  });
});

describe('partitions of access tokens on PostgreSQL', () => {
  let postgres: TestPostgres;
  let other: Client;
  let store: Store;
  let url: string;
  const app = client();
  const issued = async (on: Store, expiresAt: number, more = {}) => {
    const row = accessToken(undefined, { clientId: app.id, expiresAt, ...more });
    await on.accessTokens.issue(row);
    return row;
  };
  const placeOf = async (id: Uint8Array): Promise<unknown> =>
    (await other.query('SELECT tableoid::regclass::text AS place FROM access_tokens WHERE id = $1', [id]))
      .rows[0]?.['place'];
  const places = async (): Promise<readonly unknown[]> =>
    (
      await other.query(
        `SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'access_tokens'::regclass ORDER BY 1`,
      )
    ).rows.map((row) => row['relname']);

  beforeAll(async () => {
    postgres = await startPostgres();
    url = await postgres.createDatabase();
    other = new Client(url);
    await other.connect();
  });
  afterAll(async () => {
    await store?.close();
    await other?.end();
    await postgres?.stop();
  });

  it('take over the table of a node that goes on serving meanwhile', { timeout: 30_000 }, async () => {
    // A node of the release before, which serves while another takes the table apart.
    const before = await openStore({ url, migrations: MIGRATIONS.filter(({ number }) => number < 31) });
    await before.clients.create(app, audit('client.created'));
    const early = await Promise.all(Array.from({ length: 50 }, () => issued(before, Date.now() + HOUR)));
    let isOver = false;
    const later = (async () => {
      const rows = [];
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- as requests come
        rows.push(await issued(before, Date.now() + HOUR));
        // oxlint-disable-next-line no-await-in-loop -- as above
        if ((await before.accessTokens.find(rows.at(-1)!.id)) === undefined)
          throw new Error('a token is lost');
        if (isOver) return rows;
      }
    })();
    store = await openStore({ url });
    isOver = true;
    for (const { id } of [...early, ...(await later)]) {
      // oxlint-disable-next-line no-await-in-loop -- a few
      expect(await store.accessTokens.find(id)).toBeDefined();
    }
    expect(await before.accessTokens.revoke(early[0]!.id, Date.now(), audit('token.revoked'))).toBe(true);
    expect((await store.accessTokens.find(early[0]!.id))?.endedAt).toBeDefined();
    await before.close();
  });

  it('begin with the table that was there, and numbers that go on', async () => {
    expect(await places()).toEqual(['access_tokens_before', 'access_tokens_default']);
    const row = await issued(store, Date.now() + HOUR);
    expect(await placeOf(row.id)).toBe('access_tokens_before');
    const { items } = await store.accessTokens.list({}, { limit: 1 });
    expect(items.map((each) => each.row.id)).toEqual([row.id]);
    const { rows } = await other.query('SELECT count(*) = count(DISTINCT seq) AS own FROM access_tokens');
    expect(rows).toEqual([{ own: true }]);
  });

  it('are made ahead, found in, revoked in, listed over, and dropped in one piece', async () => {
    // The first day that the table from before does not take.
    const soon = Math.floor(Date.now() / DAY) * DAY + 8 * DAY;
    expect(await store.maintenance.partition(soon)).toBe(4);
    expect(await store.maintenance.partition(soon)).toBe(0);
    const live = await issued(store, soon + HOUR);
    const next = await issued(store, soon + DAY);
    expect(await placeOf(live.id)).toBe(
      `access_tokens_${new Date(soon).toISOString().slice(0, 10).replaceAll('-', '')}`,
    );
    expect(await placeOf(next.id)).not.toBe(await placeOf(live.id));
    expect((await store.accessTokens.find(live.id))?.row.id).toEqual(live.id);
    expect(await store.accessTokens.revoke(next.id, NOW, audit('token.revoked'))).toBe(true);
    const { items } = await store.accessTokens.list({ clientId: app.id }, { limit: 3 });
    expect(items.slice(0, 2).map((each) => each.row.id)).toEqual([next.id, live.id]);
    // A day whose rows are all past their retention, and the table from before with it.
    await store.maintenance.purge(soon + 2 * DAY, 0);
    expect(await store.accessTokens.find(live.id)).toBeDefined();
    await store.maintenance.partition(soon + 2 * DAY);
    expect(await store.accessTokens.find(live.id)).toBeUndefined();
    expect(await store.accessTokens.find(next.id)).toBeDefined();
    expect(await places()).not.toContain('access_tokens_before');
  });

  it('never keep a token from being issued: what no day takes is kept by itself, and deleted by itself', async () => {
    const far = Math.floor(Date.now() / DAY) * DAY + 60 * DAY;
    const row = await issued(store, far + HOUR);
    expect(await placeOf(row.id)).toBe('access_tokens_default');
    // That day is not made while its rows lie elsewhere; the others are.
    expect(await store.maintenance.partition(far)).toBeGreaterThan(0);
    expect(await placeOf(row.id)).toBe('access_tokens_default');
    expect(await store.accessTokens.find(row.id)).toBeDefined();
    await store.maintenance.purge(far + HOUR + DAY, 0);
    expect(await store.accessTokens.find(row.id)).toBeUndefined();
  });

  it('are the business of the node on duty', async () => {
    const elsewhere = store.onDuty({ number: 7, holder: 'node_of_nobody' });
    const far = Date.now() + 100 * DAY;
    await expect(elsewhere.maintenance.partition(far)).rejects.toBeInstanceOf(NotOnDuty);
  });

  it('step aside for whoever holds the table, and are made the next time', async () => {
    const far = Date.now() + 200 * DAY;
    await other.query('BEGIN; SELECT count(*) FROM access_tokens_default');
    await expect(store.maintenance.partition(far)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await issued(store, far);
    await other.query('COMMIT');
    expect(await store.maintenance.partition(far)).toBeGreaterThan(0);
  });

  it('are found out anew when the one that most are in is gone, by all who ask at once', async () => {
    const own = await postgres.createDatabase();
    const node = await openStore({ url: own });
    const row = await issued(node, Date.now() + 30 * DAY);
    const owner = new Client(own);
    await owner.connect();
    await node.accessTokens.find(row.id);
    // It is known by now, and no connection has prepared anything about it.
    const asked = `SELECT 1 FROM pg_stat_activity WHERE state = 'idle' AND query LIKE '%pg_inherits%' AND pid <> pg_backend_pid()`;
    await expect.poll(async () => (await owner.query(asked)).rowCount).toBe(1);
    await owner.query('DROP TABLE access_tokens_before');
    await owner.end();
    const found = await Promise.all(Array.from({ length: 8 }, () => node.accessTokens.find(row.id)));
    expect(found.map((state) => state?.row.id)).toEqual(found.map(() => row.id));
    await node.close();
  });
});
