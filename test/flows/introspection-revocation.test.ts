// Asking about tokens and giving them up: who may, what each is told, and what is dead afterwards.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { HOUR, SECOND } from '../movable-clock.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import {
  type Answer,
  introspect,
  obtainTokens,
  type Parameters,
  postForm,
  read,
  refresh,
  requestToken,
  revoke,
  signInAndConsent,
  type Tokens,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';

const INACTIVE = { active: false };

describe.each(STORES)('on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let confidential: RegisteredClient;
  let publicWeb: RegisteredClient;
  let musicServer: RegisteredClient;
  let otherServer: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store });
    ({ confidential, publicWeb, musicServer, otherServer } = server.clients);
    browser = server.newBrowser();
  });
  afterAll(() => server?.close());
  beforeEach(() => server.clock.reset());

  const obtain = (parameters: Parameters = {}, client = confidential): Promise<Tokens> =>
    obtainTokens(server, browser, { client, parameters: { scope: 'openid catalog-read', ...parameters } });

  function expectNoStore(answer: Answer): void {
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
  }

  describe('introspection', () => {
    it('is refused without authentication (IN-01)', async () => {
      const { accessToken } = await obtain();
      const answer = await postForm(server, '/api/introspect', { token: accessToken });
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expectNoStore(answer);
    });

    it('is refused with a wrong secret, with Basic challenged (IN-01)', async () => {
      const { accessToken } = await obtain();
      const answer = await introspect(server, accessToken, { ...musicServer, secret: 'wrong' });
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    });

    it('is refused to a public client (IN-01)', async () => {
      const { accessToken } = await obtain({}, publicWeb);
      expect(await introspect(server, accessToken, publicWeb)).toMatchObject({ status: 401 });
    });

    it('is refused to whoever only has the token (IN-01)', async () => {
      const { accessToken } = await obtain();
      const headers = { authorization: `Bearer ${accessToken}` };
      const answer = await postForm(server, '/api/introspect', { token: accessToken }, undefined, {
        headers,
      });
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    });

    it.each([
      ['no token (RFC 7662 §2.1)', {}],
      ['an empty token', { token: '' }],
      ['two tokens', { token: ['a', 'b'] }],
    ])('is refused with %s', async (_name, parameters) => {
      const answer = await postForm(server, '/api/introspect', parameters, musicServer);
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      expectNoStore(answer);
    });

    it.each(['GET', 'PUT', 'DELETE'])('is refused by %s', async (method) => {
      const answer = await read(await fetch(`${server.base}/api/introspect?token=x`, { method }));
      expect([400, 405]).toContain(answer.status);
      expectNoStore(answer);
    });

    it('tells the server of another API nothing, whatever the format (IN-01, CVE-2024-47077)', async () => {
      for (const parameters of [{}, { resource: MUSIC }, { resource: OPAQUE }]) {
        // oxlint-disable-next-line no-await-in-loop -- three of them
        const { accessToken } = await obtain(parameters);
        // oxlint-disable-next-line no-await-in-loop -- three of them
        expect((await introspect(server, accessToken, otherServer)).body).toEqual(INACTIVE);
      }
    });

    it('tells another app nothing', async () => {
      const { accessToken } = await obtain();
      const stranger = await server.registerClient({ id: 'stranger' });
      expect((await introspect(server, accessToken, stranger)).body).toEqual(INACTIVE);
    });

    it('knows nothing but access tokens, to an API (IN-04)', async () => {
      const { refreshToken, idToken } = await obtain();
      const { code } = await signInAndConsent(server, browser, {
        parameters: { scope: 'openid catalog-read' },
      });
      const session = [...browser.cookies].find(([name]) => name.endsWith('-session'))?.[1] ?? '';
      const others = [
        refreshToken,
        idToken,
        code,
        session,
        confidential.secret ?? '',
        'x',
        'a.b.c',
        'tsr_at_',
        'NUL\0',
      ];
      for (const token of others) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, for a readable failure
        expect((await introspect(server, token)).body).toEqual(INACTIVE);
      }
    });

    it('knows no token with one character changed', async () => {
      const { accessToken } = await obtain({ resource: OPAQUE });
      const { accessToken: jwt } = await obtain({ resource: MUSIC });
      for (const token of [accessToken, jwt]) {
        for (const at of [0, 9, 20, token.length - 1]) {
          const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
          // oxlint-disable-next-line no-await-in-loop -- eight of them
          expect((await introspect(server, changed)).body).toEqual(INACTIVE);
        }
      }
    });

    it.each([
      ['of no API', {}, (issuer: string) => [issuer, MUSIC]],
      ['of the music API, a JWT', { resource: MUSIC }, () => MUSIC],
      ['of an API with opaque tokens', { resource: OPAQUE }, () => OPAQUE],
    ])('tells the API all about a token %s (RFC 7662 §2.2)', async (_name, parameters, audience) => {
      const { accessToken } = await obtain(parameters);
      const answer = await introspect(server, accessToken);
      expectNoStore(answer);
      expect(answer.body).toMatchObject({
        active: true,
        iss: server.issuer,
        sub: server.person.user.id,
        client_id: 'confidential',
        scope: 'openid catalog-read',
        token_type: 'Bearer',
        aud: audience(server.issuer),
      });
      expect(Number(answer.body['exp']) - Number(answer.body['iat'])).toBe(3600);
      expect(JSON.stringify(answer.body)).not.toContain(accessToken);
    });

    it('tells an app about its own tokens, the refresh token too', async () => {
      const { accessToken, refreshToken } = await obtain();
      expect((await introspect(server, accessToken, confidential)).body).toMatchObject({ active: true });
      expect((await introspect(server, refreshToken, confidential)).body).toMatchObject({
        active: true,
        client_id: 'confidential',
      });
    });

    it('takes no notice of a wrong hint (RFC 7662 §2.1)', async () => {
      const { accessToken } = await obtain();
      const parameters = { token: accessToken, token_type_hint: 'refresh_token' };
      expect((await postForm(server, '/api/introspect', parameters, musicServer)).body).toMatchObject({
        active: true,
      });
    });

    it.each(['access_token', 'id_token', 'nonsense', ''])(
      'finds any kind of token, whatever the hint %j says (RFC 7662 §2.1)',
      async (hint) => {
        const { accessToken, refreshToken } = await obtain();
        for (const token of [refreshToken, accessToken]) {
          const parameters = { token, token_type_hint: hint };
          // oxlint-disable-next-line no-await-in-loop -- two
          const answer = await postForm(server, '/api/introspect', parameters, confidential);
          expect(answer.body).toMatchObject({ active: true });
        }
      },
    );

    it('tells the reason to the API of the token, and to nobody else', async () => {
      for (const [reason, end] of [
        ['expired', () => Promise.resolve(server.clock.advance(HOUR))],
        ['revoked', (token: string) => revoke(server, token, confidential)],
      ] as const) {
        server.clock.reset();
        // oxlint-disable-next-line no-await-in-loop -- two of them
        const { accessToken } = await obtain({ resource: MUSIC });
        // oxlint-disable-next-line no-await-in-loop -- two of them
        await end(accessToken);
        const told = [musicServer, confidential, otherServer].map((by) =>
          introspect(server, accessToken, by),
        );
        // oxlint-disable-next-line no-await-in-loop -- two of them
        const [toApi, toApp, toOther] = await Promise.all(told);
        expect(toApi?.body).toEqual({ active: false, tessera_reason: reason });
        expect(toApp?.body).toEqual(INACTIVE);
        expect(toOther?.text).toBe('{"active":false}');
      }
    });

    it('gives the reason for a day, and then knows the token no more', async () => {
      server.clock.stopAt(Date.now());
      const { accessToken } = await obtain({ resource: OPAQUE });
      server.clock.advance(25 * HOUR - SECOND * 2);
      await server.tessera.store.maintenance.purge(server.clock.now(), 30_000);
      expect((await introspect(server, accessToken)).body).toEqual({
        active: false,
        tessera_reason: 'expired',
      });
      server.clock.advance(4 * SECOND);
      await server.tessera.store.maintenance.purge(server.clock.now(), 30_000);
      expect((await introspect(server, accessToken)).body).toEqual(INACTIVE);
    });
  });

  describe('revocation', () => {
    it('is refused without authentication, and kills nothing (RV-02)', async () => {
      const { accessToken } = await obtain();
      const answer = await postForm(server, '/api/revoke', { token: accessToken });
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expectNoStore(answer);
      expect((await introspect(server, accessToken)).body).toMatchObject({ active: true });
    });

    it('is refused to a confidential client without its secret (RV-02)', async () => {
      const { accessToken } = await obtain();
      expect(await revoke(server, accessToken, { ...confidential, secret: undefined })).toMatchObject({
        status: 401,
      });
      expect((await introspect(server, accessToken)).body).toMatchObject({ active: true });
    });

    it('is refused without a token (RFC 7009 §2.1)', async () => {
      const answer = await postForm(server, '/api/revoke', {}, confidential);
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    });

    it('by another client changes nothing, and says nothing (RV-01)', async () => {
      const { accessToken, refreshToken } = await obtain();
      for (const token of [accessToken, refreshToken]) {
        for (const thief of [publicWeb, otherServer, musicServer]) {
          // oxlint-disable-next-line no-await-in-loop -- six of them
          expect(await revoke(server, token, thief)).toMatchObject({ status: 200, text: '' });
        }
      }
      expect((await introspect(server, accessToken)).body).toMatchObject({ active: true });
      expect(await refresh(server, refreshToken, confidential)).toMatchObject({ status: 200 });
    });

    it.each(['unknown', 'a.b.c', 'tsr_at_0000', 'NUL\0', 'a'.repeat(9000)])(
      'of something unknown answers alike (RV-02, RFC 7009 §2.2): %s',
      async (token) => {
        expect(await revoke(server, token, confidential)).toMatchObject({ status: 200, text: '' });
      },
    );

    it.each([
      ['an opaque token', { resource: OPAQUE }],
      ['a JWT', { resource: MUSIC }],
    ])('of %s kills it alone (RV-03)', async (_name, parameters) => {
      const { accessToken, refreshToken } = await obtain(parameters);
      expect(await revoke(server, accessToken, confidential)).toMatchObject({ status: 200, text: '' });
      expect((await introspect(server, accessToken)).body).toEqual({
        active: false,
        tessera_reason: 'revoked',
      });
      const next = tokensOf(await refresh(server, refreshToken, confidential));
      expect((await introspect(server, next.accessToken)).body).toMatchObject({ active: true });
      expect(await revoke(server, accessToken, confidential)).toMatchObject({ status: 200 });
    });

    it.each(['confidential', 'publicWeb'] as const)(
      'of a refresh token kills everything that came of the grant (RV-03): %s',
      async (name) => {
        const client = server.clients[name];
        const first = await obtain({}, client);
        const next = tokensOf(await refresh(server, first.refreshToken, client));
        const last = next.refreshToken || first.refreshToken;
        expect(await revoke(server, last, client)).toMatchObject({ status: 200 });
        for (const { accessToken } of [first, next]) {
          // oxlint-disable-next-line no-await-in-loop -- two of them
          expect((await introspect(server, accessToken)).body).toEqual({
            active: false,
            tessera_reason: 'revoked',
          });
          // oxlint-disable-next-line no-await-in-loop -- two of them
          expect(await userinfo(server, accessToken)).toMatchObject({ status: 401 });
        }
        expect(await refresh(server, last, client)).toMatchObject({
          status: 400,
          body: { error: 'invalid_grant' },
        });
      },
    );

    it('takes a wrong hint for none (RFC 7009 §2.1)', async () => {
      const { accessToken } = await obtain();
      await revoke(server, accessToken, confidential, { token_type_hint: 'refresh_token' });
      expect((await introspect(server, accessToken)).body).toMatchObject({ active: false });
    });

    it.each(['access_token', 'id_token', 'nonsense', ''])(
      'ends any kind of token, whatever the hint %j says (RFC 7009 §2.1, §2.2)',
      async (hint) => {
        const { accessToken, refreshToken } = await obtain();
        for (const token of [accessToken, refreshToken]) {
          // oxlint-disable-next-line no-await-in-loop -- two
          const answer = await revoke(server, token, confidential, { token_type_hint: hint });
          expect([answer.status, answer.text]).toEqual([200, '']);
          // oxlint-disable-next-line no-await-in-loop -- two
          expect((await introspect(server, token, confidential)).body).toEqual(INACTIVE);
        }
      },
    );

    it('leaves the other grants of the same person and app alone', async () => {
      const [first, second] = [await obtain(), await obtain()];
      await revoke(server, first.refreshToken, confidential);
      expect((await introspect(server, second.accessToken)).body).toMatchObject({ active: true });
      expect(await refresh(server, second.refreshToken, confidential)).toMatchObject({ status: 200 });
    });

    it('may be asked for by a page of another site (RFC 7009 §2.3)', async () => {
      const answer = await revoke(server, 'unknown', publicWeb);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    });
  });

  it('a token that a client got for itself dies with the client', async () => {
    const client = await server.registerClient({ id: 'short-lived-app' });
    const answer = await requestToken(server, { grant_type: 'client_credentials', resource: OPAQUE }, client);
    const { accessToken } = tokensOf(answer);
    expect((await introspect(server, accessToken)).body).toMatchObject({ active: true, sub: client.id });
    const event = {
      id: 'evt_x',
      at: server.clock.now(),
      type: 'client.deleted',
      outcome: 'success',
      actor: 'x',
    } as const;
    await server.tessera.store.clients.delete(client.id, event);
    expect((await introspect(server, accessToken)).body).toMatchObject({ active: false });
    // A later client of the same name is another one.
    server.clock.advance(SECOND);
    await server.registerClient({ id: client.id });
    expect((await introspect(server, accessToken)).body).toMatchObject({ active: false });
  });
});
