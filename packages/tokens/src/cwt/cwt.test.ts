import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeCbor } from '../cbor/decode.ts';
import { diagnostic } from '../cbor/diagnostic.ts';
import { encodeCbor } from '../cbor/encode.ts';
import { CborTag } from '../cbor/value.ts';
import type { CborKey, CborValue } from '../cbor/value.ts';
import { CoseError } from '../cose/cose-error.ts';
import { createMacKey, kidBytes } from '../cose/key.ts';
import { decodeCose } from '../cose/message.ts';
import { createCoseSigner } from '../cose/sign.ts';
import type { CoseSignerOptions } from '../cose/sign.ts';
import { validateAccessTokenClaims } from '../access-token.ts';
import { importPublicJwk } from '../jwk.ts';
import type { VerificationKey } from '../jwk.ts';
import { generateSigningKey, importSigningKey } from '../signing-key.ts';
import type { SigningKeyHandle } from '../signing-key.ts';
import { decodeClaims, encodeClaims } from './claims.ts';
import { createCwtSigner } from './cwt-signer.ts';
import { CWT_ACCESS_TOKEN_TYP, decodeCwt, readCwt, verifyCwt } from './cwt.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const map = (...members: [CborKey, CborValue][]) => new Map(members);
const JTI = 'AAECAwQFBgcICQoLDA0ODw';
const JKT = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';
const claims = {
  iss: 'https://id.example/',
  sub: 'usr_1',
  aud: 'https://api.example/',
  exp: 1_700_000_600,
  iat: 1_700_000_000,
  jti: JTI,
  client_id: 'player',
  scope: 'read write',
  org_id: 'org_1',
  auth_time: 1_699_999_999,
  acr: 'urn:mace:incommon:iap:silver',
  cnf: { jkt: JKT },
  act: { sub: 'agent', act: { sub: 'other' } },
  authorization_details: [{ type: 'payment', amount: 12.5, on: true, note: null }],
};

let handle: SigningKeyHandle;
let published: VerificationKey;
beforeAll(async () => {
  const made = await generateSigningKey('ES256');
  handle = importSigningKey(made);
  published = importPublicJwk(made.publicJwk)!;
});

function codeOf(
  token: string,
  find: (kid: string | undefined) => VerificationKey | undefined = () => published,
) {
  try {
    verifyCwt(token, { findKey: find, typ: [CWT_ACCESS_TOKEN_TYP], algs: ['ES256', 'PS256', 'EdDSA'] });
  } catch (error) {
    if (error instanceof CoseError) return error.code;
    throw error;
  }
  return 'accepted';
}

/** A token that is signed with the right key, whatever else is wrong with it. */
function signed(options: CoseSignerOptions, payload: CborValue = map([1, 'i'])): string {
  const key = { kid: kidBytes(handle.kid), alg: 'ES256', key: handle.privateKey } as const;
  return text(createCoseSigner(key, options).sign(encodeCbor(payload)));
}
const typ = map([16, CWT_ACCESS_TOKEN_TYP]);

