import { describe, expect, it } from 'vitest';
import type { ClientSecret } from '../../domain/client.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import {
  accessToken,
  audit,
  authorize,
  bytes,
  client,
  DAY,
  name,
  NOW,
  redeem,
  resource,
  signingKey,
  SIGN_IN,
} from './samples.ts';

const secret = (hint: string): ClientSecret => ({ id: name('sec_'), hash: bytes(), hint, createdAt: NOW });

/** Clients, resources and signing keys. */
export function clientsContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

  describe('clients', () => {
    it('refuses an id that is taken and one that looks like a user', async () => {
      const app = client();
      await store.clients.create(app, audit('client.created'));
      await expect(store.clients.create(app, audit('client.created'))).rejects.toMatchObject({
        what: 'client_id',
      });
      await expect(
        store.clients.create(client({ id: name('usr_') }), audit('client.created')),
      ).rejects.toThrow(/check constraint/i);
    });
    it('gives back every member, and the very same frozen object each time', async () => {
      const app = client({
        secrets: [secret('bbbb'), { ...secret('aaaa'), expiresAt: NOW + DAY }],
        scopes: ['tracks:read'],
        clientUri: 'https://player.example/',
        logoUri: 'https://player.example/logo.svg',
        policyUri: 'https://player.example/privacy',
        tosUri: 'https://player.example/terms',
        contacts: ['ops@player.example'],
        requirePkce: false,
        firstParty: true,
      });
      await store.clients.create(app, audit('client.created'));
      const found = await store.clients.find(app.id);
      expect(found).toEqual(app);
      expect(await store.clients.find(app.id)).toBe(found);
      expect(
        Object.isFrozen(found) && Object.isFrozen(found?.secrets) && Object.isFrozen(found?.secrets[0]),
      ).toBe(true);
    });
    it('replaces a client and its secrets, seen at once', async () => {
      const app = client({ secrets: [{ id: 'one', hash: bytes(), hint: 'aaaa', createdAt: NOW }] });
      await store.clients.create(app, audit('client.created'));
      await store.clients.find(app.id);
      const changed = {
        ...app,
        name: 'Other',
        updatedAt: NOW + 1,
        secrets: [{ id: 'two', hash: bytes(), hint: 'bbbb', createdAt: NOW }],
      };
      expect(await store.clients.update(changed, audit('client.updated'))).toBe(true);
      expect(await store.clients.find(app.id)).toEqual(changed);
      expect(await store.clients.update(client(), audit('client.updated'))).toBe(false);
    });
    it('remembers the last use of each secret, for as long as it has the secret', async () => {
      const [old, fresh] = [secret('aaaa'), secret('bbbb')];
      const app = client({ secrets: [old, fresh] });
      await store.clients.create(app, audit('client.created'));
      const { clientSecretUses: uses } = store;
      const use = (secretId: string, at: number) => ({
        clientId: app.id,
        secretId,
        at,
        from: `10.0.0.${at - NOW}`,
      });
      expect(await uses.lastUses(app.id)).toEqual(new Map());
      await uses.record([use(old.id, NOW + 5), use('unknown', NOW + 5)]);
      await uses.record([use(fresh.id, NOW + 9), use(old.id, NOW + 4)]);
      expect(await uses.lastUses(app.id)).toEqual(
        new Map([
          [old.id, { at: NOW + 5, from: '10.0.0.5' }],
          [fresh.id, { at: NOW + 9, from: '10.0.0.9' }],
        ]),
      );
      await store.clients.update({ ...app, name: 'Other', updatedAt: NOW + 1 }, audit('client.updated'));
      expect((await uses.lastUses(app.id)).size).toBe(2);
      const without = { ...app, secrets: [fresh], updatedAt: NOW + 2 };
      await store.clients.update(without, audit('client.updated'));
      expect(await uses.lastUses(app.id)).toEqual(new Map([[fresh.id, { at: NOW + 9, from: '10.0.0.9' }]]));
      await store.clients.delete(app.id, audit('client.deleted'));
      await uses.record([use(fresh.id, NOW + 10)]);
      expect(await uses.lastUses(app.id)).toEqual(new Map());
    });
    it('ends its grants and tokens when it is disabled, for good', async () => {
      const { client: app, grant, accessToken: token, refreshToken } = await redeem(store);
      const own = accessToken(undefined, { clientId: app.id });
      await store.accessTokens.issue(own);
      await store.clients.update({ ...app, status: 'disabled', updatedAt: NOW + 7 }, audit('client.updated'));
      await store.clients.update(
        { ...app, status: 'disabled', name: 'x', updatedAt: NOW + 8 },
        audit('client.updated'),
      );
      expect(await store.accessTokens.find(token.id)).toMatchObject({ endedAt: NOW + 7, signIn: SIGN_IN });
      await store.clients.update({ ...app, updatedAt: NOW + 9 }, audit('client.updated'));
      expect((await store.accessTokens.find(token.id))?.endedAt).toBe(NOW + 7);
      expect((await store.accessTokens.find(own.id))?.endedAt).toBe(NOW + 7);
      expect(await store.grants.find(grant.id)).toMatchObject({
        endedAt: NOW + 7,
        endReason: 'client_disabled',
      });
      expect((await store.refreshTokens.find(refreshToken.hash))?.family.endedAt).toBe(NOW + 7);
    });
    it('takes the refresh tokens, and nothing else, from one that becomes public', async () => {
      const { client: app, grant, accessToken: token, refreshToken } = await redeem(store);
      const renamed = { ...app, name: 'Other', updatedAt: NOW + 6 };
      await store.clients.update(renamed, audit('client.updated'));
      expect((await store.refreshTokens.find(refreshToken.hash))?.family.endedAt).toBeUndefined();
      const open = { ...renamed, tokenEndpointAuthMethod: 'none', updatedAt: NOW + 7 } as const;
      await store.clients.update(open, audit('client.updated'));
      expect((await store.refreshTokens.find(refreshToken.hash))?.family.endedAt).toBe(NOW + 7);
      expect(await store.grants.find(grant.id)).toEqual(grant);
      expect(await store.accessTokens.find(token.id)).toEqual({ row: token, signIn: SIGN_IN });
    });
    it('refuses a change of what somebody else has changed since', async () => {
      const before = client({ secrets: [secret('aaaa')] });
      await store.clients.create(before, audit('client.created'));
      const changed = { ...before, secrets: [], updatedAt: NOW + 1 };
      expect(await store.clients.update(changed, audit('client.updated'), before)).toBe(true);
      const late = { ...before, name: 'Late', updatedAt: NOW + 2 };
      expect(await store.clients.update(late, audit('client.updated'), before)).toBe(false);
      expect(await store.clients.find(before.id)).toEqual(changed);
    });
    it('takes a deleted one off the lists of the APIs it served', async () => {
      const [app, other] = [client(), client()];
      await store.clients.create(app, audit('client.created'));
      const api = resource({ resourceServers: [app.id, other.id] });
      await store.resources.create(api, audit('resource.created'));
      expect((await store.resources.find(api.id))?.resourceServers).toHaveLength(2);
      await store.clients.delete(app.id, audit('client.deleted'));
      expect((await store.resources.find(api.id))?.resourceServers).toEqual([other.id]);
    });
    it('deletes a client with its grants, consents and tokens, also for a later client of the same id', async () => {
      const { client: app, user: someone, grant, accessToken: token, refreshToken } = await redeem(store);
      expect(await store.clients.delete(app.id, audit('client.deleted'))).toBe(true);
      expect(await store.clients.delete(app.id, audit('client.deleted'))).toBe(false);
      expect(await store.clients.find(app.id)).toBeUndefined();
      expect(await store.grants.find(grant.id)).toBeUndefined();
      expect(await store.consents.find(someone.id, app.id, undefined)).toBeUndefined();
      expect(await store.refreshTokens.find(refreshToken.hash)).toBeUndefined();
      expect((await store.accessTokens.find(token.id))?.endedAt).toBeDefined();
      await store.clients.create({ ...app, createdAt: NOW + 2000 }, audit('client.created'));
      expect((await store.accessTokens.find(token.id))?.endedAt).toBeDefined();
    });
  });

  describe('resources', () => {
    it('refuses an identifier that is taken', async () => {
      const api = resource();
      await store.resources.create(api, audit('resource.created'));
      const other = resource({ identifier: api.identifier });
      await expect(store.resources.create(other, audit('resource.created'))).rejects.toMatchObject({
        what: 'identifier',
      });
    });
    it('gives back what was written, by id and by identifier', async () => {
      const api = resource({
        accessTokenLifetime: 30,
        resourceServers: ['app_1'],
        builtIn: true,
        signingAlg: 'RS256',
      });
      await store.resources.create(api, audit('resource.created'));
      const found = await store.resources.find(api.id);
      expect(found).toEqual(api);
      expect(await store.resources.findByIdentifier(api.identifier)).toEqual(api);
      expect(await store.resources.findByIdentifier('https://none.example/')).toBeUndefined();
      expect(Object.isFrozen(found) && Object.isFrozen(found?.scopes[0])).toBe(true);
      const changed = { ...api, scopes: [], updatedAt: NOW + 1 };
      expect(await store.resources.update(changed, audit('resource.updated'))).toBe(true);
      expect(await store.resources.findByIdentifier(api.identifier)).toEqual(changed);
    });
    it('refuses a change of what somebody else has changed since', async () => {
      const before = resource();
      await store.resources.create(before, audit('resource.created'));
      const changed = { ...before, name: 'Early', updatedAt: NOW + 1 };
      expect(await store.resources.update(changed, audit('resource.updated'), before)).toBe(true);
      const late = { ...before, name: 'Late', updatedAt: NOW + 2 };
      expect(await store.resources.update(late, audit('resource.updated'), before)).toBe(false);
      expect(await store.resources.find(before.id)).toEqual(changed);
    });
    it('has one default at most; the mark moves', async () => {
      const [one, two] = [resource({ isDefault: true }), resource({ isDefault: true })];
      await store.resources.create(one, audit('resource.created'));
      expect((await store.resources.findDefault())?.id).toBe(one.id);
      await store.resources.create(two, audit('resource.created'));
      expect((await store.resources.findDefault())?.id).toBe(two.id);
      expect((await store.resources.find(one.id))?.isDefault).toBe(false);
      expect(await store.resources.update(resource({ isDefault: true }), audit('resource.updated'))).toBe(
        false,
      );
      expect((await store.resources.findDefault())?.id).toBe(two.id);
      await store.resources.update(one, audit('resource.updated'));
      expect((await store.resources.findDefault())?.id).toBe(one.id);
      await store.resources.update({ ...one, isDefault: false }, audit('resource.updated'));
      expect(await store.resources.findDefault()).toBeUndefined();
    });
    it('deletes a resource with the grants, consents and tokens for it', async () => {
      const api = resource();
      await store.resources.create(api, audit('resource.created'));
      const { user: someone, client: app, grant } = await authorize(store, { grant: { resourceId: api.id } });
      const token = accessToken(grant, { resourceId: api.id });
      await store.accessTokens.issue(token);
      expect(await store.accessTokens.find(token.id)).toEqual({ row: token, signIn: SIGN_IN });
      expect(await store.resources.delete(api.id, audit('resource.deleted'))).toBe(true);
      expect(await store.resources.delete(api.id, audit('resource.deleted'))).toBe(false);
      expect(await store.resources.find(api.id)).toBeUndefined();
      expect(await store.grants.find(grant.id)).toBeUndefined();
      expect(await store.consents.find(someone.id, app.id, api.id)).toBeUndefined();
      expect((await store.accessTokens.find(token.id))?.endedAt).toBeDefined();
    });
  });

  describe('signing keys', () => {
    it('lets one of several nodes add the next key', async () => {
      const first = signingKey();
      expect(await store.signingKeys.rotate({ key: first, audit: audit('key.rotated') })).toBe(true);
      const rotations = Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? store : otherNode).signingKeys.rotate({
          key: signingKey({ createdAt: NOW + 1 }),
          predecessor: { kid: first.kid, retiresAt: NOW + DAY },
          audit: audit('key.rotated'),
        }),
      );
      expect((await Promise.all(rotations)).filter(Boolean)).toHaveLength(1);
      expect(await store.signingKeys.rotate({ key: signingKey(), audit: audit('key.rotated') })).toBe(false);
      const live = (await store.signingKeys.list(NOW)).filter(({ alg }) => alg === 'ES256');
      expect(live).toHaveLength(2);
      expect(live[0]).toEqual({ ...first, retiresAt: NOW + DAY });
      expect(await store.signingKeys.list(NOW + DAY)).toHaveLength(1);
    });
    it('retires a key at once, and then takes a first key again', async () => {
      const key = signingKey({ alg: 'RS256' });
      await store.signingKeys.rotate({ key, audit: audit('key.rotated') });
      await expect(
        store.signingKeys.rotate({
          key: { ...signingKey({ alg: 'RS256' }), kid: key.kid },
          predecessor: { kid: key.kid, retiresAt: NOW + DAY },
          audit: audit('key.rotated'),
        }),
      ).rejects.toMatchObject({ what: 'kid' });
      expect(await store.signingKeys.retire(key.kid, NOW + 1, audit('key.retired'))).toBe(true);
      expect(await store.signingKeys.retire(key.kid, NOW + 1, audit('key.retired'))).toBe(false);
      expect((await store.signingKeys.list(NOW + 1)).some(({ kid }) => kid === key.kid)).toBe(false);
      const next = signingKey({ alg: 'RS256', createdAt: NOW + 2 });
      expect(await store.signingKeys.rotate({ key: next, audit: audit('key.rotated') })).toBe(true);
    });
  });
}
