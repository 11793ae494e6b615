// FAPI 2.0 by one setting: for a client by its metadata, for everybody by the server's.
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asserted, type ClientKey, createClientKey, signAssertion } from '../assertions.ts';
import { createDpopKey, type DpopKey } from '../dpop-key.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import {
  type Answer,
  createPkce,
  finish,
  type Parameters,
  type Pkce,
  postForm,
  requestToken,
} from '../oauth-calls.ts';
import { objectClaims, requestOf, signObject, visit } from '../pushed-requests.ts';
import { MUSIC, type RegisteredClient } from '../registrations.ts';

const APPS = ['fapi', 'signer', 'rsa-api'] as const;
/** An API that would have RS256 otherwise. */
const RSA = 'https://rsa.example/';

describe.each(STORES)('security profiles on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let key: ClientKey;
  let dpop: DpopKey;
  const apps = new Map<string, RegisteredClient>();

  beforeAll(async () => {
    server = await startTestServer({ store });
    browser = server.newBrowser();
    key = createClientKey('k1');
    dpop = await createDpopKey();
    await server.registerResource({ identifier: RSA, signingAlg: 'RS256' });
    const keyed = { tokenEndpointAuthMethod: 'private_key_jwt' } as const;
    const jwks = { keys: [key.jwk] };
    for (const id of APPS) {
      const profile = id === 'signer' ? 'fapi2_message_signing' : 'fapi2';
      apps.set(
        id,
        await server.registerClient({ ...keyed, id, metadata: { jwks, security_profile: profile } }),
      );
    }
    const metadata = { security_profile: 'fapi2' };
    apps.set('with-secret', await server.registerClient({ id: 'with-secret', metadata }));
  });
  afterAll(() => server?.close());

  const app = (id: string): RegisteredClient => apps.get(id)!;
  const assertion = async (id: string, claims = {}): Promise<Parameters> =>
    asserted(
      await signAssertion(key, { clientId: id, audience: server.issuer, at: server.clock.now(), claims }),
    );
  const pushed = async (id: string, more: Parameters, pkce: Pkce): Promise<Answer> =>
    postForm(server, '/api/par', { ...requestOf(app(id), pkce, more), ...(await assertion(id)) });
  const signed = async (id: string, more: Readonly<Record<string, unknown>>, pkce: Pkce): Promise<Answer> => {
    const claims = objectClaims(server, app(id), more, pkce);
    const request = await signObject(claims, key.privateKey, { alg: 'ES256', kid: 'k1' });
    return postForm(server, '/api/par', { client_id: id, request, ...(await assertion(id)) });
  };
  const url = (): string => `${server.issuer}/api/token`;

  /** The first answer only gives a nonce. */
  async function token(id: string, parameters: Parameters): Promise<Answer> {
    const send = async (claims = {}): Promise<Answer> => {
      const proof = await dpop.proof({ url: url(), at: server.clock.now(), claims });
      return requestToken(server, { ...parameters, ...(await assertion(id)) }, undefined, {
        headers: { dpop: proof },
      });
    };
    const first = await send();
    expect(first.body).toMatchObject({ error: 'use_dpop_nonce' });
    return send({ nonce: first.headers.get('dpop-nonce') });
  }

  async function codeOf(id: string, answer: Answer): Promise<URL> {
    expect(answer.status).toBe(201);
    const requestUri = String(answer.body['request_uri']);
    const end = await finish(server, browser, await visit(server, browser, id, { request_uri: requestUri }));
    return end.leftFor!;
  }

  describe('fapi2 refuses (FAPI 2.0 Security Profile)', () => {
    it('a request that was not pushed (§5.3.2.2)', async () => {
      const end = await visit(server, browser, 'fapi', requestOf(app('fapi'), createPkce()));
      expect(end.leftFor?.searchParams.get('error')).toBe('invalid_request');
      expect(end.leftFor?.searchParams.get('iss')).toBe(server.issuer);
    });
    it('a client that proves itself by a secret (§5.3.2.1)', async () => {
      const answer = await requestToken(server, { grant_type: 'client_credentials' }, app('with-secret'));
      expect(answer.status).toBe(401);
      expect(answer.body).toMatchObject({ error: 'invalid_client' });
    });
    it('a request for bearer tokens (§5.3.2.1)', async () => {
      const answer = await requestToken(server, {
        grant_type: 'client_credentials',
        ...(await assertion('fapi')),
      });
      expect(answer.body).toMatchObject({ error: 'invalid_request' });
    });
    it.each<[string, Record<string, unknown>]>([
      ['the token endpoint as audience (§5.3.2.1)', { aud: 'TOKEN' }],
      ['a list as audience', { aud: ['ISSUER'] }],
      ['an assertion that has expired', { exp: 1 }],
    ])('an assertion with %s', async (_what, claims) => {
      const aud =
        claims['aud'] === 'TOKEN' ? url() : claims['aud'] === undefined ? server.issuer : [server.issuer];
      const answer = await requestToken(server, {
        grant_type: 'client_credentials',
        ...(await assertion('fapi', { ...claims, aud })),
      });
      expect(answer.body).toMatchObject({ error: 'invalid_client' });
    });
    it('PKCE with plain, or none (§5.3.2.2)', async () => {
      for (const more of [
        { code_challenge: undefined, code_challenge_method: undefined },
        { code_challenge_method: 'plain' },
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- two
        expect((await pushed('fapi', more, createPkce())).body).toMatchObject({ error: 'invalid_request' });
      }
    });
  });

  it('fapi2 from the pushed request to a bound token; no RS256 anywhere (§5.4.1)', async () => {
    const pkce = createPkce();
    const parameters = { scope: 'openid read', resource: RSA };
    const location = await codeOf('fapi', await pushed('fapi', parameters, pkce));
    expect(location.searchParams.get('iss')).toBe(server.issuer);
    const answer = await token('fapi', {
      grant_type: 'authorization_code',
      code: location.searchParams.get('code') ?? '',
      redirect_uri: app('fapi').redirectUri,
      code_verifier: pkce.verifier,
    });
    expect(answer.body).toMatchObject({ token_type: 'DPoP' });
    const access = String(answer.body['access_token']);
    expect(decodeJwt(access)['cnf']).toEqual({ jkt: dpop.jkt });
    expect(decodeProtectedHeader(access).alg).toBe('ES256');
    expect(decodeProtectedHeader(String(answer.body['id_token'])).alg).toBe('ES256');
    const refreshToken = String(answer.body['refresh_token']);
    const renewed = await token('fapi', { grant_type: 'refresh_token', refresh_token: refreshToken });
    // §5.3.2.1: no rotation for confidential clients.
    expect(renewed.body['refresh_token'] ?? refreshToken).toBe(refreshToken);
  });

  describe('message signing', () => {
    it.each([['an unsigned request (Message Signing §5.3.1)', 'invalid_request']])(
      'refuses %s',
      async (_what, error) => {
        expect((await pushed('signer', { response_mode: 'jwt' }, createPkce())).body).toMatchObject({
          error,
        });
      },
    );
    it('refuses a signed request for an answer that is not signed (§5.4.1)', async () => {
      expect((await signed('signer', {}, createPkce())).body).toMatchObject({ error: 'invalid_request' });
      expect((await signed('signer', { response_mode: 'form_post' }, createPkce())).body).toMatchObject({
        error: 'invalid_request',
      });
    });
    it('answers a signed request with a signed code', async () => {
      const pkce = createPkce();
      const location = await codeOf(
        'signer',
        await signed('signer', { response_mode: 'jwt', scope: 'openid' }, pkce),
      );
      const response = location.searchParams.get('response') ?? '';
      expect(decodeProtectedHeader(response).alg).toBe('ES256');
      expect(decodeJwt(response)).toMatchObject({
        iss: server.issuer,
        aud: 'signer',
        state: 'state-of-the-app',
      });
      const answer = await token('signer', {
        grant_type: 'authorization_code',
        code: String(decodeJwt(response)['code']),
        redirect_uri: app('signer').redirectUri,
        code_verifier: pkce.verifier,
      });
      expect(answer.status).toBe(200);
    });
  });
});

describe('a server under a profile', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      store: 'sqlite',
      config: { security_profile: 'fapi2_message_signing' },
    });
  });
  afterAll(() => server?.close());

  it('lists exactly what it takes', async () => {
    const metadata = (await (
      await fetch(`${server.base}/.well-known/oauth-authorization-server`)
    ).json()) as Record<string, unknown>;
    expect(metadata).toMatchObject({
      require_pushed_authorization_requests: true,
      require_signed_request_object: true,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      id_token_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA'],
      response_modes_supported: ['jwt', 'query.jwt', 'form_post.jwt'],
    });
    expect(JSON.stringify(metadata)).not.toContain('RS256');
  });

  it.each(['confidential', 'publicWeb'] as const)('refuses %s, whatever it registered', async (name) => {
    const client = server.clients[name];
    const answer = await requestToken(server, { grant_type: 'client_credentials', resource: MUSIC }, client);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ error: 'invalid_client' });
    const pushed = await postForm(server, '/api/par', requestOf(client, createPkce()), client);
    expect(pushed.body).toMatchObject({ error: 'invalid_client' });
  });
});
