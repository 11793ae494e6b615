import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import * as fc from 'fast-check';
import { SignJWT, importJWK, importPKCS8, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPublishedVectors } from '../testing/published-vectors.ts';
import { derToRaw } from './der-signature.ts';
import { importPublicJwk } from './jwk.ts';
import type { VerificationKey } from './jwk.ts';
import { JwtError } from './jwt-error.ts';
import { createJwtSigner } from './jwt-signer.ts';
import { decodeJwt, verifyJwt } from './jwt.ts';
import { generateSigningKey, importSigningKey } from './signing-key.ts';
import type { GeneratedSigningKey, SigningKeyHandle } from './signing-key.ts';

const ALGS = ['ES256', 'RS256', 'PS256', 'EdDSA'];
const claims = { iss: 'https://id.example', sub: 'u1', name: 'Zo\u00eb \u{1f600}' };

let es256: GeneratedSigningKey;
let rs256: GeneratedSigningKey;
let ecHandle: SigningKeyHandle;
let rsaHandle: SigningKeyHandle;
let keys: Map<string, VerificationKey>;
let good: string;

beforeAll(async () => {
  [es256, rs256] = await Promise.all([generateSigningKey('ES256'), generateSigningKey('RS256')]);
  ecHandle = importSigningKey(es256);
  rsaHandle = importSigningKey(rs256);
  keys = new Map([es256, rs256].map((key) => [key.kid, importPublicJwk(key.publicJwk)!]));
  good = createJwtSigner(ecHandle, 'at+jwt').sign(claims);
});

/** Looks keys up by name only, as a careless caller would: the algorithm is then for verifyJwt to compare. */
const verify = (token: string, typ: readonly string[] = ['at+jwt']) =>
  verifyJwt(token, { findKey: (kid) => keys.get(kid ?? es256.kid), typ, algs: ALGS });

function codeOf(token: string, typ?: readonly string[]): string {
  try {
    verify(token, typ);
  } catch (error) {
    if (error instanceof JwtError) return error.code;
    throw error;
  }
  return 'accepted';
}

const b64 = (value: string | Uint8Array) => Buffer.from(value).toString('base64url');
const header = (extra: object = {}) =>
  JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: es256.kid, ...extra });

/** Signs any two texts with the good EC key, so that only the form can be at fault. */
function signed(
  headerText: string | Uint8Array,
  payload: string | Uint8Array = JSON.stringify(claims),
): string {
  const input = `${b64(headerText)}.${b64(payload)}`;
  return `${input}.${b64(derToRaw(sign('sha256', Buffer.from(input), ecHandle.privateKey))!)}`;
}

