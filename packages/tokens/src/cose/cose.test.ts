import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../cbor/encode.ts';
import { CborTag } from '../cbor/value.ts';
import type { CborKey, CborValue } from '../cbor/value.ts';
import { CoseError } from './cose-error.ts';
import { createMacKey, importCoseKey, importJwkForCose } from './key.ts';
import type { CoseKey } from './key.ts';
import { decodeCose } from './message.ts';
import { createCoseSigner } from './sign.ts';
import type { CoseSignerOptions } from './sign.ts';
import { toLowS } from './low-s.ts';
import { toBeSigned } from './to-be-signed.ts';
import { signMessage } from './algorithm.ts';
import { verifyCose } from './verify.ts';
import type { CoseExpectations } from './verify.ts';

const text = (value: string) => new Uint8Array(Buffer.from(value, 'utf8'));
const hex = (value: string) => new Uint8Array(Buffer.from(value, 'hex'));
const map = (...members: [CborKey, CborValue][]) => new Map(members);
const SECRET = hex('403697de87af64611c1d32a05dab0fe1fcb715a86ab435f1ec99192d79569388');
const PAYLOAD = text('payload');

const hmac = createMacKey({ kid: 'k1', secret: SECRET });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
const kid = text('k1');
const pairs: [string, CoseKey, CoseKey][] = [
  ['HS256', hmac, hmac],
  ['ES256', { kid, alg: 'ES256', key: ec.privateKey }, { kid, alg: 'ES256', key: ec.publicKey }],
  ['PS256', { kid, alg: 'PS256', key: rsa.privateKey }, { kid, alg: 'PS256', key: rsa.publicKey }],
  ['EdDSA', { kid, alg: 'EdDSA', key: ed.privateKey }, { kid, alg: 'EdDSA', key: ed.publicKey }],
];

function codeOf(bytes: Uint8Array, key: CoseKey | undefined, expectations?: CoseExpectations): string {
  try {
    verifyCose(decodeCose(bytes), key, expectations);
  } catch (error) {
    if (error instanceof CoseError) return error.code;
    throw error;
  }
  return 'accepted';
}

/** A message whose tag is right, whatever its headers say. */
function mac(options: {
  protectedHeader?: Uint8Array | CborValue;
  unprotectedHeader?: CborValue;
  payload?: CborValue;
  wrap?: (message: CborValue) => CborValue;
  alg?: 'HS256' | 'HS256/64';
}): Uint8Array {
  const { protectedHeader = map([1, 5]), unprotectedHeader = map([4, kid]), payload = PAYLOAD } = options;
  const protectedBytes =
    protectedHeader instanceof Uint8Array ? protectedHeader : encodeCbor(protectedHeader);
  const input = toBeSigned('HS256', protectedBytes, payload instanceof Uint8Array ? payload : text(''));
  const message = [
    protectedBytes,
    unprotectedHeader,
    payload,
    signMessage(options.alg ?? 'HS256', hmac.key, input),
  ];
  return encodeCbor(options.wrap === undefined ? new CborTag(17, message) : options.wrap(message));
}