describe('verifyCwt refuses', () => {
  it.each<[string, () => string, string]>([
    ['nothing', () => '', 'malformed_cbor'],
    ['a JWT', () => 'eyJhbGciOiJub25lIn0.e30.', 'not_base64url'],
    ['padding', () => `${signed({ protectedHeader: typ })}=`, 'not_base64url'],
    ['more than 16 kB', () => 'A'.repeat(16_385), 'too_large'],
    ['no typ (RFC 8725 §3.11)', () => signed({}), 'typ_missing'],
    ['a typ that is not signed', () => signed({ unprotectedHeader: typ }), 'typ_missing'],
    ['a typ that is a number', () => signed({ protectedHeader: map([16, 61]) }), 'typ_missing'],
    ['another typ', () => signed({ protectedHeader: map([16, 'application/cwt']) }), 'typ_not_allowed'],
    [
      'the typ of a Common Access Token',
      () => signed({ protectedHeader: map([16, 'CAT']) }),
      'typ_not_allowed',
    ],
    [
      'claims in the header (RFC 9597 §2)',
      () => signed({ protectedHeader: map(...typ, [15, map([1, 'x'])]) }),
      'claims_in_header',
    ],
    [
      'claims beside the header',
      () => signed({ protectedHeader: typ, unprotectedHeader: map([15, map()]) }),
      'claims_in_header',
    ],
    [
      'a crit that is not understood',
      () => signed({ protectedHeader: map(...typ, [2, [99]], [99, 1]) }),
      'crit_unsupported',
    ],
    [
      'a payload that is no map (RFC 8392 §3)',
      () => signed({ protectedHeader: typ }, [1]),
      'malformed_claims',
    ],
    [
      'an issuer under both of its names',
      () => signed({ protectedHeader: typ }, map([1, 'i'], ['iss', 'j'])),
      'malformed_claims',
    ],
    [
      'jti under the name that it has in JSON',
      () => signed({ protectedHeader: typ }, map(['jti', 'j'])),
      'malformed_claims',
    ],
    ['cti under its name', () => signed({ protectedHeader: typ }, map(['cti', 'j'])), 'malformed_claims'],
    [
      'cti as text (RFC 8392 §3.1.7)',
      () => signed({ protectedHeader: typ }, map([7, JTI])),
      'malformed_claims',
    ],
    [
      'a tagged time (RFC 8392 §2)',
      () => signed({ protectedHeader: typ }, map([4, new CborTag(1, 1)])),
      'malformed_claims',
    ],
    ['cnf that is no map', () => signed({ protectedHeader: typ }, map([8, 'x'])), 'malformed_claims'],
    ['__proto__', () => signed({ protectedHeader: typ }, map(['__proto__', map()])), 'malformed_claims'],
    [
      '__proto__ further in',
      () => signed({ protectedHeader: typ }, map(['x', map(['__proto__', 1])])),
      'malformed_claims',
    ],
  ])('%s', (_, token, code) => {
    expect(codeOf(token())).toBe(code);
  });

  it('a MAC, whatever the caller lists and whatever the key', () => {
    const secret = published.publicKey.export({ format: 'der', type: 'spki' });
    const mac = createCoseSigner(createMacKey({ secret }), { protectedHeader: typ }).sign(
      encodeClaims(claims),
    );
    expect(codeOf(text(mac))).toBe('alg_not_allowed');
  });

  it('a token without a key, under another key, and with a key of another algorithm', () => {
    const token = createCwtSigner(handle, CWT_ACCESS_TOKEN_TYP).sign(claims);
    expect(codeOf(token, () => undefined)).toBe('unknown_key');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    expect(codeOf(token, () => ({ ...published, publicKey: other }))).toBe('bad_signature');
    expect(codeOf(token, () => ({ ...published, alg: 'PS256' }))).toBe('key_mismatch');
    expect(codeOf(token, () => ({ ...published, alg: 'RS256' }))).toBe('key_mismatch');
  });

  it('a kid that is no text', () => {
    const key = { kid: new Uint8Array([0xff]), alg: 'ES256', key: handle.privateKey } as const;
    const token = text(createCoseSigner(key, { protectedHeader: typ }).sign(encodeClaims(claims)));
    const asked: unknown[] = [];
    expect(codeOf(token, (kid) => void asked.push(kid))).toBe('unknown_key');
    expect(asked).toEqual([undefined]);
  });
});

