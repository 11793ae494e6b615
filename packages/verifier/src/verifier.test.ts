import { randomBytes } from 'node:crypto';
import { createTokenString, generateSigningKey, hashTokenString } from '@tessera/tokens';
import type { GeneratedSigningKey, TokenKind } from '@tessera/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  EXP,
  INTROSPECTION_PATH,
  JWKS_PATH,
  METADATA_PATH,
  NOW,
  sendJson,
  startAuthorizationServer,
} from '../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../testing/authorization-server.ts';
import type { PresentedRequest } from './bearer.ts';
import { TokenError, tokenErrors } from './token-error.ts';
import type { TokenErrorCode } from './token-error.ts';
import { createVerifier } from './verifier.ts';
import type { Verifier } from './verifier.ts';
import type { VerifierOptions } from './verifier-options.ts';

let server: TestAuthorizationServer;
let foreignKey: GeneratedSigningKey;
let now = NOW;
let verifier: Verifier;

function newVerifier(options: Partial<VerifierOptions> = {}): Verifier {
  return createVerifier({
    issuer: server.issuer,
    audience: AUDIENCE,
    clientId: 'api',
    clientSecret: 'secret',
    clock: () => now,
    ...options,
  });
}

beforeAll(async () => {
  [server, foreignKey] = await Promise.all([startAuthorizationServer(), generateSigningKey('ES256')]);
});
afterAll(() => server.close());
beforeEach(() => {
  now = NOW;
  server.answers.clear();
  server.hits.clear();
  verifier = newVerifier();
});

/** A new opaque token and what introspection says about it. */
function opaque(change: object = {}, kind: TokenKind = 'at'): string {
  const token = createTokenString(kind, randomBytes);
  const { jti: _, ...claims } = server.claims();
  server.tokens.set(token, { active: true, token_type: 'Bearer', ...claims, ...change });
  return token;
}

const bearer = (token: string): PresentedRequest => ({
  url: '/v1/me',
  headers: { authorization: `Bearer ${token}` },
});

async function refusal(
  presented: PresentedRequest | string,
  needed?: readonly string[],
): Promise<TokenError> {
  try {
    await verifier.verify(presented, needed === undefined ? {} : { scopes: needed });
  } catch (error) {
    if (error instanceof TokenError) return error;
    throw error;
  }
  throw new Error('the token was accepted');
}

type Row = [TokenErrorCode, string, () => PresentedRequest | string];

