// Claims and scopes, pairwise subjects, signed answers, and the metadata of our own APIs.
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { introspect, obtainTokens, postForm, requestToken, userinfo } from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';

describe.each(STORES)('OpenID Connect on %s', (store) => {
  let server: TestServer;
  let keys: ReturnType<typeof createLocalJWKSet>;
  const apps = new Map<string, RegisteredClient>();

  beforeAll(async () => {
    server = await startTestServer({ store });
    const jwks = await (await fetch(`${server.base}/.well-known/jwks.json`)).json();
    keys = createLocalJWKSet(jwks as JSONWebKeySet);
    const { user } = server.person;
    await server.tessera.store.users.update(
      {
        ...user,
        claims: { given_name: 'Ada', phone_number: '+44 20 7946 0000', address: { locality: 'London' } },
        updatedAt: user.updatedAt + 1,
      },
      { id: 'aud_claims', at: server.clock.now(), type: 'user.updated', outcome: 'success', actor: 'system' },
    );
    for (const [id, host, metadata] of [
      ['pairwise-one', 'one', { subject_type: 'pairwise' }],
      ['pairwise-two', 'two', { subject_type: 'pairwise' }],
      ['pairwise-sister', 'one', { subject_type: 'pairwise' }],
      ['es256', 'es', { id_token_signed_response_alg: 'ES256', userinfo_signed_response_alg: 'ES256' }],
      ['rs256', 'rs', { userinfo_signed_response_alg: 'RS256' }],
    ] as const) {
      const redirectUris = [`https://${host}.example.com/${id}`];
      apps.set(id, await server.registerClient({ id, redirectUris, metadata }));
    }
  });
  afterAll(() => server?.close());

  const tokensFor = (id: string, parameters: Readonly<Record<string, string>>) =>
    obtainTokens(server, server.newBrowser(), {
      client: apps.get(id) ?? server.clients.confidential,
      parameters,
    });

  it.each([
    ['openid', {}],
    ['openid phone', { phone_number: '+44 20 7946 0000' }],
    ['openid address', { address: { locality: 'London' } }],
    ['openid email', { email: 'ada@example.test', email_verified: true }],
  ])('UserInfo tells by scope: %s (Core §5.4)', async (scope, claims) => {
    const { accessToken } = await tokensFor('', { scope });
    const { body } = await userinfo(server, accessToken);
    expect(body).toEqual({ sub: server.person.user.id, ...claims });
  });

  it('UserInfo refuses a token in the URL or in two places, with a challenge (RFC 6750 §2, §3, §3.1)', async () => {
    const { accessToken } = await tokensFor('', { scope: 'openid' });
    const authorization = `Bearer ${accessToken}`;
    const form = new URLSearchParams({ access_token: 'x' });
    for (const [query, init] of [
      ['?access_token=x', {}],
      ['?access_token=x', { headers: { authorization } }],
      ['', { method: 'POST', headers: { authorization }, body: form }],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- three
      const answer = await fetch(`${server.base}/userinfo${query}`, init);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_request"/);
    }
  });

  describe('pairwise subjects (Core §8.1)', () => {
    it('are one in ID token, UserInfo, JWT and introspection, and another in each sector', async () => {
      const subjects = new Map<string, string>();
      for (const id of ['pairwise-one', 'pairwise-two', 'pairwise-sister']) {
        const own = await tokensFor(id, { scope: 'openid' });
        const sub = decodeJwt(own.idToken).sub!;
        subjects.set(id, sub);
        expect((await userinfo(server, own.accessToken)).body['sub']).toBe(sub);
        const jwt = await tokensFor(id, { resource: MUSIC });
        expect(decodeJwt(jwt.accessToken).sub).toBe(sub);
        const opaque = await tokensFor(id, { resource: OPAQUE });
        expect((await introspect(server, opaque.accessToken)).body['sub']).toBe(sub);
        expect(`${jwt.accessToken}${JSON.stringify(decodeJwt(own.idToken))}`).not.toContain(
          server.person.user.id,
        );
      }
      expect(subjects.get('pairwise-sister')).toBe(subjects.get('pairwise-one'));
      expect(subjects.get('pairwise-two')).not.toBe(subjects.get('pairwise-one'));
    });

    it('an ID token with one is a hint about its person', async () => {
      const browser = server.newBrowser();
      const client = apps.get('pairwise-one')!;
      const { idToken } = await obtainTokens(server, browser, { client, parameters: { scope: 'openid' } });
      const again = await obtainTokens(server, browser, {
        client,
        parameters: { scope: 'openid', prompt: 'none', id_token_hint: idToken },
      });
      expect(decodeJwt(again.idToken).sub).toBe(decodeJwt(idToken).sub);
    });
  });

  it.each([
    ['es256', 'ES256', 'ES256'],
    ['rs256', 'RS256', 'RS256'],
  ])('signs for %s as it registered (Core §5.3.2)', async (id, idTokenAlg, userinfoAlg) => {
    const { idToken, accessToken } = await tokensFor(id, { scope: 'openid email' });
    const checked = await jwtVerify(idToken, keys, { issuer: server.issuer, audience: id });
    expect(checked.protectedHeader.alg).toBe(idTokenAlg);
    const answer = await userinfo(server, accessToken);
    expect(answer.headers.get('content-type')).toMatch(/^application\/jwt/);
    const told = await jwtVerify(answer.text, keys, { issuer: server.issuer, audience: id });
    expect(told.protectedHeader.alg).toBe(userinfoAlg);
    expect(told.payload).toMatchObject({ sub: checked.payload.sub, email: 'ada@example.test' });
  });

  describe('signed introspection (RFC 9701)', () => {
    const asked = { headers: { accept: 'application/token-introspection+jwt' } };
    it('refuses a caller without credentials (§5)', async () => {
      const answer = await postForm(
        server,
        '/api/introspect',
        { token: 'x' },
        server.clients.publicWeb,
        asked,
      );
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ error: 'invalid_client' });
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      const { otherServer } = server.clients;
      const wrong = { ...otherServer, secret: 'wrong' };
      const tried = await postForm(server, '/api/introspect', { token: 'x' }, wrong, asked);
      expect([tried.status, tried.headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringMatching(/^Basic/),
      ]);
    });
    it('gives the answer in a JWT for the caller, and the constant one for what is not theirs', async () => {
      const got = await requestToken(
        server,
        { grant_type: 'client_credentials', resource: OPAQUE },
        server.clients.confidential,
      );
      const token = String(got.body['access_token']);
      for (const [caller, active] of [
        [server.clients.musicServer, true],
        [server.clients.otherServer, false],
      ] as const) {
        const answer = await postForm(server, '/api/introspect', { token }, caller, asked);
        expect(answer.headers.get('content-type')).toMatch(/^application\/token-introspection\+jwt/);
        expect(answer.headers.get('cache-control')).toBe('no-store');
        const { payload } = await jwtVerify(answer.text, keys, {
          issuer: server.issuer,
          audience: caller.id,
          typ: 'token-introspection+jwt',
        });
        expect(payload).not.toHaveProperty('sub');
        expect(payload).not.toHaveProperty('exp');
        expect(payload['token_introspection']).toMatchObject({ active });
        if (!active) expect(payload['token_introspection']).toEqual({ active: false });
      }
    });
  });

  describe('metadata of our own APIs (RFC 9728)', () => {
    it.each(['', '/admin/v1', '/account/v1'])(
      '%s/ describes itself where a refusal points to',
      async (path) => {
        const url = `${server.base}/.well-known/oauth-protected-resource${path}`;
        const response = await fetch(url);
        expect(response.status).toBe(200);
        expect(response.headers.get('content-type')).toMatch(/^application\/json/);
        expect(response.headers.get('access-control-allow-origin')).toBe('*');
        expect(await response.json()).toMatchObject({
          resource: `${server.issuer}${path}`,
          authorization_servers: [server.issuer],
          bearer_methods_supported: ['header'],
        });
        const called = {
          '': '/userinfo',
          '/admin/v1': '/admin/v1/clients',
          '/account/v1': '/account/v1/profile',
        }[path];
        const refused = await fetch(`${server.base}${called}`);
        expect(refused.status).toBe(401);
        expect(refused.headers.get('www-authenticate')).toContain(
          `resource_metadata="${server.issuer}/.well-known`,
        );
      },
    );
    it('its address names the API in a request, for the server’s own apps alone (RFC 8707 §2)', async () => {
      const answer = await requestToken(
        server,
        { grant_type: 'client_credentials', resource: `${server.issuer}/admin/v1` },
        server.clients.confidential,
      );
      expect(answer.body).toMatchObject({ error: 'invalid_target' });
      expect(answer.body['error_description']).toContain('for the clients of the server itself');
    });
  });
});
