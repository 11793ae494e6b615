// Pushed and signed requests, details and signed answers with openid-client and oauth4webapi, unmodified.
import { exportJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { musicDetailsTypes } from '@tessera/example-music-api';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { finish } from '../oauth-calls.ts';

const DETAILED = 'https://detailed.example/';
const DETAIL = { type: 'playlist_change', playlist: 'Bach', max_tracks: 3 };

describe.each(STORES)('libraries on %s', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ store });
    await server.registerResource({ identifier: DETAILED, authorizationDetailsTypes: musicDetailsTypes });
  });
  afterAll(() => server?.close());

  async function signingClient(id: string) {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
    return { client: await server.registerClient({ id, metadata: { jwks: { keys: [jwk] } } }), privateKey };
  }

  it('openid-client signs and pushes a request with details, and reads the signed answer (RFC 9101, 9126, 9396, JARM)', async () => {
    const { client, privateKey } = await signingClient('by-openid-client');
    const config = await oidc.discovery(new URL(server.issuer), client.id, client.secret ?? '', undefined, {
      execute: [oidc.allowInsecureRequests, oidc.useJwtResponseMode],
    });
    const verifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const { searchParams } = await oidc.buildAuthorizationUrlWithJAR(
      config,
      {
        redirect_uri: client.redirectUri,
        scope: 'openid',
        resource: DETAILED,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        authorization_details: JSON.stringify([DETAIL]),
        state,
      },
      { key: privateKey, kid: 'k1' },
    );
    const url = await oidc.buildAuthorizationUrlWithPAR(config, searchParams);
    expect([...url.searchParams.keys()].toSorted()).toEqual(['client_id', 'request_uri']);
    const browser = server.newBrowser();
    const { leftFor } = await finish(server, browser, await browser.get(url.href));
    expect([...leftFor!.searchParams.keys()]).toEqual(['response']);
    const checks = { pkceCodeVerifier: verifier, expectedState: state };
    const tokens = await oidc.authorizationCodeGrant(config, leftFor!, checks);
    expect(tokens.authorization_details).toEqual([DETAIL]);
    expect(tokens.claims()).toMatchObject({ acr: 'urn:tessera:acr:pwd' });
  });

  it.each([
    ['pushes a request', true, false],
    ['signs a request', false, true],
    ['signs and pushes a request', true, true],
  ])('oauth4webapi %s with details, and reads the signed answer', async (what, pushes, signs) => {
    const options = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(server.issuer);
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
    const registered = await signingClient(what.replaceAll(' ', '-'));
    const { id, secret = '', redirectUri } = registered.client;
    const client: oauth.Client = { client_id: id };
    const authentication = oauth.ClientSecretBasic(secret);
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const nonce = oauth.generateRandomNonce();
    const plain = new URLSearchParams({
      client_id: id,
      redirect_uri: redirectUri,
      response_type: 'code',
      response_mode: 'jwt',
      scope: 'openid',
      resource: DETAILED,
      authorization_details: JSON.stringify([DETAIL]),
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    const { privateKey: key } = registered;
    const signed = async () => ({
      client_id: id,
      request: await oauth.issueRequestObject(as, client, plain, { key, kid: 'k1' }),
    });
    let sent = new URLSearchParams(signs ? await signed() : plain);
    if (pushes) {
      const answer = await oauth.pushedAuthorizationRequest(as, client, authentication, sent, options);
      const pushed = await oauth.processPushedAuthorizationResponse(as, client, answer);
      sent = new URLSearchParams({ client_id: id, request_uri: pushed.request_uri });
    }
    const browser = server.newBrowser();
    const { leftFor } = await finish(
      server,
      browser,
      await browser.get(`${as.authorization_endpoint}?${sent}`),
    );
    const callback = await oauth.validateJwtAuthResponse(as, client, leftFor!, state, options);
    const answer = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      authentication,
      callback,
      redirectUri,
      verifier,
      options,
    );
    const checks = { expectedNonce: nonce, requireIdToken: true };
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, checks);
    await oauth.validateApplicationLevelSignature(as, answer, options);
    expect(tokens.authorization_details).toEqual([DETAIL]);
  });
});