function hmacSigned(alg: string, secret: string | Uint8Array): string {
  const input = `${b64(header({ alg }))}.${b64(JSON.stringify(claims))}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

function parts(token: string): [string, string, string] {
  const [head = '', body = '', signature = ''] = token.split('.');
  return [head, body, signature];
}
const withSignature = (bytes: Uint8Array) => `${parts(good).slice(0, 2).join('.')}.${b64(bytes)}`;
const half = (value: number) => Buffer.alloc(32, value);
const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');

type Row = [id: string, what: string, token: () => string, code: string];

const formRows: Row[] = [
  ['JW-shape', 'nothing', () => '', 'not_three_parts'],
  ['JW-shape', 'one part', () => parts(good)[0], 'not_three_parts'],
  ['JW-shape', 'two parts', () => parts(good).slice(0, 2).join('.'), 'not_three_parts'],
  ['JW-shape', 'four parts', () => `${good}.AA`, 'not_three_parts'],
  ['JW-shape', 'five parts, as a JWE has', () => 'e30.AA.AA.AA.AA', 'not_three_parts'],
  ['JW-shape', 'a fourth part that is empty', () => `${good}.`, 'not_three_parts'],
  ['JW-shape', 'three empty parts', () => '..', 'malformed_header'],
  ['JW-shape', 'an empty header', () => `.${parts(good)[1]}.${parts(good)[2]}`, 'malformed_header'],
  ['JW-shape', 'the scheme left in front', () => `Bearer ${good}`, 'malformed_base64url'],
  [
    'JW-shape',
    'JSON serialization',
    () => JSON.stringify({ protected: parts(good)[0], payload: parts(good)[1], signature: parts(good)[2] }),
    'not_three_parts',
  ],
  [
    'JW-size',
    'more than 16 kB',
    () => `${parts(good)[0]}.${'A'.repeat(16_384)}.${parts(good)[2]}`,
    'too_large',
  ],
  ['JW-size', 'a header of 1 MB', () => signed(header({ x: 'a'.repeat(1_000_000) })), 'too_large'],
  ['JW-b64', 'padding', () => `${good}==`, 'malformed_base64url'],
  ['JW-b64', 'a line break at the end', () => `${good}\n`, 'malformed_base64url'],
  ['JW-b64', 'a space inside', () => good.replace('.', ' .'), 'malformed_base64url'],
  ['JW-b64', 'the + of the other alphabet', () => `${good.slice(0, -1)}+`, 'malformed_base64url'],
  ['JW-b64', 'the / of the other alphabet', () => `${good.slice(0, -1)}/`, 'malformed_base64url'],
  [
    'JW-b64',
    'stray bits in the last character',
    // 64 bytes end in a character that carries two bits of the value; its other four must be zero.
    () => good.slice(0, -1) + String.fromCharCode(good.charCodeAt(good.length - 1) + 1),
    'malformed_base64url',
  ],
  [
    'JW-b64',
    'a length that no bytes have',
    () => `${parts(good)[0]}.A.${parts(good)[2]}`,
    'malformed_base64url',
  ],
  ['JW-json', 'a header that is no JSON', () => signed('{"alg":"ES256"'), 'malformed_header'],
  ['JW-json', 'a header with a comment', () => signed(`${header()}//`), 'malformed_header'],
  ['JW-json', 'a header with a byte order mark', () => signed(`\ufeff${header()}`), 'malformed_header'],
  [
    'JW-json',
    'a header with NaN',
    () => signed('{"alg":"ES256","typ":"at+jwt","x":NaN}'),
    'malformed_header',
  ],
  [
    'JW-json',
    'a header that is not UTF-8',
    () => signed(Buffer.from(header({ x: '\u00e9' }), 'latin1')),
    'malformed_header',
  ],
  ['JW-json', '__proto__ in the header', () => signed('{"__proto__":{"alg":"ES256"}}'), 'malformed_header'],
  ['JW-json', 'half of a surrogate pair', () => signed('{"alg":"ES256","x":"\\ud800"}'), 'malformed_header'],
  ['JW-array-payload', 'a header that is an array', () => signed('[{"alg":"ES256"}]'), 'malformed_header'],
  ['JW-array-payload', 'a header that is null', () => signed('null'), 'malformed_header'],
  ['JW-array-payload', 'a payload that is an array', () => signed(header(), '[]'), 'malformed_payload'],
  ['JW-array-payload', 'a payload that is text', () => signed(header(), '"sub"'), 'malformed_payload'],
  ['JW-array-payload', 'a payload that is a number', () => signed(header(), '1'), 'malformed_payload'],
  ['JW-array-payload', 'a payload that is null', () => signed(header(), 'null'), 'malformed_payload'],
  ['JW-array-payload', 'a payload that is true', () => signed(header(), 'true'), 'malformed_payload'],
  ['JW-array-payload', 'an empty payload', () => signed(header(), ''), 'malformed_payload'],
  ['JW-json', 'a payload with bytes after it', () => signed(header(), '{}x'), 'malformed_payload'],
  ['JW-json', 'a payload with a byte order mark', () => signed(header(), '\ufeff{}'), 'malformed_payload'],
  [
    'JW-json',
    'a payload that is not UTF-8',
    () => signed(header(), Buffer.from('{"a":"\xff"}', 'latin1')),
    'malformed_payload',
  ],
  [
    'JW-json',
    'a payload of great depth',
    () => signed(header(), `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`),
    'malformed_payload',
  ],
  [
    'JW-json',
    '__proto__ as a claim',
    () => signed(header(), '{"__proto__":{"admin":true}}'),
    'malformed_payload',
  ],
  [
    'JW-json',
    '__proto__ in disguise',
    () => signed(header(), '{"\\u005f_proto__":{"admin":true}}'),
    'malformed_payload',
  ],
  [
    'JW-dup',
    'alg twice',
    () => signed(`{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"${es256.kid}"}`),
    'duplicate_member',
  ],
  [
    'JW-dup',
    'alg twice, once escaped',
    () => signed(`{"\\u0061lg":"none","alg":"ES256","typ":"at+jwt"}`),
    'duplicate_member',
  ],
  ['JW-dup', 'exp twice', () => signed(header(), '{"exp":1,"exp":9999999999}'), 'duplicate_member'],
  [
    'JW-dup',
    'a member twice further down',
    () => signed(header(), '{"cnf":{"jkt":"a","jkt":"b"}}'),
    'duplicate_member',
  ],
];