describe('a message is refused', () => {
  it.each<[string, Uint8Array, string]>([
    ['that is nothing', hex(''), 'malformed_cbor'],
    ['that is text', text('{"alg":"none"}'), 'malformed_cbor'],
    ['with bytes after it', hex(`${Buffer.from(mac({})).toString('hex')}00`), 'malformed_cbor'],
    ['of three parts', encodeCbor(new CborTag(17, [hex(''), map(), PAYLOAD])), 'malformed_message'],
    [
      'of five parts',
      mac({ wrap: (parts) => new CborTag(17, [...(parts as CborValue[]), 0]) }),
      'malformed_message',
    ],
    ['that is a map', encodeCbor(map([1, 2])), 'malformed_message'],
    ['with text as payload', mac({ payload: 'payload' }), 'malformed_message'],
    ['without its payload (§2)', mac({ payload: null }), 'detached_payload'],
    ['with tag 98', mac({ wrap: (parts) => new CborTag(98, parts) }), 'wrong_tag'],
    ['with tag 61 twice', mac({ wrap: (parts) => new CborTag(61, new CborTag(61, parts)) }), 'wrong_tag'],
    [
      'with tag 61 inside',
      mac({ wrap: (parts) => new CborTag(17, new CborTag(61, parts)) }),
      'malformed_message',
    ],
    ['that calls a MAC a signature', mac({ wrap: (parts) => new CborTag(18, parts) }), 'key_mismatch'],
    ['with a header that is no map', mac({ unprotectedHeader: [] }), 'malformed_header'],
    ['with a protected header that is no map', mac({ protectedHeader: [1] }), 'malformed_header'],
    ['with a protected header that is no CBOR', mac({ protectedHeader: hex('a1') }), 'malformed_cbor'],
    ['with a parameter in both headers (§3)', mac({ unprotectedHeader: map([1, 5]) }), 'duplicate_header'],
    ['of another algorithm', mac({ protectedHeader: map([1, -7]) }), 'key_mismatch'],
    [
      'of another algorithm, said aside',
      mac({ protectedHeader: hex(''), unprotectedHeader: map([1, 4]) }),
      'key_mismatch',
    ],
    ['of an algorithm by name', mac({ protectedHeader: map([1, 'HS256']) }), 'key_mismatch'],
    ['with an algorithm that is a list', mac({ protectedHeader: map([1, [5]]) }), 'malformed_header'],
    ['with a kid that is a number', mac({ unprotectedHeader: map([4, 7]) }), 'malformed_header'],
    ['with crit aside (§3.1)', mac({ unprotectedHeader: map([2, [1]]) }), 'malformed_header'],
    ['with an empty crit', mac({ protectedHeader: map([2, []]) }), 'malformed_header'],
    ['with a crit that is no list', mac({ protectedHeader: map([2, 1]) }), 'malformed_header'],
    ['with crit undefined', mac({ protectedHeader: map([2, undefined]) }), 'malformed_header'],
    ['with a crit of bytes', mac({ protectedHeader: map([2, [hex('01')]]) }), 'malformed_header'],
    [
      'with a crit that names what is not there',
      mac({ protectedHeader: map([1, 5], [2, [99]]) }),
      'malformed_header',
    ],
    [
      'with a crit that is not understood',
      mac({ protectedHeader: map([2, [99]], [99, 0]) }),
      'crit_unsupported',
    ],
    [
      'with a named crit that is not understood',
      mac({ protectedHeader: map([2, ['x']], ['x', 0]) }),
      'crit_unsupported',
    ],
  ])('%s', (_, bytes, code) => {
    expect(codeOf(bytes, hmac)).toBe(code);
  });

  it('without a key', () => {
    expect(codeOf(mac({}), undefined)).toBe('unknown_key');
  });
  it('under another secret', () => {
    expect(codeOf(mac({}), createMacKey({ secret: new Uint8Array(32) }))).toBe('bad_signature');
  });
  it('with a tag that is cut to eight bytes, unless the key is for that', () => {
    const short = createMacKey({ secret: SECRET, alg: 'HS256/64' });
    const bytes = mac({ alg: 'HS256/64', protectedHeader: map([1, 4]) });
    expect(() => createCoseSigner(short)).toThrow(TypeError);
    expect(codeOf(bytes, hmac)).toBe('key_mismatch');
    expect(codeOf(bytes, short)).toBe('accepted');
    const silent = decodeCose(bytes);
    expect(() => verifyCose({ ...silent, alg: undefined }, hmac)).toThrow(
      new CoseError('bad_signature_length'),
    );
  });
  it('when a public key is used as a secret', () => {
    const secret = ec.publicKey.export({ format: 'der', type: 'spki' });
    const forged = createCoseSigner(createMacKey({ secret })).sign(PAYLOAD);
    expect(codeOf(forged, { kid, alg: 'ES256', key: ec.publicKey })).toBe('key_mismatch');
    const [, , ...end] = forged; // without tag 61
    const silent = Uint8Array.from([0xd2, ...end.slice(1)]);
    expect(codeOf(silent, { kid, alg: 'ES256', key: ec.publicKey })).toBe('key_mismatch');
  });
  it('with a longer spelling of its envelope, unless the caller asks for it', () => {
    const bytes = hex(`d811${Buffer.from(mac({})).toString('hex').slice(2)}`);
    expect(codeOf(bytes, hmac)).toBe('malformed_cbor');
    expect(() => verifyCose(decodeCose(bytes, { shortest: false }), hmac)).not.toThrow();
  });
});

