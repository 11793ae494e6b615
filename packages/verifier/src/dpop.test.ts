import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createTokenString } from '@tessera/tokens';
import Fastify from 'fastify';
import { SignJWT, calculateJwkThumbprint } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIENCE, NOW, startAuthorizationServer } from '../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../testing/authorization-server.ts';
import * as fastifyAdapter from './adapters/fastify.ts';
import * as fetchAdapter from './adapters/fetch.ts';
import * as nodeAdapter from './adapters/node.ts';
import type { PresentedRequest } from './bearer.ts';
import { challenge } from './challenge.ts';
import { TokenError } from './token-error.ts';
import { createVerifier } from './verifier.ts';
import type { VerifierOptions } from './verifier-options.ts';
import type { Verifier } from './verifier.ts';

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = key.publicKey.export({ format: 'jwk' });
const URL_CALLED = 'https://music.example/v1/me';
const ALGS = 'algs="ES256 EdDSA PS256"';

let server: TestAuthorizationServer;
let verifier: Verifier;
let cnf: { readonly jkt: string };
let now = NOW;

beforeAll(async () => {
  server = await startAuthorizationServer();
  cnf = { jkt: await calculateJwkThumbprint(jwk) };
});
afterAll(() => server.close());
beforeEach(() => {
  now = NOW;
  verifier = newVerifier();
});

function newVerifier(more: Partial<VerifierOptions> = {}): Verifier {
  const { issuer } = server;
  const usual = { issuer, audience: AUDIENCE, clientId: 'api', clientSecret: 'secret', clock: () => now };
  return createVerifier({ ...usual, ...more });
}

/** A new opaque token and what introspection says about it. */
function opaque(change: object = {}): string {
  const token = createTokenString('at', randomBytes);
  const { jti: _, ...claims } = server.claims();
  server.tokens.set(token, { active: true, ...claims, token_type: 'DPoP', cnf, ...change });
  return token;
}

const FORMATS = [
  ['jwt', (change: object = {}) => server.sign({ cnf, ...change })],
  ['opaque', opaque],
] as const;

interface ProofChange {
  readonly claims?: object;
  readonly header?: object;
  readonly privateKey?: typeof key.privateKey;
}

function proofFor(token: string, { claims, header, privateKey = key.privateKey }: ProofChange = {}) {
  const ath = createHash('sha256').update(token).digest('base64url');
  const usual = { jti: randomUUID(), htm: 'GET', htu: URL_CALLED, iat: now / 1000, ath };
  return new SignJWT({ ...usual, ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header })
    .sign(privateKey);
}

function presenting(token: string, dpop: string | undefined, scheme = 'DPoP'): PresentedRequest {
  const headers = { authorization: `${scheme} ${token}`, ...(dpop === undefined ? {} : { dpop }) };
  return { method: 'GET', url: URL_CALLED, headers };
}

async function refusal(presented: PresentedRequest | string, by = verifier): Promise<TokenError> {
  try {
    await by.verify(presented);
  } catch (error) {
    if (error instanceof TokenError) return error;
    throw error;
  }
  throw new Error('the token was accepted');
}

