// Expired means useless (S15): good until the last millisecond, refused from the second it says, wherever it is shown.
import { setTimeout as sleep } from 'node:timers/promises';
import { createVerifier, type Verifier } from '@tessera/verifier';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { HOUR } from '../movable-clock.ts';
import { type TestMusic, startMusic, TRACK } from '../music.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import {
  exchange,
  introspect,
  obtainTokens,
  type Parameters,
  requestToken,
  signInAndConsent,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE, SHORT } from '../registrations.ts';

describe.each(STORES)('an access token on %s', (store) => {
  let server: TestServer;
  let music: TestMusic;
  let browser: NoScriptBrowser;

  beforeAll(async () => {
    server = await startTestServer({ store });
    music = await startMusic(server);
    browser = server.newBrowser();
  });
  afterAll(async () => {
    await music?.close();
    await server?.close();
  });
  beforeEach(() => server.clock.reset());

  /** Issued in the middle of a second: what counts is the whole second that the token says. */
  async function issue(
    parameters: Parameters,
  ): Promise<{ readonly token: string; readonly expiresAt: number }> {
    const second = Math.floor(Date.now() / 1000) * 1000;
    server.clock.stopAt(second + 700);
    const { accessToken } = await obtainTokens(server, browser, {
      parameters: { scope: 'openid catalog-read', ...parameters },
    });
    return { token: accessToken, expiresAt: second + HOUR };
  }

  function verifierFor(audience: string): Verifier {
    const { id, secret = '' } = server.clients.musicServer;
    return createVerifier({
      issuer: server.issuer,
      audience,
      clientId: id,
      clientSecret: secret,
      clock: server.clock.now,
    });
  }

  const expectGood = (check: Promise<unknown>): Promise<void> =>
    expect(check).resolves.toMatchObject({ active: true });
  const expectExpired = (check: Promise<unknown>): Promise<void> =>
    expect(check).rejects.toMatchObject({ code: 'expired', status: 401 });

  const TOKENS: readonly (readonly [string, Parameters, string])[] = [
    ['opaque, of no API', {}, MUSIC],
    ['opaque', { resource: OPAQUE }, OPAQUE],
    ['a JWT', { resource: MUSIC }, MUSIC],
  ];

  it.each(TOKENS)(
    'is good a millisecond before its end and useless at it, at introspection: %s',
    async (_name, parameters) => {
      const { token, expiresAt } = await issue(parameters);
      server.clock.stopAt(expiresAt - 1);
      const { body } = await introspect(server, token);
      expect(body).toMatchObject({ active: true, exp: expiresAt / 1000 });
      server.clock.stopAt(expiresAt);
      expect((await introspect(server, token)).body).toEqual({ active: false, tessera_reason: 'expired' });
    },
  );

  it.each(TOKENS)('… at a verifier: %s', async (_name, parameters, audience) => {
    const { token, expiresAt } = await issue(parameters);
    const verifier = verifierFor(audience);
    server.clock.stopAt(expiresAt - 1);
    await expectGood(verifier.verify(token));
    server.clock.stopAt(expiresAt);
    await expectExpired(verifier.verify(token));
    server.clock.stopAt(expiresAt + 1);
    await expectExpired(verifier.verify(token));
  });

  it('… at userinfo', async () => {
    const { token, expiresAt } = await issue({});
    server.clock.stopAt(expiresAt - 1);
    expect(await userinfo(server, token)).toMatchObject({
      status: 200,
      body: { sub: server.person.user.id },
    });
    server.clock.stopAt(expiresAt);
    const refused = await userinfo(server, token);
    expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
    expect(refused.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['opaque, of no API', {}],
    ['a JWT', { resource: MUSIC }],
  ])('… at the music API, in its own words (S1, SP-5): %s', async (_name, parameters) => {
    const { token, expiresAt } = await issue(parameters);
    server.clock.stopAt(expiresAt - 1);
    expect(await music.call(`/v1/tracks/${TRACK}`, token)).toMatchObject({
      status: 200,
      body: { id: TRACK },
    });
    server.clock.stopAt(expiresAt);
    const refused = await music.call(`/v1/tracks/${TRACK}`, token);
    expect(refused.status).toBe(401);
    expect(refused.text).toBe('{"error":{"status":401,"message":"The access token expired"}}');
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
  });

  it('… and the next one, got by refresh, is good again', async () => {
    server.clock.stopAt(Date.now());
    const authorized = await signInAndConsent(server, browser, {
      parameters: { scope: 'catalog-read', resource: MUSIC },
    });
    const first = tokensOf(await exchange(server, authorized));
    server.clock.advance(HOUR);
    expect(await music.call(`/v1/tracks/${TRACK}`, first.accessToken)).toMatchObject({ status: 401 });
    const parameters = { grant_type: 'refresh_token', refresh_token: first.refreshToken };
    const next = tokensOf(await requestToken(server, parameters, server.clients.confidential));
    expect(await music.call(`/v1/tracks/${TRACK}`, next.accessToken)).toMatchObject({ status: 200 });
  });

  it('of two seconds is useless after two seconds of the real clock', async () => {
    const parameters = { grant_type: 'client_credentials', resource: SHORT };
    const answer = await requestToken(server, parameters, server.clients.confidential);
    const { accessToken } = tokensOf(answer);
    expect(answer.body['expires_in']).toBe(2);
    // The second it was issued in has begun before, so it may live a little less than two; never more.
    const [, payload = ''] = accessToken.split('.');
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly exp: number };
    const calls: { readonly sentAt: number; readonly answeredAt: number; readonly status: number }[] = [];
    while (Date.now() < exp * 1000 + 300) {
      const sentAt = Date.now();
      // oxlint-disable-next-line no-await-in-loop -- a call, a pause, a call
      const { status } = await music.call(`/short/v1/tracks/${TRACK}`, accessToken);
      calls.push({ sentAt, answeredAt: Date.now(), status });
      // oxlint-disable-next-line no-await-in-loop -- a call, a pause, a call
      await sleep(100);
    }
    const before = calls.filter(({ answeredAt }) => answeredAt < exp * 1000);
    const after = calls.filter(({ sentAt }) => sentAt >= exp * 1000);
    expect(before.every(({ status }) => status === 200)).toBe(true);
    expect(after.length).toBeGreaterThan(0);
    expect(after.every(({ status }) => status === 401)).toBe(true);
  });
});
