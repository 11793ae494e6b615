import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import {
  accessToken,
  authorize,
  client,
  audit,
  code,
  family,
  grant,
  name,
  NOW,
  refreshToken,
} from './samples.ts';

/** What counts once, and what binds a token to a key. */
export function onceContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store | undefined;
  beforeAll(async () => {
    ({ store, otherNode } = await engine.open());
  });
  afterAll(async () => {
    await store.close();
    await otherNode?.close();
  });

  describe('used identifiers', () => {
    it('lets one of many parallel uses through, on whichever node', async () => {
      const jti = name('jti');
      const nodes = [store, otherNode ?? store];
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
      expect(await usedIdentifiers.remember('request_object', jti, NOW + 1000, NOW)).toBe(true);
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
      expect(await store.accessTokens.find(row.id)).toEqual({ row });
    });
    it('gives back a code, a grant and a family with theirs', async () => {
      const { user: someone, client: app } = await authorize(store);
      const allowed = grant(someone, app, { authorizationDetails: details });
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
}
