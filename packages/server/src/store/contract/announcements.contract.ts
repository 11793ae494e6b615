import { describe, expect, it } from 'vitest';
import type { AccessTokenRow } from '../../domain/access-token.ts';
import { STATUS_BLOCK_SIZE } from '../../domain/status-list.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { AT, hold, status } from './holdings.ts';
import { withNodes } from './nodes.ts';
import { accessToken, audit, DAY, HOUR, NOW } from './samples.ts';

/** How what has ended is read: as events in their order, and as places in the status lists. */
export function announcementsContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (opened) => {
    ({ store, otherNode } = opened);
  });

  describe('endings', () => {
    it('say what ended and until when it would have lived, and nothing else', async () => {
      const { tokens, api } = await hold(store);
      const { jwt } = tokens;
      const from = await store.endings.head();
      await store.accessTokens.revoke(jwt.id, AT, audit('token.revoked'));
      const page = await store.endings.after(from, 10);
      expect(page?.endings).toEqual([
        {
          kind: 'token',
          at: AT,
          expiresAt: jwt.expiresAt,
          tokenId: jwt.id,
          statusIndex: jwt.statusIndex,
          resourceId: api.id,
          cursor: page?.cursor,
        },
      ]);
      expect(page?.cursor).toBe(await store.endings.head());
    });
    it('are read page by page, each once and in order', async () => {
      const from = await store.endings.head();
      const rows = Array.from({ length: 7 }, () => accessToken(undefined, status()));
      for (const row of rows) {
        // oxlint-disable-next-line no-await-in-loop -- their order is what is tested
        await store.accessTokens.issue(row);
        // oxlint-disable-next-line no-await-in-loop -- as above
        await store.accessTokens.revoke(row.id, AT, audit('token.revoked'));
      }
      const seen: Uint8Array[] = [];
      let cursor = from;
      for (let turn = 0; turn < 4; turn += 1) {
        // oxlint-disable-next-line no-await-in-loop -- a page follows the one before
        const page = await otherNode.endings.after(cursor, 3);
        for (const each of page?.endings ?? []) if (each.kind === 'token') seen.push(each.tokenId);
        cursor = page?.cursor ?? '';
      }
      expect(seen).toEqual(rows.map((row) => row.id));
    });
    it.each([
      ['nothing', ''],
      ['what no store made', 'x'],
      ['a place that never was', '0-zzzz-zzzz'],
      ['numbers too large', 'zzzzzzzzzzz-zzzzzzzzzzz-zzzzzzzzzzz'],
      ['more than a cursor', '0-1-1; DROP TABLE events'],
    ])('are not read from %s', async (_what, cursor) => {
      expect(await store.endings.after(cursor, 10)).toBeUndefined();
    });
    it('are not read from the place of another time', async () => {
      const [xid, id] = (await store.endings.head()).split('-');
      expect(await store.endings.after(`${xid}-${id}-1`, 10)).toBeUndefined();
    });
    it('wake whoever waits for them, on every node, until they stop', async () => {
      let woken = 0;
      const stops = [store, otherNode].map((node) => node.endings.onWritten(() => (woken += 1)));
      const row = accessToken(undefined, status());
      await store.accessTokens.issue(row);
      const before = woken;
      await store.accessTokens.revoke(row.id, AT, audit('token.revoked'));
      await expect.poll(() => woken - before).toBeGreaterThanOrEqual(2);
      for (const stop of stops) stop();
    });
    it('of unlisted tokens are kept as long as the token would have lived', async () => {
      const cat = accessToken(undefined, {
        ...status(),
        format: 'cat' as AccessTokenRow['format'],
        expiresAt: NOW + 2 * HOUR,
      });
      const jwt = accessToken(undefined, { ...status(), expiresAt: NOW + 2 * HOUR });
      for (const row of [cat, jwt]) {
        // oxlint-disable-next-line no-await-in-loop -- a handful
        await store.accessTokens.issue(row);
        // oxlint-disable-next-line no-await-in-loop -- a handful
        await store.accessTokens.revoke(row.id, AT, audit('token.revoked'));
      }
      const unlisted = async (now: number): Promise<readonly unknown[]> =>
        (await otherNode.endings.unlisted(now)).map((each) => each.kind === 'token' && each.tokenId);
      expect(await unlisted(NOW)).toEqual([cat.id]);
      const from = await store.endings.head();
      await store.maintenance.purge(AT + HOUR + 1, 0);
      expect(await unlisted(AT + HOUR + 1)).toEqual([cat.id]);
      expect(await unlisted(NOW + 2 * HOUR)).toEqual([]);
      // The newest stays, so that there is a place to read on from.
      expect(await store.endings.after(from, 10)).toMatchObject({ endings: [], cursor: from });
    });
    it('are forgotten after an hour, and whoever was away for longer is told so', async () => {
      const of = await hold(store);
      await store.accessTokens.revoke(of.tokens.jwt.id, AT, audit('token.revoked'));
      const from = await store.endings.head();
      await store.accessTokens.revoke(of.tokens.elsewhere.id, AT, audit('token.revoked'));
      await store.maintenance.purge(AT + HOUR - 1, 0);
      expect((await store.endings.after(from, 10))?.endings).toHaveLength(1);
      await store.maintenance.purge(AT + HOUR, 0);
      expect(await store.endings.after(from, 10)).toBeUndefined();
    });
  });

  describe('statuses', () => {
    it('come in blocks that nobody gets twice', async () => {
      const taken = await Promise.all(
        [store, otherNode, store, otherNode].map((node) => node.statuses.reserveBlock(NOW)),
      );
      expect(new Set(taken).size).toBe(4);
      expect(await otherNode.statuses.blocks()).toMatchObject({ newest: Math.max(...taken) });
    });
    it('are those of a range, and stay set for a day after the token', async () => {
      const base = 1000 * STATUS_BLOCK_SIZE;
      const rows = [0, 5, STATUS_BLOCK_SIZE].map((offset) =>
        accessToken(undefined, { format: 'jwt', statusIndex: base + offset }),
      );
      for (const row of rows) {
        // oxlint-disable-next-line no-await-in-loop -- three
        await store.accessTokens.issue(row);
        // oxlint-disable-next-line no-await-in-loop -- three
        await store.accessTokens.revoke(row.id, AT, audit('token.revoked'));
      }
      const ended = async (): Promise<readonly number[]> =>
        (await otherNode.statuses.ended(base, base + STATUS_BLOCK_SIZE)).toSorted(
          (one, other) => one - other,
        );
      expect(await ended()).toEqual([base, base + 5]);
      await store.maintenance.purge(NOW + HOUR + DAY - 1, 0);
      expect(await ended()).toEqual([base, base + 5]);
      await store.maintenance.purge(NOW + HOUR + DAY, 0);
      expect(await ended()).toEqual([]);
    });
    it('of old blocks are forgotten, but for the newest number', async () => {
      const [one, two] = [
        await store.statuses.reserveBlock(NOW + 10 * DAY),
        await store.statuses.reserveBlock(NOW + 10 * DAY),
      ];
      await store.maintenance.purge(NOW + 13 * DAY, 0);
      expect(await store.statuses.blocks()).toEqual({ oldest: two, newest: two });
      expect(two).toBeGreaterThan(one);
      expect(await store.statuses.reserveBlock(NOW + 13 * DAY)).toBeGreaterThan(two);
    });
  });
}