const headerRows: Row[] = [
  ...['none', 'None', 'NONE', 'nOnE', 'none '].map(
    (alg): Row => [
      'JW-none',
      `alg ${JSON.stringify(alg)}`,
      () => `${b64(header({ alg }))}.${parts(good)[1]}.`,
      'alg_none',
    ],
  ),
  ['JW-none-keepsig', 'alg none with the signature kept', () => signed(header({ alg: 'none' })), 'alg_none'],
  ['JW-none', 'an empty alg', () => signed(header({ alg: '' })), 'alg_not_allowed'],
  ['JW-none', 'alg null', () => signed(header({ alg: null })), 'malformed_header'],
  ['JW-none', 'no alg', () => signed('{"typ":"at+jwt"}'), 'malformed_header'],
  ['JW-none', 'a list of algs', () => signed(header({ alg: ['ES256'] })), 'malformed_header'],
  ['JW-confuse-type', 'ES256K', () => signed(header({ alg: 'ES256K' })), 'alg_not_allowed'],
  ['JW-confuse-type', 'another case', () => signed(header({ alg: 'es256' })), 'alg_not_allowed'],
  ['JW-crit', 'crit with an unknown name', () => signed(header({ crit: ['x'], x: 1 })), 'crit_unsupported'],
  ['JW-crit', 'an empty crit', () => signed(header({ crit: [] })), 'crit_unsupported'],
  ['JW-crit', 'crit that is no list', () => signed(header({ crit: 'b64' })), 'crit_unsupported'],
  ['JW-crit', 'crit null', () => signed(header({ crit: null })), 'crit_unsupported'],
  ['JW-crit', 'crit naming a registered header', () => signed(header({ crit: ['alg'] })), 'crit_unsupported'],
  ['JW-crit', 'crit b64', () => signed(header({ crit: ['b64'], b64: false })), 'crit_unsupported'],
  ['JW-crit', 'b64 without crit', () => signed(header({ b64: false })), 'b64_unsupported'],
  ['JW-crit', 'b64 true', () => signed(header({ b64: true })), 'b64_unsupported'],
  ['JW-typ', 'no typ', () => signed(`{"alg":"ES256","kid":"${es256.kid}"}`), 'typ_missing'],
  ['JW-typ', 'an ID token', () => createJwtSigner(ecHandle, 'JWT').sign(claims), 'typ_not_allowed'],
  ['JW-typ', 'a DPoP proof', () => createJwtSigner(ecHandle, 'dpop+jwt').sign(claims), 'typ_not_allowed'],
  ['JW-typ', 'a logout token', () => createJwtSigner(ecHandle, 'logout+jwt').sign(claims), 'typ_not_allowed'],
  ['JW-typ', 'an empty typ', () => signed(header({ typ: '' })), 'typ_not_allowed'],
  ['JW-typ', 'another tree of media types', () => signed(header({ typ: 'text/at+jwt' })), 'typ_not_allowed'],
  ['JW-typ', 'typ that is no text', () => signed(header({ typ: ['at+jwt'] })), 'malformed_header'],
  ['JW-kid', 'kid that is a number', () => signed(header({ kid: 1 })), 'malformed_header'],
  ['JW-kid', 'kid that is an object', () => signed(header({ kid: {} })), 'malformed_header'],
  ['JW-kid', 'kid null', () => signed(header({ kid: null })), 'malformed_header'],
  ...['../../dev/null', "' UNION SELECT 'x", '|id', '\0', '__proto__', 'constructor', ''].map(
    (kid): Row => ['JW-kid', `kid ${JSON.stringify(kid)}`, () => signed(header({ kid })), 'unknown_key'],
  ),
];

