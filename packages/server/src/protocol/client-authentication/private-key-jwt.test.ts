import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { Client } from '../../domain/client.ts';
import type { ProtocolMetadata } from '../../domain/protocol-metadata.ts';
import { createClientKeys } from '../client-keys.ts';
import { Form } from '../form.ts';
import { type ClientAssertionDependencies, privateKeyJwt, verifyClientAssertion } from './private-key-jwt.ts';

const ISSUER = 'https://id.example';
const AT = 1_900_000_000_000;
const NOW = AT / 1000;

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
const KEYS = {
  ES256: { kid: 'ec', privateKey: ec.privateKey },
  RS256: { kid: 'rsa', privateKey: rsa.privateKey },
  PS256: { kid: 'rsa', privateKey: rsa.privateKey },
  EdDSA: { kid: 'ed', privateKey: ed.privateKey },
};
const jwks = {
  keys: [
    { ...ec.publicKey.export({ format: 'jwk' }), kid: 'ec' },
    { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa' },
    { ...ed.publicKey.export({ format: 'jwk' }), kid: 'ed', alg: 'EdDSA', use: 'sig' },
  ],
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the rule reads nothing else of a client
const client = (metadata: ProtocolMetadata = {}) =>
  ({
    id: 'billing',
    tokenEndpointAuthMethod: 'private_key_jwt',
    metadata: { jwks, ...metadata },
  }) as unknown as Client;

function dependencies(): ClientAssertionDependencies {
  const outbound = { get: () => Promise.reject(new Error('no request is expected')) };
  return { issuer: ISSUER, clientKeys: createClientKeys(outbound) };
}

const CLAIMS = { iss: 'billing', sub: 'billing', aud: ISSUER, jti: 'one', exp: NOW + 60, iat: NOW };

function sign(claims: object = {}, header: object = {}, key: KeyObject = ec.privateKey): Promise<string> {
  const payload = Object.fromEntries(
    Object.entries({ ...CLAIMS, ...claims }).filter(([, value]) => value !== undefined),
  ) as JWTPayload;
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'ec', ...header }).sign(key);
}

async function judge(assertion: string, metadata?: ProtocolMetadata): Promise<boolean | string> {
  const proof = await verifyClientAssertion(assertion, client(metadata), AT, dependencies());
  return typeof proof === 'object' || proof;
}

describe('an assertion that the client did not make (RFC 7523 §3 rule 9) is refused without a word', () => {
  it.each<[string, () => Promise<string>]>([
    ['alg none', async () => new UnsecuredJWT(CLAIMS).encode()],
    [
      'HS256 with the public key as the secret',
      () =>
        new SignJWT(CLAIMS)
          .setProtectedHeader({ alg: 'HS256', kid: 'ec' })
          .sign(ec.publicKey.export({ format: 'der', type: 'spki' })),
    ],
    ['the key of another client', () => sign({}, {}, other.privateKey)],
    ['a kid that the client has not', () => sign({}, { kid: 'other' })],
    ['the kid of a key of another kind', () => sign({}, { kid: 'rsa' })],
    [
      'a key in the header',
      async () => sign({}, { jwk: other.publicKey.export({ format: 'jwk' }) }, other.privateKey),
    ],
    ['the typ of an access token', () => sign({}, { typ: 'at+jwt' })],
    ['the typ of a DPoP proof', () => sign({}, { typ: 'dpop+jwt' })],
    ['critical extensions', () => sign({}, { crit: ['b64'], b64: true })],
    ['a signature cut short', async () => (await sign()).slice(0, -4)],
    ['more than 16 kB', () => sign({ more: 'x'.repeat(20_000) })],
    ['no JWT at all', async () => 'assertion'],
    ['nothing', async () => ''],
  ])('%s', async (_what, make) => {
    expect(await judge(await make())).toBe(false);
  });

  it('without a kid where two keys would do (OpenID Connect Core §10.1)', async () => {
    const assertion = await sign({}, { kid: undefined });
    const second = { ...other.publicKey.export({ format: 'jwk' }), kid: 'second' };
    expect(await judge(assertion, { jwks: { keys: [...jwks.keys, second] } })).toBe(false);
    expect(await judge(assertion)).toBe(true);
  });
});

