/** Forged and damaged JWTs, family by family, made around a good one: none of them may pass anywhere. For tests only. */
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { derToRaw, importSigningKey } from '@tessera/tokens';
import type { GeneratedSigningKey } from '@tessera/tokens';

export interface AttackMaterial {
  /** ES256, published, and the key of good tokens. */
  readonly key: GeneratedSigningKey;
  /** RS256 and published. */
  readonly rsaKey: GeneratedSigningKey;
  /** Those of a good token. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Where nobody may ever ask: counts who does. */
  readonly canary: string;
}

export type Attack = readonly [family: string, what: string, token: string];

const b64 = (value: string | Uint8Array) => Buffer.from(value).toString('base64url');
const times = <Value>(values: readonly Value[], make: (value: Value) => Attack): Attack[] => values.map(make);
/** JSON as `JSON.stringify` would never write it. */
const raw = (json: string) => json;

export function jwtAttacks(material: AttackMaterial): readonly Attack[] {
  const forge = createForge(material);
  return [
    ...unsigned(forge),
    ...confused(forge, material),
    ...broken(forge),
    ...named(forge, material),
    ...ofAnotherKind(forge),
    ...withWrongClaims(forge, material.claims),
    ...withWrongJson(forge, material.claims),
    ...withWrongForm(forge),
  ];
}

interface Forge {
  readonly good: string;
  readonly parts: readonly [header: string, payload: string, signature: string];
  readonly header: (change?: object) => string;
  /** Signed by the good key, whatever the texts are. */
  readonly signed: (header: string | Uint8Array, payload?: string | Uint8Array) => string;
  /** A good header over these claims. */
  readonly claiming: (change: object) => string;
  readonly hmac: (alg: string, secret: string | Uint8Array) => string;
}

function createForge({ key, claims }: AttackMaterial): Forge {
  const { privateKey } = importSigningKey(key);
  const body = JSON.stringify(claims);
  const header = (change: object = {}) =>
    JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...change });
  const signed: Forge['signed'] = (head, payload = body) => {
    const input = `${b64(head)}.${b64(payload)}`;
    return `${input}.${b64(derToRaw(sign('sha256', Buffer.from(input), privateKey)) ?? '')}`;
  };
  const good = signed(header());
  const [head = '', payload = '', signature = ''] = good.split('.');
  return {
    good,
    parts: [head, payload, signature],
    header,
    signed,
    claiming: (change) => signed(header(), JSON.stringify({ ...claims, ...change })),
    hmac(alg, secret) {
      const input = `${b64(header({ alg }))}.${payload}`;
      const hash = alg.replace('HS', 'sha');
      return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
    },
  };
}

function unsigned({ parts: [, payload, signature], header, signed }: Forge): Attack[] {
  return [
    ...times(['none', 'None', 'NONE', 'nOnE', 'none ', '', null, undefined], (alg) => [
      'JW-none',
      `alg ${JSON.stringify(alg)}, no signature`,
      `${b64(header({ alg }))}.${payload}.`,
    ]),
    [
      'JW-none-keepsig',
      'alg none, the signature kept',
      `${b64(header({ alg: 'none' }))}.${payload}.${signature}`,
    ],
    ['JW-none-keepsig', 'alg none, signed', signed(header({ alg: 'none' }))],
  ];
}

function confused({ header, signed, hmac }: Forge, { key, rsaKey }: AttackMaterial): Attack[] {
  const attacks: Attack[] = [];
  for (const each of [key, rsaKey]) {
    const publicKey = createPublicKey(importSigningKey(each).privateKey);
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const jwk: Readonly<Record<string, unknown>> = { ...each.publicJwk };
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      attacks.push(
        ...times([pem, pem.trim(), pem.replaceAll('\n', '\r\n'), ` ${pem}`, `\n${pem}`], (secret) => [
          'JW-confuse-pem',
          `${alg} by the PEM of the ${each.alg} key, ${secret.length} bytes`,
          hmac(alg, secret),
        ]),
        ...times(
          [JSON.stringify(jwk), spki, Buffer.from(String(jwk['x'] ?? jwk['n']), 'base64url')],
          (secret) => [
            'JW-confuse-jwk',
            `${alg} by what is public of the ${each.alg} key, ${secret.length} bytes`,
            hmac(alg, secret),
          ],
        ),
      );
    }
  }
  return [
    ...attacks,
    ...times(
      ['', '\0', 'null', 'undefined', 'a'],
      (secret): Attack => ['JW-empty-hmac', `HS256 by ${JSON.stringify(secret)}`, hmac('HS256', secret)],
    ),
    ...times(
      ['secret', 'password', 'changeme', key.kid],
      (secret): Attack => ['JW-weak-hmac', `HS256 by ${secret}`, hmac('HS256', secret)],
    ),
    ...times(
      ['RS256', 'PS256', 'EdDSA', 'ES256K', 'ES384', 'es256', 'Ed25519'],
      (alg): Attack => ['JW-confuse-type', `${alg} over a signature by ES256`, signed(header({ alg }))],
    ),
    ['JW-confuse-type', 'ES256 under the name of the RSA key', signed(header({ kid: rsaKey.kid }))],
    [
      'JW-confuse-type',
      'PS256 under the name of the RS256 key',
      signed(header({ alg: 'PS256', kid: rsaKey.kid })),
    ],
  ];
}

