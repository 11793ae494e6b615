// Agents: what they get, for whom, and until when (mission B5).
import { decodeJwt } from '@tessera/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKEN_EXCHANGE_GRANT } from '../../packages/server/src/domain/client.ts';
import { type ApiCall, itemsOf, signedIn } from '../account-calls.ts';
import { lentToken, makeAgent, NEW_AGENT, ownToken, PERMISSIONS } from '../agents.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import {
  authorizeUrl,
  createPkce,
  introspect,
  obtainTokens,
  postForm,
  refresh,
  requestToken,
  tokensOf,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type Person } from '../registrations.ts';
import { headOf, pageAfter } from '../settled-endings.ts';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const DAY = 24 * 3600;

describe.each(STORES)('agents on %s', (store) => {
  let server: TestServer;
  let ada: ApiCall;
  let bob: Person;
  let asBob: ApiCall;
  let operator: Person;
  let asOperator: ApiCall;
  beforeAll(async () => {
    server = await startTestServer({ store });
    bob = await server.registerPerson({ email: 'bob@example.test' });
    operator = await server.registerPerson({ email: 'op@example.test', role: 'admin' });
    [ada, asBob, asOperator] = await Promise.all([
      signedIn(server),
      signedIn(server, bob),
      signedIn(server, operator),
    ]);
  });
  afterAll(() => server.close());

  const claimsOf = (token: unknown): Readonly<Record<string, unknown>> =>
    decodeJwt(String(token))?.payload ?? {};
  const path = (id: string, verb = ''): string => `/account/v1/agents/${id}${verb}`;

  describe('refuses to make one', () => {
    it.each<[string, object, string]>([
      [
        'with a permission of Tessera itself',
        { permissions: [{ resource: 'urn:tessera:api', scope: 'account' }] },
        '/permissions/0/resource',
      ],
      [
        'for an API that there is not',
        { permissions: [{ resource: 'https://none.example/', scope: 'read' }] },
        '/permissions/0/resource',
      ],
      [
        'with a scope that its API has not',
        { permissions: [{ resource: MUSIC, scope: 'catalog-read none' }] },
        '/permissions/0/scope',
      ],
      ['with an API named twice', { permissions: [...PERMISSIONS, ...PERMISSIONS] }, '/permissions'],
      ['with a review date that has passed', { review_at: 1 }, '/review_at'],
      ['with a review date far away', { review_at: 9_999_999_999 }, '/review_at'],
      ['that acts with an app that there is not', { acts_with: ['nobody'] }, '/acts_with/0'],
      ["that acts with Tessera's own app", { acts_with: ['tessera-cli'] }, '/acts_with/0'],
      [
        'with a key that is none',
        { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{}] } },
        '/jwks/keys/0',
      ],
      ['by a key without a key', { token_endpoint_auth_method: 'private_key_jwt' }, '/jwks'],
      ['without a secret or key', { token_endpoint_auth_method: 'none' }, '/token_endpoint_auth_method'],
      ['without a purpose', { purpose: '' }, '/purpose'],
      ['owned by somebody else', { owner_id: 'usr_somebody' }, '/owner_id'],
      ['that is first-party', { first_party: true }, '/first_party'],
    ])('%s', async (_what, more, pointer) => {
      const answer = await ada('POST', '/account/v1/agents', { ...NEW_AGENT, ...more });
      expect(answer.status).toBe(400);
      expect(answer.body['errors']).toMatchObject([{ pointer }]);
    });
    it('where another agent goes with the same app', async () => {
      const first = await makeAgent(ada, { acts_with: ['spa'] });
      const answer = await ada('POST', '/account/v1/agents', { ...NEW_AGENT, acts_with: ['spa'] });
      expect(answer.body['errors']).toMatchObject([{ pointer: '/acts_with/0' }]);
      await ada('DELETE', path(first.id));
    });
  });

  it("answers about somebody else's agent, and about an app, as about none", async () => {
    const agent = await makeAgent(ada);
    for (const id of [agent.id, 'confidential', 'no-such-app']) {
      const calls = [
        asBob('GET', path(id)),
        asBob('PATCH', path(id), { purpose: 'mine' }),
        asBob('DELETE', path(id)),
        asBob('POST', path(id, '/stop'), {}),
        asBob('POST', path(id, '/resume'), {}),
        asBob('POST', path(id, '/confirm'), {}),
        asBob('POST', path(id, '/secrets'), {}),
        asOperator('GET', path(id)),
      ];
      // oxlint-disable-next-line no-await-in-loop -- three
      const answers = await Promise.all(calls);
      expect(answers.map(({ status }) => status)).toEqual(calls.map(() => 404));
      expect(new Set(answers.map(({ body }) => body['detail']))).toEqual(new Set(['No agent has this id']));
    }
    expect((await asBob('POST', `/admin/v1/agents/${agent.id}/stop`, {})).status).toBe(404);
    expect((await ownToken(server, agent)).status).toBe(200);
  });

  it('RFC 9068 §2.2: its own token names itself, and has no more than its owner can give', async () => {
    const mine = await makeAgent(ada);
    const own = await ownToken(server, mine);
    expect(own.body['scope']).toBe('catalog-read');
    expect(claimsOf(own.body['access_token'])).toMatchObject({ sub: mine.id, client_id: mine.id });
    expect(claimsOf(own.body['access_token'])).not.toHaveProperty('act');
    for (const scope of ['user-read-private', 'playlist-modify-private', 'openid']) {
      // oxlint-disable-next-line no-await-in-loop -- three
      expect((await ownToken(server, mine, { scope })).body['error']).toBe('invalid_scope');
    }
    // What the API gives to every app is not given to an agent whose owner left it out.
    expect((await ownToken(server, mine, { resource: OPAQUE })).body['scope']).toBeUndefined();
    expect((await ownToken(server, mine, { resource: 'urn:tessera:api' })).body['error']).toBe(
      'invalid_target',
    );
    const theirs = await makeAgent(asOperator);
    expect((await ownToken(server, theirs)).body['scope']).toBe(PERMISSIONS[0]?.scope);
  });

  it('acts for its owner, who lets it, and says so in act', async () => {
    const agent = await makeAgent(ada);
    const browser = server.newBrowser();
    expect((await lentToken(server, agent, browser, server.person, 'user-read-email')).body['error']).toBe(
      'invalid_scope',
    );
    const lent = await lentToken(server, agent, browser, server.person);
    expect(lent.status).toBe(200);
    const claims = claimsOf(lent.body['access_token']);
    expect(claims).toMatchObject({ sub: server.person.user.id, client_id: agent.id, act: { sub: agent.id } });
    const renewed = await refresh(server, String(lent.body['refresh_token']), agent);
    expect(claimsOf(renewed.body['access_token'])).toMatchObject({ act: { sub: agent.id } });
    expect((await introspect(server, String(renewed.body['access_token']))).body).toMatchObject({
      active: true,
      sub: server.person.user.id,
      act: { sub: agent.id },
    });
  });

  it('acts for nobody else', async () => {
    const agent = await makeAgent(ada, { redirect_uris: ['https://agent.example/cb'] });
    const other = await lentToken(server, agent, server.newBrowser(), bob);
    expect(other.body['error']).toBe('authorization_pending');
    const client = { ...agent, redirectUri: 'https://agent.example/cb' };
    const browser = server.newBrowser();
    const visit = await browser.get(authorizeUrl(server, client, createPkce(), { resource: MUSIC }));
    const { email, password } = bob;
    const refused = await browser.submit(visit, { email, password });
    expect(refused.leftFor?.searchParams.get('error')).toBe('access_denied');
  });

  it('is never let in silently, and its page says who acts for whom', async () => {
    const agent = await makeAgent(ada, { redirect_uris: ['https://agent.example/cb'] });
    const client = { ...agent, redirectUri: 'https://agent.example/cb' };
    const browser = server.newBrowser();
    await obtainTokens(server, browser, { client, parameters: { resource: MUSIC } });
    const again = await browser.get(authorizeUrl(server, client, createPkce(), { resource: MUSIC }));
    expect(again.leftFor).toBeUndefined();
    expect(again.page).toContain('Tidy is your agent');
    expect(again.page).toContain('Keeps my playlists in order');
    expect(again.page).toContain('href="/console/settings/apps"');
    const silent = await browser.get(
      authorizeUrl(server, client, createPkce(), { resource: MUSIC, prompt: 'none' }),
    );
    expect(silent.leftFor?.searchParams.get('error')).toBe('consent_required');
  });

  it('is called an agent where its code is entered, too', async () => {
    const agent = await makeAgent(ada);
    const asking = { resource: MUSIC, scope: 'user-read-private' };
    const started = await postForm(server, '/api/device', asking, agent);
    server.clock.advance(61_000);
    const browser = server.newBrowser();
    const { email, password } = server.person;
    const visit = await browser.submit(await browser.get('/device'), { email, password });
    const { page } = await browser.submit(visit, { user_code: String(started.body['user_code']) }, 'look');
    expect(page).toContain('Tidy is your agent');
    expect(page).toContain('Keeps my playlists in order');
    expect(page).toContain('href="/console/settings/apps"');
  });

  it('is stopped: whatever it holds ends, also what others got through it, and it gets nothing more', async () => {
    const agent = await makeAgent(ada);
    const service = await server.registerClient({
      id: `downstream-${store}`,
      redirectUris: [],
      grantTypes: [TOKEN_EXCHANGE_GRANT],
    });
    await server.registerResource({
      identifier: `https://downstream-${store}.example/`,
      scopes: [{ name: 'user-read-private', description: 'See your name' }],
      tokenExchangeClients: [service.id],
      resourceServers: [service.id],
    });
    const { music } = server.resources;
    const served = {
      ...music,
      resourceServers: [...music.resourceServers, service.id],
      updatedAt: music.updatedAt + 1,
    };
    const systemEvent = {
      id: `evt_${store}`,
      at: server.tessera.clock(),
      type: 'resource.updated',
      outcome: 'success',
      actor: 'system',
    } as const;
    await server.tessera.store.resources.update(served, systemEvent);
    const own = await ownToken(server, agent);
    const lent = await lentToken(server, agent, server.newBrowser(), server.person);
    const downstream = await requestToken(
      server,
      {
        grant_type: TOKEN_EXCHANGE_GRANT,
        subject_token: String(lent.body['access_token']),
        subject_token_type: ACCESS_TOKEN,
        resource: `https://downstream-${store}.example/`,
      },
      service,
    );
    expect(claimsOf(downstream.body['access_token'])).toMatchObject({
      act: { sub: service.id, act: { sub: agent.id } },
    });
    const all = [own, lent, downstream].map((answer) => String(answer.body['access_token']));
    const active = async (): Promise<unknown[]> =>
      Promise.all(
        all.map(
          async (token, index) =>
            (await introspect(server, token, index === 2 ? service : undefined)).body['active'],
        ),
      );
    expect(await active()).toEqual([true, true, true]);
    const before = await headOf(server.tessera.store);
    const stopped = await ada('POST', path(agent.id, '/stop'), {});
    expect(stopped.body).toMatchObject({ status: 'stopped', stopped_by: server.person.user.id });
    expect(await active()).toEqual([false, false, false]);
    const endings = (await pageAfter(server.tessera.store, before, 100))?.endings ?? [];
    expect(endings.some((each) => each.kind === 'client' && each.clientId === agent.id)).toBe(true);
    const jti = String(claimsOf(all[2])['jti']);
    const { hashTokenString } = await import('@tessera/tokens');
    expect(
      endings.some(
        (each) => each.kind === 'token' && Buffer.compare(each.tokenId, hashTokenString(jti)) === 0,
      ),
    ).toBe(true);
    expect((await ownToken(server, agent)).status).toBe(401);
    expect((await refresh(server, String(lent.body['refresh_token']), agent)).status).toBe(401);
    expect((await ada('POST', path(agent.id, '/resume'), {})).body['status']).toBe('active');
    expect(await active()).toEqual([false, false, false]);
    expect((await refresh(server, String(lent.body['refresh_token']), agent)).body['error']).toBe(
      'invalid_grant',
    );
    expect((await ownToken(server, agent)).status).toBe(200);
    expect(await server.auditEvents('agent.stopped')).toMatchObject([
      { actor: server.person.user.id, clientId: agent.id, userId: server.person.user.id },
    ]);
  });

  it('no token outlives a stop, however many are asked for at the same time, on any node', async () => {
    const agent = await makeAgent(ada);
    const bases = store === 'postgres' ? [server.base, await server.addNode()] : [server.base];
    for (let round = 0; round < 4; round += 1) {
      const asking = Array.from({ length: 12 }, async (_, index) => {
        for (let wait = 0; wait < index; wait += 1) await new Promise((resolve) => setImmediate(resolve));
        return ownToken(server, agent, {}, bases[index % bases.length]);
      });
      const stopping = (async () => {
        for (let wait = 0; wait < round * 3; wait += 1) await new Promise((resolve) => setImmediate(resolve));
        return ada('POST', path(agent.id, '/stop'), {});
      })();
      // oxlint-disable-next-line no-await-in-loop -- a round follows the one before
      const [stopped, ...answers] = await Promise.all([stopping, ...asking]);
      expect(stopped?.status).toBe(200);
      for (const { status, body } of answers) {
        expect([200, 400, 401]).toContain(status);
        if (status !== 200) continue;
        // oxlint-disable-next-line no-await-in-loop -- as above
        expect((await introspect(server, String(body['access_token']))).body['active']).toBe(false);
        const placed = claimsOf(body['access_token'])['status'] as { status_list: { idx: number } };
        const { placeOf } = await import('../../packages/server/src/domain/status-list.ts');
        // oxlint-disable-next-line no-await-in-loop -- as above
        const ended = await server.tessera.store.statuses.ended(0, Number.MAX_SAFE_INTEGER);
        expect(ended.some((index) => placeOf(index).idx === placed.status_list.idx)).toBe(true);
      }
      // oxlint-disable-next-line no-await-in-loop -- as above
      await ada('POST', path(agent.id, '/resume'), {});
      // Failed tries are counted by the minute.
      server.clock.advance(61_000);
    }
  });

  it('gets nothing from its review date on, until its owner confirms it', async () => {
    const now = Math.floor(server.tessera.clock() / 1000);
    const agent = await makeAgent(ada, { review_at: now + 600 });
    const token = String((await ownToken(server, agent)).body['access_token']);
    server.clock.advance(600_000);
    const refused = await ownToken(server, agent);
    expect(refused.body).toMatchObject({
      error: 'unauthorized_client',
      error_description: expect.stringContaining('review'),
    });
    expect((await ada('GET', path(agent.id))).body['status']).toBe('due');
    expect((await introspect(server, token)).body['active']).toBe(true);
    const confirmed = await ada('POST', path(agent.id, '/confirm'), {});
    expect(Number(confirmed.body['review_at']) - Math.floor(server.tessera.clock() / 1000)).toBeGreaterThan(
      89 * DAY,
    );
    expect((await ownToken(server, agent)).status).toBe(200);
  });

  it('loses what it holds when its owner takes a permission away, and only then', async () => {
    const agent = await makeAgent(ada);
    const lent = await lentToken(server, agent, server.newBrowser(), server.person);
    const token = String(lent.body['access_token']);
    await ada('PATCH', path(agent.id), { purpose: 'Something else' });
    expect((await introspect(server, token)).body['active']).toBe(true);
    const narrowed = [{ resource: MUSIC, scope: 'catalog-read' }];
    expect((await ada('PATCH', path(agent.id), { permissions: narrowed })).status).toBe(200);
    expect((await introspect(server, token)).body['active']).toBe(false);
    expect((await lentToken(server, agent, server.newBrowser(), server.person)).body['error']).toBe(
      'invalid_scope',
    );
  });

  it('has less when its owner has, and nothing when its owner is gone', async () => {
    const boss = await server.registerPerson({ email: `boss-${store}@example.test`, role: 'admin' });
    const asBoss = await signedIn(server, boss);
    const agent = await makeAgent(asBoss);
    const scope = 'user-read-private';
    const strong = String((await ownToken(server, agent, { scope })).body['access_token']);
    expect((await introspect(server, strong)).body['active']).toBe(true);
    await asOperator('PATCH', `/admin/v1/users/${boss.user.id}`, { role: 'member' });
    expect((await introspect(server, strong)).body['active']).toBe(false);
    expect((await ownToken(server, agent, { scope })).body['error']).toBe('invalid_scope');
    const weak = String((await ownToken(server, agent)).body['access_token']);
    expect((await introspect(server, weak)).body).toMatchObject({ active: true, scope: 'catalog-read' });
    await asOperator('PATCH', `/admin/v1/users/${boss.user.id}`, { status: 'disabled' });
    expect((await introspect(server, weak)).body['active']).toBe(false);
    expect((await ownToken(server, agent)).body['error']).toBe('unauthorized_client');
    expect((await asOperator('GET', `/admin/v1/agents/${agent.id}`)).body['reason']).toMatch(/closed/);
    await asOperator('DELETE', `/admin/v1/users/${boss.user.id}`);
    expect((await ownToken(server, agent)).status).toBe(401);
    expect((await asOperator('GET', `/admin/v1/agents/${agent.id}`)).status).toBe(404);
  });

  it('an administrator sees and stops every agent, and its owner cannot undo that', async () => {
    const agent = await makeAgent(ada);
    const listed = itemsOf(await asOperator('GET', `/admin/v1/agents?owner_id=${server.person.user.id}`));
    expect(listed[0]).toMatchObject({ client_id: agent.id, owner_id: server.person.user.id });
    expect((await asOperator('POST', `/admin/v1/agents/${agent.id}/stop`, {})).status).toBe(200);
    expect((await ownToken(server, agent)).status).toBe(401);
    expect((await ada('POST', path(agent.id, '/resume'), {})).status).toBe(403);
    expect((await asOperator('POST', `/admin/v1/agents/${agent.id}/resume`, {})).status).toBe(200);
    expect((await ownToken(server, agent)).status).toBe(200);
  });

  it('gets a new secret, and the old one is refused', async () => {
    const agent = await makeAgent(ada);
    const answer = await ada('POST', path(agent.id, '/secrets'), {});
    expect(answer.status).toBe(201);
    const secret = String(answer.body['client_secret']);
    expect(answer.body['secret_hint']).toBe(secret.slice(-4));
    expect((await ownToken(server, agent)).status).toBe(401);
    expect((await ownToken(server, { ...agent, secret })).status).toBe(200);
    expect((await ada('GET', path(agent.id))).text).not.toMatch(/tsr_cs_/);
  });

  it('is deleted with all that it holds', async () => {
    const agent = await makeAgent(ada);
    const token = String((await ownToken(server, agent)).body['access_token']);
    expect((await ada('DELETE', path(agent.id))).status).toBe(204);
    expect((await introspect(server, token)).body['active']).toBe(false);
    expect((await ada('GET', path(agent.id))).status).toBe(404);
  });

  describe('RFC 8693 §4.4: may_act, set by its owner', () => {
    const trade = (agent: Parameters<typeof ownToken>[1], subject: string, more: object = {}) =>
      requestToken(
        server,
        {
          grant_type: TOKEN_EXCHANGE_GRANT,
          subject_token: subject,
          subject_token_type: ACCESS_TOKEN,
          ...more,
        },
        agent,
      );
    const parameters = { resource: MUSIC, scope: 'user-read-private user-read-email' };

    it('lets it exchange tokens that the owner gave an app, for less, in its own name', async () => {
      const agent = await makeAgent(ada, { acts_with: ['confidential'] });
      const tokens = await obtainTokens(server, server.newBrowser(), { parameters });
      expect(claimsOf(tokens.accessToken)['may_act']).toEqual({ sub: agent.id });
      expect((await introspect(server, tokens.accessToken)).body['may_act']).toEqual({ sub: agent.id });
      const actor = await ownToken(server, agent);
      const answer = await trade(agent, tokens.accessToken, {
        actor_token: String(actor.body['access_token']),
        actor_token_type: ACCESS_TOKEN,
      });
      expect(answer.body).toMatchObject({ scope: 'user-read-private', issued_token_type: ACCESS_TOKEN });
      const claims = claimsOf(answer.body['access_token']);
      expect(claims).toMatchObject({
        sub: server.person.user.id,
        act: { sub: agent.id },
        client_id: agent.id,
      });
      expect(claims).not.toHaveProperty('may_act');
      expect((await trade(agent, tokens.accessToken, { resource: OPAQUE })).body['error']).toBe(
        'invalid_target',
      );
      expect((await trade(agent, tokens.accessToken, { scope: 'user-read-email' })).body['error']).toBe(
        'invalid_scope',
      );
      // The person ends it where it began.
      await ada('DELETE', '/account/v1/applications/confidential');
      expect((await introspect(server, String(answer.body['access_token']))).body['active']).toBe(false);
      await ada('DELETE', path(agent.id));
    });

    it('lets no other agent, none of another owner, and none that is not named any more', async () => {
      const agent = await makeAgent(ada, { acts_with: ['confidential'] });
      const other = await makeAgent(ada);
      const bobs = await makeAgent(asBob, { acts_with: ['confidential'] });
      const tokens = await obtainTokens(server, server.newBrowser(), { parameters });
      for (const each of [other, bobs]) {
        // oxlint-disable-next-line no-await-in-loop -- two
        expect((await trade(each, tokens.accessToken)).body['error']).toBe('invalid_request');
      }
      await ada('PATCH', path(agent.id), { acts_with: [] });
      expect((await trade(agent, tokens.accessToken)).body['error']).toBe('invalid_request');
      const later = tokensOf(await refresh(server, tokens.refreshToken, server.clients.confidential));
      expect((await trade(agent, later.accessToken)).body['error']).toBe('invalid_request');
      await Promise.all([
        ada('DELETE', path(agent.id)),
        ada('DELETE', path(other.id)),
        asBob('DELETE', path(bobs.id)),
      ]);
    });
  });

  it('an organization looks after the agents of its members: sees them, stops them, and lets go on what it stopped', async () => {
    const [boss, member, other] = await Promise.all(
      ['boss', 'member', 'other'].map((name) => server.registerPerson({ email: `${name}@example.test` })),
    );
    if (!boss || !member || !other) throw new Error('three people were registered');
    const [asBoss, asMember, asOther] = await Promise.all([
      signedIn(server, boss),
      signedIn(server, member),
      signedIn(server, other),
    ]);
    const made = await asOperator('POST', '/admin/v1/organizations', { name: 'Quartet' });
    const members = `/admin/v1/organizations/${String(made.body['id'])}/members`;
    await asOperator('POST', members, { user_id: boss.user.id, role: 'admin' });
    await asOperator('POST', members, { user_id: member.user.id, role: 'developer' });
    const agent = String((await asMember('POST', '/account/v1/agents', NEW_AGENT)).body['client_id']);
    const strange = String((await asOther('POST', '/account/v1/agents', NEW_AGENT)).body['client_id']);
    const seen = async (by: ApiCall) =>
      itemsOf(await by('GET', '/admin/v1/agents')).map(({ client_id: id }) => id);
    // The operator, who made the organization, is in it, too.
    expect(await seen(asBoss)).toContain(agent);
    expect(await seen(asBoss)).not.toContain(strange);
    expect(await seen(asMember)).toEqual([agent]);
    expect(await seen(asOther)).toEqual([strange]);
    const admin = (id: string, verb = '') => `/admin/v1/agents/${id}${verb}`;
    expect((await asBoss('GET', admin(strange))).status).toBe(404);
    expect((await asBoss('POST', admin(strange, '/stop'))).status).toBe(404);
    expect((await asOther('POST', admin(agent, '/stop'))).status).toBe(404);
    expect((await asBoss('POST', admin(agent, '/stop'))).body).toMatchObject({ status: 'stopped' });
    expect((await asMember('POST', path(agent, '/resume'))).status).toBe(403);
    expect((await asBoss('POST', admin(agent, '/resume'))).body).toMatchObject({ status: 'active' });
    await asMember('POST', path(agent, '/stop'));
    expect((await asBoss('POST', admin(agent, '/resume'))).status).toBe(403);
    expect((await asOperator('POST', admin(agent, '/resume'))).status).toBe(200);
    await asOperator('PATCH', `${members}/${boss.user.id}`, { role: 'developer' });
    expect((await asBoss('GET', admin(agent))).status).toBe(404);
    expect(await seen(asBoss)).toEqual([]);
  });
});