const signatureRows: Row[] = [
  ['JW-sigstrip', 'an empty signature', () => withSignature(Buffer.alloc(0)), 'bad_signature_length'],
  ['JW-sigstrip', 'one byte', () => withSignature(Buffer.alloc(1)), 'bad_signature_length'],
  ['JW-psychic', '63 bytes', () => withSignature(Buffer.alloc(63, 1)), 'bad_signature_length'],
  ['JW-psychic', '65 bytes', () => withSignature(Buffer.alloc(65, 1)), 'bad_signature_length'],
  [
    'JW-psychic',
    'DER instead of r and s',
    () => withSignature(sign('sha256', Buffer.from(parts(good).slice(0, 2).join('.')), ecHandle.privateKey)),
    'bad_signature_length',
  ],
  ['JW-psychic', 'r = s = 0', () => withSignature(Buffer.alloc(64)), 'bad_signature'],
  ['JW-psychic', 'r = 0', () => withSignature(Buffer.concat([half(0), half(1)])), 'bad_signature'],
  ['JW-psychic', 's = 0', () => withSignature(Buffer.concat([half(1), half(0)])), 'bad_signature'],
  ['JW-psychic', 'r = n', () => withSignature(Buffer.concat([ORDER, half(1)])), 'bad_signature'],
  ['JW-psychic', 's = n', () => withSignature(Buffer.concat([half(1), ORDER])), 'bad_signature'],
  ['JW-psychic', 'r > n', () => withSignature(Buffer.alloc(64, 0xff)), 'bad_signature'],
  [
    'JW-confuse-type',
    'an RS256 header on the EC key',
    () => signed(header({ alg: 'RS256' })),
    'key_mismatch',
  ],
  [
    'JW-confuse-type',
    'an ES256 header on the RSA key',
    () => signed(header({ kid: rs256.kid })),
    'key_mismatch',
  ],
  [
    'JW-confuse-type',
    'PS256 on an RS256 key',
    () => signed(header({ alg: 'PS256', kid: rs256.kid })),
    'key_mismatch',
  ],
  ['JW-confuse-type', 'EdDSA on an EC key', () => signed(header({ alg: 'EdDSA' })), 'key_mismatch'],
  [
    'JW-jwk',
    "another's key under our name",
    () => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const jwk = { ...publicKey.export({ format: 'jwk' }), kid: es256.kid };
      return createJwtSigner({ kid: es256.kid, alg: 'ES256', privateKey }, 'at+jwt').sign({ ...claims, jwk });
    },
    'bad_signature',
  ],
  [
    'JW-jwk',
    'an embedded key, with jku, x5u and x5c beside it',
    () => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const jwk = publicKey.export({ format: 'jwk' });
      const head = header({ jwk, jku: 'https://a.example/k', x5u: 'https://a.example/c', x5c: ['AA=='] });
      const input = `${b64(head)}.${b64(JSON.stringify(claims))}`;
      return `${input}.${b64(derToRaw(sign('sha256', Buffer.from(input), privateKey))!)}`;
    },
    'bad_signature',
  ],
];