describe.each(FORMATS)('a bound token, %s', (format, issue) => {
  it.each([
    [
      'RFC 9449 §7.2: sent as Bearer, without a proof',
      'bound',
      (token: string) => presenting(token, undefined, 'Bearer'),
    ],
    [
      'RFC 9449 §7.2: sent as Bearer, with a proof',
      'bound',
      async (token: string) => presenting(token, await proofFor(token), 'Bearer'),
    ],
    ['RFC 9449 §7.2: without its request', 'bound', (token: string) => token],
    ['RFC 9449 §7.1: without a proof', 'missing_proof', (token: string) => presenting(token, undefined)],
    ['§4.3 2: with an empty proof', 'bad_proof', (token: string) => presenting(token, '')],
    [
      '§4.3 1: with two proofs in one header',
      'bad_proof',
      async (token: string) => presenting(token, `${await proofFor(token)}, ${await proofFor(token)}`),
    ],
    [
      '§4.3 1: with two headers',
      'bad_proof',
      async (token: string) => {
        const dpop = [await proofFor(token), await proofFor(token)];
        return { method: 'GET', url: URL_CALLED, headers: { authorization: `DPoP ${token}`, dpop } };
      },
    ],
    [
      '§4.3 1: with two headers whose names are spelt differently',
      'bad_proof',
      async (token: string) => {
        const [dpop, DPoP] = [await proofFor(token), await proofFor(token)];
        return { method: 'GET', url: URL_CALLED, headers: { authorization: `DPoP ${token}`, dpop, DPoP } };
      },
    ],
    [
      '§4.3 8: with a proof for another method',
      'bad_proof',
      async (token: string) => presenting(token, await proofFor(token, { claims: { htm: 'POST' } })),
    ],
    [
      '§4.3 9: with a proof for another URL',
      'bad_proof',
      async (token: string) =>
        presenting(token, await proofFor(token, { claims: { htu: `${URL_CALLED}/x` } })),
    ],
    [
      '§4.3 11: with a proof of an hour ago',
      'bad_proof',
      async (token: string) =>
        presenting(token, await proofFor(token, { claims: { iat: NOW / 1000 - 3600 } })),
    ],
    [
      '§4.3 12: with a proof for another token',
      'bad_proof',
      async (token: string) => presenting(token, await proofFor(issue())),
    ],
    [
      '§4.3 12: with a proof by another key',
      'wrong_key',
      async (token: string) =>
        presenting(
          token,
          await proofFor(token, {
            header: { jwk: otherKey.publicKey.export({ format: 'jwk' }) },
            privateKey: otherKey.privateKey,
          }),
        ),
    ],
  ])('%s: %s', async (_what, code, present) => {
    expect((await refusal(await present(issue()))).code).toBe(code);
  });

  it('§11.1: a proof is good once, and a new one again', async () => {
    const token = issue();
    const request = presenting(token, await proofFor(token));
    await expect(verifier.verify(request)).resolves.toMatchObject({ format, confirmation: cnf });
    expect((await refusal(request)).code).toBe('used_proof');
    await expect(verifier.verify(presenting(token, await proofFor(token)))).resolves.toMatchObject({
      format,
    });
  });

  it('§11.1: of 32 uses at once one passes', async () => {
    const token = issue();
    const request = presenting(token, await proofFor(token));
    const outcomes = await Promise.allSettled(Array.from({ length: 32 }, () => verifier.verify(request)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  });

  it('a proof is not used up by a token that is not good', async () => {
    const token = issue();
    const proof = await proofFor(token);
    const late = newVerifier({ clock: () => now, audience: 'https://other.example/' });
    expect((await refusal(presenting(token, proof), late)).code).toBe('wrong_audience');
    await expect(late.verify(presenting(token, proof))).rejects.toMatchObject({ code: 'wrong_audience' });
  });

  it.each(['DPoP', 'dpop', 'dPoP', 'DPOP'])('RFC 9110 §11.1: the scheme spelt %s', async (scheme) => {
    const token = issue();
    await expect(verifier.verify(presenting(token, await proofFor(token), scheme))).resolves.toMatchObject({
      confirmation: cnf,
    });
  });

  it('RFC 7800 §3.1: a binding that is not known is refused however the token comes', async () => {
    for (const other of [
      { 'x5t#S256': 'x' },
      { ...cnf, kid: '1' },
      { jkt: 7 },
      { jkt: 'short' },
      {},
      'jkt',
      null,
      [],
    ]) {
      const token = issue({ cnf: other, token_type: 'Bearer' });
      expect((await refusal(presenting(token, await proofFor(token)))).code).toBe('invalid_claims');
      expect((await refusal(presenting(token, undefined, 'Bearer'))).code).toBe('invalid_claims');
    }
  });

  it('RFC 9449 §7.1: a bearer token sent as DPoP', async () => {
    const token = issue({ cnf: undefined, token_type: 'Bearer' });
    expect((await refusal(presenting(token, await proofFor(token)))).code).toBe('not_bound');
  });
});

it('RFC 9449 §6.2: introspection that says DPoP and names no key', async () => {
  const token = opaque({ cnf: undefined });
  expect((await refusal(presenting(token, await proofFor(token)))).code).toBe('invalid_claims');
});

describe('the answer to a refused proof', () => {
  it('§7.1: challenges in kind', async () => {
    const token = server.sign({ cnf });
    const refused = await refusal(presenting(token, undefined));
    expect(challenge(refused, { realm: 'music' })).toBe(
      `DPoP realm="music", error="invalid_dpop_proof", error_description="The request has no DPoP header", ${ALGS}`,
    );
    const expired = server.sign({ cnf, exp: NOW / 1000 });
    const late = await refusal(presenting(expired, await proofFor(expired)));
    expect(challenge(late, { realm: 'music' })).toBe(
      `DPoP realm="music", error="invalid_token", error_description="The access token expired", ${ALGS}`,
    );
  });

  it('§7.2: tells who sent a bound token as Bearer how to send it', async () => {
    const refused = await refusal(presenting(server.sign({ cnf }), undefined, 'Bearer'));
    expect(refused.status).toBe(401);
    expect(challenge(refused, { realm: 'music' })).toMatch(
      /^Bearer realm="music", error="invalid_token".*, DPoP algs=/,
    );
  });

  it('§7.1: DPoP without a token is an error of the request', async () => {
    expect(await refusal({ headers: { authorization: 'DPoP' } })).toMatchObject({
      code: 'malformed_request',
    });
    expect(await refusal({ headers: { authorization: 'DPoP a b' } })).toMatchObject({
      code: 'malformed_request',
    });
    const both = { headers: { authorization: 'DPoP a, Bearer b' } };
    expect(await refusal(both)).toMatchObject({ code: 'several_tokens' });
  });

  it('names the scopes beside the scheme', async () => {
    const token = server.sign({ cnf, scope: 'read' });
    const refused = verifier.verify(presenting(token, await proofFor(token)), { scopes: ['write'] });
    await expect(refused).rejects.toMatchObject({ status: 403, scheme: 'DPoP', scopes: ['write'] });
  });
});

describe('nonces of the API (RFC 9449 §9)', () => {
  const nonces = { current: () => 'n-2', isGood: (nonce: string) => nonce === 'n-2', required: true };

  it.each([
    ['none', {}],
    ['a stale one', { nonce: 'n-1' }],
  ])('asks for one: %s', async (_what, claims) => {
    verifier = newVerifier({ dpop: { nonces } });
    const token = server.sign({ cnf });
    const refused = await refusal(presenting(token, await proofFor(token, { claims })));
    expect(refused).toMatchObject({ status: 401, error: 'use_dpop_nonce', dpopNonce: 'n-2', scheme: 'DPoP' });
  });

  it('a good one passes; where none is required, one that is there must be good all the same', async () => {
    verifier = newVerifier({ dpop: { nonces: { ...nonces, required: false } } });
    const token = server.sign({ cnf });
    const withNonce = async (claims: object) => presenting(token, await proofFor(token, { claims }));
    expect((await refusal(await withNonce({ nonce: 'n-1' }))).code).toBe('use_dpop_nonce');
    await expect(verifier.verify(await withNonce({}))).resolves.toMatchObject({ sub: 'usr_ada' });
    await expect(verifier.verify(await withNonce({ nonce: 'n-2' }))).resolves.toMatchObject({
      sub: 'usr_ada',
    });
  });
});

describe('a memory that several processes share (RFC 9449 §11.1)', () => {
  it('is asked with all that makes a proof unique, and only for good ones', async () => {
    const asked: [string, number][] = [];
    const remember = (proof: string, until: number) => asked.push([proof, until]) === 1;
    const dpop = { remember: async (proof: string, until: number) => remember(proof, until) };
    verifier = newVerifier({ dpop });
    const token = server.sign({ cnf });
    const proof = await proofFor(token, { claims: { jti: 'p-1' } });
    expect((await refusal(presenting(token, await proofFor(token, { claims: { htm: 'PUT' } })))).code).toBe(
      'bad_proof',
    );
    await verifier.verify(presenting(token, proof));
    const another = newVerifier({ dpop });
    expect((await refusal(presenting(token, proof), another)).code).toBe('used_proof');
    expect(asked[0]).toEqual([`${cnf.jkt} p-1`, NOW + 300_000]);
    expect(asked.length).toBe(2);
  });

  it('that fails lets nothing pass', async () => {
    verifier = newVerifier({ dpop: { remember: () => Promise.reject(new Error('no answer')) } });
    const token = server.sign({ cnf });
    expect((await refusal(presenting(token, await proofFor(token)))).status).toBe(503);
  });
});

describe('which URL was called (RFC 9449 §4.3 9)', () => {
  const at = (
    request: Omit<PresentedRequest, 'headers'>,
    token: string,
    dpop: string,
    more: object = {},
  ) => ({
    method: 'GET',
    ...request,
    headers: { authorization: `DPoP ${token}`, dpop, ...more },
  });

  it.each<[string, VerifierOptions['dpop'], Omit<PresentedRequest, 'headers'>, object, string]>([
    ['the Host header', {}, { url: '/v1/me?q=1' }, { host: 'music.example' }, 'http://music.example/v1/me'],
    ['over TLS', {}, { url: '/v1/me', socket: { encrypted: true } }, { host: 'music.example' }, URL_CALLED],
    ['what the adapter knows', {}, { url: '/v1/me', origin: () => 'https://music.example' }, {}, URL_CALLED],
    [
      'an address in front of a proxy',
      { publicUrl: 'https://music.example' },
      { url: '/v1/me' },
      {},
      URL_CALLED,
    ],
    ['the same with a path', { publicUrl: 'https://music.example/v1/' }, { url: '/me?q=1' }, {}, URL_CALLED],
    ['a function', { publicUrl: () => URL_CALLED }, { url: '/elsewhere' }, {}, URL_CALLED],
  ])('%s', async (_what, dpop, request, headers, htu) => {
    verifier = newVerifier({ dpop: dpop ?? {} });
    const token = server.sign({ cnf });
    const good = at(request, token, await proofFor(token, { claims: { htu } }), headers);
    await expect(verifier.verify(good)).resolves.toMatchObject({ sub: 'usr_ada' });
    const elsewhere = at(
      request,
      token,
      await proofFor(token, { claims: { htu: 'https://other.example/v1/me' } }),
      headers,
    );
    expect((await refusal(elsewhere)).code).toBe('bad_proof');
  });

  it('a Host header cannot put another path in front', async () => {
    const token = server.sign({ cnf });
    const proof = await proofFor(token, { claims: { htu: 'http://music.example/v1/me' } });
    for (const host of [
      'music.example/v1/me?',
      'music.example/v1/me#',
      'ada@music.example',
      '',
      'music.example\\',
    ]) {
      const request = at({ url: '/v1/other' }, token, proof, { host });
      // oxlint-disable-next-line no-await-in-loop -- five requests, one after the other
      expect((await refusal(request)).code).toBe('bad_proof');
    }
  });

  it.each(['music.example', 'ftp://music.example', 'https://music.example/?q', 'https://'])(
    'publicUrl %s could never work',
    (publicUrl) => {
      expect(() => newVerifier({ dpop: { publicUrl } })).toThrow(TypeError);
    },
  );
});

describe('the adapters', () => {
  const options = () => ({ verifier, scopes: ['read'], realm: 'music' });

  async function overNode(): Promise<{ readonly origin: string; close(): void }> {
    const check = nodeAdapter.protect(options());
    const http = createServer((req: nodeAdapter.ProtectableRequest, res) => {
      void check(req, res, () => void res.end(req.accessToken?.confirmation?.jkt));
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const address = http.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { origin: `http://127.0.0.1:${address.port}`, close: () => void http.close() };
  }

  async function overFastify(): Promise<{ readonly origin: string; close(): void }> {
    const app = Fastify();
    app.get(
      '/v1/me',
      { onRequest: fastifyAdapter.protect(options()) },
      (request) => request.accessToken?.confirmation?.jkt,
    );
    const origin = await app.listen({ host: '127.0.0.1', port: 0 });
    return { origin, close: () => void app.close() };
  }

  it.each([
    ['node', overNode],
    ['fastify', overFastify],
  ])('%s: lets a proof pass once, and challenges', async (_name, start) => {
    const api = await start();
    try {
      const token = server.sign({ cnf });
      const call = (dpop: string) =>
        fetch(`${api.origin}/v1/me?q=1`, { headers: { authorization: `DPoP ${token}`, dpop } });
      const proof = await proofFor(token, { claims: { htu: `${api.origin}/v1/me` } });
      const good = await call(proof);
      expect([good.status, await good.text()]).toEqual([200, cnf.jkt]);
      const again = await call(proof);
      expect([again.status, again.headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringMatching(/^DPoP realm="music", error="invalid_dpop_proof".*, algs="ES256 EdDSA PS256"$/),
      ]);
      expect(await again.json()).toMatchObject({ error: 'invalid_dpop_proof' });
      const elsewhere = await call(await proofFor(token, { claims: { htu: URL_CALLED } }));
      expect(elsewhere.status).toBe(401);
    } finally {
      api.close();
    }
  });

  it('node: two DPoP headers on the wire are refused', async () => {
    const api = await overNode();
    try {
      const { host, hostname, port } = new URL(api.origin);
      const token = server.sign({ cnf });
      const claims = { htu: `${api.origin}/v1/me` };
      const proofs = [await proofFor(token, { claims }), await proofFor(token, { claims })];
      const socket = connect({ host: hostname, port: Number(port) });
      const lines = proofs.map((proof) => `DPoP: ${proof}\r\n`).join('');
      socket.write(
        `GET /v1/me HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nAuthorization: DPoP ${token}\r\n${lines}\r\n`,
      );
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 401 [^]*more than one DPoP header/);
    } finally {
      api.close();
    }
  });

  it('fetch: the URL is the one of the request; the nonce travels in the answer', async () => {
    const nonces = { current: () => 'n-2', isGood: () => true, required: true };
    verifier = newVerifier({ dpop: { nonces } });
    const handler = fetchAdapter.protect(options())(
      (_request, { confirmation }) => new Response(confirmation?.jkt),
    );
    const token = server.sign({ cnf });
    const call = async (claims: object) =>
      handler(
        new Request(`${URL_CALLED}?q=1`, {
          headers: { authorization: `DPoP ${token}`, dpop: await proofFor(token, { claims }) },
        }),
      );
    const refused = await call({});
    expect([refused.status, refused.headers.get('dpop-nonce')]).toEqual([401, 'n-2']);
    expect(refused.headers.get('www-authenticate')).toMatch(/^DPoP .*error="use_dpop_nonce"/);
    expect(await (await call({ nonce: 'n-2' })).text()).toBe(cnf.jkt);
  });
});
