import { describe, expect, it } from 'vitest';
import type { PushedRequest } from '../../domain/pushed-request.ts';
import type { Store } from '../../ports/store.ts';
import type { OneTimeUse } from '../../ports/used-identifiers.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import {
  accessToken,
  authorize,
  bytes,
  client,
  audit,
  code,
  family,
  grant,
  HOUR,
  name,
  NOW,
  refreshToken,
  session,
  SIGN_IN,
} from './samples.ts';

/** What counts once, and what binds a token to a key. */
export function onceContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

  describe('used identifiers', () => {
    it('lets one of many parallel uses through, on whichever node', async () => {
      const jti = name('jti');
      const nodes = [store, otherNode];
      const uses = Array.from({ length: 16 }).flatMap(() =>
        nodes.map((node) => node.usedIdentifiers.remember('client_assertion', jti, NOW + 1000, NOW)),
      );
      expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
    });
    it('remembers until the end it was given, and keeps uses apart', async () => {
      const jti = name('jti');
      const { usedIdentifiers } = store;
      expect(await usedIdentifiers.remember('dpop_proof', jti, NOW + 1000, NOW)).toBe(true);
      expect(await usedIdentifiers.remember('dpop_proof', jti, NOW + 2000, NOW + 999)).toBe(false);
      expect(await usedIdentifiers.remember('authorization_request', jti, NOW + 1000, NOW)).toBe(true);
      expect(await usedIdentifiers.remember('dpop_proof', jti, NOW + 3000, NOW + 1000)).toBe(true);
    });
    it('keeps what still counts when it clears up', async () => {
      const [old, live] = [name('jti'), name('jti')];
      await store.usedIdentifiers.remember('dpop_proof', old, NOW + 1000, NOW);
      await store.usedIdentifiers.remember('dpop_proof', live, NOW + 5000, NOW);
      await store.maintenance.purge(NOW + 1000, 0);
      expect(await store.usedIdentifiers.remember('dpop_proof', live, NOW + 9000, NOW + 1000)).toBe(false);
    });
  });

  describe('a token together with identifiers that count once', () => {
    const use = (identifier: string): OneTimeUse => ({
      use: 'client_assertion',
      identifier,
      until: NOW + 1000,
    });
    it('is written by one of many parallel calls, on whichever node', async () => {
      const { grant: given } = await authorize(store);
      const once = use(name('jti'));
      const rows = Array.from({ length: 16 }, () => accessToken(given));
      const calls = rows.map((row, index) =>
        (index % 2 === 0 ? store : otherNode).accessTokens.issueOnce(row, [once], NOW),
      );
      const outcomes = await Promise.all(calls);
      const found = await Promise.all(rows.map((row) => store.accessTokens.find(row.id)));
      expect(outcomes.filter((used) => used === undefined)).toHaveLength(1);
      expect(outcomes.filter((used) => used === once)).toHaveLength(15);
      expect(found.map((state) => state !== undefined)).toEqual(outcomes.map((used) => used === undefined));
    });
    it('leaves no row when one of them had been used, which it names', async () => {
      const { grant: given } = await authorize(store);
      const [first, second] = [use(name('jti')), use(name('jti'))];
      await store.usedIdentifiers.remember(second.use, second.identifier, second.until, NOW);
      const row = accessToken(given);
      expect(await store.accessTokens.issueOnce(row, [first, second], NOW)).toBe(second);
      expect(await store.accessTokens.find(row.id)).toBeUndefined();
    });
  });

  describe('notices of sign-out', () => {
    it('are written for clients that want one, and claimed by one node each', async () => {
      const { user: someone, client: app } = await authorize(store);
      const signedIn = session(someone);
      await store.sessions.start(signedIn, undefined, audit('sign_in'));
      const allowed = grant(someone, app, { sessionId: signedIn.sid });
      const told = { sid: signedIn.sid, until: NOW + HOUR };
      await store.grants.authorize({ grant: allowed, code: code(allowed), toldOfSignOut: told });
      const other = grant(someone, app, { sessionId: signedIn.sid });
      await store.grants.authorize({ grant: other, code: code(other), toldOfSignOut: told });
      expect(await store.sessions.end(signedIn, NOW, audit('sign_out'))).toBe(true);
      const claim = { at: NOW, retryAt: NOW + 1000, limit: 10, sid: signedIn.sid };
      const nodes = [store, otherNode];
      const claims = Array.from({ length: 8 }).flatMap(() =>
        nodes.map((node) => node.logoutNotices.claim(claim)),
      );
      const [notice, ...more] = (await Promise.all(claims)).flat();
      expect(notice).toEqual({ sid: signedIn.sid, clientId: app.id, userId: someone.id, attempts: 1 });
      expect(more).toEqual([]);
      expect(await store.logoutNotices.claim({ ...claim, at: NOW + 999 })).toEqual([]);
      expect(await store.logoutNotices.claim({ ...claim, at: NOW + 1000, retryAt: NOW + 2000 })).toEqual([
        { ...notice, attempts: 2 },
      ]);
      await store.logoutNotices.postpone(notice!, NOW + 5000);
      expect(await store.logoutNotices.claim({ ...claim, at: NOW + 4999 })).toEqual([]);
      const [third] = await store.logoutNotices.claim({ ...claim, at: NOW + 5000, retryAt: NOW + 6000 });
      expect(third).toEqual({ ...notice, attempts: 3 });
      // Not tried after all: the next claim counts the same.
      await store.logoutNotices.giveBack(third!, NOW + 5500);
      expect(await store.logoutNotices.claim({ ...claim, at: NOW + 5499 })).toEqual([]);
      const but = { ...claim, at: NOW + 5500, retryAt: NOW + 6000 };
      expect(await store.logoutNotices.claim({ ...but, except: [app.id, 'another'] })).toEqual([]);
      expect(await store.logoutNotices.claim({ ...but, except: ['another'] })).toEqual([third]);
      await store.logoutNotices.drop(notice!);
      expect(await store.logoutNotices.claim({ ...claim, at: NOW + HOUR })).toEqual([]);
    });
  });

  describe('sealed secrets', () => {
    it('are the same for all nodes, whoever came first', async () => {
      const secret = name('secret');
      const nodes = [store, otherNode];
      const seen = await Promise.all(nodes.map((node) => node.sealedSecrets.ensure(secret, bytes())));
      expect(seen[0]).toEqual(seen[1]);
      expect(await store.sealedSecrets.ensure(secret, bytes())).toEqual(seen[0]);
    });

    it('have names that one node alone may take, which the audit tells', async () => {
      const taken = name('taken');
      const nodes = [store, otherNode, store, otherNode];
      const events = nodes.map(() => audit('resource.cat_key_read'));
      const claims = await Promise.all(
        nodes.map((node, index) => node.sealedSecrets.claim(taken, events[index]!)),
      );
      expect(claims.filter((isFirst) => isFirst)).toHaveLength(1);
      const { items } = await store.audit.list({}, { limit: 100 });
      const told = events.filter(({ id }) => items.some((item) => item.id === id));
      expect(told).toEqual([events[claims.indexOf(true)]]);
    });
  });

  describe('what is bound to a key', () => {
    const details = [{ type: 'playlist_change', actions: ['add'] }];
    it('gives back a token row with its key, its actor and its details', async () => {
      const { grant: given } = await authorize(store);
      const row = accessToken(given, {
        confirmation: { jkt: 'thumbprint' },
        actor: { sub: 'agent', act: { sub: 'first' } },
        authorizationDetails: details,
      });
      await store.accessTokens.issue(row);
      expect(await store.accessTokens.find(row.id)).toEqual({ row, signIn: SIGN_IN });
    });
    it('gives back a code, a grant and a family with theirs', async () => {
      const { user: someone, client: app } = await authorize(store);
      const allowed = grant(someone, app, {
        authorizationDetails: details,
        resourceIds: ['res_1', 'res_2'],
        claims: { userinfo: { name: { essential: true } } },
      });
      const given = code(allowed, { dpopJkt: 'thumbprint' });
      await store.grants.authorize({ grant: allowed, code: given });
      expect(await store.grants.findCode(given.hash)).toEqual({ code: given, grant: allowed });
      const line = family(allowed, { confirmation: { 'x5t#S256': 'thumbprint' } });
      const token = refreshToken(line);
      await store.grants.redeemCode({
        codeHash: given.hash,
        at: NOW,
        accessToken: accessToken(allowed),
        refresh: { family: line, token },
        reuseAudit: audit('authorization_code.reused'),
      });
      expect(await store.refreshTokens.find(token.hash)).toEqual({ token, family: line, grant: allowed });
    });
    it('gives back the metadata of a client as they were registered and changed', async () => {
      const app = client({ metadata: { dpop_bound_access_tokens: true, jwks: { keys: [] } } });
      await store.clients.create(app, audit('client.created'));
      expect(await store.clients.find(app.id)).toEqual(app);
      const after = { ...app, metadata: {}, updatedAt: NOW + 1 };
      await store.clients.update(after, audit('client.updated'));
      expect(await store.clients.find(app.id)).toEqual(after);
    });
  });

  describe('a request that can be answered once', () => {
    const pushed = (more: Partial<PushedRequest> = {}): PushedRequest => ({
      hash: bytes(),
      clientId: 'app',
      parameters: { scope: 'openid', resource: ['https://a.example/', 'https://b.example/'] },
      dpopJkt: 'thumbprint',
      expiresAt: NOW + 60_000,
      ...more,
    });
    it('is found until it expires, as it was pushed', async () => {
      const request = pushed();
      await store.pushedRequests.push(request);
      expect(await store.pushedRequests.find(request.hash, 'other', NOW)).toEqual(request);
      expect(await store.pushedRequests.find(request.hash, 'other', NOW + 60_000)).toBeUndefined();
      expect(await store.pushedRequests.find(bytes(), 'other', NOW)).toBeUndefined();
    });
    it('gives one code to any number of parallel answers, and is not found afterwards', async () => {
      const { user: someone, client: app } = await authorize(store);
      const request = pushed();
      await store.pushedRequests.push(request);
      const answers = { id: `answered ${request.hash.join()}`, until: NOW + HOUR };
      const outcomes = await Promise.all(
        Array.from({ length: 32 }, async () => {
          const allowed = grant(someone, app);
          const given = code(allowed);
          const written = await store.grants.authorize({ grant: allowed, code: given, answers });
          return { written, found: (await store.grants.findCode(given.hash)) !== undefined };
        }),
      );
      expect(outcomes.filter(({ written }) => written)).toHaveLength(1);
      expect(outcomes.every(({ written, found }) => written === found)).toBe(true);
      expect(await store.pushedRequests.find(request.hash, answers.id, NOW)).toBeUndefined();
    });
    it('goes when it has expired', async () => {
      const old = pushed({ expiresAt: NOW - 1 });
      const live = pushed();
      await store.pushedRequests.push(old);
      await store.pushedRequests.push(live);
      await store.maintenance.purge(NOW, 0);
      expect(await store.pushedRequests.find(old.hash, 'other', NOW - 2)).toBeUndefined();
      expect(await store.pushedRequests.find(live.hash, 'other', NOW)).toEqual(live);
    });
  });
}