describe.each([
  ['form (RFC 7515 §5.2, §7.1; RFC 7519 §7.2)', formRows],
  ['header (RFC 7515 §4.1; RFC 8725 §3.1, §3.10, §3.11)', headerRows],
  ['signature and key (RFC 7518 §3; RFC 8725 §3.1, §3.2)', signatureRows],
])('verifyJwt refuses by %s', (_, rows) => {
  it.each(rows)('%s: %s', (_id, _what, token, code) => {
    expect(codeOf(token())).toBe(code);
  });
});

/** Everything public that a careless verifier might use as the secret, and what careless people choose. */
function guessableSecrets(): [string, string | Uint8Array][] {
  const key = createPublicKey(ecHandle.privateKey);
  const pem = key.export({ format: 'pem', type: 'spki' }).toString();
  return [
    ['PEM', pem],
    ['PEM without its line break', pem.trim()],
    ['PEM with CRLF', pem.replaceAll('\n', '\r\n')],
    ['PEM with white space in front', ` ${pem}`],
    ['DER', key.export({ format: 'der', type: 'spki' })],
    ['JWK', JSON.stringify(es256.publicJwk)],
    ['x', Buffer.from('x' in es256.publicJwk ? es256.publicJwk.x : '', 'base64url')],
    ['nothing', ''],
    ['NUL', '\0'],
    ['null', 'null'],
    ['undefined', 'undefined'],
    ['secret', 'secret'],
  ];
}

function codeWithAlgs(token: string, algs: readonly string[]): string {
  try {
    verifyJwt(token, { findKey: () => keys.get(es256.kid), typ: ['at+jwt'], algs });
  } catch (error) {
    if (error instanceof JwtError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('verifyJwt never takes (RFC 8725 §3.1)', () => {
  it.each(['HS256', 'HS384', 'HS512'])('%s, even when the caller lists it', (alg) => {
    const codes = guessableSecrets().map(([name, secret]) => [
      name,
      codeWithAlgs(hmacSigned(alg, secret), [...ALGS, 'HS256', 'HS384', 'HS512', 'none']),
    ]);
    expect(codes).toEqual(guessableSecrets().map(([name]) => [name, 'alg_not_allowed']));
  });

  it('none, even when the caller lists it', () => {
    expect(codeWithAlgs(`${b64(header({ alg: 'none' }))}.${parts(good)[1]}.`, ['none'])).toBe('alg_none');
  });

  it('an algorithm that the caller does not list', () => {
    expect(codeWithAlgs(good, ['RS256'])).toBe('alg_not_allowed');
  });
});

describe('verifyJwt', () => {
  it('refuses any flipped bit', () => {
    const token = createJwtSigner(ecHandle, 'at+jwt').sign({ sub: 'u' });
    const bytes = Buffer.from(token, 'latin1');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 7 }), (index, bit) => {
        const changed = Buffer.from(bytes);
        changed[index]! ^= 1 << bit;
        expect(codeOf(changed.toString('latin1'))).not.toBe('accepted');
      }),
      { numRuns: 3000 },
    );
  });

  it('asks for a key only when all that needs no key holds', () => {
    let asked = 0;
    const findKey = () => {
      asked++;
      return keys.get(es256.kid);
    };
    for (const row of [
      ...headerRows.filter(([id]) => id !== 'JW-kid'),
      ...formRows.filter((r) => r[3].includes('header')),
    ]) {
      expect(() => verifyJwt(row[2](), { findKey, typ: ['at+jwt'], algs: ALGS })).toThrow(JwtError);
    }
    expect(asked).toBe(0);
  });

  it('gives header and claims, at once when the key is at hand', () => {
    expect(verify(good)).toEqual({
      header: { alg: 'ES256', typ: 'at+jwt', kid: es256.kid },
      payload: claims,
    });
  });

  it('waits for a key that has to be fetched', async () => {
    const options = { typ: ['at+jwt'], algs: ALGS };
    const found = verifyJwt(good, { ...options, findKey: async () => keys.get(es256.kid) });
    await expect(found).resolves.toMatchObject({ payload: claims });
    const missing = verifyJwt(good, { ...options, findKey: async () => undefined });
    await expect(missing).rejects.toMatchObject({ code: 'unknown_key' });
  });

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+jwt'])(
    'takes typ %s for at+jwt',
    (typ) => {
      expect(codeOf(signed(header({ typ })))).toBe('accepted');
    },
  );

  it('takes the same token ten times (JW-stateful-regex)', () => {
    for (let round = 0; round < 10; round++) expect(codeOf(good)).toBe('accepted');
  });

  it('names no part of the token in its errors', () => {
    const refused = new JwtError('malformed_base64url');
    expect(() => verify(`${good}x`)).toThrow(refused);
    expect(String(refused)).toBe('JwtError: a part of the token is not canonical base64url');
  });
});