/** One row at least for each code of the closed table. */
const rows: Row[] = [
  ['missing_token', 'no Authorization header (RFC 6750 §3.1)', () => ({ url: '/', headers: {} })],
  [
    'token_in_url',
    'a token in the query (RFC 6750 §2.3, OAuth 2.1 §5.1.2)',
    () => ({ ...bearer(server.sign()), url: '/?access_token=x' }),
  ],
  [
    'several_tokens',
    'two Authorization headers (RFC 9110 §5.3)',
    () => ({ url: '/', headers: { authorization: [`Bearer ${server.sign()}`, `Bearer ${server.sign()}`] } }),
  ],
  [
    'malformed_request',
    'two spaces (RFC 6750 §2.1)',
    () => ({ url: '/', headers: { authorization: `Bearer  ${server.sign()}` } }),
  ],
  ['malformed_token', 'no format that is known', () => bearer('abc')],
  ['malformed_token', 'a token string with a wrong checksum', () => bearer(`${opaque().slice(0, -1)}_`)],
  ['malformed_token', 'a refresh token', () => bearer(opaque({}, 'rt'))],
  ['malformed_token', 'a client secret', () => bearer(opaque({}, 'cs'))],
  [
    'malformed_token',
    'an ID token (RFC 9068 §2.1, RFC 8725 §3.11)',
    () => bearer(server.sign({}, { typ: 'JWT' })),
  ],
  ['malformed_token', 'a JWE (RFC 9068 §4)', () => bearer('e30.AA.AA.AA.AA')],
  ['malformed_token', 'a token larger than 16 kB', () => bearer(`${server.sign()}${'A'.repeat(17_000)}`)],
  ['unknown_token', 'inactive without a reason (RFC 7662 §2.2)', () => bearer(opaque({ active: false }))],
  ['unknown_token', 'active that is not the boolean', () => bearer(opaque({ active: 'true' }))],
  [
    'unknown_token',
    'inactive with a reason that is not in the list',
    () => bearer(opaque({ active: false, tessera_reason: 'admin' })),
  ],
  ['expired', 'a JWT at exp (RFC 7519 §4.1.4)', () => bearer(server.sign({ exp: NOW / 1000 }))],
  [
    'expired',
    'an opaque token that the server calls expired',
    () => bearer(opaque({ active: false, tessera_reason: 'expired' })),
  ],
  [
    'expired',
    'an opaque token at exp, though the server calls it active',
    () => bearer(opaque({ exp: NOW / 1000 })),
  ],
  [
    'revoked',
    'an opaque token that the server calls revoked',
    () => bearer(opaque({ active: false, tessera_reason: 'revoked' })),
  ],
  ['not_yet_valid', 'a JWT before nbf (RFC 7519 §4.1.5)', () => bearer(server.sign({ nbf: NOW / 1000 + 6 }))],
  [
    'wrong_issuer',
    'a JWT of another issuer (RFC 9068 §4)',
    () => bearer(server.sign({ iss: 'https://evil.example' })),
  ],
  [
    'wrong_issuer',
    'a JWT of another issuer under a key that is not ours',
    () => bearer(server.sign({ iss: 'https://evil.example' }, { key: foreignKey })),
  ],
  [
    'wrong_issuer',
    'introspection that names another issuer',
    () => bearer(opaque({ iss: 'https://evil.example' })),
  ],
  [
    'wrong_audience',
    'a JWT for another API (RFC 9068 §4)',
    () => bearer(server.sign({ aud: 'https://other.example/' })),
  ],
  [
    'wrong_audience',
    'a JWT for an audience that only starts like ours',
    () => bearer(server.sign({ aud: `${AUDIENCE}v2` })),
  ],
  [
    'wrong_audience',
    'introspection that names another API',
    () => bearer(opaque({ aud: ['https://other.example/'] })),
  ],
  [
    'wrong_audience',
    'an opaque token that the server calls another API\u2019s',
    () => bearer(opaque({ active: false, tessera_reason: 'audience' })),
  ],
  [
    'pending_approval',
    'a personal access token that nobody has approved yet',
    () => bearer(opaque({ active: false, tessera_reason: 'pending_approval' })),
  ],
  [
    'token_rules',
    'a personal access token that an organization does not allow any more',
    () => bearer(opaque({ active: false, tessera_reason: 'token_rules' })),
  ],
  [
    'access_policy',
    'a personal access token that an access policy refuses',
    () => bearer(opaque({ active: false, tessera_reason: 'access_policy' })),
  ],
  [
    'bad_signature',
    'a JWT with another signature (RFC 7515 §5.2)',
    () => {
      const [head, body] = server.sign().split('.');
      return bearer(`${head}.${body}.${server.sign({ sub: 'usr_bob' }).split('.')[2]}`);
    },
  ],
  [
    'bad_signature',
    'a JWT with alg none (RFC 8725 §3.1)',
    () => {
      const [, body] = server.sign().split('.');
      return bearer(`${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${body}.`);
    },
  ],
  [
    'unknown_key',
    'a JWT under a key that is not published',
    () => bearer(server.sign({}, { key: foreignKey })),
  ],
  [
    'invalid_claims',
    'a JWT without client_id (RFC 9068 §2.2)',
    () => bearer(server.sign({ client_id: undefined })),
  ],
  [
    'invalid_claims',
    'a JWT that is bound to a key, sent as a bearer token (RFC 9449 §7.2)',
    () => bearer(server.sign({ cnf: { jkt: 'x' } })),
  ],
  ...['exp', 'client_id', 'aud', 'sub', 'iat'].map(
    (name): Row => [
      'invalid_claims',
      `introspection without ${name}`,
      () => bearer(opaque({ [name]: undefined })),
    ],
  ),
  ['invalid_claims', 'introspection with exp as text', () => bearer(opaque({ exp: `${EXP}` }))],
  ['invalid_claims', 'introspection with scope as a list', () => bearer(opaque({ scope: ['read'] }))],
  ['invalid_claims', 'introspection of a bound token', () => bearer(opaque({ cnf: { 'x5t#S256': 'x' } }))],
  [
    'invalid_claims',
    'introspection of a token of another type',
    () => bearer(opaque({ token_type: 'DPoP' })),
  ],
];

