import { createHash, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { SignJWT, UnsecuredJWT, calculateJwkThumbprint } from 'jose';
import { describe, expect, it } from 'vitest';
import { DpopProofError, dpopProofErrors } from './dpop-proof-error.ts';
import { DPOP_SIGNING_ALGS, createDpopProofVerifier } from './dpop-proof.ts';
import type { DpopExpectations } from './dpop-proof.ts';

/** Seconds. */
const NOW = 1_800_000_000;
const URL_CALLED = 'https://music.example/v1/albums';
const TOKEN = 'the-access-token';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
const publicJwk = (key: { publicKey: KeyObject }) => key.publicKey.export({ format: 'jwk' });

const CLAIMS = {
  jti: 'proof-1',
  htm: 'GET',
  htu: URL_CALLED,
  iat: NOW,
  ath: createHash('sha256').update(TOKEN).digest('base64url'),
};
const HEADER = { alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk(ec) };

interface Change {
  readonly claims?: object;
  readonly header?: object;
  readonly key?: KeyObject | Uint8Array;
  /** Names to leave out of either. */
  readonly without?: string;
}

/** Signed by an independent library, with whatever is to be wrong. */
function makeProof({ claims = {}, header = {}, key = ec.privateKey, without }: Change = {}): Promise<string> {
  const payload: Record<string, unknown> = { ...CLAIMS, ...claims };
  const protectedHeader: Record<string, unknown> = { ...HEADER, ...header };
  if (without !== undefined) {
    delete payload[without];
    delete protectedHeader[without];
  }
  const signing = new SignJWT(payload).setProtectedHeader(protectedHeader as { alg: string });
  return signing.sign(key, { crit: { x: true } });
}

const EXPECTED: DpopExpectations = {
  method: 'GET',
  url: URL_CALLED,
  nowMs: NOW * 1000,
  accessToken: TOKEN,
};

/** Keeps two keys ready, so that all that is tested is tested with remembered and with forgotten keys. */
const verifier = createDpopProofVerifier(2);

/** What both ways to check a signature say; they must agree. */
async function codeOf(proof: string, expected: Partial<DpopExpectations> = {}): Promise<string> {
  const code = (error: unknown): string => {
    if (error instanceof DpopProofError) return error.code;
    throw error;
  };
  const all = { ...EXPECTED, ...expected };
  const elsewhere = await verifier.verifyElsewhere(proof, all).then(() => 'accepted', code);
  try {
    verifier.verify(proof, all);
  } catch (error) {
    expect(code(error)).toBe(elsewhere);
    return elsewhere;
  }
  expect(elsewhere).toBe('accepted');
  return elsewhere;
}

const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('verifyDpopProof refuses', () => {
  it.each([
    ['§4.3 2', 'text that is no JWT', 'proof', 'malformed'],
    ['§4.3 2', 'nothing', '', 'malformed'],
    ['§4.3 2', 'two parts', 'e30.e30', 'malformed'],
    ['§4.3 2', 'a JWT that is longer than any proof', `${'a'.repeat(20_000)}.e30.e30`, 'malformed'],
  ])('%s: %s', async (_section, _what, proof, code) => {
    expect(await codeOf(proof)).toBe(code);
  });

  it('§4.3 1: two proofs that a proxy or Node joined into one header', async () => {
    expect(await codeOf(`${await makeProof()}, ${await makeProof()}`)).toBe('malformed');
  });

  it('§4.3 2: a header value in upper case', async () => {
    expect(await codeOf((await makeProof()).toUpperCase())).toBe('malformed');
  });

  const rows: readonly (readonly [section: string, what: string, change: Change, code: string])[] = [
    ['§4.3 3', 'without jti', { without: 'jti' }, 'claim_missing'],
    ['§4.3 3', 'without htm', { without: 'htm' }, 'claim_missing'],
    ['§4.3 3', 'without htu', { without: 'htu' }, 'claim_missing'],
    ['§4.3 3', 'without iat', { without: 'iat' }, 'claim_missing'],
    ['§4.3 12', 'without ath', { without: 'ath' }, 'wrong_token'],
    ['§4.2', 'without typ', { without: 'typ' }, 'wrong_typ'],
    ['§4.2', 'without jwk', { without: 'jwk' }, 'malformed_key'],
    ['§4.3 4', 'typ JWT', { header: { typ: 'JWT' } }, 'wrong_typ'],
    ['§4.3 4', 'typ of an access token', { header: { typ: 'at+jwt' } }, 'wrong_typ'],
    ['§4.3 4', 'typ that is no text', { header: { typ: 7 } }, 'wrong_typ'],
    [
      '§4.3 5',
      'RS256',
      { header: { alg: 'RS256', jwk: publicJwk(rsa) }, key: rsa.privateKey },
      'alg_not_allowed',
    ],
    [
      '§4.3 5',
      'HS256 with the public key as the secret',
      { header: { alg: 'HS256' }, key: Buffer.from(JSON.stringify(HEADER.jwk)) },
      'alg_not_allowed',
    ],
    ['§4.3 6', 'signed with another key', { key: other.privateKey }, 'bad_signature'],
    [
      '§4.3 7',
      'a jwk with its private part',
      { header: { jwk: ec.privateKey.export({ format: 'jwk' }) } },
      'private_key',
    ],
    ['§4.2', 'a symmetric jwk', { header: { jwk: { kty: 'oct', k: 'c2VjcmV0' } } }, 'private_key'],
    ['§4.2', 'a jwk of another kind than alg', { header: { jwk: publicJwk(ed) } }, 'malformed_key'],
    [
      '§4.2',
      'a jwk that names another alg',
      { header: { jwk: { ...HEADER.jwk, alg: 'ES384' } } },
      'malformed_key',
    ],
    ['§4.2', 'a jwk for encryption', { header: { jwk: { ...HEADER.jwk, use: 'enc' } } }, 'malformed_key'],
    ['§4.2', 'a jwk that is text', { header: { jwk: JSON.stringify(HEADER.jwk) } }, 'malformed_key'],
    ['§4.2', 'a list of keys', { header: { jwk: [HEADER.jwk] } }, 'malformed_key'],
    [
      '§4.2',
      'a point off the curve',
      { header: { jwk: { ...HEADER.jwk, y: Buffer.alloc(32, 7).toString('base64url') } } },
      'malformed_key',
    ],
    ['RFC 7515 §4.1.11', 'critical extensions', { header: { crit: ['x'], x: 1 } }, 'malformed'],
    ['§4.3 8', 'another method', { claims: { htm: 'POST' } }, 'wrong_method'],
    ['§4.3 8', 'the method in lower case', { claims: { htm: 'get' } }, 'wrong_method'],
    ['§4.3 9', 'another URL', { claims: { htu: 'https://music.example/v1/artists' } }, 'wrong_url'],
    ['§4.3 9', 'another host', { claims: { htu: 'https://other.example/v1/albums' } }, 'wrong_url'],
    ['§4.3 11', 'made an hour ahead', { claims: { iat: NOW + 3600 } }, 'not_recent'],
    ['§4.3 11', 'made an hour ago', { claims: { iat: NOW - 3600 } }, 'not_recent'],
    ['§4.3 11', 'made 61 s ahead', { claims: { iat: NOW + 61 } }, 'not_recent'],
    ['§4.3 11', 'made 300 s ago', { claims: { iat: NOW - 300 } }, 'not_recent'],
    ['RFC 7519 §4.1.4', 'an exp that is now', { claims: { exp: NOW } }, 'not_recent'],
    ['RFC 7519 §4.1.5', 'an nbf 61 s ahead', { claims: { nbf: NOW + 61 } }, 'not_recent'],
    ['§4.3 12', 'the hash of another token', { claims: { ath: 'abc' } }, 'wrong_token'],
    ['§4.3 12', 'the token itself in ath', { claims: { ath: TOKEN } }, 'wrong_token'],
  ];
  it.each(rows)('%s: %s', async (_section, _what, change, code) => {
    expect(await codeOf(await makeProof(change))).toBe(code);
  });

  const CLAIM_NAMES = ['jti', 'htm', 'htu', 'iat', 'ath', 'nonce', 'exp', 'nbf'];
  const WRONG_TYPES = [null, true, {}, [], ['x'], -1, 1.5, '', '1800000000'];
  it.each(CLAIM_NAMES)('§4.2: %s of every wrong type', async (name) => {
    const isTime = name === 'iat' || name === 'exp' || name === 'nbf';
    const values = isTime ? WRONG_TYPES : [...WRONG_TYPES.filter((value) => value !== '1800000000'), NOW];
    const codes = await Promise.all(
      values.map(async (value) => codeOf(await makeProof({ claims: { [name]: value } }))),
    );
    expect(new Set(codes)).toEqual(new Set(['claim_malformed']));
  });

  it('§4.3 5: none', async () => {
    expect(await codeOf(new UnsecuredJWT(CLAIMS).encode())).toBe('alg_not_allowed');
    const [, payload, signature] = (await makeProof()).split('.');
    expect(await codeOf(`${b64({ ...HEADER, alg: 'none' })}.${payload}.${signature}`)).toBe(
      'alg_not_allowed',
    );
    expect(await codeOf(`${b64({ typ: 'dpop+jwt', jwk: HEADER.jwk })}.${payload}.${signature}`)).toBe(
      'malformed',
    );
  });

  it('§4.3 6: any changed character', async () => {
    const proof = await makeProof();
    for (let index = 0; index < proof.length; index++) {
      const changed = proof[index] === 'A' ? 'B' : 'A';
      const code = await codeOf(proof.slice(0, index) + changed + proof.slice(index + 1));
      expect(`${index} ${code}`).not.toBe(`${index} accepted`);
    }
  });
});

describe('verifyDpopProof accepts', () => {
  const rows: readonly (readonly [section: string, what: string, change: Change])[] = [
    ['§4.2', 'a plain proof', {}],
    ['§4.2', 'claims and header members that it does not know', { claims: { x: 1 }, header: { y: [2] } }],
    ['§4.3 9', 'htu with a query', { claims: { htu: `${URL_CALLED}?q=1` } }],
    ['§4.3 9', 'htu with a fragment', { claims: { htu: `${URL_CALLED}#top` } }],
    ['§4.3 9', 'htu in another case', { claims: { htu: 'HTTPS://Music.Example/v1/albums' } }],
    ['§4.3 9', 'htu with the default port', { claims: { htu: 'https://music.example:443/v1/albums' } }],
    ['FAPI 2.0 §5.3.2.1', 'made 10 s ahead', { claims: { iat: NOW + 10 } }],
    ['§4.3 11', 'made 10 s ago', { claims: { iat: NOW - 10 } }],
    ['§4.3 11', 'made 299 s ago', { claims: { iat: NOW - 299 } }],
    ['RFC 7519 §4.1.4', 'exp and nbf that hold', { claims: { exp: NOW + 1, nbf: NOW + 10 } }],
    ['§4.2', 'EdDSA', { header: { alg: 'EdDSA', jwk: publicJwk(ed) }, key: ed.privateKey }],
    ['§4.2', 'PS256', { header: { alg: 'PS256', jwk: publicJwk(rsa) }, key: rsa.privateKey }],
    ['§4.2', 'a jwk that names its alg', { header: { jwk: { ...HEADER.jwk, alg: 'ES256' } } }],
  ];
  it.each(rows)('%s: %s', async (_section, _what, change) => {
    expect(await codeOf(await makeProof(change))).toBe('accepted');
  });

  it('§4.3 9: a request with a query, for which htu has none', async () => {
    expect(await codeOf(await makeProof(), { url: `${URL_CALLED}?q=1` })).toBe('accepted');
  });

  it('§4.2: a proof without ath where no token is presented', async () => {
    const { method, url, nowMs } = EXPECTED;
    const proof = await makeProof({ without: 'ath', claims: { nonce: 'n-1' } });
    expect(verifier.verify(proof, { method, url, nowMs })).toEqual({
      thumbprint: await calculateJwkThumbprint(HEADER.jwk),
      jti: 'proof-1',
      iat: NOW,
      nonce: 'n-1',
      freshUntil: (NOW + 300) * 1000,
    });
  });
});

it('names algorithms and codes as its tables do', () => {
  expect(DPOP_SIGNING_ALGS).toEqual(['ES256', 'EdDSA', 'PS256']);
  for (const description of Object.values(dpopProofErrors)) expect(description).toMatch(/^[ !#-[\]-~]+$/);
});
