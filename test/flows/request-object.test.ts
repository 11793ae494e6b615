// Signed authorization requests, by value: which are refused, and that nothing outside of them counts.
import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asserted, createClientKey, signAssertion } from '../assertions.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import type { NoScriptBrowser, Visit } from '../no-script-browser.ts';
import { createPkce, finish, type Parameters, postForm, signInAndConsent } from '../oauth-calls.ts';
import {
  type ObjectAlg,
  objectClaims,
  push,
  requestOf,
  signingKey,
  signObject,
  visit,
} from '../pushed-requests.ts';
import type { RegisteredClient } from '../registrations.ts';

describe.each(STORES)('signed authorization requests on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let client: RegisteredClient;
  const own = signingKey('ES256');
  const others = signingKey('ES256');

  beforeAll(async () => {
    server = await startTestServer({ store });
    browser = server.newBrowser();
    client = await server.registerClient({ id: 'signer', metadata: { jwks: own.jwks } });
    await signInAndConsent(server, browser, { client, parameters: { scope: 'openid' } });
  });
  afterAll(() => server?.close());
  beforeEach(() => server.clock.reset());

  type Claims = Readonly<Record<string, unknown>>;
  const sign = (more: Claims = {}, header = { alg: 'ES256', kid: 'k1' }): Promise<string> =>
    signObject(objectClaims(server, client, more), own.key, header);
  const send = (request: string, more: Parameters = {}, by = client): Promise<Visit> =>
    visit(server, browser, by.id, { request, ...more });
  const pushObject = async (request: string): Promise<unknown> =>
    (await postForm(server, '/api/par', { client_id: client.id, request }, client)).body['error'];
  const inSeconds = (seconds: number): number => Math.floor(server.clock.now() / 1000) + seconds;

  const REFUSED: readonly (readonly [string, () => Promise<string>])[] = [
    ['that is not signed (RFC 9101 §6.1, AZ-82)', async () => 'eyJhbGciOiJub25lIn0.e30.'],
    ['that is no JWT', async () => 'nonsense'],
    [
      'of another client’s key',
      () => signObject(objectClaims(server, client), others.key, { alg: 'ES256', kid: 'k1' }),
    ],
    ['with a kid nobody has', () => sign({}, { alg: 'ES256', kid: 'k2' })],
    [
      'signed with the client’s secret (AZ-82)',
      () =>
        signObject(objectClaims(server, client), Buffer.from(client.secret!), { alg: 'HS256', kid: 'k1' }),
    ],
    ['with another iss (RFC 9101 §4)', () => sign({ iss: 'confidential' })],
    ['without iss', () => sign({ iss: undefined })],
    ['of another client_id (RFC 9101 §5)', () => sign({ client_id: 'confidential' })],
    ['without client_id', () => sign({ client_id: undefined })],
    ['with another aud (fapi2 bad-aud)', () => sign({ aud: 'https://other.example' })],
    ['without aud', () => sign({ aud: undefined })],
    ['without exp (fapi2 without-exp)', () => sign({ exp: undefined })],
    ['without nbf (fapi2 without-nbf)', () => sign({ nbf: undefined })],
    ['that has expired (fapi2 expired)', () => sign({ nbf: inSeconds(-100), exp: inSeconds(0) })],
    ['that lives longer than an hour (fapi2 exp-over-60)', () => sign({ exp: inSeconds(3700) })],
    [
      'that is older than an hour (fapi2 nbf-over-60)',
      () => sign({ nbf: inSeconds(-3700), exp: inSeconds(-1 + 60) }),
    ],
    ['that is not valid yet', () => sign({ nbf: inSeconds(60) })],
    ['with exp as text', () => sign({ exp: String(inSeconds(60)) })],
    ['with another object inside (RFC 9101 §4, AZ-82)', () => sign({ request: 'x' })],
    ['with a request_uri inside (RFC 9101 §4)', () => sign({ request_uri: 'urn:x' })],
    ['that is a client assertion (RFC 9101 §10.8)', () => sign({ sub: client.id })],
    [
      'that is an access token by its typ',
      () => signObject(objectClaims(server, client), own.key, { alg: 'ES256', kid: 'k1', typ: 'at+jwt' }),
    ],
    ['with a list where text should be', () => sign({ state: ['a', 'b'] })],
  ];

  describe.each(REFUSED)('refuses one %s', (_name, make) => {
    it('at /authorize', async () => {
      const { leftFor, status, page } = await send(await make());
      expect(leftFor).toBeUndefined();
      expect(status).toBe(400);
      expect(page).toContain('invalid_request_object');
    });
    it('at /authorize, told to the registered redirect URI beside it', async () => {
      const { leftFor } = await send(await make(), { redirect_uri: client.redirectUri, state: 's' });
      expect(leftFor?.searchParams.get('error')).toBe('invalid_request_object');
      expect(leftFor?.searchParams.getAll('iss')).toEqual([server.issuer]);
    });
    it('at /api/par', async () => {
      expect(await pushObject(await make())).toBe('invalid_request_object');
    });
  });

  it('takes one, and nothing else of the URL (RFC 9101 §6.3, fapi2 inside-and-outside)', async () => {
    const outside = { state: 'outside', scope: 'email', redirect_uri: 'https://evil.example/', nonce: 'x' };
    const { leftFor } = await send(await sign({ state: 'inside' }), outside);
    expect(leftFor?.href.startsWith(client.redirectUri)).toBe(true);
    expect(leftFor?.searchParams.get('state')).toBe('inside');
    expect(leftFor?.searchParams.has('code')).toBe(true);
    const { leftFor: without } = await send(await sign({ state: undefined }), { state: 'outside' });
    expect(without?.searchParams.has('state')).toBe(false);
  });

  it('refuses request and request_uri together, also where both are good (RFC 9101 §5)', async () => {
    const request = await sign();
    const pushed = await postForm(
      server,
      '/api/par',
      { client_id: client.id, request: await sign() },
      client,
    );
    for (const request_uri of [String(pushed.body['request_uri']), 'https://rp.example/request.jwt']) {
      // oxlint-disable-next-line no-await-in-loop -- two
      const { leftFor, page } = await send(request, { request_uri });
      expect(leftFor?.searchParams.has('code') ?? false).toBe(false);
      expect(leftFor?.searchParams.get('error') ?? page).toContain('invalid_request');
    }
  });

  it.each<[string, () => Claims]>([
    ['several aud (fapi2 multiple-aud)', () => ({ aud: ['https://other.example', server.issuer] })],
    ['nbf 8 s ahead (fapi2 nbf+8)', () => ({ nbf: inSeconds(8), exp: inSeconds(60) })],
    ['no jti', () => ({ jti: undefined })],
    [
      'max_age as a number, claims as an object',
      () => ({ max_age: 9999, claims: { id_token: { auth_time: null } } }),
    ],
    ['a parameter nobody knows', () => ({ something: { else: 1 } })],
  ])('takes one with %s', async (_name, more) => {
    expect((await send(await sign(more()))).leftFor?.searchParams.has('code')).toBe(true);
    expect(await pushObject(await sign(more()))).toBeUndefined();
  });

  it.each<ObjectAlg>(['ES256', 'EdDSA', 'RS256', 'PS256'])(
    'takes %s, with the type oauth-authz-req+jwt',
    async (alg) => {
      const key = signingKey(alg);
      const signer = await server.registerClient({ id: `signs-${alg}`, metadata: { jwks: key.jwks } });
      const object = await signObject(objectClaims(server, signer), key.key, {
        alg,
        kid: 'k1',
        typ: 'oauth-authz-req+jwt',
      });
      const { leftFor } = await finish(server, browser, await send(object, {}, signer));
      expect(leftFor?.searchParams.has('code')).toBe(true);
    },
  );

  it('refuses RS256 of a client that is held to fapi2, and what it did not push', async () => {
    const key = signingKey('RS256');
    const proves = createClientKey('k2');
    const metadata = { jwks: { keys: [...key.jwks.keys, proves.jwk] }, security_profile: 'fapi2' };
    const tokenEndpointAuthMethod = 'private_key_jwt';
    const strict = await server.registerClient({ id: 'strict', tokenEndpointAuthMethod, metadata });
    const request = await signObject(objectClaims(server, strict), key.key, { alg: 'RS256', kid: 'k1' });
    const details = { clientId: 'strict', audience: server.issuer, at: server.clock.now() };
    const assertion = asserted(await signAssertion(proves, details));
    const answer = await postForm(server, '/api/par', { request, ...assertion });
    expect(answer.body['error']).toBe('invalid_request_object');
    const plain = await visit(server, browser, strict.id, requestOf(strict, createPkce()));
    expect(plain.leftFor?.searchParams.get('error')).toBe('invalid_request');
  });

  it('refuses another algorithm than the one that was registered (RFC 9101 §10.5)', async () => {
    const metadata = { jwks: own.jwks, request_object_signing_alg: 'PS256' };
    const chosen = await server.registerClient({ id: 'ps-only', metadata });
    const object = await signObject(objectClaims(server, chosen), own.key, { alg: 'ES256', kid: 'k1' });
    const answer = await postForm(server, '/api/par', { request: object }, chosen);
    expect(answer.body['error']).toBe('invalid_request_object');
  });

  it('refuses unsigned requests of a client that has to sign (RFC 9101 §10.5)', async () => {
    const metadata = { jwks: own.jwks, require_signed_request_object: true };
    const must = await server.registerClient({ id: 'must-sign', metadata });
    const plain = await visit(server, browser, must.id, requestOf(must, createPkce()));
    expect(plain.leftFor?.searchParams.get('error')).toBe('invalid_request');
    expect((await push(server, must)).answer.body['error']).toBe('invalid_request');
    const object = await signObject(objectClaims(server, must), own.key, { alg: 'ES256', kid: 'k1' });
    const pushed = await postForm(server, '/api/par', { request: object }, must);
    expect(pushed.status).toBe(201);
    const request_uri = String(pushed.body['request_uri']);
    const { leftFor } = await finish(server, browser, await visit(server, browser, must.id, { request_uri }));
    expect(leftFor?.searchParams.has('code')).toBe(true);
  });

  it('counts once: answered, pushed, or first the one and then the other (AZ-82)', async () => {
    const object = await sign();
    expect((await send(object)).leftFor?.searchParams.has('code')).toBe(true);
    expect((await send(object)).status).toBe(400);
    expect(await pushObject(object)).toBe('invalid_request_object');
    const pushed = await sign();
    expect(await pushObject(pushed)).toBeUndefined();
    expect(await pushObject(pushed)).toBe('invalid_request_object');
    expect((await send(pushed)).leftFor).toBeUndefined();
  });

  it('never fetches a request (AZ-83)', async () => {
    let hits = 0;
    const canary = createServer((_request, response) => {
      hits++;
      response.end();
    });
    await new Promise<void>((resolve) => void canary.listen(0, '127.0.0.1', resolve));
    const address = canary.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    for (const scheme of ['http', 'https']) {
      const parameters = {
        ...requestOf(client, createPkce()),
        request_uri: `${scheme}://127.0.0.1:${port}/r`,
      };
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { leftFor } = await visit(server, browser, client.id, parameters);
      expect(leftFor?.searchParams.get('error')).toBe('request_uri_not_supported');
    }
    expect(hits).toBe(0);
    await new Promise((resolve) => void canary.close(resolve));
  });
});