describe('claims of an assertion are refused with the reason (RFC 7523 §3)', () => {
  it.each<[string, string, object, RegExp]>([
    ['§3 1', 'no iss', { iss: undefined }, /iss and sub/],
    ['§3 1', 'iss of another', { iss: 'other' }, /iss and sub/],
    ['§3 2', 'no sub', { sub: undefined }, /iss and sub/],
    ['§3 2', 'sub of another', { sub: 'other' }, /iss and sub/],
    ['§3 3', 'no aud', { aud: undefined }, /aud/],
    ['§3 3', 'aud of another server', { aud: 'https://other.example' }, /aud/],
    ['§3 3', 'aud of a tenant beside', { aud: `${ISSUER}/tenant` }, /aud/],
    ['§3 3', 'aud with a slash more', { aud: `${ISSUER}/` }, /aud/],
    ['§3 3', 'aud of another endpoint', { aud: `${ISSUER}/api/revoke` }, /aud/],
    ['§3 3', 'two audiences', { aud: [ISSUER, 'https://other.example'] }, /aud/],
    ['§3 3', 'an empty list of audiences', { aud: [] }, /aud/],
    ['§3 4', 'no exp', { exp: undefined }, /exp/],
    ['§3 4', 'exp as a text', { exp: String(NOW + 60) }, /exp/],
    ['§3 4', 'expired', { exp: NOW - 300 }, /expired/],
    ['§3 4', 'expiring now', { exp: NOW }, /expired/],
    ['§3 4', 'exp more than ten minutes ahead', { exp: NOW + 611 }, /600 seconds/],
    ['§3 5', 'nbf in the future', { nbf: NOW + 61 }, /not valid yet/],
    ['§3 5', 'nbf as a text', { nbf: 'now' }, /nbf and iat/],
    ['§3 6', 'iat in the future', { iat: NOW + 61 }, /not valid yet/],
    ['§3 7', 'no jti', { jti: undefined }, /jti/],
    ['§3 7', 'an empty jti', { jti: '' }, /jti/],
    ['§3 7', 'jti as a number', { jti: 1 }, /jti/],
    ['§3 7', 'an endless jti', { jti: 'x'.repeat(513) }, /jti/],
  ])('%s: %s', async (_section, _what, claims, reason) => {
    expect(await judge(await sign(claims))).toMatch(reason);
  });

  it('§3 7: the jti is what counts once, whatever else the assertion says, until it expires', async () => {
    const useOf = async (claims: object) =>
      verifyClientAssertion(await sign(claims), client(), AT, dependencies());
    const use = { use: 'client_assertion', identifier: '["billing","one"]', until: (NOW + 60) * 1000 };
    expect(await useOf({})).toEqual(use);
    expect(await useOf({ more: 1 })).toEqual(use);
    expect(await useOf({ jti: 'two', exp: NOW + 59.5 })).toEqual({
      ...use,
      identifier: '["billing","two"]',
      until: (NOW + 60) * 1000 - 500,
    });
  });
});

describe('under fapi2 also refused (FAPI 2.0 Security Profile §5.3.2.1, §5.4)', () => {
  const fapi2 = { security_profile: 'fapi2' };
  it.each<[string, () => Promise<string>, boolean | RegExp]>([
    ['RS256', () => sign({}, { alg: 'RS256', kid: 'rsa' }, rsa.privateKey), false],
    ['the token endpoint as the audience', () => sign({ aud: `${ISSUER}/api/token` }), /aud/],
    ['the address for pushed requests as the audience', () => sign({ aud: `${ISSUER}/api/par` }), /aud/],
    ['a list of one audience', () => sign({ aud: [ISSUER] }), /aud/],
  ])('%s', async (_what, make, expected) => {
    const assertion = await make();
    expect(await judge(assertion)).toBe(true);
    const judged = await judge(assertion, fapi2);
    if (typeof expected === 'boolean') expect(judged).toBe(expected);
    else expect(judged).toMatch(expected);
  });
});

describe('accepted', () => {
  it.each(Object.entries(KEYS))('a signature by %s (RFC 7523 §5)', async (alg, { kid, privateKey }) => {
    expect(await judge(await sign({}, { alg, kid }, privateKey))).toBe(true);
  });

  it.each<[string, object]>([
    ['a clock ten seconds ahead', { iat: NOW + 8, nbf: NOW + 8, exp: NOW + 608 }],
    ['no iat', { iat: undefined }],
    ['a fraction of a second left', { exp: NOW + 0.5 }],
  ])('%s', async (_what, claims) => {
    expect(await judge(await sign(claims))).toBe(true);
  });

  it.each(['JWT', 'client-authentication+jwt'])('typ %s', async (typ) => {
    expect(await judge(await sign({}, { typ }))).toBe(true);
  });

  it('only the registered algorithm, where there is one (OpenID Connect Core §9)', async () => {
    const pinned = { token_endpoint_auth_signing_alg: 'PS256' };
    expect(await judge(await sign({}, { alg: 'PS256', kid: 'rsa' }, rsa.privateKey), pinned)).toBe(true);
    expect(await judge(await sign({}, { alg: 'RS256', kid: 'rsa' }, rsa.privateKey), pinned)).toBe(false);
    expect(await judge(await sign(), pinned)).toBe(false);
  });
});

describe('the parameters (RFC 7521 §4.2)', () => {
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const present = (form: object) => privateKeyJwt({ authorization: undefined, form: new Form(form) });

  it.each<[string, object]>([
    ['an assertion without its type', { client_assertion: 'x' }],
    ['an assertion of another type', { client_assertion: 'x', client_assertion_type: `${type}2` }],
    ['a type without an assertion', { client_assertion_type: type }],
  ])('refuse %s', (_what, form) => {
    expect(() => present(form)).toThrow('invalid_client');
  });

  it('name the client by the assertion, so that client_id may be left out', async () => {
    const client_assertion = await sign();
    expect(present({ client_assertion, client_assertion_type: type })).toMatchObject({ clientId: 'billing' });
    expect(present({ grant_type: 'x' })).toBeUndefined();
  });
});
