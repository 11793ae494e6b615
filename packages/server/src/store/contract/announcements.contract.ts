import { describe, expect, it } from 'vitest';
import type { AccessTokenRow } from '../../domain/access-token.ts';
import { STATUS_BLOCK_SIZE } from '../../domain/status-list.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { AT, hold, type Holdings, status } from './holdings.ts';
import { withNodes } from './nodes.ts';
import { accessToken, audit, DAY, HOUR, NOW, resource } from './samples.ts';
import { headOf, pageAfter } from '../../../../../test/settled-endings.ts';

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
      const from = await headOf(store);
      await store.accessTokens.revoke(jwt.id, AT, audit('token.revoked'));
      const page = await pageAfter(store, from, 10);
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
      expect(page?.cursor).toBe(await headOf(store));
    });
    it('are read page by page, each once and in order', async () => {
      const from = await headOf(store);
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
        const page = await pageAfter(otherNode, cursor, 3);
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
      expect(await pageAfter(store, cursor, 10)).toBeUndefined();
    });
    it('are not read from the place of another time', async () => {
      const [xid, id] = (await headOf(store)).split('-');
      expect(await pageAfter(store, `${xid}-${id}-1`, 10)).toBeUndefined();
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
    it.each([
      ['app', (of: Holdings) => store.clients.delete(of.client.id, audit('client.deleted', { at: AT }))],
      ['API', (of: Holdings) => store.resources.delete(of.api.id, audit('resource.deleted', { at: AT }))],
    ])('of an %s reach the tokens of a node whose clock is ahead', async (_what, end) => {
      const of = await hold(store);
      // A minute apart they may be (docs/how-to/use-postgresql.md).
      const issuedAt = AT + 60_000;
      const { client: app, api } = of;
      const ahead = { clientId: app.id, resourceId: api.id, issuedAt, expiresAt: issuedAt + HOUR };
      await otherNode.accessTokens.issue(accessToken(undefined, { ...status(), ...ahead }));
      const from = await headOf(store);
      await end(of);
      const told = (await pageAfter(otherNode, from, 100))?.endings ?? [];
      const [ending] = told.filter(({ kind }) => kind === 'client' || kind === 'resource');
      expect(ending?.at).toBe(issuedAt);
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
      const from = await headOf(store);
      await store.maintenance.purge(AT + HOUR + 1, 0);
      expect(await unlisted(AT + HOUR + 1)).toEqual([cat.id]);
      expect(await unlisted(NOW + 2 * HOUR)).toEqual([]);
      // The newest stays, so that there is a place to read on from.
      expect(await pageAfter(store, from, 10)).toMatchObject({ endings: [], cursor: from });
    });
    it('of grants, clients and APIs are kept as long, where there are tokens that no list tells of', async () => {
      const cats = resource({ tokenFormat: 'cat' as const });
      await store.resources.create(cats, audit('resource.created'));
      const one = await hold(store);
      const other = await hold(store);
      await store.grants.end(one.grant.id, 'revoked_by_admin', AT, audit('grant.ended'));
      await store.clients.delete(other.client.id, audit('client.deleted', { at: AT }));
      await store.resources.delete(cats.id, audit('resource.deleted', { at: AT }));
      const later = AT + 2 * HOUR;
      await store.maintenance.purge(later, 0);
      expect(await otherNode.endings.unlisted(later)).toMatchObject([
        { kind: 'grant', grantId: one.grant.id },
        { kind: 'client', clientId: other.client.id },
        { kind: 'resource', resource: cats.identifier },
      ]);
      // What has no such tokens is forgotten like the rest.
      const third = await hold(store);
      await store.grants.end(third.grant.id, 'revoked_by_admin', AT, audit('grant.ended'));
      expect(await otherNode.endings.unlisted(later)).toHaveLength(3);
      await store.maintenance.purge(AT + DAY, 0);
      expect(await otherNode.endings.unlisted(AT + DAY)).toEqual([]);
    });
    it('are forgotten after an hour, and whoever was away for longer is told so', async () => {
      const of = await hold(store);
      await store.accessTokens.revoke(of.tokens.jwt.id, AT, audit('token.revoked'));
      const from = await headOf(store);
      await store.accessTokens.revoke(of.tokens.elsewhere.id, AT, audit('token.revoked'));
      await store.maintenance.purge(AT + HOUR - 1, 0);
      expect((await pageAfter(store, from, 10))?.endings).toHaveLength(1);
      await store.maintenance.purge(AT + HOUR, 0);
      expect(await pageAfter(store, from, 10)).toBeUndefined();
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
