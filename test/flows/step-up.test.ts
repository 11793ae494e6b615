// An API that wants a fresh sign-in: its challenge leads the app to /authorize, and the person through a sign-in.
import { createVerifier } from '@tessera/verifier';
import { protect } from '@tessera/verifier/fastify';
import Fastify from 'fastify';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { hasForm } from '../no-script-browser.ts';
import {
  authorizeUrl,
  createPkce,
  exchange,
  finish,
  introspect,
  read,
  requestToken,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE } from '../registrations.ts';

const PWD = 'urn:tessera:acr:pwd';

describe.each(STORES)('step-up (RFC 9470) on %s', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ store });
  });
  afterAll(() => server?.close());

  it.each([MUSIC, OPAQUE])('%s asks for a sign-in of the last minute, and gets one', async (audience) => {
    const { musicServer, confidential } = server.clients;
    const verifier = createVerifier({
      issuer: server.issuer,
      audience,
      clientId: musicServer.id,
      clientSecret: musicServer.secret ?? '',
      clock: server.clock.now,
    });
    const api = Fastify();
    const onRequest = protect({ verifier, acrValues: [PWD], maxAgeSeconds: 60 });
    api.get('/transfer', { onRequest }, () => ({ done: true }));
    const base = await api.listen({ host: '127.0.0.1', port: 0 });
    const call = async (token: string) =>
      read(await fetch(`${base}/transfer`, { headers: { authorization: `Bearer ${token}` } }));
    const browser = server.newBrowser();
    const parameters = { scope: 'openid', resource: audience };
    try {
      const first = tokensOf(await exchange(server, await signInAndConsent(server, browser, { parameters })));
      expect((await call(first.accessToken)).status).toBe(200);
      server.clock.advance(61_000);
      const refused = await call(first.accessToken);
      expect(refused.status).toBe(401);
      const challenge = refused.headers.get('www-authenticate') ?? '';
      expect(challenge).toContain('error="insufficient_user_authentication"');
      const [, acr_values] = /acr_values="([^"]+)"/.exec(challenge) ?? [];
      const [, max_age] = /max_age=(\d+)/.exec(challenge) ?? [];
      expect([acr_values, max_age]).toEqual([PWD, '60']);
      const pkce = createPkce();
      const page = await browser.get(
        authorizeUrl(server, confidential, pkce, { ...parameters, acr_values, max_age }),
      );
      expect(hasForm(page.page, 'email', 'password')).toBe(true);
      const { leftFor } = await finish(server, browser, page);
      const code = leftFor?.searchParams.get('code') ?? '';
      const again = {
        code,
        verifier: pkce.verifier,
        redirectUri: confidential.redirectUri,
        location: leftFor!,
      };
      const second = tokensOf(await exchange(server, again));
      expect((await call(second.accessToken)).status).toBe(200);
      expect((await call(first.accessToken)).status).toBe(401);
    } finally {
      server.clock.reset();
      await api.close();
    }
  });

  it('acr and auth_time stay those of the sign-in when tokens are renewed (§6.1, §6.2)', async () => {
    const browser = server.newBrowser();
    const parameters = { scope: 'openid', resource: MUSIC, acr_values: PWD };
    const { confidential, musicServer } = server.clients;
    const first = tokensOf(await exchange(server, await signInAndConsent(server, browser, { parameters })));
    server.clock.advance(600_000);
    const refresh = { grant_type: 'refresh_token', refresh_token: first.refreshToken };
    const second = tokensOf(await requestToken(server, refresh, confidential));
    const [before, after] = [decodeJwt(first.accessToken), decodeJwt(second.accessToken)];
    expect(before).toMatchObject({ acr: PWD, auth_time: expect.any(Number) });
    expect([after['acr'], after['auth_time']]).toEqual([PWD, before['auth_time']]);
    expect(after.iat).toBeGreaterThan(before.iat ?? 0);
    const said = await introspect(server, second.accessToken, musicServer);
    expect(said.body).toMatchObject({ acr: PWD, auth_time: before['auth_time'] });
    server.clock.reset();
  });
});
