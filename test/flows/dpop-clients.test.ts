// Whole flows with bound tokens, by libraries that are not ours and not changed for this.
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { finish } from '../oauth-calls.ts';
import { MUSIC, type RegisteredClient } from '../registrations.ts';

/** The library's own switch for servers on loopback. */
const options = { [oauth.allowInsecureRequests]: true };

const SETTINGS = STORES.flatMap((store) =>
  (['optional', 'required'] as const).map((nonce) => ({ store, nonce })),
);

describe.each(SETTINGS)('DPoP on $store, nonces $nonce', ({ store, nonce }) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ store, config: { dpop_nonce: nonce } });
  });
  afterAll(() => server?.close());

  const CLIENTS = ['publicWeb', 'confidential'] as const;

  describe.each(CLIENTS)('oauth4webapi as %s', (name) => {
    let as: oauth.AuthorizationServer;
    let client: oauth.Client;
    let registered: RegisteredClient;
    let authentication: oauth.ClientAuth;

    beforeAll(async () => {
      const issuer = new URL(server.issuer);
      as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
      registered = server.clients[name];
      client = { client_id: registered.id };
      authentication =
        registered.secret === undefined ? oauth.None() : oauth.ClientSecretPost(registered.secret);
    });

    /** As the library says to: once more where the server asked for a nonce. */
    async function withNonce<Result>(attempt: () => Promise<Result>): Promise<Result> {
      try {
        return await attempt();
      } catch (error) {
        if (!oauth.isDPoPNonceError(error)) throw error;
        expect(nonce).toBe('required');
        return attempt();
      }
    }

    async function signIn(DPoP: oauth.DPoPHandle) {
      const verifier = oauth.generateRandomCodeVerifier();
      const url = new URL(as.authorization_endpoint!);
      const parameters = {
        client_id: client.client_id,
        redirect_uri: registered.redirectUri,
        response_type: 'code',
        scope: 'openid profile offline_access',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        dpop_jkt: await DPoP.calculateThumbprint(),
      };
      for (const [parameter, value] of Object.entries(parameters)) url.searchParams.set(parameter, value);
      const browser = server.newBrowser();
      const end = await finish(server, browser, await browser.get(url.href));
      const callback = oauth.validateAuthResponse(as, client, end.leftFor!);
      return withNonce(async () => {
        const answer = await oauth.authorizationCodeGrantRequest(
          as,
          client,
          authentication,
          callback,
          registered.redirectUri,
          verifier,
          { ...options, DPoP },
        );
        return oauth.processAuthorizationCodeResponse(as, client, answer, { requireIdToken: true });
      });
    }

    it('signs in, calls UserInfo, refreshes', async () => {
      const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
      const tokens = await signIn(DPoP);
      expect(tokens.token_type).toBe('dpop');
      const { sub } = oauth.getValidatedIdTokenClaims(tokens)!;
      const call = async (accessToken: string) =>
        withNonce(async () => {
          const answer = await oauth.userInfoRequest(as, client, accessToken, { ...options, DPoP });
          return oauth.processUserInfoResponse(as, client, sub, answer);
        });
      expect(await call(tokens.access_token)).toMatchObject({ sub, name: 'ada' });
      const renewed = await withNonce(async () => {
        const answer = await oauth.refreshTokenGrantRequest(
          as,
          client,
          authentication,
          tokens.refresh_token!,
          {
            ...options,
            DPoP,
          },
        );
        return oauth.processRefreshTokenResponse(as, client, answer);
      });
      expect(renewed.token_type).toBe('dpop');
      expect(await call(renewed.access_token)).toMatchObject({ sub });
    });

    it('another key is refused', async () => {
      const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
      const other = oauth.DPoP(client, await oauth.generateKeyPair('EdDSA'));
      const { access_token } = await signIn(DPoP);
      const call = withNonce(async () => {
        const answer = await oauth.userInfoRequest(as, client, access_token, { ...options, DPoP: other });
        return oauth.processUserInfoResponse(as, client, oauth.skipSubjectCheck, answer);
      });
      await expect(call).rejects.toMatchObject({ status: 401, cause: [{ scheme: 'dpop' }] });
    });
  });

  it.each(['ES256', 'PS256'])(
    'a JWT of an API, bound by %s, as oauth4webapi checks it (RFC 9068)',
    async (alg) => {
      const issuer = new URL(server.issuer);
      const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
      const { id, secret = '' } = server.clients.confidential;
      const client = { client_id: id };
      const keys = await oauth.generateKeyPair(alg);
      const DPoP = oauth.DPoP({}, keys);
      const ask = async () => {
        const answer = await oauth.clientCredentialsGrantRequest(
          as,
          client,
          oauth.ClientSecretBasic(secret),
          { resource: MUSIC },
          { ...options, DPoP },
        );
        return oauth.processClientCredentialsResponse(as, client, answer);
      };
      const tokens = await ask().catch((error: unknown) => {
        if (!oauth.isDPoPNonceError(error)) throw error;
        return ask();
      });
      expect(tokens.token_type).toBe('dpop');
      let checked: unknown;
      await oauth.protectedResourceRequest(
        tokens.access_token,
        'GET',
        new URL('https://music.example/v1/me'),
        undefined,
        undefined,
        {
          ...options,
          DPoP,
          [oauth.customFetch]: async (url, { method, headers }) => {
            const request = new Request(url, { method, headers });
            checked = await oauth.validateJwtAccessToken(as, request, MUSIC, {
              ...options,
              requireDPoP: true,
            });
            return new Response();
          },
        },
      );
      expect(checked).toMatchObject({ cnf: { jkt: await DPoP.calculateThumbprint() } });
    },
  );

  it.each(CLIENTS)('openid-client as %s: sign in, UserInfo, refresh', async (name) => {
    const registered = server.clients[name];
    const authentication =
      registered.secret === undefined ? openid.None() : openid.ClientSecretBasic(registered.secret);
    const execute = [openid.allowInsecureRequests, openid.enableNonRepudiationChecks];
    const config = await openid.discovery(
      new URL(server.issuer),
      registered.id,
      registered.secret,
      authentication,
      { execute },
    );
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: registered.redirectUri,
      scope: 'openid profile offline_access',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      dpop_jkt: await DPoP.calculateThumbprint(),
    });
    const browser = server.newBrowser();
    const end = await finish(server, browser, await browser.get(url.href));
    const checks = { pkceCodeVerifier, idTokenExpected: true };
    const tokens = await openid.authorizationCodeGrant(config, end.leftFor!, checks, undefined, { DPoP });
    expect(tokens.token_type).toBe('dpop');
    const { sub } = tokens.claims()!;
    expect(await openid.fetchUserInfo(config, tokens.access_token, sub, { DPoP })).toMatchObject({
      name: 'ada',
    });
    const renewed = await openid.refreshTokenGrant(config, tokens.refresh_token!, undefined, { DPoP });
    expect(await openid.fetchUserInfo(config, renewed.access_token, sub, { DPoP })).toMatchObject({ sub });
    await expect(openid.fetchUserInfo(config, renewed.access_token, sub)).rejects.toMatchObject({
      status: 401,
    });
  });
});
