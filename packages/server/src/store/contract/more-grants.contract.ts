import { describe, expect, it } from 'vitest';
import type { DeviceAuthorization } from '../../domain/device-authorization.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { TrustedIssuer } from '../../domain/trusted-issuer.ts';
import { AlreadyExists } from '../../ports/store-errors.ts';
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
  family,
  grant,
  HOUR,
  name,
  NOW,
  refreshToken,
  resource,
  user,
  SIGN_IN,
} from './samples.ts';

const MINUTE = 60_000;

const trusted = (more: Partial<TrustedIssuer> = {}): TrustedIssuer => ({
  id: name('tri_'),
  organizationId: DEFAULT_ORGANIZATION_ID,
  name: 'CI',
  issuer: `https://${name('')}.example`,
  kind: 'workload',
  status: 'active',
  jwksUri: 'https://ci.example/keys',
  maxLifetimeSeconds: 600,
  rules: [{ claims: { sub: 'repo:*' }, clientId: 'deployer', scopes: ['deploy'], resources: ['urn:x'] }],
  createdAt: NOW,
  updatedAt: NOW,
  ...more,
});

/** Devices that wait, issuers whose JWTs are taken, people they speak of, and tokens that were exchanged. */
export function moreGrantsContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

  const waiting = async (more: Partial<DeviceAuthorization> = {}): Promise<DeviceAuthorization> => {
    const app = client();
    await store.clients.create(app, audit('client.created'));
    const device: DeviceAuthorization = {
      deviceCodeHash: bytes(),
      userCodeHash: bytes(),
      clientId: app.id,
      scopes: ['tracks:read'],
      address: '192.0.2.7',
      createdAt: NOW,
      expiresAt: NOW + 10 * MINUTE,
      intervalMs: 5000,
      ...more,
    };
    expect(await store.deviceAuthorizations.start(device)).toBe(true);
    return device;
  };
  const decision = (device: DeviceAuthorization, sessionId = 'session', at = NOW) => ({
    userCodeHash: device.userCodeHash,
    sessionId,
    at,
    audit: audit('consent.granted'),
  });
  const approved = async (device: DeviceAuthorization) => {
    const someone = user();
    await store.users.create(someone, audit('user.created'));
    const app = await store.clients.find(device.clientId);
    if (app === undefined) throw new Error('no client');
    const allowed = grant(someone, app);
    await store.deviceAuthorizations.claim(decision(device));
    expect(await store.deviceAuthorizations.approve({ ...decision(device), grant: allowed })).toBe(true);
    return allowed;
  };
  /** On whichever node. */
  const sideBySide = <Result>(call: (on: Store) => Promise<Result>): Promise<readonly Result[]> =>
    Promise.all(Array.from({ length: 32 }, (_, index) => call(index % 2 === 0 ? otherNode : store)));

  describe('devices', () => {
    it('gives back what was started, by either code, and refuses a user code that is in use', async () => {
      const device = await waiting({ resourceId: 'res_1', codeChallenge: 'challenge' });
      const { deviceAuthorizations } = store;
      expect(await deviceAuthorizations.findByDeviceCode(device.deviceCodeHash)).toEqual(device);
      expect(await deviceAuthorizations.findByUserCode(device.userCodeHash)).toEqual(device);
      expect(await deviceAuthorizations.findByDeviceCode(device.userCodeHash)).toBeUndefined();
      expect(await deviceAuthorizations.start({ ...device, deviceCodeHash: bytes() })).toBe(false);
    });
    it('keeps the pace: too soon counts and makes the next one later', async () => {
      const { deviceCodeHash } = await waiting();
      const poll = (at: number) =>
        store.deviceAuthorizations.poll({ deviceCodeHash, at, toleranceMs: 500, penaltyMs: 5000 });
      expect(await poll(NOW)).toBe(true);
      expect(await poll(NOW + 4499)).toBe(false);
      expect(await poll(NOW + 4499 + 9499)).toBe(false);
      expect(await poll(NOW + 4499 + 9499 + 14_500)).toBe(true);
    });
    it('lets one session claim it, again and again, and no other', async () => {
      const device = await waiting();
      const claims = await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          otherNode.deviceAuthorizations.claim(decision(device, `session ${index % 2}`)),
        ),
      );
      expect(claims.filter(Boolean)).toHaveLength(8);
      const late = decision(await waiting(), 'session', NOW + 10 * MINUTE);
      expect(await store.deviceAuthorizations.claim(late)).toBe(false);
    });
    it('one of many approvals and denials counts, of the session that claimed it only', async () => {
      const device = await waiting();
      const someone = user();
      await store.users.create(someone, audit('user.created'));
      const app = await store.clients.find(device.clientId);
      if (app === undefined) throw new Error('no client');
      const decide = (on: Store, sessionId: string) =>
        on.deviceAuthorizations.approve({ ...decision(device, sessionId), grant: grant(someone, app) });
      expect(await decide(store, 'session')).toBe(false);
      await store.deviceAuthorizations.claim(decision(device));
      expect(await decide(store, 'another')).toBe(false);
      expect(await store.deviceAuthorizations.deny(decision(device, 'another'))).toBe(false);
      const outcomes = await sideBySide((on) => decide(on, 'session'));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await store.deviceAuthorizations.deny(decision(device))).toBe(false);
      expect((await store.grants.list({ userId: someone.id }, { limit: 10 })).items).toHaveLength(1);
    });
    it('one of many redemptions counts, and writes all it bought', async () => {
      const device = await waiting();
      const { deviceCodeHash } = device;
      const allowed = await approved(device);
      const line = family(allowed);
      const token = refreshToken(line);
      const outcomes = await sideBySide((on) => {
        const own = family(allowed);
        const refresh = on === store ? { family: line, token } : { family: own, token: refreshToken(own) };
        return on.deviceAuthorizations.redeem({
          deviceCodeHash,
          at: NOW,
          accessToken: accessToken(allowed),
          refresh,
        });
      });
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      const { items } = await store.accessTokens.list({ userId: allowed.userId }, { limit: 10 });
      expect(items).toHaveLength(1);
    });
    it('nothing is bought undecided, expired, or once the grant has ended', async () => {
      const [undecided, late, ended] = [await waiting(), await waiting(), await waiting()];
      const redeem = (device: DeviceAuthorization, of: ReturnType<typeof grant>, at = NOW) =>
        store.deviceAuthorizations.redeem({
          deviceCodeHash: device.deviceCodeHash,
          at,
          accessToken: accessToken(of),
        });
      const lateGrant = await approved(late);
      const endedGrant = await approved(ended);
      await store.grants.end(endedGrant.id, 'revoked_by_admin', NOW, audit('grant.ended'));
      expect(await redeem(undecided, lateGrant)).toBe(false);
      expect(await redeem(late, lateGrant, NOW + 10 * MINUTE)).toBe(false);
      expect(await redeem(ended, endedGrant)).toBe(false);
    });
    it('is kept for a day after its end, and goes with its client', async () => {
      const [old, gone] = [await waiting(), await waiting()];
      await store.maintenance.purge(old.expiresAt + DAY - 1, 0);
      expect(await store.deviceAuthorizations.findByDeviceCode(old.deviceCodeHash)).toBeDefined();
      await store.clients.delete(gone.clientId, audit('client.deleted'));
      expect(await store.deviceAuthorizations.findByDeviceCode(gone.deviceCodeHash)).toBeUndefined();
      await store.maintenance.purge(old.expiresAt + DAY, 0);
      expect(await store.deviceAuthorizations.findByDeviceCode(old.deviceCodeHash)).toBeUndefined();
    });
  });

  describe('trusted issuers', () => {
    it('gives back what was created and changed, by id and by issuer', async () => {
      const before = trusted();
      const { trustedIssuers } = store;
      await trustedIssuers.create(before, audit('trusted_issuer.created'));
      expect(await trustedIssuers.find(before.id)).toEqual(before);
      expect(await trustedIssuers.findByIssuer(`${before.issuer}/`)).toBeUndefined();
      const { jwksUri: _gone, ...rest } = before;
      const after: TrustedIssuer = { ...rest, status: 'disabled', jwks: { keys: [] }, updatedAt: NOW + 1 };
      expect(await trustedIssuers.update(after, audit('trusted_issuer.updated'), before)).toBe(true);
      expect(await otherNode.trustedIssuers.findByIssuer(before.issuer)).toEqual(after);
      expect(await trustedIssuers.update(after, audit('trusted_issuer.updated'), before)).toBe(false);
      expect((await trustedIssuers.list({ limit: 1 })).items).toEqual([after]);
      const twin = trusted({ issuer: before.issuer });
      await expect(trustedIssuers.create(twin, audit('trusted_issuer.created'))).rejects.toThrow(
        AlreadyExists,
      );
    });
    it('links a subject to one person, until the issuer or the person goes', async () => {
      const issuer = trusted({ kind: 'identity_provider' });
      const people = [user(), user()];
      await store.trustedIssuers.create(issuer, audit('trusted_issuer.created'));
      for (const person of people) {
        // oxlint-disable-next-line no-await-in-loop -- two of them
        await store.users.create(person, audit('user.created'));
      }
      let turn = 0;
      const outcomes = await sideBySide((on) => {
        const userId = people[turn++ % 2]?.id ?? '';
        const link = { trustedIssuerId: issuer.id, subject: 'ada', userId, at: NOW };
        return on.linkedIdentities.link(link, audit('identity.linked'));
      });
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(people.map(({ id }) => id)).toContain(await store.linkedIdentities.find(issuer.id, 'ada'));
      await store.trustedIssuers.delete(issuer.id, audit('trusted_issuer.deleted'));
      expect(await store.linkedIdentities.find(issuer.id, 'ada')).toBeUndefined();
    });
  });

  describe('exchanged tokens', () => {
    it('need both clients: the one that has the token and the one that the person let in', async () => {
      const { grant: given, client: app } = await authorize(store);
      const service = client();
      await store.clients.create(service, audit('client.created'));
      const row = accessToken(given, { clientId: service.id });
      await store.accessTokens.issue(row);
      expect(await store.accessTokens.find(row.id)).toEqual({ row, signIn: SIGN_IN });
      const disabled = { ...app, status: 'disabled', updatedAt: NOW + HOUR } as const;
      await store.clients.update(disabled, audit('client.updated'));
      expect(await store.accessTokens.find(row.id)).toEqual({ row, endedAt: NOW + HOUR, signIn: SIGN_IN });
      const live = await store.accessTokens.list({ clientId: service.id, liveAt: NOW }, { limit: 10 });
      expect(live.items).toEqual([]);
    });
    it('a client that goes is no longer among those that may exchange', async () => {
      const service = client();
      await store.clients.create(service, audit('client.created'));
      const api = resource({ tokenExchangeClients: [service.id, 'other'] });
      await store.resources.create(api, audit('resource.created'));
      expect(await store.resources.find(api.id)).toEqual(api);
      await store.clients.delete(service.id, audit('client.deleted'));
      expect((await store.resources.find(api.id))?.tokenExchangeClients).toEqual(['other']);
    });
    it('writes a grant with the token it was made for', async () => {
      const { user: someone, client: app } = await authorize(store);
      const made = grant(someone, app);
      const row = accessToken(made);
      await store.grants.begin({ grant: made, accessToken: row, audit: audit('assertion.accepted') });
      expect(await store.grants.find(made.id)).toEqual(made);
      expect(await store.accessTokens.find(row.id)).toEqual({ row, signIn: SIGN_IN });
    });
  });
}
