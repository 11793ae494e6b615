// Access policies under circumstances: what they are about by another name, slow requests, races, other organizations.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { TESSERA_API_IDENTIFIER } from '../../packages/server/src/domain/resource.ts';
import { newPersonalToken } from '../../packages/server/src/protocol/personal-tokens/new-token.ts';
import { JWT_BEARER_GRANT } from '../../packages/server/src/domain/client.ts';
import type { Policy, PolicyReach } from '../../packages/server/src/domain/policy.ts';
import { callApi } from '../admin-calls.ts';
import { newJti, registerIssuer } from '../foreign-issuer.ts';
import { STORES, type TestServer } from '../harness.ts';
import {
  type Answer,
  authorizeUrl,
  createPkce,
  exchange,
  introspect,
  obtainTokens,
  refresh,
  requestToken,
  signInAndConsent,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import { type PolicyHouse, startPolicyHouse } from '../policy-house.ts';
import { MUSIC, OPAQUE } from '../registrations.ts';

const TEAM = 'https://team.example/';

describe.each(STORES)('access policies attacked on %s', (store) => {
  let house: PolicyHouse;
  let server: TestServer;

  beforeAll(async () => {
    house = await startPolicyHouse(store, { music: MUSIC, opaque: OPAQUE, team: TEAM }, 300);
    ({ server } = house);
  });
  afterAll(() => house?.close());
  afterEach(async () => {
    vi.restoreAllMocks();
    await house.undo();
  });

  const make = (policy: object): Promise<string> => house.make(policy);
  const own = (more: Record<string, string> = {}): Promise<Answer> =>
    requestToken(
      server,
      { grant_type: 'client_credentials', resource: MUSIC, ...more },
      server.clients.confidential,
    );
  const active = async (token: string): Promise<unknown> => (await introspect(server, token)).body['active'];

  const pass = (token: string, path: string): Promise<number> => house.pass(token, path);
  /** What a gateway says as soon as it has heard. */
  const soon = async (token: string, path: string, status: number): Promise<void> => {
    await expect.poll(() => pass(token, path), { interval: 20 }).toBe(status);
  };

  it('a change of one about somebody is heard by who remembers their personal access token', async () => {
    const person = await server.registerPerson({ email: `script@${store}.test` });
    const at = Math.floor(server.clock.now() / 1000) * 1000;
    const { value, kept } = newPersonalToken(
      {
        userId: person.user.id,
        organizationId: person.user.organizationId,
        resourceId: server.resources.opaque.id,
        name: 'script',
        scopes: [],
        createdAt: at,
        expiresAt: at + 86_400_000,
        approval: 'none',
      },
      (size) => crypto.getRandomValues(new Uint8Array(size)),
    );
    const type = 'personal_access_token.created';
    const event = { id: `evt_pat_${store}`, at, type, outcome: 'success', actor: 'x' } as const;
    await server.tessera.store.personalAccessTokens.create(kept, event);
    // Once it listens it remembers, and asks no more.
    const { personalAccessTokens } = server.tessera.store;
    const asked = vi.spyOn(personalAccessTokens, 'findByHash');
    const isAsked = async (): Promise<boolean> => {
      asked.mockClear();
      expect(await pass(value, 'opaque')).toBe(200);
      return asked.mock.calls.length > 0;
    };
    const isQuiet = async (): Promise<boolean> => {
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
      return !(await isAsked()) && !(await isAsked());
    };
    await expect.poll(isQuiet).toBe(true);
    await make({ conditions: { user: { any_of: [person.user.id] } }, outcome: { kind: 'block' } });
    await soon(value, 'opaque', 401);
  });

  it("about an administrator or the command line ends no tokens for Tessera's own API, unless it names it", async () => {
    const { users } = server.tessera.store;
    const administrator = await users.findByEmail('admin@example.test');
    const user = { any_of: [String(administrator?.id)] };
    await make({ conditions: { user }, outcome: { kind: 'step_up', max_age: 60 } });
    expect((await house.call('GET', '')).status).toBe(200);
    const answer = await house.call('POST', '', {
      name: 'Own',
      server_wide: true,
      conditions: { user, resource: { any_of: [TESSERA_API_IDENTIFIER] } },
      outcome: { kind: 'step_up', max_age: 60 },
    });
    expect(answer.status).toBe(201);
    expect((await house.call('GET', '')).status).toBe(401);
    // Whoever may start the server can come back at once.
    await house.renewAdmin();
    expect((await house.call('DELETE', `/${String(answer.body['id'])}`)).status).toBe(204);
    expect((await house.call('GET', '')).status).toBe(401);
    await house.renewAdmin();
    expect((await house.call('GET', '')).status).toBe(200);
  });

  it('a change of one that names the server itself ends tokens that are read at UserInfo', async () => {
    const parameters = { scope: 'openid' };
    const { accessToken } = await obtainTokens(server, server.newBrowser(), { parameters });
    expect((await userinfo(server, accessToken)).status).toBe(200);
    await make({ conditions: { resource: { any_of: [server.issuer] } }, outcome: { kind: 'block' } });
    expect((await userinfo(server, accessToken)).status).toBe(401);
  });

  it('a change that is committed late ends what was issued meanwhile', async () => {
    const at = server.clock.now();
    server.clock.advance(10_000);
    const first = tokensOf(await own()).accessToken;
    await slowly(at, [{}]);
    expect(await active(first)).toBe(false);
    const judged = tokensOf(await own()).accessToken;
    expect(await active(judged)).toBe(true);
    const again = server.clock.now();
    server.clock.advance(10_000);
    const second = tokensOf(await own()).accessToken;
    await slowly(again, [{}]);
    expect(await active(second)).toBe(false);
  });

  const policyAt = (at: number): Policy => ({
    id: `pol_${store}_${at}`,
    organizationId: 'org_default',
    serverWide: true,
    name: 'Written down directly',
    mode: 'enforce',
    conditions: {},
    outcome: { kind: 'shorten_lifetime', seconds: 600 },
    version: 1,
    createdAt: at,
    updatedAt: at,
    decidesFrom: at,
  });
  const eventOf = (id: string, at: number) =>
    ({ id: `evt_${id}`, at, type: 'policy.created', outcome: 'success', actor: 'x' }) as const;
  /** As of a request that came at a time, and waited until now. */
  async function slowly(at: number, reach: readonly PolicyReach[]): Promise<void> {
    const policy = policyAt(at);
    await server.tessera.store.policies.create(policy, reach, eventOf(policy.id, at));
    house.made.push(policy.id);
  }

  describe('require_consent is not taken for met where nobody was asked', () => {
    const parameters = { resource: MUSIC, scope: 'openid user-read-email' };

    it('by a consent that was remembered, where the policy waits for the token endpoint', async () => {
      const person = await server.registerPerson({ email: `remembered@${store}.test` });
      const browser = server.newBrowser();
      await obtainTokens(server, browser, { person, parameters });
      server.clock.advance(5000);
      await make({
        conditions: { user: { any_of: [person.user.id] }, binding: { any_of: ['none'] } },
        outcome: { kind: 'require_consent' },
      });
      server.clock.advance(5000);
      const pkce = createPkce();
      const { confidential } = server.clients;
      const visit = await browser.get(authorizeUrl(server, confidential, pkce, parameters));
      const code = visit.leftFor?.searchParams.get('code') ?? '';
      const { redirectUri } = confidential;
      const authorized = { code, verifier: pkce.verifier, redirectUri, location: visit.leftFor! };
      expect((await exchange(server, authorized)).body).toMatchObject({ error: 'consent_required' });
      // Whoever is asked anew passes, and goes on to.
      const asked = await signInAndConsent(server, browser, {
        person,
        parameters: { ...parameters, prompt: 'consent' },
      });
      const tokens = tokensOf(await exchange(server, asked));
      expect((await refresh(server, tokens.refreshToken, confidential)).status).toBe(200);
    });

    it('by an assertion of somebody else', async () => {
      const issuer = `https://idp.${store}.example`;
      const app = await server.registerClient({
        id: 'asserting',
        grantTypes: [JWT_BEARER_GRANT],
        redirectUris: [],
      });
      const idp = await registerIssuer(server, {
        issuer,
        kind: 'identity_provider',
        emailDomains: ['example.test'],
        rules: [{ claims: {}, scopes: ['user-read-private'], resources: [MUSIC], clientId: app.id }],
      });
      const { users } = server.tessera.store;
      const user = await users.find(server.person.user.id);
      const audit = { id: 'evt_v', at: 0, type: 'user.updated', outcome: 'success', actor: 'x' } as const;
      await users.update({ ...user!, emailVerified: true, updatedAt: user!.updatedAt + 1 }, audit);
      const redeem = async (): Promise<Answer> => {
        const now = Math.floor(server.clock.now() / 1000);
        const claims = { iss: issuer, sub: 'ada', aud: server.issuer, client_id: app.id, resource: MUSIC };
        const assertion = await idp.sign(
          {
            ...claims,
            scope: 'user-read-private',
            email: 'ada@example.test',
            email_verified: true,
            iat: now,
            exp: now + 300,
            jti: newJti(),
          },
          { typ: 'oauth-id-jag+jwt' },
        );
        return requestToken(server, { grant_type: JWT_BEARER_GRANT, assertion }, app);
      };
      expect((await redeem()).status).toBe(200);
      await make({ conditions: { client: { any_of: [app.id] } }, outcome: { kind: 'require_consent' } });
      expect((await redeem()).body).toMatchObject({ error: 'consent_required' });
    });
  });

  it('what becomes known of a person while a token is written is judged before it is handed out', async () => {
    const person = await server.registerPerson({ email: `raced@${store}.test` });
    const { confidential } = server.clients;
    const tokens = await obtainTokens(server, server.newBrowser(), {
      person,
      parameters: { resource: MUSIC },
    });
    await make({
      conditions: { user: { any_of: [person.user.id] }, risk: { at_least: 'low' } },
      outcome: { kind: 'block' },
    });
    const { riskSignals } = server.tessera.store;
    const ofUser = riskSignals.ofUser.bind(riskSignals);
    vi.spyOn(riskSignals, 'ofUser').mockImplementationOnce(async (id, at) => {
      const before = await ofUser(id, at);
      const path = `/admin/v1/users/${person.user.id}/risk-signals`;
      expect((await callApi(server, house.admin, 'POST', path, { level: 'high' })).status).toBe(201);
      return before;
    });
    const raced = await refresh(server, tokens.refreshToken, confidential);
    expect(raced.body).toMatchObject({ error: 'access_denied' });
  });

  describe('a policy of an organization', () => {
    const team = async (): Promise<string> => {
      const answer = await callApi(server, house.admin, 'POST', '/admin/v1/organizations', { name: 'Team' });
      return String(answer.body['id']);
    };
    it('ends what is its own, and nothing of others, whomever and whatever it names', async () => {
      const organization_id = await team();
      const app = await server.registerClient({ id: 'teams', organizationId: organization_id });
      await server.registerResource({
        identifier: TEAM,
        organizationId: organization_id,
        resourceServers: ['music-server'],
        defaultScopes: ['use'],
        scopes: [{ name: 'use', description: 'Use' }],
      });
      const { id: userId } = server.person.user;
      const machine = (resource: string, client = server.clients.confidential): Promise<Answer> =>
        requestToken(server, { grant_type: 'client_credentials', resource }, client);
      const person = async (resource: string, client = server.clients.confidential): Promise<string> =>
        (await obtainTokens(server, server.newBrowser(), { parameters: { resource }, client })).accessToken;
      for (const [conditions, ends] of [
        [{ user: { any_of: [userId] } }, ['person abroad', 'person here']],
        [{ resource: { any_of: [MUSIC] } }, ['person abroad', 'machine abroad']],
        [{ resource: { any_of: [TEAM] } }, ['person here', 'machine here']],
        [{ client: { any_of: ['teams'] } }, ['person abroad', 'machine abroad']],
      ] as const) {
        /* oxlint-disable no-await-in-loop -- one policy after the other */
        const tokens: Record<string, readonly [string, string]> = {
          'person elsewhere': [await person(MUSIC), 'music'],
          'machine elsewhere': [tokensOf(await machine(MUSIC)).accessToken, 'music'],
          'opaque elsewhere': [tokensOf(await machine(OPAQUE)).accessToken, 'opaque'],
          'person abroad': [await person(MUSIC, app), 'music'],
          'machine abroad': [tokensOf(await machine(MUSIC, app)).accessToken, 'music'],
          'person here': [await person(TEAM), 'team'],
          'machine here': [tokensOf(await machine(TEAM)).accessToken, 'team'],
        };
        for (const [token, path] of Object.values(tokens)) await soon(token, path, 200);
        const id = await make({
          server_wide: false,
          organization_id,
          conditions,
          outcome: { kind: 'shorten_lifetime', seconds: 60 },
        });
        for (const name of ends) await soon(tokens[name]?.[0] ?? '', tokens[name]?.[1] ?? '', 401);
        for (const [name, [token, path]] of Object.entries(tokens)) {
          const isActive = await active(token);
          expect([conditions, name, isActive]).toEqual([
            conditions,
            name,
            !ends.some((each) => each === name),
          ]);
          // Where an event can name one thing only, more is asked for anew; never of others.
          if (name.endsWith('elsewhere')) expect([name, await pass(token, path)]).toEqual([name, 200]);
        }
        await house.call('DELETE', `/${id}`);
        house.made.splice(0);
        server.clock.advance(700_000);
        /* oxlint-enable no-await-in-loop */
      }
    });
  });

  it('can be switched off, and named anew, after what it names is gone', async () => {
    await server.registerClient({ id: `passing-${store}` });
    const id = await make({
      conditions: { client: { any_of: [`passing-${store}`] } },
      outcome: { kind: 'block' },
    });
    expect((await callApi(server, house.admin, 'DELETE', `/admin/v1/clients/passing-${store}`)).status).toBe(
      204,
    );
    expect((await house.call('PATCH', `/${id}`, { mode: 'off', name: 'Later' })).status).toBe(200);
    const again = await house.call('PATCH', `/${id}`, { conditions: { client: { any_of: ['nobody'] } } });
    expect(again.status).toBe(400);
  });

  describe('a dry run decides as the token endpoint does', () => {
    it('where no scope is sent', async () => {
      const asked = tokensOf(await own()).accessToken;
      const [scope = ''] = String((await introspect(server, asked)).body['scope']).split(' ');
      await make({ conditions: { scope: { any_of: [scope] } }, outcome: { kind: 'block' } });
      expect((await own()).body).toMatchObject({ error: 'access_denied' });
      const dry = await house.call('POST', '/dry-run', { client_id: 'confidential', resource: MUSIC });
      expect(dry.body).toMatchObject({ decision: 'block' });
    });
    it('under more policies than a page holds', async () => {
      await make({ conditions: { client: { any_of: ['confidential'] } }, outcome: { kind: 'block' } });
      const { policies } = server.tessera.store;
      const never = { ...policyAt(server.clock.now()), mode: 'off' } as const;
      const many = Array.from({ length: 210 }, (_, index) => ({
        ...never,
        id: `pol_${store}_many_${index}`,
      }));
      await Promise.all(many.map((each) => policies.create(each, [], eventOf(each.id, each.createdAt))));
      const dry = await house.call('POST', '/dry-run', { client_id: 'confidential', resource: MUSIC });
      expect(dry.body).toMatchObject({ decision: 'block' });
    });
  });
});
