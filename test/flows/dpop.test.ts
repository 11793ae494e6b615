// Tokens bound to DPoP keys (RFC 9449), through HTTP, on both databases; on PostgreSQL with two nodes.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { asserted, createClientKey, signAssertion } from '../assertions.ts';
import { createDpopKey, type DpopKey, type ProofOf } from '../dpop-key.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { MINUTE, SECOND } from '../movable-clock.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import {
  type Answer,
  type AuthorizeOptions,
  type CallOptions,
  createPkce,
  encode,
  exchange,
  finish,
  introspect,
  postForm,
  read,
  refresh,
  requestToken,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import type { RegisteredClient } from '../registrations.ts';

const CLIENT_CREDENTIALS = { grant_type: 'client_credentials' };
const PARALLEL = 32;

describe.each(STORES)('DPoP on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let key: DpopKey;
  let otherKey: DpopKey;
  /** Registered with `dpop_bound_access_tokens`. */
  let alwaysBound: RegisteredClient;
  const fapiKey = createClientKey('fapi');

  beforeAll(async () => {
    server = await startTestServer({ store });
    if (store === 'postgres') await server.addNode();
    browser = server.newBrowser();
    [key, otherKey] = await Promise.all([createDpopKey(), createDpopKey()]);
    alwaysBound = await server.registerClient({ id: 'bound', metadata: { dpop_bound_access_tokens: true } });
    await server.registerClient({
      id: 'fapi',
      tokenEndpointAuthMethod: 'private_key_jwt',
      metadata: { security_profile: 'fapi2', jwks: { keys: [fapiKey.jwk] } },
    });
  });
  afterEach(() => server.clock.reset());
  afterAll(() => server?.close());

  const tokenUrl = () => `${server.issuer}/api/token`;
  const userinfoUrl = () => `${server.issuer}/userinfo`;
  const tokenProof = (by = key, of: Partial<ProofOf> = {}) =>
    by.proof({ url: tokenUrl(), at: server.clock.now(), ...of });
  const withProof = (dpop: string, more: CallOptions = {}): CallOptions => ({ ...more, headers: { dpop } });

  async function tokenWith(dpop: string, client = server.clients.confidential, more: CallOptions = {}) {
    return requestToken(server, CLIENT_CREDENTIALS, client, withProof(dpop, more));
  }

  /** As a client under fapi2, which has no secret. */
  async function fapiToken(options: CallOptions): Promise<Answer> {
    const details = { clientId: 'fapi', audience: server.issuer, at: server.clock.now() };
    const assertion = asserted(await signAssertion(fapiKey, details));
    return requestToken(server, { ...CLIENT_CREDENTIALS, ...assertion }, undefined, options);
  }

  async function callUserinfo(
    token: string,
    dpop?: string,
    scheme = 'DPoP',
    base = server.base,
  ): Promise<Answer> {
    const headers = { authorization: `${scheme} ${token}`, ...(dpop === undefined ? {} : { dpop }) };
    return read(await fetch(`${base}/userinfo`, { headers }));
  }

  const apiProof = (accessToken: string, by = key, of: Partial<ProofOf> = {}) =>
    by.proof({ method: 'GET', url: userinfoUrl(), at: server.clock.now(), accessToken, ...of });

  async function signIn(options: AuthorizeOptions, by = key) {
    const scope = 'openid profile offline_access';
    const parameters = { scope, ...options.parameters };
    const authorized = await signInAndConsent(server, browser, { ...options, parameters });
    return tokensOf(await exchange(server, authorized, options.client, {}, withProof(await tokenProof(by))));
  }

  describe('the token endpoint refuses a proof', () => {
    const ROWS: readonly (readonly [section: string, what: string, of: Partial<ProofOf>])[] = [
      ['§4.3 4', 'of another type', { header: { typ: 'JWT' } }],
      ['§4.3 7', 'without a key', { header: { jwk: undefined } }],
      ['§4.3 8', 'for another method', { method: 'GET' }],
      ['§4.3 9', 'for another URL', { url: 'https://other.example/api/token' }],
      ['§4.3 3', 'without jti', { claims: { jti: undefined } }],
    ];
    it.each(ROWS)('%s: %s', async (_section, _what, of) => {
      const answer = await tokenWith(await tokenProof(key, of));
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_dpop_proof']);
    });

    it('§4.3 9: for another name of this endpoint', async () => {
      const answer = await tokenWith(await tokenProof(), server.clients.confidential, {
        path: '/oauth/token',
      });
      expect(answer.body['error']).toBe('invalid_dpop_proof');
      const url = `${server.issuer}/oauth/token`;
      const right = await tokenWith(await tokenProof(key, { url }), server.clients.confidential, {
        path: '/oauth/token',
      });
      expect(right.body['token_type']).toBe('DPoP');
    });

    it('§4.3 7: with a private key in it', async () => {
      const answer = await tokenWith(await tokenProof(key, { header: { jwk: key.privateJwk } }));
      expect(answer.body).toMatchObject({ error: 'invalid_dpop_proof' });
      expect(answer.text).toContain('replace it');
    });

    it('§4.3 1: two of them', async () => {
      const answer = await tokenWith(`${await tokenProof()}, ${await tokenProof()}`);
      expect(answer.body).toMatchObject({
        error: 'invalid_dpop_proof',
        error_description: 'The request has more than one DPoP header',
      });
    });

    it.each([
      ['an hour old', -60 * MINUTE],
      ['an hour ahead', 60 * MINUTE],
    ])('§4.3 11: %s', async (_what, difference) => {
      const answer = await tokenWith(await tokenProof(key, { at: server.clock.now() + difference }));
      expect(answer.body['error']).toBe('invalid_dpop_proof');
    });

    it('§11.1: that was used before, as long as it is fresh, and on every node', async () => {
      const proof = await tokenProof();
      expect((await tokenWith(proof)).status).toBe(200);
      server.clock.advance(4 * MINUTE);
      for (const base of server.nodes) {
        // oxlint-disable-next-line no-await-in-loop -- one node after the other
        const answer = await tokenWith(proof, server.clients.confidential, { base });
        expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_dpop_proof']);
      }
      server.clock.advance(2 * MINUTE);
      expect((await tokenWith(proof)).body['error_description']).toContain('too long ago');
    });

    it('§5: only after the client is known', async () => {
      const nobody = { ...server.clients.confidential, secret: 'wrong' };
      const proof = await tokenProof();
      expect((await tokenWith(proof, nobody)).body['error']).toBe('invalid_client');
      expect((await tokenWith(proof)).status).toBe(200);
    });

    it('§11.1: but writes nothing down for a public client that gets nothing', async () => {
      const client = server.clients.publicWeb;
      const authorized = await signInAndConsent(server, browser, { client, parameters: { scope: 'openid' } });
      const proof = await tokenProof();
      const guess = { ...authorized, code: `${authorized.code.slice(0, -1)}_` };
      expect((await exchange(server, guess, client, {}, withProof(proof))).body['error']).toBe(
        'invalid_grant',
      );
      expect((await exchange(server, authorized, client, {}, withProof(proof))).body['token_type']).toBe(
        'DPoP',
      );
    });

    it('§5.2: that is missing, where the client always sends one', async () => {
      const answer = await requestToken(server, CLIENT_CREDENTIALS, alwaysBound);
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
      expect((await tokenWith(await tokenProof(), alwaysBound)).body['token_type']).toBe('DPoP');
    });
  });

  describe('§4.3: never accepted, never a 5xx', () => {
    const LONG = 'x'.repeat(5000);
    const CHANGES = [undefined, null, '', 0, -1, 1.5, true, [], {}, ['x'], LONG];

    it.each(['jti', 'htm', 'htu', 'iat', 'typ', 'jwk'])(
      'a proof whose %s is gone or another',
      async (name) => {
        // A long jti is a good one.
        for (const value of CHANGES.filter((change) => name !== 'jti' || change !== LONG)) {
          const change = { [name]: value };
          const of = name === 'typ' || name === 'jwk' ? { header: change } : { claims: change };
          // oxlint-disable-next-line no-await-in-loop -- one request after the other
          const answer = await tokenWith(await tokenProof(key, of));
          expect([value, answer.status]).toEqual([value, 400]);
        }
      },
    );

    it('a proof whose alg is gone or another', async () => {
      const [, payload, signature] = (await tokenProof()).split('.');
      for (const alg of [...CHANGES, 'none', 'HS256', 'RS256', 'ES384', ['ES256']]) {
        const header = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg, jwk: key })).toString('base64url');
        // oxlint-disable-next-line no-await-in-loop -- one request after the other
        const answer = await tokenWith(`${header}.${payload}.${signature}`);
        expect([alg, answer.status]).toEqual([alg, 400]);
      }
    });
  });

  describe('one proof, many at once (§11.1)', () => {
    it(`of ${PARALLEL} requests for a token one gets it`, async () => {
      const proof = await tokenProof();
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, (_, index) =>
          tokenWith(proof, server.clients.confidential, { base: server.nodes[index % server.nodes.length]! }),
        ),
      );
      const won = answers.filter(({ status }) => status === 200);
      expect(won.length).toBe(1);
      const others = answers.filter(({ status }) => status !== 200);
      expect(new Set(others.map(({ body }) => body['error']))).toEqual(new Set(['invalid_dpop_proof']));
    });

    it(`of ${PARALLEL} calls of an API one passes`, async () => {
      const { accessToken } = await signIn({ client: server.clients.publicWeb });
      const proof = await apiProof(accessToken);
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, (_, index) =>
          callUserinfo(accessToken, proof, 'DPoP', server.nodes[index % server.nodes.length]),
        ),
      );
      expect(answers.filter(({ status }) => status === 200).length).toBe(1);
      expect(answers.filter(({ status }) => status === 401).length).toBe(PARALLEL - 1);
    });
  });

  describe('a bound token', () => {
    it('says so in the answer, in introspection and in a JWT (§5, §6)', async () => {
      const opaque = await requestToken(
        server,
        { ...CLIENT_CREDENTIALS, resource: server.resources.opaque.identifier },
        server.clients.confidential,
        withProof(await tokenProof()),
      );
      expect(opaque.body).toMatchObject({ token_type: 'DPoP' });
      const described = await introspect(server, tokensOf(opaque).accessToken);
      expect(described.body).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: key.jkt } });
      const jwt = await requestToken(
        server,
        { ...CLIENT_CREDENTIALS, resource: server.resources.music.identifier },
        server.clients.confidential,
        withProof(await tokenProof()),
      );
      const [, payload = ''] = tokensOf(jwt).accessToken.split('.');
      expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
        cnf: { jkt: key.jkt },
      });
    });

    it('is refused as Bearer (§7.2), without a proof, and with the proof of another key (§7.1)', async () => {
      const { accessToken } = await signIn({ client: server.clients.confidential });
      const downgraded = await callUserinfo(accessToken, await apiProof(accessToken), 'Bearer');
      expect(downgraded.status).toBe(401);
      expect(downgraded.headers.get('www-authenticate')).toMatch(/^Bearer .*invalid_token.*DPoP algs="ES256/);
      const bare = await callUserinfo(accessToken);
      expect(bare.status).toBe(401);
      expect(bare.headers.get('www-authenticate')).toMatch(/^DPoP .*error="invalid_dpop_proof".*algs="ES256/);
      expect((await callUserinfo(accessToken, await apiProof(accessToken, otherKey))).status).toBe(401);
      expect((await callUserinfo(accessToken, await apiProof('another token'))).status).toBe(401);
      expect((await callUserinfo(accessToken, await apiProof(accessToken))).status).toBe(200);
      expect((await callUserinfo(accessToken, await apiProof(accessToken), 'dPoP')).status).toBe(200);
    });

    it('of the admin API is refused as Bearer, too', async () => {
      const { accessToken } = await signIn({ client: server.clients.publicWeb });
      const answer = await fetch(`${server.base}/admin/v1/users`, {
        headers: { authorization: `Bearer ${accessToken}`, dpop: await apiProof(accessToken) },
      });
      expect(answer.status).toBe(401);
    });

    it('a bearer token is refused as DPoP (§7.1)', async () => {
      const authorized = await signInAndConsent(server, browser, {
        client: server.clients.publicWeb,
        parameters: { scope: 'openid' },
      });
      const { accessToken } = tokensOf(await exchange(server, authorized, server.clients.publicWeb));
      expect((await callUserinfo(accessToken, await apiProof(accessToken))).status).toBe(401);
      expect((await callUserinfo(accessToken, undefined, 'Bearer')).status).toBe(200);
    });
  });

  describe('a code that is bound to a key (§10)', () => {
    it.each([
      ['without a proof', undefined],
      ['with the proof of another key', 'other'],
    ])('is refused %s, and is still good for the right one', async (_what, by) => {
      const client = server.clients.publicWeb;
      const parameters = { scope: 'openid', dpop_jkt: key.jkt };
      const authorized = await signInAndConsent(server, browser, { client, parameters });
      const options = by === undefined ? {} : withProof(await tokenProof(otherKey));
      const refused = await exchange(server, authorized, client, {}, options);
      expect([refused.status, refused.body['error']]).toEqual([400, 'invalid_grant']);
      const right = await exchange(server, authorized, client, {}, withProof(await tokenProof()));
      expect(right.body).toMatchObject({ token_type: 'DPoP' });
    });

    it('pushed with a proof: that key alone redeems it (§10.1)', async () => {
      const client = server.clients.publicWeb;
      const { verifier, challenge } = createPkce();
      const request = {
        response_type: 'code',
        redirect_uri: client.redirectUri,
        scope: 'openid',
        code_challenge: challenge,
        code_challenge_method: 'S256',
      };
      const parProof = () => key.proof({ url: `${server.issuer}/api/par`, at: server.clock.now() });
      const push = async (more: Readonly<Record<string, string>>, dpop: string) =>
        postForm(server, '/api/par', { ...request, ...more }, client, withProof(dpop));
      expect((await push({ dpop_jkt: otherKey.jkt }, await parProof())).body['error']).toBe(
        'invalid_request',
      );
      expect((await push({}, await tokenProof())).body['error']).toBe('invalid_dpop_proof');
      const pushed = await push({}, await parProof());
      const visit = await browser.get(
        `${server.base}/authorize?${encode({ client_id: client.id, request_uri: String(pushed.body['request_uri']) })}`,
      );
      const { leftFor } = await finish(server, browser, visit);
      const parameters = {
        grant_type: 'authorization_code',
        code: leftFor?.searchParams.get('code') ?? '',
        redirect_uri: client.redirectUri,
        code_verifier: verifier,
      };
      const redeem = async (by: DpopKey) =>
        requestToken(server, parameters, client, withProof(await tokenProof(by)));
      expect((await redeem(otherKey)).body['error']).toBe('invalid_grant');
      expect((await redeem(key)).body['token_type']).toBe('DPoP');
    });

    it.each(['', 'x', 'x'.repeat(44), `${'x'.repeat(42)}=`])('a dpop_jkt of %j', async (value) => {
      const client = server.clients.publicWeb;
      const parameters = { scope: 'openid', dpop_jkt: value };
      const { location } = await signInAndConsent(server, browser, { client, parameters });
      // An empty parameter counts as absent (RFC 6749 §3.1).
      expect(location.searchParams.get('error')).toBe(value === '' ? null : 'invalid_request');
    });
  });

  describe('refresh tokens', () => {
    it('of a public client are bound to its key (§5)', async () => {
      const client = server.clients.publicWeb;
      const { refreshToken } = await signIn({ client });
      const bare = await refresh(server, refreshToken, client);
      expect([bare.status, bare.body['error']]).toEqual([400, 'invalid_grant']);
      const other = await refresh(server, refreshToken, client, {}, withProof(await tokenProof(otherKey)));
      expect([other.status, other.body['error']]).toEqual([400, 'invalid_grant']);
      const right = await refresh(server, refreshToken, client, {}, withProof(await tokenProof()));
      expect(right.body).toMatchObject({ token_type: 'DPoP' });
    });

    it('of a confidential client may be used with another key, which binds the new token (§5)', async () => {
      const client = server.clients.confidential;
      const { refreshToken } = await signIn({ client });
      const renewed = tokensOf(
        await refresh(server, refreshToken, client, {}, withProof(await tokenProof(otherKey))),
      );
      expect((await callUserinfo(renewed.accessToken, await apiProof(renewed.accessToken))).status).toBe(401);
      const proof = await apiProof(renewed.accessToken, otherKey);
      expect((await callUserinfo(renewed.accessToken, proof)).status).toBe(200);
    });

    it('repeat the answer to a rotation only to the key that had it', async () => {
      const client = server.clients.publicWeb;
      const parameters = { scope: 'openid offline_access' };
      const authorized = await signInAndConsent(server, browser, { client, parameters });
      const { refreshToken } = tokensOf(await exchange(server, authorized, client));
      const first = await refresh(server, refreshToken, client, {}, withProof(await tokenProof()));
      expect(first.status).toBe(200);
      server.clock.advance(SECOND);
      expect((await refresh(server, refreshToken, client)).body['error']).toBe('invalid_grant');
      const thief = await refresh(server, refreshToken, client, {}, withProof(await tokenProof(otherKey)));
      expect(thief.body['error']).toBe('invalid_grant');
      const again = await refresh(server, refreshToken, client, {}, withProof(await tokenProof()));
      expect(again.text).toBe(first.text);
    });
  });

  describe('nonces (§8)', () => {
    it('are asked for under fapi2, are good on every node, and go stale', async () => {
      const asked = await fapiToken(withProof(await tokenProof()));
      expect([asked.status, asked.body['error']]).toEqual([400, 'use_dpop_nonce']);
      const nonce = asked.headers.get('dpop-nonce');
      expect(asked.headers.get('access-control-expose-headers')).toContain('dpop-nonce');
      for (const base of server.nodes) {
        // oxlint-disable-next-line no-await-in-loop -- one node after the other
        const answer = await fapiToken(withProof(await tokenProof(key, { claims: { nonce } }), { base }));
        expect(answer.body).toMatchObject({ token_type: 'DPoP' });
      }
      server.clock.advance(6 * MINUTE);
      const stale = await fapiToken(withProof(await tokenProof(key, { claims: { nonce } })));
      expect(stale.body['error']).toBe('use_dpop_nonce');
      expect(stale.headers.get('dpop-nonce')).not.toBe(nonce);
    });

    it('that we never gave are refused even where none is needed', async () => {
      const answer = await tokenWith(await tokenProof(key, { claims: { nonce: 'made-up' } }));
      expect(answer.body['error']).toBe('use_dpop_nonce');
    });

    it('a client under fapi2 gets no bearer token', async () => {
      const answer = await fapiToken({});
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
    });
  });

  it('the metadata name the algorithms (§5.1)', async () => {
    const metadata = await read(await fetch(`${server.base}/.well-known/oauth-authorization-server`));
    expect(metadata.body['dpop_signing_alg_values_supported']).toEqual(['ES256', 'EdDSA', 'PS256']);
  });

  it('no proof is ever in the log', () => {
    expect(server.log.some((line) => line.includes('eyJ'))).toBe(false);
  });
});

describe('where the server asks for nonces (§8.2)', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ store: 'sqlite', config: { dpop_nonce: 'required' } });
  });
  afterAll(() => server?.close());

  it('every answer to a proof brings one', async () => {
    const key = await createDpopKey();
    const call = async (claims: Readonly<Record<string, unknown>>) => {
      const dpop = await key.proof({ url: `${server.issuer}/api/token`, claims });
      return requestToken(server, CLIENT_CREDENTIALS, server.clients.confidential, { headers: { dpop } });
    };
    const asked = await call({});
    expect(asked.body['error']).toBe('use_dpop_nonce');
    const good = await call({ nonce: asked.headers.get('dpop-nonce') });
    expect([good.status, good.headers.get('dpop-nonce')]).toEqual([200, asked.headers.get('dpop-nonce')]);
    const bearer = await requestToken(server, CLIENT_CREDENTIALS, server.clients.confidential);
    expect([bearer.status, bearer.headers.get('dpop-nonce')]).toEqual([200, null]);
  });
});
