import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../domain/refusal.ts';
import { BadCursor } from '../../ports/store-errors.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import {
  accessToken,
  audit,
  authorize,
  bytes,
  client,
  grant,
  code,
  HOUR,
  name,
  NOW,
  redeem,
  session,
  user,
  SIGN_IN,
} from './samples.ts';

const encoded = (text: string): string => Buffer.from(text).toString('base64url');

/** Access tokens, sessions, failed attempts, the audit log, lists and their cursors. */
export function recordsContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

  describe('access tokens', () => {
    it('does not find what was not issued, nor an id that only begins alike', async () => {
      const app = client();
      await store.clients.create(app, audit('client.created'));
      const row = accessToken(undefined, { clientId: app.id });
      await store.accessTokens.issue(row);
      expect(await store.accessTokens.find(bytes())).toBeUndefined();
      const alike = new Uint8Array(row.id);
      alike[31] = (alike[31] ?? 0) ^ 1;
      expect(await store.accessTokens.find(alike)).toBeUndefined();
      expect(await store.accessTokens.find(row.id.slice(0, 8))).toBeUndefined();
      expect(await store.accessTokens.revoke(alike, NOW, audit('token.revoked'))).toBe(false);
      const neighbour = { ...row, id: alike };
      await store.accessTokens.issue(neighbour);
      expect(await store.accessTokens.find(alike)).toEqual({ row: neighbour });
      expect(await store.accessTokens.find(row.id)).toEqual({ row });
    });
    it('gives back a row without and with everything', async () => {
      const { grant: given } = await authorize(store);
      const bare = accessToken(undefined, { clientId: given.clientId, scopes: [] });
      const full = accessToken(given, {
        format: 'jwt',
        resourceId: 'issuer',
        scopes: ['a', 'b:c'],
        lifetimeReason: 'client',
      });
      await Promise.all([bare, full].map((row) => store.accessTokens.issue(row)));
      expect(await store.accessTokens.find(bare.id)).toEqual({ row: bare });
      expect(await store.accessTokens.find(full.id)).toEqual({ row: full, signIn: SIGN_IN });
    });
    it('counts as ended what hangs from nothing', async () => {
      const orphan = accessToken(undefined, { clientId: 'app_none' });
      await store.accessTokens.issue(orphan);
      expect(await store.accessTokens.find(orphan.id)).toEqual({ row: orphan, endedAt: orphan.issuedAt });
      const { grant: given } = await authorize(store);
      const lost = accessToken(given, { grantId: 'gra_none' });
      await store.accessTokens.issue(lost);
      expect((await store.accessTokens.find(lost.id))?.endedAt).toBeDefined();
    });
    it('revokes once', async () => {
      const { accessToken: row, client: app } = await redeem(store);
      const revoking = Array.from({ length: 8 }, (_, index) =>
        (index % 2 === 0 ? store : otherNode).accessTokens.revoke(
          row.id,
          NOW + 3,
          audit('token.revoked', { clientId: app.id }),
        ),
      );
      expect((await Promise.all(revoking)).filter(Boolean)).toHaveLength(1);
      expect(await store.accessTokens.find(row.id)).toEqual({
        row: { ...row, revokedAt: NOW + 3 },
        endedAt: NOW + 3,
        signIn: SIGN_IN,
      });
      expect(
        (await store.audit.list({ type: 'token.revoked', clientId: app.id }, { limit: 10 })).items,
      ).toHaveLength(1);
    });
    it('keeps all of many issued at once', async () => {
      const app = client();
      await store.clients.create(app, audit('client.created'));
      const rows = Array.from({ length: 1200 }, () => accessToken(undefined, { clientId: app.id }));
      await Promise.all(rows.map((row) => store.accessTokens.issue(row)));
      const found = await Promise.all(rows.map((row) => store.accessTokens.find(row.id)));
      expect(found.map((state) => state?.row)).toEqual(rows);
    });
  });

  describe('sessions', () => {
    it('finds only what is live: not ended, not expired at the very millisecond, not replaced', async () => {
      const { user: someone } = await authorize(store);
      const [old, next] = [
        session(someone),
        session(someone, { userAgent: 'Browser/1 \u{1f3b5}', address: '192.0.2.1', amr: ['pwd', 'otp'] }),
      ];
      await store.sessions.start(old, undefined, audit('sign_in'));
      expect(await store.sessions.find(old.id, NOW)).toEqual(old);
      expect(await store.sessions.find(old.id, old.expiresAt)).toBeUndefined();
      await store.sessions.start(next, old, audit('sign_in'));
      expect(await store.sessions.find(old.id, NOW)).toBeUndefined();
      expect(await store.sessions.find(next.id, NOW)).toEqual(next);
      expect(await store.sessions.end(next, NOW + 1, audit('sign_out'))).toBe(true);
      expect(await store.sessions.end(next, NOW + 1, audit('sign_out'))).toBe(false);
      expect(await store.sessions.find(next.id, NOW)).toBeUndefined();
      expect(await store.sessions.find('none', NOW)).toBeUndefined();
    });
    it('survives a text that no database can hold', async () => {
      const { user: someone } = await authorize(store);
      const odd = session(someone, { userAgent: 'a\0b' });
      await store.sessions.start(odd, undefined, audit('sign_in'));
      expect(await store.sessions.find(odd.id, NOW)).toMatchObject({ id: odd.id });
    });
  });

  describe('audit', () => {
    it('gives back what was recorded, filtered', async () => {
      const actor = name('usr_');
      const bare = audit('sign_in', { actor });
      const full = audit('token.exposed', {
        actor,
        outcome: 'failure',
        subject: 'usr_1',
        act: { sub: 'app_1', act: { sub: 'app_2' } },
        reason: 'exposed',
        organizationId: 'org_1',
        userId: 'usr_1',
        clientId: name('app_'),
        grantId: 'gra_1',
        resourceId: 'res_1',
        requestId: 'req_1',
        address: '2001:db8::1',
        personal: { agent: 'Firefox' },
        detail: { place: 'a URL', count: 2, killed: true },
      });
      await store.audit.record(bare);
      await store.audit.record(full);
      const list = async (filter: Parameters<Store['audit']['list']>[0]): Promise<readonly object[]> =>
        (await store.audit.list(filter, { limit: 10 })).items;
      expect(await list({ actor })).toEqual([full, bare]);
      expect(await list({ actor, type: 'sign_in' })).toEqual([bare]);
      expect(await list({ clientId: full.clientId ?? '' })).toEqual([full]);
      expect(await list({ userId: 'usr_1', actor })).toEqual([full]);
      expect(await list({ userId: 'usr_none' })).toEqual([]);
      expect(await list({ actor, subject: 'usr_1', organizationIds: ['org_1'], outcome: 'failure' })).toEqual(
        [full],
      );
      expect(await list({ actor, since: NOW, until: NOW + 1 })).toEqual([full, bare]);
      expect(await list({ actor, since: NOW + 1 })).toEqual([]);
      expect(await list({ actor, organizationIds: ['org_1', 'org_2'] })).toEqual([full]);
      expect(await list({ actor, organizationIds: [] })).toEqual([]);
      expect(await list({ actor, until: NOW })).toEqual([]);
    });
  });

  describe('refusals', () => {
    const refusal = (more: Partial<Refusal> = {}): Refusal => ({
      requestId: name('req_'),
      at: NOW,
      method: 'POST',
      path: '/api/token',
      status: 400,
      error: 'invalid_grant',
      description: 'Invalid authorization code',
      address: '10.0.0.1',
      ...more,
    });
    const list = async (filter: Parameters<Store['refusals']['list']>[0]): Promise<readonly object[]> =>
      (await otherNode.refusals.list(filter, { limit: 10 })).items;

    it('gives back what was recorded, newest first, filtered', async () => {
      const bare = refusal();
      const full = refusal({
        detail: 'used before',
        clientId: name('app_'),
        userId: 'usr_1',
        tokenId: bytes(),
        redirectUri: 'https://app.example/cb/',
      });
      await store.refusals.record([bare, full]);
      await store.refusals.record([]);
      expect(await list({})).toEqual([full, bare]);
      expect(await list({ requestId: bare.requestId })).toEqual([bare]);
      expect(await list({ clientId: full.clientId ?? '' })).toEqual([full]);
      expect(await list({ tokenId: full.tokenId ?? bytes() })).toEqual([full]);
      expect(await list({ requestId: 'req_none' })).toEqual([]);
    });
    it('deletes what is old, and all but the newest, in batches', async () => {
      const old = Array.from({ length: 1100 }, () => refusal());
      const young = Array.from({ length: 7 }, () => refusal({ at: NOW + 1 }));
      await store.refusals.purge(NOW + HOUR, 0);
      await store.refusals.record([...old, ...young]);
      expect(await store.refusals.purge(NOW - 1, 2000)).toBe(0);
      expect(await store.refusals.purge(NOW, 2000)).toBe(1100);
      expect(await list({})).toEqual(young.toReversed());
      expect(await store.refusals.purge(NOW, 3)).toBe(4);
      expect(await list({})).toEqual(young.slice(4).toReversed());
    });
  });

  describe('lists', () => {
    it('walks newest first, each once, also while something is added', async () => {
      const someone = user();
      await store.users.create(someone, audit('user.created'));
      const app = client();
      await store.clients.create(app, audit('client.created'));
      const grants = Array.from({ length: 7 }, () => grant(someone, app));
      for (const each of grants) {
        // oxlint-disable-next-line no-await-in-loop -- their order is what is looked at
        await store.grants.authorize({ grant: each, code: code(each) });
      }
      const filter = { userId: someone.id, clientId: app.id };
      const first = await store.grants.list(filter, { limit: 3 });
      const late = grant(someone, app);
      await store.grants.authorize({ grant: late, code: code(late) });
      const second = await store.grants.list(filter, { limit: 3, cursor: first.nextCursor ?? '' });
      const third = await store.grants.list(filter, { limit: 3, cursor: second.nextCursor ?? '' });
      expect([...first.items, ...second.items, ...third.items]).toEqual(grants.toReversed());
      expect(third.nextCursor).toBeUndefined();
      expect((await store.grants.list(filter, { limit: 8 })).nextCursor).toBeUndefined();
      expect((await store.grants.list({ userId: 'usr_none' }, { limit: 3 })).items).toEqual([]);
    });
    it('lists users, clients with all secrets, resources', async () => {
      const secrets = [1, 2, 3].map((each) => ({
        id: `s${each}`,
        hash: bytes(),
        hint: 'aaaa',
        createdAt: NOW,
      }));
      const [one, two] = [client({ secrets }), client({ secrets })];
      await store.clients.create(one, audit('client.created'));
      await store.clients.create(two, audit('client.created'));
      const page = await store.clients.list({}, { limit: 1 });
      expect(page.items).toEqual([two]);
      expect((await store.clients.list({}, { limit: 1, cursor: page.nextCursor ?? '' })).items).toEqual([
        one,
      ]);
      const someone = user();
      await store.users.create(someone, audit('user.created'));
      expect((await store.users.list({ limit: 1 })).items).toEqual([someone]);
      expect((await store.resources.list({}, { limit: 1 })).items).toEqual([]);
    });
    it('lists tokens by client, user and whether they are live', async () => {
      const of = await redeem(store);
      const [expired, revoked] = [accessToken(of.grant, { expiresAt: NOW }), accessToken(of.grant)];
      await store.accessTokens.issue(expired);
      await store.accessTokens.issue(revoked);
      await store.accessTokens.revoke(revoked.id, NOW, audit('token.revoked'));
      const ids = async (
        filter: Parameters<Store['accessTokens']['list']>[0],
      ): Promise<readonly Uint8Array[]> =>
        (await store.accessTokens.list(filter, { limit: 10 })).items.map(({ row }) => row.id);
      expect(await ids({ clientId: of.client.id })).toEqual([revoked.id, expired.id, of.accessToken.id]);
      expect(await ids({ userId: of.user.id, liveAt: NOW })).toEqual([of.accessToken.id]);
      await store.grants.end(of.grant.id, 'revoked_by_admin', NOW, audit('grant.ended'));
      expect(await ids({ userId: of.user.id, liveAt: NOW })).toEqual([]);
    });
    it('refuses a cursor that the list did not make', async () => {
      const made = await store.users.list({ limit: 1 });
      const cursor = made.nextCursor ?? '';
      expect(cursor).not.toBe('');
      const bad = [
        '',
        'x',
        `${cursor}=`,
        `${cursor} `,
        `${cursor}A`,
        encoded('clients:3'),
        encoded('users:0'),
        encoded('users:-1'),
        encoded('users:01'),
        encoded('users:1e3'),
        encoded('users:3:3'),
        encoded('users:'),
        encoded('users:9007199254740993'),
        encoded("users:1' OR '1'='1"),
      ];
      for (const each of bad) {
        // oxlint-disable-next-line no-await-in-loop -- one refusal after the other
        await expect(store.users.list({ limit: 1, cursor: each })).rejects.toThrow(BadCursor);
      }
      await expect(store.audit.list({}, { limit: 1, cursor })).rejects.toThrow(BadCursor);
    });
  });

  it('answers a ping', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
  });
}
