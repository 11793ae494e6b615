import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { importPublicJwk, jwkThumbprint } from './jwk.ts';
import { verifyBytes } from './jws-algorithm.ts';
import { createJwkSet, importJwkSet } from './jwk-set.ts';
import { generateSigningKey, importSigningKey } from './signing-key.ts';
import type { GeneratedSigningKey } from './signing-key.ts';

// RFC 7638 §3.1
const rfc7638 = {
  kty: 'RSA',
  n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
  alg: 'RS256',
  kid: '2011-04-29',
};
// RFC 7515 A.3.1, public members
const ecKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};
// RFC 8037 A.2
const edKey = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

let es256: GeneratedSigningKey;
let rs256: GeneratedSigningKey;
beforeAll(async () => {
  [es256, rs256] = await Promise.all([generateSigningKey('ES256'), generateSigningKey('RS256')]);
});

describe('importPublicJwk refuses', () => {
  const evenModulus = Buffer.from(rfc7638.n, 'base64url');
  evenModulus[255] = 0;
  const shortModulus = randomBytes(255);
  shortModulus[0] = 0xff;
  shortModulus[254]! |= 1;
  it.each<[string, unknown]>([
    ['nothing (RFC 7517 §4)', undefined],
    ['null', null],
    ['text', JSON.stringify(ecKey)],
    ['an array', [ecKey]],
    ['no kty', { ...ecKey, kty: undefined }],
    ['an unknown kty', { ...ecKey, kty: 'ec' }],
    ['a symmetric key', { kty: 'oct', k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMko' }],
    ['a private EC key', { ...ecKey, d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI' }],
    ['a private RSA member', { ...rfc7638, p: 'AQAB' }],
    ['k beside a public key', { ...ecKey, k: 'AyM1' }],
    ['a private member set to null', { ...ecKey, d: null }],
    ['use enc (RFC 7517 §4.2)', { ...ecKey, use: 'enc' }],
    ['key_ops without verify (RFC 7517 §4.3)', { ...ecKey, key_ops: ['encrypt'] }],
    ['key_ops that is no list', { ...ecKey, key_ops: 'verify' }],
    ['a kid that is no text (RFC 7517 §4.5)', { ...ecKey, kid: 7 }],
    ['an empty kid', { ...ecKey, kid: '' }],
    ['a kid of 1 MB', { ...ecKey, kid: 'a'.repeat(1_000_000) }],
    ['alg none', { ...ecKey, alg: 'none' }],
    ['a symmetric alg on an RSA key', { ...rfc7638, alg: 'HS256' }],
    ['RS256 on an EC key', { ...ecKey, alg: 'RS256' }],
    ['ES256 on an RSA key', { ...rfc7638, alg: 'ES256' }],
    ['EdDSA on an EC key', { ...ecKey, alg: 'EdDSA' }],
    ['ES384', { ...ecKey, alg: 'ES384' }],
    ['another curve (RFC 7518 §6.2.1.1)', { ...ecKey, crv: 'P-384' }],
    ['secp256k1', { ...ecKey, crv: 'secp256k1' }],
    ['X25519', { ...edKey, crv: 'X25519' }],
    ['a point that is not on the curve', { ...ecKey, y: `${ecKey.y.slice(0, -2)}c0` }],
    ['the point at infinity', { ...ecKey, x: 'A'.repeat(43), y: 'A'.repeat(43) }],
    ['a coordinate without its leading zero', { ...ecKey, x: Buffer.alloc(31, 1).toString('base64url') }],
    ['a coordinate that is not canonical base64url', { ...ecKey, x: `${ecKey.x.slice(0, -1)}V` }],
    ['a padded coordinate', { ...ecKey, x: `${ecKey.x}=` }],
    ['a missing coordinate', { ...ecKey, y: undefined }],
    ['a short Ed25519 key', { ...edKey, x: edKey.x.slice(0, -4) }],
    ['an RSA modulus of 2040 bit (RFC 7518 §3.3)', { ...rfc7638, n: shortModulus.toString('base64url') }],
    ['a modulus padded with zero bytes (RFC 7518 §6.3.1.1)', { ...rfc7638, n: `AAAA${rfc7638.n}` }],
    ['an even modulus', { ...rfc7638, n: evenModulus.toString('base64url') }],
    ['a modulus of 16 kbit', { ...rfc7638, n: Buffer.alloc(2048, 0xff).toString('base64url') }],
    ['exponent 1', { ...rfc7638, e: 'AQ' }],
    ['exponent 3', { ...rfc7638, e: 'Aw' }],
    ['an even exponent', { ...rfc7638, e: 'AQAC' }],
    ['exponent 0', { ...rfc7638, e: 'AA' }],
    ['an empty exponent', { ...rfc7638, e: '' }],
    ['an exponent of 40 bit', { ...rfc7638, e: 'AQAAAAE' }],
    ['a modulus that is a number', { ...rfc7638, n: 7 }],
  ])('%s', (_, jwk) => {
    expect(importPublicJwk(jwk)).toBeUndefined();
  });
});

describe('importPublicJwk', () => {
  it.each([
    ['EC P-256 as ES256', ecKey, 'ES256', 64],
    ['Ed25519 as EdDSA', edKey, 'EdDSA', 64],
    ['RSA as its own alg', rfc7638, 'RS256', 256],
    ['RSA without alg as RS256, never as PS256', { ...rfc7638, alg: undefined }, 'RS256', 256],
    ['RSA as PS256 only when it says so', { ...rfc7638, alg: 'PS256' }, 'PS256', 256],
    ['key_ops with verify', { ...ecKey, key_ops: ['verify'] }, 'ES256', 64],
  ])('takes %s', (_, jwk, alg, signatureLength) => {
    expect(importPublicJwk(jwk)).toMatchObject({ alg, signatureLength });
  });

  it('takes a key that jose made', async () => {
    const { publicKey } = await generateKeyPair('EdDSA');
    expect(importPublicJwk(await exportJWK(publicKey))?.alg).toBe('EdDSA');
  });
});

describe('jwkThumbprint', () => {
  it('gives the value of RFC 7638 §3.1', () => {
    expect(jwkThumbprint(rfc7638)).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  });
  it('gives the value of RFC 8037 A.3', () => {
    expect(jwkThumbprint(edKey)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });
  it('agrees with jose', async () => {
    expect(jwkThumbprint(ecKey)).toBe(await calculateJwkThumbprint(ecKey));
  });
  it('refuses unknown types and missing members', () => {
    expect(() => jwkThumbprint({ kty: 'oct', k: 'AQAB' })).toThrow(TypeError);
    expect(() => jwkThumbprint({ kty: 'EC', crv: 'P-256', x: ecKey.x })).toThrow(TypeError);
  });
});

describe('generateSigningKey', () => {
  it('publishes public members only, named by thumbprint', async () => {
    expect(Object.keys(es256.publicJwk).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    expect(Object.keys(rs256.publicJwk).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    for (const key of [es256, rs256]) {
      expect(key.kid).toBe(await calculateJwkThumbprint({ ...key.publicJwk }));
      await expect(importJWK({ ...key.publicJwk })).resolves.toBeDefined();
    }
  });

  it('gives a key that signs what its public half checks', () => {
    for (const { kid, alg, publicJwk, privateKeyPkcs8 } of [es256, rs256]) {
      const handle = importSigningKey({ kid, alg, privateKeyPkcs8 });
      const signature = sign('sha256', Buffer.from('message'), {
        key: handle.privateKey,
        dsaEncoding: 'ieee-p1363',
      });
      const key = importPublicJwk(publicJwk)!;
      expect(key.kid).toBe(kid);
      expect(verifyBytes(key.alg, key.publicKey, Buffer.from('message'), signature)).toBe(true);
      expect(verifyBytes(key.alg, key.publicKey, Buffer.from('massage'), signature)).toBe(false);
    }
  });
});

const pkcs8 = ({ privateKey }: { privateKey: KeyObject }) =>
  new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));

describe('importSigningKey refuses', () => {
  it('bytes that are no key, without repeating them', () => {
    const privateKeyPkcs8 = new Uint8Array(Buffer.from('not a key'));
    expect(() => importSigningKey({ kid: 'k', alg: 'ES256', privateKeyPkcs8 })).toThrow(
      new TypeError('the signing key is not PKCS #8'),
    );
  });
  it('a key of another algorithm, curve or size', () => {
    const refused = new TypeError('the signing key does not fit its algorithm');
    const { privateKeyPkcs8 } = rs256;
    expect(() => importSigningKey({ kid: 'k', alg: 'ES256', privateKeyPkcs8 })).toThrow(refused);
    expect(() =>
      importSigningKey({ kid: 'k', alg: 'RS256', privateKeyPkcs8: es256.privateKeyPkcs8 }),
    ).toThrow(refused);
    const p384 = pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-384' }));
    expect(() => importSigningKey({ kid: 'k', alg: 'ES256', privateKeyPkcs8: p384 })).toThrow(refused);
    const rsa1024 = pkcs8(generateKeyPairSync('rsa', { modulusLength: 1024 }));
    expect(() => importSigningKey({ kid: 'k', alg: 'RS256', privateKeyPkcs8: rsa1024 })).toThrow(refused);
  });
});

describe('importJwkSet refuses (RFC 7517 §5)', () => {
  const named = { ...ecKey, kid: 'a' };
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a list', [named]],
    ['keys that is no list', { keys: named }],
    ['an entry that is no object', { keys: [named, null] }],
    ['a private key in the set', { keys: [named, { ...ecKey, kid: 'b', d: 'AQAB' }] }],
    ['a symmetric key in the set', { keys: [named, { kty: 'oct', kid: 'b', k: 'AQAB' }] }],
    ['two keys of one name', { keys: [named, { ...edKey, kid: 'a' }] }],
    [
      'more keys than an issuer has',
      { keys: Array.from({ length: 101 }, (_, i) => ({ ...ecKey, kid: `${i}` })) },
    ],
  ])('%s', (_, document) => {
    expect(importJwkSet(document)).toBeUndefined();
  });
});

describe('a key set', () => {
  const set = importJwkSet({
    keys: [
      { ...ecKey, kid: 'ec' },
      { ...rfc7638, kid: 'rsa' },
      { kty: 'EC', crv: 'P-521', kid: 'later' },
      { ...edKey },
      { ...edKey, kid: '__proto__' },
    ],
  })!;

  it('finds a key by name and algorithm together', () => {
    expect(set.find('ec', 'ES256')?.kid).toBe('ec');
    expect(set.find('rsa', 'RS256')?.kid).toBe('rsa');
    expect(set.find('__proto__', 'EdDSA')?.kid).toBe('__proto__');
  });

  it.each([
    ['an unknown name', 'nope', 'ES256'],
    ['no name', undefined, 'ES256'],
    ['another algorithm', 'ec', 'RS256'],
    ['another algorithm of the same key type', 'rsa', 'PS256'],
    ['a key that could not be read', 'later', 'ES512'],
    ['a name of every object', 'constructor', 'ES256'],
  ])('finds nothing for %s', (_, kid, alg) => {
    expect(set.find(kid, alg)).toBeUndefined();
  });

  it('passes over keys it cannot use', () => {
    expect(set.size).toBe(3);
  });
});

describe('createJwkSet', () => {
  it('publishes the named members only', () => {
    const leaky = { ...es256.publicJwk, d: 'secret' };
    const set = createJwkSet([leaky, rs256.publicJwk]);
    expect(JSON.stringify(set)).not.toContain('secret');
    expect(set).toEqual({ keys: [es256.publicJwk, rs256.publicJwk] });
    expect(importJwkSet(set)?.size).toBe(2);
  });
  it('refuses two keys of one name', () => {
    expect(() => createJwkSet([es256.publicJwk, es256.publicJwk])).toThrow(TypeError);
  });
});