const attacks: { rows: { id: string }[] } | undefined = readPublishedVectors('attacks/jwt-attacks.json');

// Skipped where the attack list is not beside the repository: the rows above stand on their own.
describe.skipIf(attacks === undefined)('the attack list', () => {
  it('has no family about signed tokens that is missing here', () => {
    const inAccessTokenTest = ['JW-aud', 'JW-iss', 'JW-time', 'JW-redos'];
    const outsideTheTables = [
      'JW-confuse-pem',
      'JW-confuse-jwk',
      'JW-empty-hmac',
      'JW-weak-hmac',
      'JW-stateful-regex',
    ];
    const withEmbeddedKey = ['JW-jku'];
    const ofOtherRooms = ['JW-dpop-priv', 'JW-p2c', 'JW-cache', 'CW-cbor', 'CW-alg'];
    const covered = new Set([
      ...[...formRows, ...headerRows, ...signatureRows].map(([id]) => id),
      ...inAccessTokenTest,
      ...outsideTheTables,
      ...withEmbeddedKey,
      ...ofOtherRooms,
    ]);
    expect(attacks?.rows.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
  });
});

describe('decodeJwt', () => {
  it('reads a token without judging it', () => {
    const forged = withSignature(Buffer.alloc(64, 1));
    expect(decodeJwt(forged)).toMatchObject({ header: { alg: 'ES256' }, payload: claims });
    expect(decodeJwt(forged)?.signature).toHaveLength(64);
  });
  it.each(['', 'a.b', 'tsr_at_x', 'e30.W10.'])('gives nothing for %j', (token) => {
    expect(decodeJwt(token)).toBeUndefined();
  });
});

describe('interoperation with jose', () => {
  it('jose takes what we sign', async () => {
    for (const handle of [ecHandle, rsaHandle]) {
      const { publicJwk } = handle.alg === 'ES256' ? es256 : rs256;
      const token = createJwtSigner(handle, 'at+jwt').sign(claims);
      const result = await jwtVerify(token, await importJWK({ ...publicJwk }), { typ: 'at+jwt' });
      expect(result.payload).toEqual(claims);
      expect(result.protectedHeader).toEqual({ alg: handle.alg, typ: 'at+jwt', kid: handle.kid });
    }
  });

  it('we take what jose signs', async () => {
    for (const { kid, alg, privateKeyPkcs8 } of [es256, rs256]) {
      const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(privateKeyPkcs8).toString('base64')}\n-----END PRIVATE KEY-----`;
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg, kid, typ: 'at+jwt' })
        .sign(await importPKCS8(pem, alg));
      expect(verify(token).payload).toEqual(claims);
    }
  });

  it.each(['PS256', 'EdDSA'] as const)('we take %s when a key says so', async (alg) => {
    const { privateKey, publicKey } =
      alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = importPublicJwk({ ...publicKey.export({ format: 'jwk' }), alg, kid: 'k' });
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg, kid: 'k', typ: 'JWT' })
      .sign(privateKey);
    expect(verifyJwt(token, { findKey: () => key, typ: ['JWT'], algs: ALGS }).payload).toEqual(claims);
  });
});