describe('verify refuses', () => {
  it.each(rows)('%s: %s', async (code, _, presented) => {
    const error = await refusal(presented());
    expect(error.code).toBe(code);
    expect(error).toMatchObject(tokenErrors[code]);
    expect(error.message).toBe(tokenErrors[code].description);
  });

  it.each<[string, () => string]>([
    ['jwt', () => server.sign()],
    ['opaque', () => opaque()],
  ])(
    'insufficient_scope: a scope that %s lacks, naming all that are needed (RFC 6750 §3.1)',
    async (_, token) => {
      for (const lacking of ['admin', 'rea', 'read:all', 'READ', 'read write', '']) {
        const error = await refusal(bearer(token()), ['read', lacking]);
        expect(error).toMatchObject({ code: 'insufficient_scope', status: 403, scopes: ['read', lacking] });
      }
    },
  );

  it('insufficient_scope: a token without any scope', async () => {
    expect((await refusal(server.sign({ scope: undefined }), ['read'])).code).toBe('insufficient_scope');
    expect((await refusal(opaque({ scope: undefined }), ['read'])).code).toBe('insufficient_scope');
  });

  it('unavailable: introspection cannot be asked (RFC 7662 §4)', async () => {
    for (const status of [400, 401, 403, 429, 500, 503, 204]) {
      server.answers.set(INTROSPECTION_PATH, (res) => void res.writeHead(status).end());
      expect(await refusal(opaque())).toMatchObject({ code: 'unavailable', status: 503, error: undefined });
    }
  });

  it('has a test here for every code', () => {
    const possession = ['bound', 'not_bound', 'missing_proof', 'bad_proof', 'wrong_key', 'used_proof'];
    const certificates = ['missing_certificate', 'wrong_certificate'];
    // dpop.test.ts, mutual-tls.test.ts, sign-in.test.ts, formats/cat.test.ts, and below
    const others = [
      'not_acceptable',
      'use_dpop_nonce',
      'insufficient_scope',
      'insufficient_user_authentication',
      'unavailable',
    ];
    const elsewhere = [...possession, ...certificates, ...others];
    const tested = new Set<string>([...rows.map(([code]) => code), ...elsewhere]);
    expect([...tested].toSorted()).toEqual(Object.keys(tokenErrors).toSorted());
  });

  it('says which scopes are needed in every refusal, so that the challenge can', async () => {
    expect((await refusal({ url: '/', headers: {} }, ['read'])).scopes).toEqual(['read']);
    expect((await refusal(server.sign({ exp: 1 }), ['read'])).scopes).toEqual(['read']);
    expect((await refusal(server.sign({ exp: 1 }))).scopes).toBeUndefined();
  });

  it('never repeats the token, neither in the error nor in its cause', async () => {
    for (const token of [opaque({ active: false }), server.sign({ exp: 1 }), `${server.sign()}x`]) {
      const error = await refusal(token);
      expect(`${String(error)} ${String(error.cause)} ${JSON.stringify(error)}`).not.toContain(
        token.slice(10, 40),
      );
    }
    server.answers.set(INTROSPECTION_PATH, (res) => sendJson(res, {}, 500));
    const token = opaque();
    const { cause } = await refusal(token);
    expect(String(cause)).toContain('answered 500');
    expect(String(cause)).not.toContain(token);
  });
});

describe('a token ends with its last second, to the millisecond and without leeway', () => {
  it.each<[string, () => string]>([
    ['jwt', () => server.sign({ exp: EXP })],
    ['opaque', () => opaque({ exp: EXP })],
  ])('%s', async (_, create) => {
    const token = create();
    now = EXP * 1000 - 1;
    await expect(verifier.verify(token)).resolves.toMatchObject({ exp: EXP });
    now = EXP * 1000;
    expect((await refusal(token)).code).toBe('expired');
    now = EXP * 1000 + 1;
    expect((await refusal(token)).code).toBe('expired');
  });

  const SOON = NOW / 1000 + 60;
  it.each<[string, () => string]>([
    ['jwt', () => server.sign({ exp: SOON })],
    ['opaque', () => opaque({ exp: SOON })],
  ])('%s, though it was remembered for longer', async (_, create) => {
    verifier = newVerifier({ introspectionCacheSeconds: 100_000 });
    const token = create();
    const first = await verifier.verify(token);
    now = SOON * 1000 - 1;
    expect(await verifier.verify(token)).toBe(first);
    now = SOON * 1000;
    const { code } = await refusal(token);
    expect(code).toBe('expired');
  });

  it('also when it ends while its revocation is looked up', async () => {
    const slow = { check: () => Promise.resolve().then(() => void (now = EXP * 1000)) };
    verifier = newVerifier({ revocation: [slow] });
    expect((await refusal(server.sign({ exp: EXP }))).code).toBe('expired');
  });
});

