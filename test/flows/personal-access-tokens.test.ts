// Tokens that people make for their own scripts: what they never do, what they open, and how they end.
import { createTokenString } from '@tessera/tokens';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adminToken, callApi } from '../admin-calls.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { HOUR, SECOND } from '../movable-clock.ts';
import { startMusic, type TestMusic, TRACK } from '../music.ts';
import { introspect, postForm, requestToken, revoke, userinfo } from '../oauth-calls.ts';
import { ALL_TOKENS, issueTokenFor, type TokenOwner, tokenOwner, TOKENS } from '../personal-tokens.ts';
import { MUSIC, OPAQUE } from '../registrations.ts';

const DAY = 24 * HOUR;
const REVOKED = { active: false, tessera_reason: 'revoked' };
const RACERS = 32;

describe.each(STORES)('on %s', (store) => {
  let server: TestServer;
  let music: TestMusic;
  let grace: TokenOwner;
  let eve: TokenOwner;
  let admin: string;

  beforeAll(async () => {
    server = await startTestServer({ store });
    grace = await tokenOwner(server, 'grace@example.test');
    eve = await tokenOwner(server, 'eve@example.test');
    admin = await adminToken(server);
    music = await startMusic(server);
  });
  afterAll(async () => {
    await music?.close();
    await server?.close();
  });
  beforeEach(() => server.clock.reset());

  /** What the music API says, which remembers a token until it hears of its end. */
  const track = async (token: string): Promise<number> =>
    (await music.call(`/v1/tracks/${TRACK}`, token)).status;

  describe('is not made', () => {
    it.each([
      ['without a name', { scopes: ['catalog-read'] }],
      ['with a blank name', { name: ' ', scopes: ['catalog-read'] }],
      ['without scopes', { name: 'x', scopes: [] }],
      ['with a scope of another API', { name: 'x', scopes: ['admin'] }],
      [
        'for an API that there is not',
        { name: 'x', scopes: ['catalog-read'], resource: 'https://none.example/' },
      ],
      ['for the server itself', { name: 'x', scopes: ['account'], resource: 'urn:tessera:api' }],
      [
        'for somebody else (PT-02, CVE-2025-61928)',
        { name: 'x', scopes: ['catalog-read'], user_id: 'usr_x' },
      ],
      ['for an owner that the body names (PT-02)', { name: 'x', scopes: ['catalog-read'], userId: 'usr_x' }],
      [
        'in an organization of others',
        { name: 'x', scopes: ['catalog-read'], organization_id: 'org_default' },
      ],
      ['with an end in the past', { name: 'x', scopes: ['catalog-read'], expires_at: 1 }],
      ['with an end in two years', { name: 'x', scopes: ['catalog-read'], expires_at: 4_000_000_000 }],
      [
        'with an end and without',
        { name: 'x', scopes: ['catalog-read'], expires_at: 4_000_000_000, never_expires: true },
      ],
    ])('%s', async (_what, body) => {
      expect(await grace.call('POST', TOKENS, body)).toMatchObject({ status: 400 });
    });
    it('without an end, unless the rules say so', async () => {
      const answer = await grace.call('POST', TOKENS, {
        name: 'x',
        scopes: ['catalog-read'],
        never_expires: true,
      });
      expect(answer).toMatchObject({ status: 403 });
      expect(answer.body['errors']).toMatchObject([{ pointer: '/never_expires' }]);
    });
    it('with any token but one of the person for the account API', async () => {
      const { token } = await grace.make();
      const client = await requestToken(
        server,
        { grant_type: 'client_credentials', scope: 'catalog-read' },
        server.clients.confidential,
      );
      for (const [bearer, status] of [
        [token, 401],
        [String(client.body['access_token']), 401],
        [await issueTokenFor(server, grace.user.id, ['admin']), 403],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop -- four of them
        expect((await callApi(server, bearer, 'POST', TOKENS, { name: 'x', scopes: [] })).status).toBe(
          status,
        );
      }
    });
  });

  describe('is refused (PT-01)', () => {
    it('with a typing error, or made up', async () => {
      const { token } = await grace.make();
      const changed = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`;
      for (const each of [changed, createTokenString('pat', randomBytes), 'tsr_pat_', `${token}0`]) {
        // oxlint-disable-next-line no-await-in-loop -- four of them
        expect((await introspect(server, each)).body).toEqual({ active: false });
        // oxlint-disable-next-line no-await-in-loop -- four of them
        expect(await track(each)).toBe(401);
      }
    });
    it('by every other API, which is told nothing', async () => {
      const { token } = await grace.make({ resource: OPAQUE });
      expect(await track(token)).toBe(401);
      expect((await introspect(server, token, server.clients.otherServer)).body).toEqual({ active: false });
      expect((await introspect(server, token, server.clients.confidential)).body).toEqual({ active: false });
    });
    it('by the server itself: userinfo, account, admin', async () => {
      const { token } = await grace.make();
      expect((await userinfo(server, token)).status).toBe(401);
      for (const path of ['/account/v1/profile', TOKENS, '/admin/v1/users', ALL_TOKENS]) {
        // oxlint-disable-next-line no-await-in-loop -- four of them
        expect((await callApi(server, token, 'GET', path)).status).toBe(401);
      }
    });
    it('at the token endpoint, in every place that takes a token', async () => {
      const { token } = await grace.make();
      const { confidential } = server.clients;
      const basic = { ...confidential, secret: token };
      const grant = { grant_type: 'client_credentials' };
      expect((await requestToken(server, grant, basic)).body['error']).toBe('invalid_client');
      const refresh = { grant_type: 'refresh_token', refresh_token: token };
      expect((await requestToken(server, refresh, confidential)).body['error']).toBe('invalid_grant');
      const code = { grant_type: 'authorization_code', code: token, code_verifier: 'a'.repeat(43) };
      expect((await requestToken(server, code, confidential)).status).toBe(400);
      const exchange = {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      };
      const exchanging = await server.registerClient({
        id: `exchanging-${store}`,
        grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'],
      });
      expect((await requestToken(server, exchange, exchanging)).status).toBe(400);
    });
    it('at its end, to the second, and stays in the list', async () => {
      server.clock.stopAt(Date.now());
      const end = Math.floor(server.clock.now() / 1000) + 100;
      const { token, id } = await grace.make({ expires_at: end });
      server.clock.stopAt(end * SECOND - 1);
      expect(await track(token)).toBe(200);
      server.clock.advance(1);
      expect((await introspect(server, token)).body).toEqual({ active: false, tessera_reason: 'expired' });
      expect(await track(token)).toBe(401);
      expect((await grace.call('GET', `${TOKENS}/${id}`)).body).toMatchObject({ status: 'expired' });
    });
    it('for scopes that it does not have, and for those that the API has no more', async () => {
      const { token } = await grace.make();
      expect((await music.call('/v1/me/playlists', token)).status).toBe(403);
      const { short } = server.resources;
      const more = { scopes: ['catalog-read', 'user-read-private'], resource: short.identifier };
      const wide = await grace.make(more);
      expect((await introspect(server, wide.token)).body['scope']).toBe('catalog-read user-read-private');
      const scopes = short.scopes.filter(({ name }) => name !== 'user-read-private');
      const path = `/admin/v1/resources/${short.id}`;
      expect((await callApi(server, admin, 'PATCH', path, { scopes })).status).toBe(200);
      expect((await introspect(server, wide.token)).body['scope']).toBe('catalog-read');
      await callApi(server, admin, 'PATCH', path, { scopes: short.scopes });
    });
  });

  describe('of somebody else', () => {
    it('is neither shown, changed, regenerated nor revoked (IDOR)', async () => {
      const { id, token } = await grace.make();
      for (const [method, path, body] of [
        ['GET', `${TOKENS}/${id}`, undefined],
        ['PATCH', `${TOKENS}/${id}`, { name: 'mine' }],
        ['POST', `${TOKENS}/${id}/regenerate`, {}],
        ['POST', `${TOKENS}/${id}/revoke`, undefined],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop -- four of them
        const [mine, none] = await Promise.all([
          eve.call(method, path, body),
          eve.call(method, path.replace(id, 'pat_none'), body),
        ]);
        expect(mine.status).toBe(404);
        expect(mine.body).toEqual(none.body);
      }
      expect((await eve.call('GET', TOKENS)).text).not.toContain(id);
      expect(await track(token)).toBe(200);
    });
    it('is not an administrator’s matter for people who are none', async () => {
      const token = await issueTokenFor(server, eve.user.id, ['admin']);
      const { id } = await grace.make();
      for (const path of [`${ALL_TOKENS}/${id}`, '/admin/v1/organizations/org_default/token-rules']) {
        // oxlint-disable-next-line no-await-in-loop -- two of them
        expect([403, 404]).toContain((await callApi(server, token, 'GET', path)).status);
      }
    });
  });

  it('is shown once, kept as a hash, and opens its API', async () => {
    const { token, id, answer } = await grace.make({ description: 'for the cron job' });
    expect(answer.status).toBe(201);
    expect(token).toMatch(/^tsr_pat_[0-9A-Za-z]{49}$/);
    expect(await track(token)).toBe(200);
    const { personal_access_token: _, ...kept } = answer.body;
    const shown = await grace.call('GET', `${TOKENS}/${id}`);
    expect(shown.body).toMatchObject({
      ...kept,
      hint: token.slice(-4),
      status: 'active',
      resource: MUSIC,
      organization_id: grace.user.organizationId,
      description: 'for the cron job',
    });
    const list = await grace.call('GET', TOKENS);
    expect(list.text + shown.text).not.toContain(token);
    expect(server.log.join('')).not.toContain(token);
    expect(JSON.stringify(await server.auditEvents())).not.toContain(token);
    expect((await server.auditEvents('personal_access_token.created'))[0]).toMatchObject({
      actor: grace.user.id,
      detail: { personal_access_token: id },
    });
  });

  it('is introspected as an access token is', async () => {
    const { token, id } = await grace.make();
    const { body } = await introspect(server, token);
    expect(body).toEqual({
      active: true,
      iss: server.issuer,
      sub: grace.user.id,
      aud: MUSIC,
      client_id: id,
      jti: id,
      exp: expect.any(Number),
      iat: expect.any(Number),
      scope: 'catalog-read',
      token_type: 'Bearer',
      org_id: grace.user.organizationId,
      tessera_kind: 'personal_access_token',
    });
    expect(Number(body['exp']) - Number(body['iat'])).toBeLessThanOrEqual(30 * 24 * 3600);
  });

  it('tells when and by which API it was last used', async () => {
    const { token, id } = await grace.make();
    const before = await grace.call('GET', `${TOKENS}/${id}`);
    expect(before.body).not.toHaveProperty('last_used');
    await track(token);
    const after = await grace.call('GET', `${TOKENS}/${id}`);
    expect(after.body['last_used']).toMatchObject({ by: 'music-server' });
    const told = { token, caller_address: '192.0.2.7', caller_user_agent: 'curl/8' };
    await postForm(server, '/api/introspect', told, server.clients.musicServer);
    const { body } = await callApi(server, admin, 'GET', `${ALL_TOKENS}/${id}`);
    expect(body['last_used']).toMatchObject({ address: '192.0.2.7', user_agent: 'curl/8' });
  });

  describe('ends', () => {
    it('when its owner revokes it', async () => {
      const { token, id } = await grace.make();
      const answer = await grace.call('POST', `${TOKENS}/${id}/revoke`);
      expect(answer.body).toMatchObject({ status: 'revoked', revoked_reason: 'revoked_by_owner' });
      expect((await introspect(server, token)).body).toEqual(REVOKED);
      expect(await track(token)).toBe(401);
      expect((await grace.call('POST', `${TOKENS}/${id}/revoke`)).body).toEqual(answer.body);
    });
    it('when somebody who holds it gives it up', async () => {
      const { token, id } = await grace.make();
      expect(await revoke(server, token, { ...server.clients.confidential, secret: 'wrong' })).toMatchObject({
        status: 401,
      });
      expect(await track(token)).toBe(200);
      expect(await postForm(server, '/api/revoke', { token })).toMatchObject({ status: 200, text: '' });
      await expect.poll(() => track(token)).toBe(401);
      expect((await grace.call('GET', `${TOKENS}/${id}`)).body).toMatchObject({
        revoked_reason: 'revoked_by_holder',
      });
      const unknown = createTokenString('pat', randomBytes);
      expect(await postForm(server, '/api/revoke', { token: unknown })).toMatchObject({
        status: 200,
        text: '',
      });
    });
    it('when an administrator revokes it, or many', async () => {
      const [one, two, three] = [await grace.make(), await grace.make(), await grace.make()];
      await callApi(server, admin, 'POST', `${ALL_TOKENS}/${one.id}/revoke`);
      const unknown = { ids: [two.id, 'pat_none'] };
      expect((await callApi(server, admin, 'POST', `${ALL_TOKENS}/revoke`, unknown)).status).toBe(404);
      expect(await track(two.token)).toBe(200);
      const ids = { ids: [two.id, three.id] };
      const answer = await callApi(server, admin, 'POST', `${ALL_TOKENS}/revoke`, ids);
      expect(answer.body['items']).toMatchObject([{ status: 'revoked' }, { status: 'revoked' }]);
      for (const { token } of [one, two, three]) {
        // oxlint-disable-next-line no-await-in-loop -- three of them
        await expect.poll(() => track(token)).toBe(401);
      }
    });
    it('with its owner, and does not come back with them', async () => {
      const mallory = await tokenOwner(server, `mallory-${store}@example.test`);
      const { token } = await mallory.make();
      const path = `/admin/v1/users/${mallory.user.id}`;
      await callApi(server, admin, 'PATCH', path, { status: 'disabled' });
      expect(await track(token)).toBe(401);
      await callApi(server, admin, 'PATCH', path, { status: 'active' });
      expect((await introspect(server, token)).body).toEqual(REVOKED);
      await callApi(server, admin, 'DELETE', path);
      expect((await introspect(server, token)).body).toEqual({ active: false });
    });
  });

  describe('is regenerated', () => {
    it('into a new one; the old one is dead at once, and its last use is told', async () => {
      const { token: old, id } = await grace.make();
      await track(old);
      const answer = await grace.call('POST', `${TOKENS}/${id}/regenerate`, {});
      expect(answer).toMatchObject({
        status: 201,
        body: {
          regenerated_from: id,
          scopes: ['catalog-read'],
          replaced: {
            id,
            status: 'revoked',
            revoked_reason: 'regenerated',
            last_used: { by: 'music-server' },
          },
        },
      });
      await expect.poll(() => track(old)).toBe(401);
      expect(await track(String(answer.body['personal_access_token']))).toBe(200);
    });
    it('with an overlap: the old one dies to the second', async () => {
      server.clock.stopAt(Math.ceil(Date.now() / 1000) * 1000);
      const { token: old, id } = await grace.make();
      await grace.call('POST', `${TOKENS}/${id}/regenerate`, { overlap: 60 });
      server.clock.advance(60 * SECOND - 1);
      expect(await track(old)).toBe(200);
      server.clock.advance(1);
      expect(await track(old)).toBe(401);
    });
    it('never when it is revoked, and only once', async () => {
      const { id } = await grace.make();
      await grace.call('POST', `${TOKENS}/${id}/revoke`);
      expect((await grace.call('POST', `${TOKENS}/${id}/regenerate`, {})).status).toBe(409);
      const { id: other } = await grace.make();
      const races = Array.from({ length: RACERS }, () =>
        grace.call('POST', `${TOKENS}/${other}/regenerate`, {}),
      );
      const statuses = (await Promise.all(races)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 201)).toHaveLength(1);
      expect(statuses.filter((status) => status === 409)).toHaveLength(RACERS - 1);
    });
  });

  it('is changed: its name, its scopes, its end', async () => {
    const { token, id } = await grace.make();
    const path = `${TOKENS}/${id}`;
    for (const bad of [
      { scopes: ['nothing'] },
      { expires_at: 1 },
      { user_id: eve.user.id },
      { scopes: [] },
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- four of them
      expect((await grace.call('PATCH', path, bad)).status).toBe(400);
    }
    const end = Math.floor(server.clock.now() / 1000) + 90 * 24 * 3600;
    const changed = await grace.call('PATCH', path, {
      name: 'hourly',
      scopes: ['user-read-private'],
      expires_at: end,
    });
    expect(changed).toMatchObject({ status: 200, body: { name: 'hourly', expires_at: end } });
    expect((await introspect(server, token)).body).toMatchObject({ scope: 'user-read-private', exp: end });
    await grace.call('POST', `${path}/revoke`);
    expect((await grace.call('PATCH', path, { name: 'again' })).status).toBe(409);
  });

  it('is listed by status, page by page', async () => {
    const ida = await tokenOwner(server, `ida-${store}@example.test`);
    const made = [await ida.make(), await ida.make(), await ida.make()];
    await ida.call('POST', `${TOKENS}/${made[1]?.id}/revoke`);
    const ids = async (query: string): Promise<unknown> =>
      ((await ida.call('GET', `${TOKENS}?${query}`)).body['items'] as { id: string }[]).map(({ id }) => id);
    expect(await ids('status=active')).toEqual([made[2]?.id, made[0]?.id]);
    expect(await ids('status=revoked')).toEqual([made[1]?.id]);
    expect(await ids('status=pending')).toEqual([]);
    const first = await ida.call('GET', `${TOKENS}?limit=2`);
    expect(await ids(`limit=2&cursor=${String(first.body['next_cursor'])}`)).toEqual([made[0]?.id]);
    expect((await ida.call('GET', `${TOKENS}?status=none`)).status).toBe(400);
    const all = await callApi(server, admin, 'GET', `${ALL_TOKENS}?user_id=${ida.user.id}&status=active`);
    expect(all.body['items']).toHaveLength(2);
  });

  it('is offered for the APIs that are open to its owner, within their rules', async () => {
    const { body } = await grace.call('GET', '/account/v1/personal-access-token-options');
    const items = body['items'] as Record<string, unknown>[];
    expect(items[0]).toMatchObject({
      resource: MUSIC,
      is_default: true,
      organization_id: grace.user.organizationId,
      max_lifetime: (366 * DAY) / SECOND,
      allow_never_expiring: false,
      may_create: true,
      approval_required: false,
    });
    expect(JSON.stringify(items)).not.toContain('urn:tessera:api');
  });
});