describe('a CWT', () => {
  it('says what a JWT says', async () => {
    const signer = createCwtSigner(handle, CWT_ACCESS_TOKEN_TYP);
    for (const token of [signer.sign(claims), await signer.signElsewhere(claims)]) {
      const { payload } = verifyCwt(token, {
        findKey: (kid, alg) => {
          expect([kid, alg]).toEqual([handle.kid, 'ES256']);
          return published;
        },
        typ: [CWT_ACCESS_TOKEN_TYP],
        algs: ['ES256'],
      });
      expect(payload).toEqual(claims);
      expect(decodeCwt(token)?.payload).toEqual(claims);
      const expected = { issuer: claims.iss, audience: claims.aud, nowMs: 1_700_000_599_999 };
      expect(validateAccessTokenClaims(payload, expected)).toEqual(claims);
      expect(() => validateAccessTokenClaims(payload, { ...expected, nowMs: 1_700_000_600_000 })).toThrow(
        'expired',
      );
    }
  });

  it('names its issuer before anything is proven', () => {
    const token = createCwtSigner(handle, CWT_ACCESS_TOKEN_TYP).sign(claims);
    const cwt = readCwt(token, { typ: [CWT_ACCESS_TOKEN_TYP], algs: ['ES256'] });
    expect([cwt.kid, cwt.alg, cwt.claims()['iss']]).toEqual([handle.kid, 'ES256', claims.iss]);
    expect(() => cwt.verify(undefined)).toThrow(new CoseError('unknown_key'));
    expect(cwt.verify(published)).toEqual({ payload: claims });
  });

  it('waits for a key that has to be fetched', async () => {
    const token = createCwtSigner(handle, CWT_ACCESS_TOKEN_TYP).sign(claims);
    const verified = verifyCwt(token, {
      findKey: () => Promise.resolve(published),
      typ: [CWT_ACCESS_TOKEN_TYP],
      algs: ['ES256'],
    });
    expect(await verified).toEqual({ payload: claims });
  });

  it('has the tags of a signed CWT, its type and its key where they are signed (RFC 8392 §6, RFC 9596)', () => {
    const bytes = Buffer.from(createCwtSigner(handle, CWT_ACCESS_TOKEN_TYP).sign({ iss: 'i' }), 'base64url');
    const message = decodeCose(bytes);
    expect(message).toMatchObject({ cwtTag: true, type: 'sign1', typ: 'application/at+cwt', alg: -7 });
    expect(message.unprotectedHeader.size).toBe(0);
    expect(message.protectedHeader.get(4)).toEqual(kidBytes(handle.kid));
  });

  it('has the integers of the registry for names (RFC 8392 §4, RFC 8747, RFC 9200)', () => {
    const { act: _, authorization_details: __, acr: ___, ...rest } = claims;
    expect(diagnostic(decodeCbor(encodeClaims({ ...rest, nbf: 1, status: {} }), { sorted: true }))).toBe(
      '{1: "https://id.example/", 2: "usr_1", 3: "https://api.example/", 4: 1700000600, 5: 1, 6: 1700000000, ' +
        "7: h'000102030405060708090a0b0c0d0e0f', " +
        '8: {323: h\'3736cbb1787cb8309c77ee8c3705c5e16ffb9e859715901f1e4c59b11182f57b\'}, 9: "read write", ' +
        '65535: {}, "org_id": "org_1", "auth_time": 1699999999, "client_id": "player"}',
    );
  });

  it('keeps apart what it is bound to from what it is not', () => {
    const thumbprint = { cnf: { 'x5t#S256': JKT } };
    expect(decodeClaims(encodeClaims(thumbprint))).toEqual(thumbprint);
    const cnf = map([8, map([1, map()], ['jkt', 'x'], [323, 'text'])]);
    expect(decodeClaims(encodeCbor(cnf))).toEqual({ cnf: { '1': null, 'text:jkt': null, '323': null } });
  });

  it('leaves out claims that have an unknown integer for a name (RFC 8392 §3)', () => {
    expect(decodeClaims(encodeCbor(map([1, 'i'], [260, 'x'], [-1, 'y'])))).toEqual({ iss: 'i' });
  });

  it('takes what JSON takes', () => {
    const odd = { a: '\ud800', b: -0, c: Infinity, d: undefined, e: { f: undefined, g: 1e300, '\udc00': 1 } };
    expect(decodeClaims(encodeClaims(odd))).toEqual({
      a: '\ufffd',
      b: 0,
      c: null,
      e: { g: 1e300, '\ufffd': 1 },
    });
    expect(() => encodeClaims({ jti: 'not base64url!' })).toThrow(TypeError);
    expect(() => encodeClaims({ f: () => 1 })).toThrow(TypeError);
  });

  it('is not signed with an RS256 key', () => {
    expect(() => createCwtSigner({ ...handle, alg: 'RS256' }, CWT_ACCESS_TOKEN_TYP)).toThrow(TypeError);
  });

  it('is no CWT when it is something else', () => {
    expect(decodeCwt('eyJhbGciOiJub25lIn0.e30.')).toBeUndefined();
    expect(decodeCwt('AAAA')).toBeUndefined();
  });
});