describe('a JWT that is remembered', () => {
  let published: readonly GeneratedSigningKey[];
  beforeEach(() => {
    published = server.keys;
  });

  it('passes without its signature being checked again', async () => {
    const token = server.sign();
    const first = await verifier.verify(token);
    expect(await verifier.verify(token)).toBe(first);
    verifier = newVerifier({ cacheEntries: 0 });
    const another = await verifier.verify(token);
    expect(await verifier.verify(token)).not.toBe(another);
  });

  it.each<[string, () => Partial<VerifierOptions>]>([
    ['given at once', () => ({ jwks: () => ({ keys: published.map((key) => key.publicJwk) }) })],
    [
      'given in a promise',
      () => ({ jwks: () => Promise.resolve({ keys: published.map((key) => key.publicJwk) }) }),
    ],
  ])('ends with its key, %s', async (_, options) => {
    verifier = newVerifier(options());
    const token = server.sign();
    const first = await verifier.verify(token);
    expect(await verifier.verify(token)).toBe(first);
    published = [foreignKey];
    expect((await refusal(token)).code).toBe('unknown_key');
  });

  it('ends with its key, fetched', async () => {
    const token = server.sign({ exp: EXP + 3600 });
    await verifier.verify(token);
    const keys = server.keys;
    server.keys = [foreignKey];
    now += 300_000;
    const error = await refusal(token);
    server.keys = keys;
    expect(error.code).toBe('unknown_key');
  });

  it('is another one as soon as one character differs', async () => {
    const token = server.sign();
    await verifier.verify(token);
    for (const at of [5, token.indexOf('.') + 5, token.lastIndexOf('.') + 5]) {
      const other = token[at] === 'A' ? 'B' : 'A';
      await expect(verifier.verify(token.slice(0, at) + other + token.slice(at + 1))).rejects.toThrow(
        TokenError,
      );
    }
    for (const other of [`${token}=`, `${token}A`, ` ${token}`, `${token}.`, token.slice(0, -1)]) {
      await expect(verifier.verify(other)).rejects.toThrow(TokenError);
    }
  });

  it('is judged by the scopes of each request', async () => {
    const token = server.sign({ scope: 'read' });
    await verifier.verify(token, { scopes: ['read'] });
    expect((await refusal(token, ['write'])).code).toBe('insufficient_scope');
  });

  it('proves its key each time', async () => {
    const token = server.sign({ cnf: { jkt: 'A'.repeat(43) } });
    expect((await refusal(bearer(token))).code).toBe('bound');
    expect((await refusal(bearer(token))).code).toBe('bound');
  });

  it('cannot be changed by anybody, in none of its parts', async () => {
    const accessToken = await verifier.verify(server.sign({ act: { sub: 'agent' } }));
    const { scopes, aud, claims } = accessToken;
    for (const part of [accessToken, scopes, aud, claims, claims['act']])
      expect(Object.isFrozen(part)).toBe(true);
  });
});

describe('verify gives the same object for every format', () => {
  it('jwt', async () => {
    const accessToken = await verifier.verify(bearer(server.sign({ org_id: 'org_1' })), {
      scopes: ['write', 'read'],
    });
    expect(accessToken).toEqual({
      active: true,
      kind: 'user',
      format: 'jwt',
      iss: server.issuer,
      sub: 'usr_ada',
      clientId: 'client_player',
      scopes: ['read', 'write'],
      aud: [AUDIENCE],
      exp: EXP,
      iat: NOW / 1000,
      tokenId: 'token-1',
      claims: server.claims({ org_id: 'org_1' }),
    });
  });

  it('opaque', async () => {
    const accessToken = await verifier.verify(bearer(opaque({ aud: [server.issuer, AUDIENCE] })), {
      scopes: ['read'],
    });
    expect(accessToken).toMatchObject({
      active: true,
      kind: 'user',
      format: 'opaque',
      iss: server.issuer,
      sub: 'usr_ada',
      clientId: 'client_player',
      scopes: ['read', 'write'],
      aud: [server.issuer, AUDIENCE],
      exp: EXP,
      iat: NOW / 1000,
      tokenId: undefined,
    });
  });

  it.each<[string, () => string]>([
    ['jwt', () => server.sign({ sub: 'client_player' })],
    ['opaque', () => opaque({ sub: 'client_player' })],
    ['a client token', () => opaque({ sub: 'client_player' }, 'ct')],
  ])('says that a client is behind it when subject and client are one: %s', async (_, token) => {
    await expect(verifier.verify(token())).resolves.toMatchObject({ kind: 'client', sub: 'client_player' });
  });

  it('a personal access token', async () => {
    await expect(verifier.verify(opaque({}, 'pat'))).resolves.toMatchObject({ kind: 'user' });
  });

  it('a token without scopes, where none is needed', async () => {
    await expect(verifier.verify(server.sign({ scope: undefined }))).resolves.toMatchObject({ scopes: [] });
    await expect(verifier.verify(server.sign({ scope: '' }))).resolves.toMatchObject({ scopes: [] });
  });

  it('a fetch Request', async () => {
    const request = new Request('https://music.example/v1/me', {
      headers: { Authorization: `bearer ${server.sign()}` },
    });
    await expect(verifier.verify(request)).resolves.toMatchObject({ sub: 'usr_ada' });
  });

  it('ten times in a row', async () => {
    const token = server.sign();
    for (let round = 0; round < 10; round++) await verifier.verify(token);
    expect(server.hits.get(JWKS_PATH)).toBe(1);
  });
});