const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');

function broken({ parts: [head, payload, signature] }: Forge): Attack[] {
  const withSignature = (bytes: Uint8Array) => `${head}.${payload}.${b64(bytes)}`;
  const of = (r: Uint8Array, s: Uint8Array) => withSignature(Buffer.concat([r, s]));
  const [zero, one, ones] = [Buffer.alloc(32), Buffer.alloc(32, 1), Buffer.alloc(32, 0xff)];
  const bytes = Buffer.from(signature, 'base64url');
  return [
    ...times(
      [0, 1, 32],
      (length): Attack => [
        'JW-sigstrip',
        `a signature of ${length} bytes`,
        withSignature(bytes.subarray(0, length)),
      ],
    ),
    ['JW-psychic', 'r = s = 0', of(zero, zero)],
    ['JW-psychic', 'r = 0', of(zero, one)],
    ['JW-psychic', 's = 0', of(one, zero)],
    ['JW-psychic', 'r = n', of(ORDER, one)],
    ['JW-psychic', 's = n', of(one, ORDER)],
    ['JW-psychic', 'r > n', of(ones, one)],
    ['JW-psychic', '63 bytes', withSignature(bytes.subarray(1))],
    ['JW-psychic', '65 bytes', withSignature(Buffer.concat([bytes, zero.subarray(0, 1)]))],
    ['JW-psychic', 'r and s changed places', of(bytes.subarray(32), bytes.subarray(0, 32))],
    ['JW-psychic', 'DER', withSignature(Buffer.concat([Buffer.from('30440220', 'hex'), bytes]))],
  ];
}

function named({ header, signed }: Forge, { key, claims, canary }: AttackMaterial): Attack[] {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...other.publicKey.export({ format: 'jwk' }), kid: key.kid };
  const byOther = (change: object): string => {
    const input = `${b64(header(change))}.${b64(JSON.stringify(claims))}`;
    return `${input}.${b64(derToRaw(sign('sha256', Buffer.from(input), other.privateKey)) ?? '')}`;
  };
  const kids = [
    '../../dev/null',
    '/proc/self/environ',
    "' UNION SELECT 'x",
    '|id',
    '\0',
    '__proto__',
    'constructor',
    '',
    1,
    ['a'],
    { a: 1 },
    null,
    undefined,
    key.kid.toUpperCase(),
    `${key.kid} `,
    'k'.repeat(5000),
  ];
  return [
    ...times(
      kids,
      (kid): Attack => ['JW-kid', `kid ${JSON.stringify(kid)?.slice(0, 40)}`, signed(header({ kid }))],
    ),
    ...times(
      [`${canary}/jwks`, `${canary}/../jwks`, `${canary}@evil.example/`],
      (jku): Attack => [
        'JW-jku',
        `jku and x5u ${jku.slice(canary.length)}`,
        byOther({ kid: 'theirs', jku, x5u: jku }),
      ],
    ),
    [
      'JW-jwk',
      'their own key inside, under their name',
      byOther({ kid: 'theirs', jwk: { ...jwk, kid: 'theirs' } }),
    ],
    ['JW-jwk', 'their own key inside, under our name', byOther({ jwk })],
    ['JW-jwk', 'their certificate', byOther({ x5c: ['AAAA'] })],
    ['JW-jwk', 'their key, under our name', byOther({})],
  ];
}

