// The code and its exchange: who may redeem it, how often, until when; and what one exchange too many takes away.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { MINUTE } from '../movable-clock.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import {
  type Answer,
  type Authorized,
  createPkce,
  exchange,
  introspect,
  obtainTokens,
  type Parameters,
  refresh,
  requestToken,
  signInAndConsent,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE } from '../registrations.ts';

const PARALLEL = 32;

describe.each(STORES)('the authorization code on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;

  beforeAll(async () => {
    server = await startTestServer({ store });
    if (store === 'postgres') await server.addNode();
    browser = server.newBrowser();
  });
  afterAll(() => server?.close());
  beforeEach(() => server.clock.reset());

  const authorize = (parameters: Parameters = {}): Promise<Authorized> =>
    signInAndConsent(server, browser, { parameters: { scope: 'openid catalog-read', ...parameters } });

  function expectRefused(answer: Answer, error = 'invalid_grant', status = 400): void {
    expect(answer).toMatchObject({ status, body: { error } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  }

  async function expectDead(accessToken: string, refreshToken: string): Promise<void> {
    expect((await introspect(server, accessToken)).body).toEqual({
      active: false,
      tessera_reason: 'revoked',
    });
    expect(await userinfo(server, accessToken)).toMatchObject({
      status: 401,
      body: { error: 'invalid_token' },
    });
    expectRefused(await refresh(server, refreshToken, server.clients.confidential));
  }

  describe('is refused, and not consumed,', () => {
    const ATTEMPTS: readonly (readonly [string, (code: Authorized) => Promise<Answer>, string])[] = [
      [
        'to a confidential client that it was not issued to (TK-03)',
        (code) => other(code, 'thief'),
        'invalid_grant',
      ],
      [
        'to a public client that it was not issued to (TK-03)',
        (code) => exchange(server, code, server.clients.publicWeb),
        'invalid_grant',
      ],
      [
        'for another redirect_uri (TK-04)',
        (code) => attempt(code, { redirect_uri: 'https://confidential.example.com/other' }),
        'invalid_grant',
      ],
      [
        'for a redirect_uri that only looks the same (TK-04)',
        (code) => attempt(code, { redirect_uri: `${code.redirectUri}/` }),
        'invalid_grant',
      ],
      [
        'for two redirect_uris (TK-04)',
        (code) => attempt(code, { redirect_uri: [code.redirectUri, code.redirectUri] }),
        'invalid_request',
      ],
      ['without a verifier (TK-05)', (code) => attempt(code, { code_verifier: undefined }), 'invalid_grant'],
      ['with an empty verifier (TK-05)', (code) => attempt(code, { code_verifier: '' }), 'invalid_grant'],
      [
        'with another verifier (TK-05)',
        (code) => attempt(code, { code_verifier: createPkce().verifier }),
        'invalid_grant',
      ],
      [
        'with the challenge for a verifier (TK-05)',
        (code) => attempt(code, { code_verifier: challengeOf(code) }),
        'invalid_grant',
      ],
      [
        'with a verifier of 42 characters (TK-05, RFC 7636 §4.1)',
        (code) => attempt(code, { code_verifier: 'a'.repeat(42) }),
        'invalid_grant',
      ],
      [
        'with a verifier of 129 characters (TK-05, RFC 7636 §4.1)',
        (code) => attempt(code, { code_verifier: 'a'.repeat(129) }),
        'invalid_grant',
      ],
      [
        'with two verifiers',
        (code) => attempt(code, { code_verifier: [code.verifier, code.verifier] }),
        'invalid_request',
      ],
      ['for another resource (TK-27)', (code) => attempt(code, { resource: OPAQUE }), 'invalid_target'],
    ];
    const attempt = (code: Authorized, parameters: Parameters): Promise<Answer> =>
      exchange(server, code, server.clients.confidential, parameters);
    const challengeOf = (code: Authorized): string => createPkce(code.verifier).challenge;
    async function other(code: Authorized, id: string): Promise<Answer> {
      const thief = await server.registerClient({ id, redirectUris: [code.redirectUri] });
      return exchange(server, code, thief);
    }

    it.each(ATTEMPTS)('%s', async (_name, misuse, error) => {
      const code = await authorize();
      expectRefused(await misuse(code), error);
      expect(await exchange(server, code)).toMatchObject({ status: 200 });
    });

    it('to a client that does not say who it is (TK-03)', async () => {
      const { code, verifier, redirectUri } = await authorize();
      const parameters = {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        redirect_uri: redirectUri,
      };
      expectRefused(await requestToken(server, parameters), 'invalid_client', 401);
    });
  });

  it('is refused with a verifier that nothing was promised for (TK-05, RFC 9700 §4.8.2)', async () => {
    const client = await server.registerClient({ id: 'without-pkce', requirePkce: false });
    const parameters = { code_challenge: undefined, code_challenge_method: undefined };
    const withVerifier = await signInAndConsent(server, browser, { client, parameters });
    expectRefused(await exchange(server, withVerifier, client));
    expect(await exchange(server, withVerifier, client, { code_verifier: undefined })).toMatchObject({
      status: 200,
    });
  });

  it('a second time is refused, and takes away what the first one got (TK-01, RFC 6749 §4.1.2)', async () => {
    const code = await authorize();
    const first = tokensOf(await exchange(server, code));
    expect((await introspect(server, first.accessToken)).body).toMatchObject({ active: true });
    const again = await exchange(server, code);
    expectRefused(again);
    expect(again.body['error_description']).toBe('Invalid authorization code');
    await expectDead(first.accessToken, first.refreshToken);
    expect(await server.auditEvents('authorization_code.reused')).not.toHaveLength(0);
  });

  it('a second time takes away what refreshes have got by then, too (TK-01)', async () => {
    const code = await authorize({ resource: MUSIC });
    const first = tokensOf(await exchange(server, code));
    const later = tokensOf(await refresh(server, first.refreshToken, server.clients.confidential));
    expectRefused(await exchange(server, code));
    expect((await introspect(server, later.accessToken)).body).toMatchObject({ active: false });
    expect((await introspect(server, first.accessToken)).body).toMatchObject({ active: false });
  });

  it(`buys tokens once when it is sent ${PARALLEL} times at once, and then nothing at all (TK-02)`, async () => {
    const code = await authorize();
    const answers = await Promise.all(
      Array.from({ length: PARALLEL }, (_, index) =>
        exchange(
          server,
          code,
          server.clients.confidential,
          {},
          { base: server.nodes[index % server.nodes.length]! },
        ),
      ),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const answer of answers) if (answer.status !== 200) expectRefused(answer);
    const tokens = tokensOf(won[0]!);
    await expectDead(tokens.accessToken, tokens.refreshToken);
  });

  it('lives 60 seconds: good a millisecond before, refused at the end (AZ-84, S2)', async () => {
    const start = Math.floor(Date.now() / 1000) * 1000;
    server.clock.stopAt(start);
    const [inTime, late] = [await authorize(), await authorize()];
    server.clock.stopAt(start + MINUTE - 1);
    expect(await exchange(server, inTime)).toMatchObject({ status: 200 });
    server.clock.stopAt(start + MINUTE);
    expectRefused(await exchange(server, late));
  });

  describe('is not interchangeable with other secrets (TK-30)', () => {
    it('nothing else is a code', async () => {
      const tokens = await obtainTokens(server, browser, { parameters: { scope: 'openid' } });
      const { verifier, redirectUri, location } = await authorize();
      const session = [...browser.cookies].find(([name]) => name.endsWith('session'))?.[1] ?? '';
      const others = [
        tokens.accessToken,
        tokens.refreshToken,
        tokens.idToken,
        session,
        server.clients.confidential.secret ?? '',
        'x',
        'tsr_ac_',
        'a'.repeat(5000),
        'NUL\0',
      ];
      for (const code of others) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, for a readable failure
        expectRefused(await exchange(server, { code, verifier, redirectUri, location }));
      }
    });

    it('and a code is no refresh token and no access token', async () => {
      const code = await authorize();
      expectRefused(await refresh(server, code.code, server.clients.confidential));
      expect((await introspect(server, code.code)).body).toEqual({ active: false });
      expect(await userinfo(server, code.code)).toMatchObject({ status: 401 });
      expect(await exchange(server, code)).toMatchObject({ status: 200 });
    });
  });

  it('buys exactly what is due (S1, SP-1)', async () => {
    const code = await authorize({ scope: 'user-read-private user-read-email' });
    const answer = await exchange(server, code);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).toSorted()).toEqual([
      'access_token',
      'expires_in',
      'refresh_token',
      'scope',
      'token_type',
    ]);
    expect(answer.body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'user-read-private user-read-email',
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('buys an ID token too where openid was granted, and no refresh token where the client may not have one', async () => {
    const client = await server.registerClient({ id: 'no-refresh', grantTypes: ['authorization_code'] });
    const code = await signInAndConsent(server, browser, { client, parameters: { scope: 'openid' } });
    const answer = await exchange(server, code, client);
    expect(Object.keys(answer.body).toSorted()).toEqual([
      'access_token',
      'expires_in',
      'id_token',
      'scope',
      'token_type',
    ]);
  });

  it('may be redeemed without redirect_uri, which PKCE made needless (OAuth 2.1 §4.1.3)', async () => {
    const code = await authorize();
    const answer = await exchange(server, code, server.clients.confidential, { redirect_uri: undefined });
    expect(answer.status).toBe(200);
  });

  it('buys nothing once the person is disabled (TK-19)', async () => {
    const person = await server.registerPerson({ email: `gone-${store}@example.test` });
    const code = await signInAndConsent(server, server.newBrowser(), { person });
    const { user } = person;
    await server.tessera.store.users.update(
      { ...user, status: 'disabled' },
      {
        id: `evt_${user.id}`,
        at: server.clock.now(),
        type: 'user.updated',
        outcome: 'success',
        actor: 'system',
      },
    );
    expectRefused(await exchange(server, code));
  });
});