describe('the network', () => {
  it('is not touched for what is malformed, or not a bearer token', async () => {
    for (const token of [
      'abc',
      'a.b',
      'tsr_at_x',
      `${opaque().slice(0, -1)}_`,
      opaque({}, 'rt'),
      'a.b.c.d',
      '..',
    ]) {
      expect((await refusal(token)).code).toBe('malformed_token');
    }
    await refusal({ url: '/', headers: { authorization: 'Basic YTpi' } });
    await refusal({ url: '/?access_token=x', headers: {} });
    await refusal(server.sign({}, { typ: 'JWT' }));
    await refusal(server.sign({ iss: 'https://evil.example' }, { key: foreignKey }));
    expect(server.hits).toEqual(new Map());
  });

  it('is not touched for opaque tokens where the API has no credentials', async () => {
    verifier = createVerifier({ issuer: server.issuer, audience: AUDIENCE, clock: () => now });
    expect((await refusal(opaque())).code).toBe('malformed_token');
    expect(server.hits).toEqual(new Map());
  });

  it('is never touched when keys and introspection are given', async () => {
    const token = opaque();
    verifier = newVerifier({
      fetch: () => Promise.reject(new Error('no network here')),
      introspect: (asked) => Promise.resolve(server.tokens.get(asked)),
      jwks: () => ({ keys: server.keys.map((key) => key.publicJwk) }),
    });
    await expect(verifier.verify(token)).resolves.toMatchObject({ format: 'opaque' });
    await expect(verifier.verify(server.sign())).resolves.toMatchObject({ format: 'jwt' });
  });
});

describe('introspection', () => {
  it('is asked as the API, with the token in the body (RFC 7662 §2.1)', async () => {
    const token = opaque();
    await verifier.verify(token);
    const { headers, body } = server.lastIntrospection!;
    expect(headers.authorization).toBe(`Basic ${Buffer.from('api:secret').toString('base64')}`);
    expect(headers['content-type']).toContain('application/x-www-form-urlencoded');
    expect(headers.accept).toBe('application/json');
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({ token, token_type_hint: 'access_token' });
  });

  it('is asked for every request unless a cache is wished for', async () => {
    const token = opaque();
    await verifier.verify(token);
    server.tokens.set(token, { active: false, tessera_reason: 'revoked' });
    expect((await refusal(token)).code).toBe('revoked');
  });

  it.each<[string, (endpoint: string) => void]>([
    ['an answer that is no JSON', (path) => server.answers.set(path, (res) => void res.end('<html>'))],
    ['an answer that is no object', (path) => server.answers.set(path, (res) => sendJson(res, 'active'))],
    [
      'a redirect',
      (path) => server.answers.set(path, (res) => void res.writeHead(307, { location: '/elsewhere' }).end()),
    ],
    [
      'an answer of 600 kB',
      (path) => server.answers.set(path, (res) => sendJson(res, { active: true, x: 'x'.repeat(600_000) })),
    ],
    ['a connection that breaks', (path) => server.answers.set(path, (res) => void res.destroy())],
  ])('never passes a token on %s', async (_, breakIt) => {
    breakIt(INTROSPECTION_PATH);
    expect((await refusal(opaque())).code).toBe('unavailable');
    expect(server.hits.get('/elsewhere')).toBeUndefined();
  });

  it('never waits longer than it is told to', async () => {
    server.answers.set(INTROSPECTION_PATH, () => {
      // no answer at all
    });
    verifier = newVerifier({ timeoutSeconds: 0.05 });
    expect((await refusal(opaque())).code).toBe('unavailable');
  });

  it('goes on as soon as the server is back', async () => {
    const token = opaque();
    server.answers.set(METADATA_PATH, (res) => void res.destroy());
    expect((await refusal(token)).code).toBe('unavailable');
    server.answers.clear();
    await expect(verifier.verify(token)).resolves.toMatchObject({ active: true });
  });

  it('given as a function, is held to the same rules', async () => {
    const token = opaque();
    verifier = newVerifier({ introspect: () => Promise.reject(new Error('store is down')) });
    expect((await refusal(token)).code).toBe('unavailable');
    verifier = newVerifier({ introspect: () => undefined });
    expect((await refusal(token)).code).toBe('unavailable');
    verifier = newVerifier({ introspect: () => ({ active: true }) });
    expect((await refusal(token)).code).toBe('invalid_claims');
  });
});

