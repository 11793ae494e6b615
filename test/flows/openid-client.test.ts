// The whole flow with openid-client, unmodified, as an app would use it.
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEVICE_CODE_GRANT, TOKEN_EXCHANGE_GRANT } from '../../packages/server/src/domain/client.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import { finish } from '../oauth-calls.ts';
import { MUSIC, type RegisteredClient } from '../registrations.ts';

describe.each(STORES)('openid-client on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;

  beforeAll(async () => {
    server = await startTestServer({ store });
    browser = server.newBrowser();
  });
  afterAll(() => server?.close());

  async function configure(registered: RegisteredClient): Promise<client.Configuration> {
    const authentication =
      registered.secret === undefined ? client.None() : client.ClientSecretBasic(registered.secret);
    // The library's own switches: for servers on loopback, and to check signatures where TLS would do.
    const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];
    const discovered = new URL(server.issuer);
    return client.discovery(discovered, registered.id, registered.secret, authentication, { execute });
  }

  async function signIn(registered: RegisteredClient, more: Readonly<Record<string, string>> = {}) {
    const config = await configure(registered);
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const expectedState = client.randomState();
    const expectedNonce = client.randomNonce();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: registered.redirectUri,
      scope: 'openid profile offline_access',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
      max_age: '600',
      ...more,
    });
    const end = await finish(server, browser, await browser.get(url.href));
    const checks = { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 600, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(config, end.leftFor!, checks);
    return { config, tokens };
  }

  it.each(['confidential', 'publicWeb'] as const)(
    'takes %s through code, userinfo, refresh and revocation',
    async (name) => {
      const { config, tokens } = await signIn(server.clients[name]);
      const claims = tokens.claims()!;
      expect(claims).toMatchObject({ iss: server.issuer, sub: server.person.user.id });
      expect(tokens.expiresIn()).toBeGreaterThan(3590);

      const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
      expect(userinfo).toMatchObject({ sub: claims.sub, name: 'ada' });

      const renewed = await client.refreshTokenGrant(config, tokens.refresh_token!);
      expect(renewed.claims()).toMatchObject({ sub: claims.sub });

      await client.tokenRevocation(config, renewed.refresh_token ?? tokens.refresh_token!);
      await expect(client.fetchUserInfo(config, renewed.access_token, claims.sub)).rejects.toMatchObject({
        cause: [{ parameters: { error: 'invalid_token' } }],
      });
    },
  );

  it('introspects, as the API, a token of a person', async () => {
    const { tokens } = await signIn(server.clients.confidential, { resource: MUSIC });
    const api = await configure(server.clients.musicServer);
    expect(await client.tokenIntrospection(api, tokens.access_token)).toMatchObject({
      active: true,
      aud: MUSIC,
    });
    expect(await client.tokenIntrospection(api, 'something else')).toEqual({ active: false });
  });

  it('gets a token for the client itself', async () => {
    const config = await configure(server.clients.confidential);
    const tokens = await client.clientCredentialsGrant(config, { resource: MUSIC });
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'catalog-read' });
  });

  it('refuses an answer that another server gave (RFC 9207 §2.4)', async () => {
    const config = await configure(server.clients.confidential);
    const forged = new URL(
      `${server.clients.confidential.redirectUri}?code=x&state=s&iss=https://evil.example`,
    );
    await expect(client.authorizationCodeGrant(config, forged, { expectedState: 's' })).rejects.toThrow();
    const without = new URL(`${server.clients.confidential.redirectUri}?code=x&state=s`);
    await expect(client.authorizationCodeGrant(config, without, { expectedState: 's' })).rejects.toThrow();
  });

  it('understands a refusal by the person', async () => {
    const { confidential } = server.clients;
    const config = await configure(confidential);
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: confidential.redirectUri,
      scope: 'openid',
      prompt: 'consent',
      code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    });
    const end = await finish(server, browser, await browser.get(url.href), { decision: 'deny' });
    await expect(client.authorizationCodeGrant(config, end.leftFor!)).rejects.toMatchObject({
      error: 'access_denied',
    });
  });

  it('lets a device in, and exchanges its token', async () => {
    const tv = await server.registerClient({
      id: 'library-tv',
      tokenEndpointAuthMethod: 'none',
      redirectUris: [],
      grantTypes: [DEVICE_CODE_GRANT],
    });
    const { music } = server.resources;
    const service = await server.registerClient({
      id: 'library-service',
      redirectUris: [],
      grantTypes: [TOKEN_EXCHANGE_GRANT],
    });
    const event = { id: 'evt_l', at: 0, type: 'resource.updated', outcome: 'success', actor: 'x' } as const;
    const after = {
      ...music,
      resourceServers: ['library-service'],
      tokenExchangeClients: ['library-service'],
    };
    await server.tessera.store.resources.update({ ...after, updatedAt: music.updatedAt + 1 }, event);

    const config = await configure(tv);
    const asked = await client.initiateDeviceAuthorization(config, {
      scope: 'user-read-private playlist-read-private',
      resource: MUSIC,
    });
    const phone = server.newBrowser();
    const { email, password } = server.person;
    const entry = await phone.submit(await phone.get(asked.verification_uri_complete!), { email, password });
    await phone.submit(await phone.submit(entry, {}, 'look'), {}, 'allow');
    // The library waits between two requests by itself; the first one finds the decision made.
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...asked, interval: 1 });
    expect(tokens.scope).toBe('user-read-private playlist-read-private');

    const exchanged = await client.genericGrantRequest(await configure(service), TOKEN_EXCHANGE_GRANT, {
      subject_token: tokens.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      scope: 'user-read-private',
      resource: MUSIC,
    });
    expect(exchanged['issued_token_type']).toBe('urn:ietf:params:oauth:token-type:access_token');
    expect(exchanged.scope).toBe('user-read-private');
  });
});
