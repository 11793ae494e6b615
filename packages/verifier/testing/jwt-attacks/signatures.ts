/** Signatures that are missing, of another kind, or not of this text. */
import { createPublicKey } from 'node:crypto';
import { importSigningKey } from '@tessera/tokens';
import { type Attack, type AttackMaterial, b64, type Forge, times } from './forge.ts';

export function unsigned({ parts: [, payload, signature], header, signed }: Forge): Attack[] {
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

export function confused({ header, signed, hmac }: Forge, { key, rsaKey }: AttackMaterial): Attack[] {
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

export function broken({ parts: [head, payload, signature] }: Forge): Attack[] {
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
