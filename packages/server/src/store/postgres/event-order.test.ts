import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../../../../test/postgres.ts';
import type { TestPostgres } from '../../../../../test/postgres.ts';
import type { Store } from '../../ports/store.ts';
import { accessToken, audit, bytes, NOW } from '../contract/samples.ts';
import { openStore } from '../open-store.ts';

describe('the order of what ended, on PostgreSQL', () => {
  let postgres: TestPostgres;
  let store: Store;
  let url: string;
  let slow: Client;
  beforeAll(async () => {
    postgres = await startPostgres();
    url = await postgres.createDatabase();
    store = await openStore({ url });
    slow = new Client(url);
    await slow.connect();
  });
  afterAll(async () => {
    await slow.end();
    await store.close();
    await postgres.stop();
  });

  const revokeOne = async (): Promise<Uint8Array> => {
    const row = accessToken(undefined);
    await store.accessTokens.issue(row);
    await store.accessTokens.revoke(row.id, NOW, audit('token.revoked'));
    return row.id;
  };
  const endingOf = (id: Uint8Array) =>
    slow.query(
      `INSERT INTO events (at, purge_at, kind, token_id, expires_at) VALUES ($1, $1, 'token', $2, $1)`,
      [NOW, Buffer.from(id)],
    );
  type Page = Awaited<ReturnType<Store['endings']['after']>>;
  const idsOf = (page: Page, which: 'endings' | 'early' = 'endings'): unknown =>
    page?.[which].map((each) => (each.kind === 'token' ? Buffer.from(each.tokenId) : undefined));

  it('lets nobody read past a transaction that may still add something before; tells of what ended at once', async () => {
    const from = await store.endings.head();
    const late = bytes();
    await slow.query('BEGIN');
    await endingOf(late);
    const early = await revokeOne();
    const meanwhile = await store.endings.after(from, 10);
    expect(meanwhile).toMatchObject({ endings: [], cursor: from });
    expect(idsOf(meanwhile, 'early')).toEqual([Buffer.from(early)]);
    expect(await store.endings.head()).toBe(from);
    await slow.query('COMMIT');
    const page = await store.endings.after(from, 10);
    expect(idsOf(page)).toEqual([Buffer.from(late), Buffer.from(early)]);
    expect(page?.early).toEqual([]);
    expect(page?.endings[1]?.cursor).toBe(meanwhile?.early[0]?.cursor);
  });
  it('tells of what ended at once while somebody else is at work in another database of the server', async () => {
    const other = new Client(await postgres.createDatabase());
    await other.connect();
    await other.query('BEGIN');
    await other.query('SELECT pg_current_xact_id()');
    const from = await store.endings.head();
    const first = await revokeOne();
    const second = await revokeOne();
    const page = await store.endings.after(from, 10);
    expect([idsOf(page), idsOf(page, 'early')]).toEqual([[], [Buffer.from(second), Buffer.from(first)]]);
    expect(idsOf(await store.endings.after(from, 1), 'early')).toEqual([Buffer.from(second)]);
    // However long it takes: what all have read up to is not cleared away.
    await store.maintenance.purge(NOW + 365 * 24 * 3600_000, 0);
    expect(await store.endings.head()).toBe(from);
    expect(await store.endings.after(from, 10)).toBeDefined();
    await other.query('ROLLBACK');
    await other.end();
  });
  it('waits for a transaction that is open and has written nothing of it yet, and is woken at its end', async () => {
    const from = await store.endings.head();
    await slow.query('BEGIN');
    await slow.query('SELECT pg_current_xact_id()');
    const early = await revokeOne();
    expect(idsOf(await store.endings.after(from, 10))).toEqual([]);
    const late = bytes();
    await endingOf(late);
    await slow.query('COMMIT');
    // The slow one began first, so its place is the first although its number is the higher one.
    expect(idsOf(await store.endings.after(from, 10))).toEqual([Buffer.from(late), Buffer.from(early)]);
  });
  it('has a place to begin at, though somebody has been at work since before the database was made', async () => {
    await slow.query('BEGIN');
    await slow.query('SELECT pg_current_xact_id()');
    const young = await openStore({ url: await postgres.createDatabase() });
    const from = await young.endings.head();
    expect(await young.endings.after(from, 10)).toEqual({ endings: [], cursor: from, early: [] });
    await young.close();
    await slow.query('ROLLBACK');
  });
  it('is not held up by a transaction that was rolled back', async () => {
    const from = await store.endings.head();
    await slow.query('BEGIN');
    await endingOf(bytes());
    const early = await revokeOne();
    await slow.query('ROLLBACK');
    expect(idsOf(await store.endings.after(from, 10))).toEqual([Buffer.from(early)]);
  });
  it('loses and repeats nothing while many write at once', async () => {
    let cursor = await store.endings.head();
    const revoked: Promise<Uint8Array>[] = Array.from({ length: 100 }, revokeOne);
    const seen: string[] = [];
    const written = Promise.all(revoked);
    let isOver = false;
    void written.then(() => (isOver = true));
    for (;;) {
      const last = isOver;
      // oxlint-disable-next-line no-await-in-loop -- a page follows the one before
      const page = await store.endings.after(cursor, 7);
      for (const each of page?.endings ?? [])
        if (each.kind === 'token') seen.push(Buffer.from(each.tokenId).toString('hex'));
      cursor = page?.cursor ?? '';
      if (last && page?.endings.length === 0) break;
    }
    const expected = (await written).map((id) => Buffer.from(id).toString('hex'));
    expect(seen.toSorted()).toEqual(expected.toSorted());
  });
  it('starts anew where a dump was restored whose numbers lie ahead', async () => {
    const from = await store.endings.head();
    await slow.query(
      `INSERT INTO events (xid, at, purge_at, kind, expires_at)
       SELECT pg_current_xact_id()::text::bigint + 1000000, $1, $1, 'client', $1`,
      [NOW],
    );
    expect((await store.endings.after(from, 10))?.early).toHaveLength(1);
    const restarted = await openStore({ url });
    expect((await restarted.endings.after(from, 10))?.early).toEqual([]);
    await restarted.close();
  });
});