function ofAnotherKind({ header, signed }: Forge): Attack[] {
  const crits = [['x'], [], 'x', null, ['alg'], ['b64'], ['typ', 'typ']];
  return [
    ...times(
      crits,
      (crit): Attack => ['JW-crit', `crit ${JSON.stringify(crit)}`, signed(header({ crit, x: 1 }))],
    ),
    ['JW-crit', 'b64 false without crit', signed(header({ b64: false }))],
    ...times(
      [
        'JWT',
        'dpop+jwt',
        'logout+jwt',
        'secevent+jwt',
        'oauth-authz-req+jwt',
        'statuslist+jwt',
        '',
        undefined,
        ['at+jwt'],
      ],
      (typ): Attack => ['JW-typ', `typ ${JSON.stringify(typ)}`, signed(header({ typ }))],
    ),
  ];
}

function withWrongClaims({ claiming }: Forge, claims: AttackMaterial['claims']): Attack[] {
  const { iss, aud } = claims;
  const [issuer, audience] = [String(iss), String(aud)];
  const wrong = (name: string, values: readonly unknown[], family: string): Attack[] =>
    times(values, (value) => [
      family,
      `${name} ${JSON.stringify(value)?.slice(0, 60)}`,
      claiming({ [name]: value }),
    ]);
  const audiences = [
    undefined,
    null,
    1,
    {},
    '',
    [],
    'https://other.example/',
    ['https://other.example/'],
    [1, audience],
    audience.slice(0, -1),
    `${audience}x`,
    `${audience}/`,
    audience.toUpperCase(),
    ` ${audience}`,
    [[audience]],
  ];
  const issuers = [
    undefined,
    null,
    1,
    {},
    '',
    [issuer],
    `${issuer}/`,
    issuer.toUpperCase(),
    `${issuer}/tenant`,
    issuer.replace('127', '\u0661\u0662\u0667'),
    'https://evil.example',
  ];
  const ends = [
    undefined,
    null,
    '4102444800',
    1.5,
    -1,
    1e308,
    'NaN',
    2 ** 53 + 2,
    0,
    {},
    [4_102_444_800],
    true,
  ];
  return [
    ...wrong('aud', audiences, 'JW-aud'),
    ...wrong('iss', issuers, 'JW-iss'),
    ...wrong('exp', ends, 'JW-time'),
    ...wrong('nbf', ['0', 1.5, -1, 1e308, 2 ** 52, null, {}], 'JW-time'),
    ...wrong('iat', [undefined, '0', 1.5, -1, 1e308, 2 ** 52, null], 'JW-time'),
    ...wrong('aud', [`${'a'.repeat(10_000)}!`, Array.from({ length: 2000 }, () => 'a')], 'JW-redos'),
    ...wrong('iss', [`https://${'a.'.repeat(5000)}!`], 'JW-redos'),
    ...wrong('sub', [undefined, null, 1, '', [], {}], 'JW-claims'),
    ...wrong('client_id', [undefined, null, 1, '', []], 'JW-claims'),
    ...wrong('jti', [undefined, null, 1, ''], 'JW-claims'),
    ...wrong('scope', [null, 1, ['read'], {}], 'JW-claims'),
    ...wrong('cnf', [null, {}, [], 'x', { jkt: 'x' }, { jwk: {} }, { kid: 'a' }], 'JW-claims'),
  ];
}