describe('a message is accepted', () => {
  it.each<[string, Uint8Array]>([
    ['with tag 17', mac({})],
    ['with tags 61 and 17 (RFC 8392 §6)', mac({ wrap: (parts) => new CborTag(61, new CborTag(17, parts)) })],
    ['with tag 61 alone', mac({ wrap: (parts) => new CborTag(61, parts) })],
    ['without tags', mac({ wrap: (parts) => parts })],
    ['without an algorithm', mac({ protectedHeader: hex('') })],
    ['with its algorithm aside', mac({ protectedHeader: hex(''), unprotectedHeader: map([1, 5]) })],
    ['with a crit that names alg', mac({ protectedHeader: map([1, 5], [2, [1]]) })],
  ])('%s', (_, bytes) => {
    expect(codeOf(bytes, hmac)).toBe('accepted');
  });

  it('with a crit that the caller understands', () => {
    const bytes = mac({ protectedHeader: map([1, 5], [2, [99]], [99, 0]) });
    expect(codeOf(bytes, hmac, { understood: [99] })).toBe('accepted');
  });
  it('with kid in either header, as bytes or text', () => {
    for (const name of [kid, 'k1']) {
      expect(decodeCose(mac({ unprotectedHeader: map([4, name]) })).kid).toEqual(kid);
      expect(decodeCose(mac({ protectedHeader: map([4, name]), unprotectedHeader: map() })).kid).toEqual(kid);
    }
  });
});

describe.each(pairs)('%s', (alg, signingKey, verificationKey) => {
  const options: CoseSignerOptions[] = [
    {},
    { tags: 'cose', kidHeader: 'unprotected' },
    { tags: 'none', protectedHeader: map([16, 'application/cwt']), unprotectedHeader: map(['x', 1]) },
    { externalAad: text('known to both') },
  ];

  it.each(options)('holds when it is signed here: %o', async (option) => {
    const signer = createCoseSigner(signingKey, option);
    const { externalAad = new Uint8Array() } = option;
    for (const bytes of [signer.sign(PAYLOAD), await signer.signElsewhere(PAYLOAD)]) {
      expect(codeOf(bytes, verificationKey, { externalAad })).toBe('accepted');
      expect(codeOf(bytes, verificationKey, { externalAad: text('other') })).toBe('bad_signature');
      const message = decodeCose(bytes);
      expect(message.kid).toEqual(kid);
      expect(Buffer.from(message.payload)).toEqual(Buffer.from(PAYLOAD));
      expect(message.cwtTag).toBe(option.tags === undefined);
    }
  });

  it('does not hold for another algorithm', () => {
    const bytes = createCoseSigner(signingKey).sign(PAYLOAD);
    for (const [other, , key] of pairs) {
      expect(codeOf(bytes, key)).toBe(other === alg ? 'accepted' : 'key_mismatch');
    }
  });

  it('does not hold when a bit is another one', () => {
    const bytes = createCoseSigner(signingKey).sign(PAYLOAD);
    for (let index = 0; index < bytes.length; index++) {
      const changed = bytes.slice();
      changed[index]! ^= 1 << (index % 8);
      expect(codeOf(changed, verificationKey), `byte ${index}`).not.toBe('accepted');
    }
  });
});