const asked = () => server.hits.get(INTROSPECTION_PATH) ?? 0;

describe('the introspection cache', () => {
  beforeEach(() => {
    verifier = newVerifier({ introspectionCacheSeconds: 10 });
  });

  it('spares the issuer a question, for as long as it was told', async () => {
    const token = opaque();
    await verifier.verify(token);
    now += 9_999;
    await verifier.verify(token);
    expect(asked()).toBe(1);
    now += 1;
    await verifier.verify(token);
    expect(asked()).toBe(2);
  });

  it('never outlives the token', async () => {
    const token = opaque({ exp: NOW / 1000 + 2 });
    await verifier.verify(token);
    now += 2000;
    expect((await refusal(token)).code).toBe('expired');
  });

  it('forgets a token that was revoked', async () => {
    const token = opaque();
    await verifier.verify(token);
    server.tokens.set(token, { active: false, tessera_reason: 'revoked' });
    verifier.forget(hashTokenString(token));
    expect((await refusal(token)).code).toBe('revoked');
  });

  it('does not keep an answer that was on its way when the token was revoked', async () => {
    const token = opaque();
    server.answers.set(INTROSPECTION_PATH, (res) => {
      verifier.forget(hashTokenString(token));
      sendJson(res, server.tokens.get(token));
      server.answers.clear();
    });
    await verifier.verify(token);
    server.tokens.set(token, { active: false, tessera_reason: 'revoked' });
    expect((await refusal(token)).code).toBe('revoked');
  });

  it('keeps no refusals', async () => {
    const token = opaque({ active: false });
    await refusal(token);
    server.tokens.set(token, { active: true, ...server.claims() });
    await expect(verifier.verify(token)).resolves.toMatchObject({ active: true });
  });

  it('is not confused by tokens that look alike, and judges scopes each time', async () => {
    const token = opaque({ scope: 'read' });
    await verifier.verify(token, { scopes: ['read'] });
    expect((await refusal(token, ['write'])).code).toBe('insufficient_scope');
    expect((await refusal(`${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`)).code).toBe(
      'malformed_token',
    );
  });

  it('lets nobody change what the next request gets', async () => {
    const token = opaque();
    const first = await verifier.verify(token);
    expect(() => Object.assign(first, { sub: 'someone else' })).toThrow(TypeError);
  });
});

describe('createVerifier refuses', () => {
  it.each<[string, Partial<VerifierOptions>]>([
    ['an issuer that is no URL', { issuer: 'id.example' }],
    ['an issuer of another scheme', { issuer: 'ftp://id.example' }],
    ['an issuer with a query (RFC 8414 §2)', { issuer: 'https://id.example/?a' }],
    ['an issuer with a fragment', { issuer: 'https://id.example/#a' }],
    ['an empty audience', { audience: '' }],
    ['a negative cache lifetime', { introspectionCacheSeconds: -1 }],
    ['a cache lifetime that is no number', { introspectionCacheSeconds: Number.NaN }],
    ['a timeout of 0', { timeoutSeconds: 0 }],
  ])('%s', (_, options) => {
    expect(() => newVerifier(options)).toThrow(TypeError);
  });

  it('half of the credentials', () => {
    const options = { issuer: server.issuer, audience: AUDIENCE };
    expect(() => createVerifier({ ...options, clientId: 'api' })).toThrow(TypeError);
    expect(() => createVerifier({ ...options, clientSecret: 'secret' })).toThrow(TypeError);
  });
});