function withWrongJson({ header, signed }: Forge, claims: AttackMaterial['claims']): Attack[] {
  const body = JSON.stringify(claims);
  const inside = (more: string) => raw(`${body.slice(0, -1)},${more}}`);
  const deep = `${'['.repeat(4000)}${']'.repeat(4000)}`;
  return [
    ...times(
      ['[]', `[${body}]`, '"sub"', '1', 'null', 'true', ''],
      (payload): Attack => [
        'JW-array-payload',
        `a payload ${payload.slice(0, 10)}`,
        signed(header(), payload),
      ],
    ),
    ['JW-array-payload', 'a header in a list', signed(`[${header()}]`)],
    ['JW-dup', 'alg twice', signed(raw(`{"alg":"none",${header().slice(1)}`))],
    ['JW-dup', 'alg twice, the other way round', signed(raw(`${header().slice(0, -1)},"alg":"none"}`))],
    ['JW-dup', 'alg twice, once in disguise', signed(raw(`{"\\u0061lg":"none",${header().slice(1)}`))],
    ['JW-dup', 'exp twice', signed(header(), inside('"exp":4102444800'))],
    ['JW-dup', 'aud twice', signed(header(), inside(`"aud":${JSON.stringify(claims['aud'])}`))],
    ['JW-dup', 'a member twice further down', signed(header(), inside('"act":{"sub":"a","sub":"b"}'))],
    ['JW-json', 'a byte order mark', signed(header(), `\ufeff${body}`)],
    ['JW-json', 'bytes after it', signed(header(), `${body}x`)],
    ['JW-json', 'a second document', signed(header(), `${body}${body}`)],
    ['JW-json', 'a comment', signed(header(), `${body}//`)],
    ['JW-json', 'NaN', signed(header(), inside('"x":NaN'))],
    ['JW-json', 'half of a surrogate pair', signed(header(), inside('"x":"\\ud800"'))],
    ['JW-json', 'no UTF-8', signed(header(), Buffer.from(inside('"x":"\xff"'), 'latin1'))],
    ['JW-json', 'great depth', signed(header(), inside(`"x":${deep}`))],
    ['JW-json', '__proto__', signed(header(), inside('"__proto__":{"scope":"admin"}'))],
    ['JW-json', '__proto__ in disguise', signed(header(), inside('"\\u005f_proto__":{}'))],
    ['JW-json', 'a claim of 1 MB', signed(header(), inside(`"x":"${'a'.repeat(1_000_000)}"`))],
    ['JW-json', 'single quotes', signed(header(), body.replaceAll('"', "'"))],
  ];
}

function withWrongForm({ good, parts: [head, payload, signature], header, signed }: Forge): Attack[] {
  const next = String.fromCharCode(good.charCodeAt(good.length - 1) + 1);
  return [
    ['JW-b64', 'padding', `${good}==`],
    ['JW-b64', 'padding inside', `${head}=.${payload}.${signature}`],
    ['JW-b64', 'the other alphabet', `${head}.${payload}.${signature.slice(0, -4)}+/+/`],
    ['JW-b64', 'bits that say nothing', good.slice(0, -1) + next],
    ['JW-b64', 'a length that no bytes have', `${head}.${payload}A.${signature}`],
    ...times(
      [' ', '\t', '\n', '\r\n', '\0'],
      (space): Attack => [
        'JW-b64',
        `${JSON.stringify(space)} inside`,
        `${head}.${space}${payload}.${signature}`,
      ],
    ),
    ['JW-shape', 'one part', head],
    ['JW-shape', 'two parts', `${head}.${payload}`],
    ['JW-shape', 'four parts', `${good}.AA`],
    ['JW-shape', 'five parts', `${b64('{"alg":"dir","enc":"A128GCM"}')}..AA.AA.AA`],
    ['JW-shape', 'six parts', `${good}.AA.AA.AA`],
    ['JW-shape', 'a part that is empty', `${good}.`],
    ['JW-shape', 'dots', '..'],
    ['JW-shape', 'the scheme in front', `Bearer ${good}`],
    ['JW-shape', 'JSON, flattened', JSON.stringify({ protected: head, payload, signature })],
    ['JW-shape', 'JSON, general', JSON.stringify({ payload, signatures: [{ protected: head, signature }] })],
    ['JW-shape', 'a JWS in a JWS', signed(header({ cty: 'JWT' }), good)],
    [
      'JW-p2c',
      'a JWE by password',
      `${b64('{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":1000000000}')}.AA.AA.AA.AA`,
    ],
    ['JW-p2c', 'a compressed JWE', `${b64('{"alg":"dir","enc":"A128GCM","zip":"DEF"}')}..AA.AA.AA`],
    ['JW-size', 'a header of 1 MB', signed(header({ x: 'a'.repeat(1_000_000) }))],
    ['JW-size', '10 MB', `${head}.${'A'.repeat(10_000_000)}.${signature}`],
    ['JW-cache', 'the same ends, another middle', swapMiddle(good)],
  ];
}

/** As a cache would mix it up that looks at the ends of a token only. */
function swapMiddle(token: string): string {
  const middle = Math.floor(token.length / 2);
  const other = token[middle] === 'A' ? 'B' : 'A';
  return token.slice(0, middle) + other + token.slice(middle + 1);
}