describe('createCoseSigner refuses', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  it.each<[string, CoseKey]>([
    ['a public key', { kid, alg: 'ES256', key: ec.publicKey }],
    ['a key of another curve', { kid, alg: 'ES256', key: p384 }],
    ['an RSA key for ECDSA', { kid, alg: 'ES256', key: rsa.privateKey }],
    ['an RSA key of 1024 bit', { kid, alg: 'PS256', key: small }],
    ['an EC key for EdDSA', { kid, alg: 'EdDSA', key: ec.privateKey }],
    ['a secret for a signature', { kid, alg: 'ES256', key: hmac.key }],
    ['a private key for a MAC', { kid, alg: 'HS256', key: ec.privateKey }],
  ])('%s', (_, key) => {
    expect(() => createCoseSigner(key)).toThrow(TypeError);
  });
});

describe('ES256 signatures', () => {
  it('are always the one with the smaller s', () => {
    const half = hex('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8');
    const signer = createCoseSigner({ kid, alg: 'ES256', key: ec.privateKey });
    for (let round = 0; round < 64; round++) {
      const { signature } = decodeCose(signer.sign(text(`${round}`)));
      expect(Buffer.compare(signature.subarray(32), half)).toBeLessThanOrEqual(0);
    }
  });
  it('keep r, and give n − s for s (SEC 1 §4.1.3)', () => {
    const r = '11'.repeat(32);
    const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
    const minusOne = `${order.slice(0, -2)}50`;
    const one = `${'00'.repeat(31)}01`;
    const half = '7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8';
    expect(toLowS(hex(r + minusOne))).toEqual(hex(r + one));
    expect(toLowS(hex(r + one))).toEqual(hex(r + one));
    expect(toLowS(hex(r + half))).toEqual(hex(r + half));
    expect(toLowS(hex(`${r}${half.slice(0, -2)}a9`))).toEqual(hex(r + half));
  });
});

