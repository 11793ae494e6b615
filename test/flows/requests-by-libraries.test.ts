// Pushed and signed requests, details and signed answers with openid-client, unmodified.
import { exportJWK } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { musicDetailsTypes } from '@tessera/example-music-api';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { finish } from '../oauth-calls.ts';

describe.each(STORES)('openid-client on %s', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ store });
  });
  afterAll(() => server?.close());

  it('signs and pushes a request with details, and reads the signed answer (RFC 9101, 9126, 9396, JARM)', async () => {
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ]);
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' };
    const client = await server.registerClient({ id: 'library', metadata: { jwks: { keys: [jwk] } } });
    await server.registerResource({
      identifier: 'https://detailed.example/',
      authorizationDetailsTypes: musicDetailsTypes,
    });
    const config = await oidc.discovery(new URL(server.issuer), client.id, client.secret ?? '', undefined, {
      execute: [oidc.allowInsecureRequests, oidc.useJwtResponseMode],
    });
    const verifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const detail = { type: 'playlist_change', playlist: 'Bach', max_tracks: 3 };
    const { searchParams } = await oidc.buildAuthorizationUrlWithJAR(
      config,
      {
        redirect_uri: client.redirectUri,
        scope: 'openid',
        resource: 'https://detailed.example/',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        authorization_details: JSON.stringify([detail]),
        state,
      },
      { key: keys.privateKey, kid: 'k1' },
    );
    const url = await oidc.buildAuthorizationUrlWithPAR(config, searchParams);
    expect([...url.searchParams.keys()].toSorted()).toEqual(['client_id', 'request_uri']);
    const browser = server.newBrowser();
    const { leftFor } = await finish(server, browser, await browser.get(url.href));
    expect([...leftFor!.searchParams.keys()]).toEqual(['response']);
    const checks = { pkceCodeVerifier: verifier, expectedState: state };
    const tokens = await oidc.authorizationCodeGrant(config, leftFor!, checks);
    expect(tokens.authorization_details).toEqual([detail]);
    expect(tokens.claims()).toMatchObject({ acr: 'urn:tessera:acr:pwd' });
  });
});
