// Clients that authenticate by their keys, through every endpoint that clients authenticate at.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AssertionDetails,
  asserted,
  type ClientKey,
  createClientKey,
  signAssertion,
} from '../assertions.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { MINUTE, SECOND } from '../movable-clock.ts';
import {
  type Answer,
  basic,
  finish,
  introspect,
  type Parameters,
  postForm,
  requestToken,
} from '../oauth-calls.ts';
import { MUSIC, type RegisteredClient } from '../registrations.ts';

const key = createClientKey('first');
const next = createClientKey('second');
const foreign = createClientKey('first');

/** Where a client publishes its keys. */
let published: Server;
let publishedKeys: readonly unknown[] = [];
let asked = 0;

beforeAll(async () => {
  published = createServer((_request, response) => {
    asked++;
    response
      .setHeader('content-type', 'application/jwk-set+json')
      .end(JSON.stringify({ keys: publishedKeys }));
  });
  published.listen(0, '127.0.0.1');
  await once(published, 'listening');
});
afterAll(() => void published.close());

function publishedAt(): string {
  const address = published.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/jwks`;
}

describe.each(STORES)('private_key_jwt on %s', (store) => {
  let server: TestServer;
  let client: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store, config: { outbound_allow_hosts: ['127.0.0.1'] } });
    const details = { tokenEndpointAuthMethod: 'private_key_jwt' } as const;
    client = await server.registerClient({
      ...details,
      id: 'signer',
      metadata: { jwks: { keys: [key.jwk] } },
    });
    await server.registerClient({ ...details, id: 'other-signer', metadata: { jwks: { keys: [next.jwk] } } });
    await server.registerClient({ ...details, id: 'publisher', metadata: { jwks_uri: publishedAt() } });
    await server.registerClient({
      ...details,
      id: 'fapi2-signer',
      metadata: { jwks: { keys: [key.jwk] }, security_profile: 'fapi2' },
    });
  });
  afterAll(() => server?.close());

  const assertion = (changes: Partial<AssertionDetails> = {}, by: ClientKey = key): Promise<string> =>
    signAssertion(by, { clientId: 'signer', audience: server.issuer, at: server.clock.now(), ...changes });

  const grant = { grant_type: 'client_credentials' };
  const ask = async (
    signed: string | Promise<string>,
    more: Parameters = {},
    headers = {},
  ): Promise<Answer> =>
    requestToken(server, { ...grant, ...asserted(await signed), ...more }, undefined, { headers });

  describe('is used up by a request', () => {
    it.each<[string, Parameters, Record<string, string>]>([
      ['for a grant type that nobody knows', { grant_type: 'telepathy' }, {}],
      [
        'for a grant type that the client may not use',
        { grant_type: 'refresh_token', refresh_token: 'x' },
        {},
      ],
      ['with a DPoP proof that is none', {}, { dpop: 'no proof' }],
    ])('%s (RFC 7523 §3)', async (_what, parameters, headers) => {
      const signed = await assertion();
      expect((await ask(signed, parameters, headers)).status).toBe(400);
      expect(await ask(signed)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    });
  });

  describe('is refused', () => {
    it.each<[string, string, () => Promise<Answer>]>([
      [
        'TK-08, RFC 6749 §2.3: Basic beside an assertion',
        'invalid_request',
        () => ask(assertion(), {}, { authorization: basic('signer', 'secret') }),
      ],
      [
        'TK-08, RFC 6749 §2.3: a secret beside an assertion',
        'invalid_request',
        () => ask(assertion(), { client_id: 'signer', client_secret: 'secret' }),
      ],
      [
        'TK-09, RFC 6749 §2.3: a secret in place of the assertion',
        'invalid_client',
        () => requestToken(server, grant, { ...client, secret: 'secret' }),
      ],
      [
        'TK-09, RFC 6749 §2.3: nothing in place of the assertion',
        'invalid_client',
        () => requestToken(server, grant, client),
      ],
      [
        'TK-09, RFC 6749 §2.3: an assertion of a client that has a secret',
        'invalid_client',
        () => ask(assertion({ clientId: 'confidential' })),
      ],
      [
        'RFC 7521 §4.2: client_id of another client',
        'invalid_client',
        () => ask(assertion(), { client_id: 'spa' }),
      ],
      [
        'RFC 7521 §4.2: another type',
        'invalid_client',
        async () =>
          ask(assertion(), {
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
          }),
      ],
      ['RFC 7521 §4.2: no assertion', 'invalid_client', async () => ask('', { client_id: 'signer' })],
      [
        'TK-22: two assertions',
        'invalid_request',
        async () => ask(assertion(), { client_assertion: [await assertion(), await assertion()] }),
      ],
      ['TK-13: the key of another client', 'invalid_client', () => ask(assertion({}, next))],
      ['TK-13: another key of the same name', 'invalid_client', () => ask(assertion({}, foreign))],
      [
        'TK-13, RFC 7523 §3: the client of another key',
        'invalid_client',
        () => ask(assertion({ claims: { sub: 'other-signer' } })),
      ],
      [
        'TK-13, RFC 7523 §3: an unknown client',
        'invalid_client',
        () => ask(assertion({ clientId: 'nobody' })),
      ],
      ['TK-13, RFC 7523 §3: no exp', 'invalid_client', () => ask(assertion({ claims: { exp: undefined } }))],
      [
        'TK-13, RFC 7523 §3: two audiences',
        'invalid_client',
        () => ask(assertion({ claims: { aud: [server.issuer, MUSIC] } })),
      ],
      [
        'TK-13, FAPI 2.0 §5.3.2.1: the token endpoint as the audience',
        'invalid_client',
        () => ask(assertion({ clientId: 'fapi2-signer', audience: `${server.issuer}/api/token` })),
      ],
      [
        'TK-13, FAPI 2.0 §5.3.2.1: a list as the audience',
        'invalid_client',
        () => ask(assertion({ clientId: 'fapi2-signer', claims: { aud: [server.issuer] } })),
      ],
      ['TK-13: 15 kB of nothing', 'invalid_client', () => ask('x'.repeat(15_000))],
    ])('%s', async (_what, error, request) => {
      const { status, body, headers } = await request();
      expect(body).toMatchObject({ error });
      expect(status).toBe(error === 'invalid_client' ? 401 : 400);
      expect(headers.get('cache-control')).toBe('no-store');
    });

    it('TK-13: 1 MB', async () => {
      expect((await ask('x'.repeat(1_000_000))).status).toBe(413);
    });

    it('TK-07: in a URL', async () => {
      const path = `/api/token?client_assertion=${await assertion()}`;
      expect((await requestToken(server, grant, client, { path })).status).toBe(400);
    });
  });

  describe('an assertion is good once (RFC 7523 §3)', () => {
    it('TK-13: also where it got no token', async () => {
      const signed = await assertion();
      expect((await ask(signed, { scope: 'no-such-scope' })).body).toMatchObject({ error: 'invalid_scope' });
      expect((await ask(signed)).body).toMatchObject({
        error: 'invalid_client',
        error_description: 'The assertion was used before',
      });
    });

    it('TK-13: at another endpoint, too', async () => {
      const signed = await assertion();
      expect((await ask(signed)).status).toBe(200);
      expect((await postForm(server, '/api/revoke', { token: 'x', ...asserted(signed) })).status).toBe(401);
    });

    it('of 32 uses at once one wins, on every node', async () => {
      const bases = store === 'postgres' ? [server.base, await server.addNode()] : [server.base];
      const parameters = { ...grant, ...asserted(await assertion()) };
      const answers = await Promise.all(
        Array.from({ length: 32 }, (_, index) =>
          requestToken(server, parameters, undefined, { base: bases[index % bases.length]! }),
        ),
      );
      // Whoever tries too often at a time is told to slow down; nobody else gets a token.
      expect(answers.filter(({ status }) => status === 200).length).toBe(1);
      expect(answers.every(({ status }) => [200, 401, 429].includes(status))).toBe(true);
      server.clock.advance(MINUTE);
    });

    it('the jti of one client is not that of another', async () => {
      const claims = { jti: 'shared' };
      expect((await ask(assertion({ claims }))).status).toBe(200);
      expect((await ask(assertion({ claims, clientId: 'other-signer' }, next))).status).toBe(200);
    });
  });

  it('a changed assertion is never accepted, and never our fault', { timeout: 60_000 }, async () => {
    const values = [
      '',
      null,
      0,
      -1,
      1e300,
      true,
      [],
      {},
      'x',
      [server.issuer, ''],
      '\u0000',
      '9'.repeat(400),
    ];
    const statuses = new Map<string, number>();
    for (const claim of ['iss', 'sub', 'aud', 'jti', 'exp', 'nbf', 'iat']) {
      for (const value of [undefined, ...values]) {
        const isHarmless =
          (value === undefined && (claim === 'iat' || claim === 'nbf')) ||
          ((claim === 'iat' || claim === 'nbf') && typeof value === 'number' && value <= 0) ||
          (claim === 'jti' && typeof value === 'string' && value !== '');
        if (isHarmless) continue;
        server.clock.advance(4 * SECOND);
        const what = `${claim} ${JSON.stringify(value)?.slice(0, 40)}`;
        // oxlint-disable-next-line no-await-in-loop -- slow enough for the limit on failures
        statuses.set(
          what,
          (await ask(assertion({ claims: { [claim]: value } }), { client_id: 'signer' })).status,
        );
      }
    }
    expect(statuses.size).toBeGreaterThan(70);
    expect([...statuses].filter(([, status]) => status !== 401 && status !== 400)).toEqual([]);
    expect((await ask(assertion())).status).toBe(200);
  });

  it('works without client_id, and with the token endpoint as the audience', async () => {
    expect((await ask(assertion())).status).toBe(200);
    const audience = `${server.issuer}/api/token`;
    expect((await ask(assertion({ audience }), { client_id: 'signer' })).status).toBe(200);
  });

  it('works where a request is pushed (RFC 9126 §2)', async () => {
    const request = {
      client_id: 'signer',
      response_type: 'code',
      redirect_uri: client.redirectUri,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    };
    expect((await postForm(server, '/api/par', request)).status).toBe(401);
    const pushed = await postForm(server, '/api/par', { ...request, ...asserted(await assertion()) });
    expect(pushed.status).toBe(201);
    for (const path of ['', '/api/token', '/api/par']) {
      const audience = `${server.issuer}${path}`;
      // oxlint-disable-next-line no-await-in-loop -- three
      const answer = await postForm(server, '/api/par', {
        ...request,
        ...asserted(await assertion({ audience })),
      });
      expect(`${audience}: ${answer.status}`).toBe(`${audience}: 201`);
    }
  });

  it('follows a client that changes its published key (oidcc-refresh-token-rp-key-rotation)', async () => {
    publishedKeys = [key.jwk];
    asked = 0;
    const ofPublisher = { clientId: 'publisher' };
    expect((await ask(assertion(ofPublisher))).status).toBe(200);
    expect((await ask(assertion(ofPublisher))).status).toBe(200);
    expect(asked).toBe(1);
    publishedKeys = [next.jwk];
    expect((await ask(assertion(ofPublisher, next))).status).toBe(401);
    expect(asked).toBe(1);
    server.clock.advance(MINUTE);
    expect((await ask(assertion(ofPublisher, next))).status).toBe(200);
    expect((await ask(assertion(ofPublisher))).status).toBe(401);
    expect(asked).toBe(2);
  });

  describe('with libraries', () => {
    const options = { [oauth.allowInsecureRequests]: true };
    const redirectUri = 'https://signer.example.com/cb';
    let privateKey: CryptoKey;
    let as: oauth.AuthorizationServer;

    beforeAll(async () => {
      const pkcs8 = new Uint8Array(key.privateKey.export({ type: 'pkcs8', format: 'der' }));
      const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
      privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
      // They read the time themselves.
      server.clock.reset();
      const issuer = new URL(server.issuer);
      as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
    });

    it('oauth4webapi: through code, refresh, introspection and revocation', async () => {
      expect(as.token_endpoint_auth_methods_supported).toContain('private_key_jwt');
      expect(as.token_endpoint_auth_signing_alg_values_supported).toContain('ES256');
      const party = { client_id: 'signer' };
      const authentication = oauth.PrivateKeyJwt({ key: privateKey, kid: key.kid });
      const verifier = oauth.generateRandomCodeVerifier();
      const url = new URL(as.authorization_endpoint!);
      url.search = new URLSearchParams({
        client_id: 'signer',
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid offline_access',
        state: 'state',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).toString();
      const browser = server.newBrowser();
      const { leftFor } = await finish(server, browser, await browser.get(url.href));
      const callback = oauth.validateAuthResponse(as, party, leftFor!, 'state');
      const exchanged = await oauth.authorizationCodeGrantRequest(
        as,
        party,
        authentication,
        callback,
        redirectUri,
        verifier,
        options,
      );
      const tokens = await oauth.processAuthorizationCodeResponse(as, party, exchanged, {
        requireIdToken: true,
      });
      const refreshed = await oauth.refreshTokenGrantRequest(
        as,
        party,
        authentication,
        tokens.refresh_token!,
        options,
      );
      const renewed = await oauth.processRefreshTokenResponse(as, party, refreshed);
      const asking = await oauth.introspectionRequest(
        as,
        party,
        authentication,
        renewed.access_token,
        options,
      );
      const said = await oauth.processIntrospectionResponse(as, party, asking);
      expect(said).toMatchObject({ active: true, client_id: 'signer', token_type: 'Bearer' });
      const revoking = await oauth.revocationRequest(
        as,
        party,
        authentication,
        renewed.access_token,
        options,
      );
      await oauth.processRevocationResponse(revoking);
      expect((await introspect(server, renewed.access_token)).body).toMatchObject({ active: false });
    });

    it('openid-client: a token for the client itself', async () => {
      const config = await openid.discovery(
        new URL(server.issuer),
        'signer',
        undefined,
        openid.PrivateKeyJwt({ key: privateKey, kid: key.kid }),
        { execute: [openid.allowInsecureRequests] },
      );
      const tokens = await openid.clientCredentialsGrant(config);
      expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3600 });
    });
  });
});
