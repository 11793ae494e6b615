// The whole flow with oauth4webapi, unmodified, which checks every answer against the standards as strictly as it can.
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import { finish } from '../oauth-calls.ts';
import { MUSIC, type RegisteredClient } from '../registrations.ts';

/** The library's own switch for servers on loopback. */
const options = { [oauth.allowInsecureRequests]: true };

describe.each(STORES)('oauth4webapi on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let as: oauth.AuthorizationServer;

  beforeAll(async () => {
    server = await startTestServer({ store });
    browser = server.newBrowser();
    const issuer = new URL(server.issuer);
    as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
  });
  afterAll(() => server?.close());

  it.each(['oidc', 'oauth2'] as const)('accepts the metadata of %s (RFC 8414 §3)', async (algorithm) => {
    const issuer = new URL(server.issuer);
    const answer = await oauth.discoveryRequest(issuer, { ...options, algorithm });
    const found = await oauth.processDiscoveryResponse(issuer, answer);
    expect(found).toMatchObject({ issuer: server.issuer, userinfo_endpoint: `${server.issuer}/userinfo` });
  });

  const METHODS: readonly (readonly [string, (server: TestServer) => Party])[] = [
    [
      'a confidential client by Basic',
      ({ clients: { confidential } }) => party(confidential, oauth.ClientSecretBasic),
    ],
    [
      'a confidential client by POST',
      ({ clients: { confidential } }) => party(confidential, oauth.ClientSecretPost),
    ],
    ['a public client', ({ clients: { publicWeb } }) => party(publicWeb, () => oauth.None())],
    [
      'a native client',
      ({ clients: { native } }) => party(native, () => oauth.None(), 'http://127.0.0.1:49152/cb'),
    ],
  ];

  interface Party {
    readonly client: oauth.Client;
    readonly authentication: oauth.ClientAuth;
    readonly redirectUri: string;
  }

  function party(
    registered: RegisteredClient,
    method: (secret: string) => oauth.ClientAuth,
    redirectUri = registered.redirectUri,
  ): Party {
    return {
      client: { client_id: registered.id },
      authentication: method(registered.secret ?? ''),
      redirectUri,
    };
  }

  async function authorize(of: Party, more: Readonly<Record<string, string>> = {}) {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const nonce = oauth.generateRandomNonce();
    const url = new URL(as.authorization_endpoint!);
    const parameters = {
      client_id: of.client.client_id,
      redirect_uri: of.redirectUri,
      response_type: 'code',
      scope: 'openid profile email',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...more,
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const end = await finish(server, browser, await browser.get(url.href));
    const callback = oauth.validateAuthResponse(as, of.client, end.leftFor!, state);
    return { callback, verifier, nonce };
  }

  async function exchange(of: Party, { callback, verifier, nonce }: Awaited<ReturnType<typeof authorize>>) {
    const answer = await oauth.authorizationCodeGrantRequest(
      as,
      of.client,
      of.authentication,
      callback,
      of.redirectUri,
      verifier,
      options,
    );
    const result = await oauth.processAuthorizationCodeResponse(as, of.client, answer, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    // The library checks the signature only when asked, because TLS would do.
    await oauth.validateApplicationLevelSignature(as, answer, options);
    return result;
  }

  it.each(METHODS)('takes %s through code, userinfo, refresh and revocation', async (_name, chosen) => {
    const of = chosen(server);
    const tokens = await exchange(of, await authorize(of));
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'openid profile email' });

    const { sub } = oauth.getValidatedIdTokenClaims(tokens)!;
    const userinfo = await oauth.userInfoRequest(as, of.client, tokens.access_token, options);
    const claims = await oauth.processUserInfoResponse(as, of.client, sub, userinfo);
    expect(claims).toMatchObject({ sub: server.person.user.id, name: 'ada', email: 'ada@example.test' });

    const { client, authentication } = of;
    const again = await oauth.refreshTokenGrantRequest(
      as,
      client,
      authentication,
      tokens.refresh_token!,
      options,
    );
    const renewed = await oauth.processRefreshTokenResponse(as, client, again);
    expect(renewed.access_token).not.toBe(tokens.access_token);

    const last = renewed.refresh_token ?? tokens.refresh_token!;
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(as, client, authentication, last, options),
    );
    const dead = await oauth.userInfoRequest(as, client, renewed.access_token, options);
    await expect(oauth.processUserInfoResponse(as, client, sub, dead)).rejects.toMatchObject({
      status: 401,
      cause: [{ scheme: 'bearer', parameters: { error: 'invalid_token' } }],
    });
  });

  it('introspects, as the API', async () => {
    const app = party(server.clients.confidential, oauth.ClientSecretBasic);
    const api = party(server.clients.musicServer, oauth.ClientSecretBasic);
    const { access_token } = await exchange(app, await authorize(app, { resource: MUSIC }));
    const answer = await oauth.introspectionRequest(
      as,
      api.client,
      api.authentication,
      access_token,
      options,
    );
    const result = await oauth.processIntrospectionResponse(as, api.client, answer);
    expect(result).toMatchObject({ active: true, client_id: 'confidential', aud: MUSIC });
  });

  it('validates the JWT of an API (RFC 9068)', async () => {
    const of = party(server.clients.publicWeb, () => oauth.None());
    const { access_token } = await exchange(of, await authorize(of, { resource: MUSIC }));
    const request = new Request('https://music.example/v1/me', {
      headers: { authorization: `Bearer ${access_token}` },
    });
    const claims = await oauth.validateJwtAccessToken(as, request, MUSIC, options);
    expect(claims).toMatchObject({ sub: server.person.user.id, client_id: 'spa' });
    await expect(
      oauth.validateJwtAccessToken(as, request, 'https://other.example/', options),
    ).rejects.toThrow();
  });

  it('gets a token for the client itself', async () => {
    const { client, authentication } = party(server.clients.confidential, oauth.ClientSecretBasic);
    const answer = await oauth.clientCredentialsGrantRequest(as, client, authentication, {}, options);
    const tokens = await oauth.processClientCredentialsResponse(as, client, answer);
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3600 });
  });

  it('understands our refusals (RFC 6749 §5.2, RFC 9110 §11.6.1)', async () => {
    const of = party({ ...server.clients.confidential, secret: 'wrong' }, oauth.ClientSecretBasic);
    const authorized = await authorize(of);
    await expect(exchange(of, authorized)).rejects.toMatchObject({
      status: 401,
      cause: [{ scheme: 'basic' }],
    });
    const right = party(server.clients.confidential, oauth.ClientSecretBasic);
    await exchange(right, authorized);
    await expect(exchange(right, authorized)).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
    const wrongScope = authorize(right, { scope: 'openid no-such-scope' });
    await expect(wrongScope).rejects.toMatchObject({ error: 'invalid_scope' });
  });
});