describe('keys', () => {
  const jwk = ec.publicKey.export({ format: 'jwk' });
  const rsaJwk = rsa.publicKey.export({ format: 'jwk' });
  const [x, y] = [jwk.x ?? '', jwk.y ?? ''].map((value) => new Uint8Array(Buffer.from(value, 'base64url')));
  const [n, e] = [rsaJwk.n ?? '', rsaJwk.e ?? ''].map(
    (value) => new Uint8Array(Buffer.from(value, 'base64url')),
  );
  const edX = new Uint8Array(Buffer.from(ed.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  const d = new Uint8Array(32).fill(1);
  const ecKey: [CborKey, CborValue][] = [
    [1, 2],
    [2, kid],
    [3, -7],
    [-1, 1],
    [-2, x],
    [-3, y],
  ];

  it.each<[string, [CborKey, CborValue][]]>([
    ['no type', [[-1, SECRET]]],
    [
      'a type by name',
      [
        [1, 'Symmetric'],
        [-1, SECRET],
      ],
    ],
    [
      'a short secret (RFC 2104 §3)',
      [
        [1, 4],
        [-1, SECRET.subarray(1)],
      ],
    ],
    [
      'a secret that is text',
      [
        [1, 4],
        [-1, 'a'.repeat(32)],
      ],
    ],
    [
      'a secret for a cut tag',
      [
        [1, 4],
        [3, 4],
        [-1, SECRET],
      ],
    ],
    [
      'a secret that may only make tags',
      [
        [1, 4],
        [4, [9]],
        [-1, SECRET],
      ],
    ],
    ['a private EC key', [...ecKey, [-4, d]]],
    [
      'P-384',
      [
        [1, 2],
        [-1, 2],
        [-2, x],
        [-3, y],
      ],
    ],
    [
      'an EC key for EdDSA',
      [
        [1, 2],
        [3, -8],
        [-1, 1],
        [-2, x],
        [-3, y],
      ],
    ],
    [
      'a point off the curve',
      [
        [1, 2],
        [-1, 1],
        [-2, x],
        [-3, x],
      ],
    ],
    [
      'a short coordinate',
      [
        [1, 2],
        [-1, 1],
        [-2, x?.subarray(1)],
        [-3, y],
      ],
    ],
    [
      'half a point that is not on the curve',
      [
        [1, 2],
        [-1, 1],
        [-2, new Uint8Array(32).fill(0xff)],
        [-3, true],
      ],
    ],
    ['an EC key that may only sign', [...ecKey, [4, [1]]]],
    [
      'a kid that is text',
      [
        [1, 4],
        [2, 'k1'],
        [-1, SECRET],
      ],
    ],
    [
      'a private RSA key',
      [
        [1, 3],
        [-1, n],
        [-2, e],
        [-3, d],
      ],
    ],
    [
      'RS256',
      [
        [1, 3],
        [3, -257],
        [-1, n],
        [-2, e],
      ],
    ],
    [
      'a small RSA key',
      [
        [1, 3],
        [-1, n?.subarray(0, 128)],
        [-2, e],
      ],
    ],
    [
      'exponent 3',
      [
        [1, 3],
        [-1, n],
        [-2, hex('03')],
      ],
    ],
    [
      'X25519',
      [
        [1, 1],
        [-1, 4],
        [-2, edX],
      ],
    ],
    [
      'a private Ed25519 key',
      [
        [1, 1],
        [-1, 6],
        [-2, edX],
        [-4, d],
      ],
    ],
  ])('of COSE are refused: %s', (_, members) => {
    expect(importCoseKey(map(...members))).toBeUndefined();
    expect(importCoseKey(encodeCbor(map(...members)))).toBeUndefined();
  });

  it.each(['', 'a1', '01', '8104'])('of COSE are refused: %s', (bytes) => {
    expect(importCoseKey(hex(bytes))).toBeUndefined();
  });

  it.each<[string, [CborKey, CborValue][]]>([
    [
      'HS256',
      [
        [1, 4],
        [2, kid],
        [4, [10]],
        [-1, SECRET],
      ],
    ],
    ['ES256', ecKey],
    [
      'ES256',
      [
        [1, 2],
        [2, kid],
        [4, [2]],
        [-1, 1],
        [-2, x],
        [-3, ((y?.at(-1) ?? 0) & 1) === 1],
      ],
    ],
    [
      'PS256',
      [
        [1, 3],
        [2, kid],
        [-1, n],
        [-2, e],
      ],
    ],
    [
      'EdDSA',
      [
        [1, 1],
        [2, kid],
        [-1, 6],
        [-2, edX],
      ],
    ],
  ])('of COSE are read: %s', (alg, members) => {
    const key = importCoseKey(encodeCbor(map(...members)));
    const signingKey = pairs.find(([name]) => name === alg)![1];
    expect(key).toMatchObject({ alg, kid });
    expect(codeOf(createCoseSigner(signingKey).sign(PAYLOAD), key)).toBe('accepted');
  });

  it('of JOSE are read, with the same refusals', () => {
    const k = Buffer.from(SECRET).toString('base64url');
    expect(importJwkForCose({ kty: 'oct', k, kid: 'k1' })).toMatchObject({ alg: 'HS256', kid });
    expect(importJwkForCose({ ...rsaJwk, kid: 'k1' })).toMatchObject({ alg: 'PS256', kid });
    expect(importJwkForCose(jwk)).toMatchObject({ alg: 'ES256', kid: undefined });
    for (const refused of [
      { kty: 'oct', k: k.slice(0, 20) },
      { kty: 'oct', k: `${k}=` },
      { kty: 'oct', k, alg: 'HS512' },
      { kty: 'oct', k, use: 'enc' },
      { kty: 'oct', k, key_ops: ['sign'] },
      { kty: 'oct', k, kid: 1 },
      { ...rsaJwk, alg: 'RS256' },
      { ...jwk, d: k },
      'jwk',
    ]) {
      expect(importJwkForCose(refused)).toBeUndefined();
    }
  });

  it('of fewer than 256 bits make no MAC', () => {
    expect(() => createMacKey({ secret: new Uint8Array(31) })).toThrow(TypeError);
    expect(() => createMacKey({ secret: new Uint8Array(1025) })).toThrow(TypeError);
  });
});
