/**
 * The algorithms of COSE messages: what signs, what authenticates, and their numbers.
 * @spec RFC 9053 §2.1, §2.2, §3.1; RFC 8230 §2
 */
import { constants, createHmac, sign, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { derToRaw } from '../der-signature.ts';
import { verifyBytes } from '../jws-algorithm.ts';
import { toLowS } from './low-s.ts';

/** `HS256/64` is cut to eight bytes: only for tokens of others that have nothing better. */
export type CoseAlg = 'HS256' | 'HS256/64' | 'ES256' | 'PS256' | 'EdDSA';

/** As they stand in the header parameter `alg`. */
export const coseAlgNumbers: Readonly<Record<CoseAlg, number>> = {
  'HS256/64': 4,
  HS256: 5,
  ES256: -7,
  EdDSA: -8,
  PS256: -37,
};

/** Whether the algorithm makes a tag (COSE_Mac0) and not a signature (COSE_Sign1). */
export function isMacAlg(alg: CoseAlg): alg is 'HS256' | 'HS256/64' {
  return alg === 'HS256' || alg === 'HS256/64';
}

/** @returns the signature or tag. @throws Error when the key does not fit the algorithm */
export function signMessage(alg: CoseAlg, key: KeyObject, input: Uint8Array): Uint8Array {
  switch (alg) {
    case 'HS256':
      return computeMac(key, input);
    case 'HS256/64':
      return computeMac(key, input).subarray(0, 8);
    case 'ES256':
      return toCoseSignature(sign('sha256', input, key));
    default:
      return sign(...signArguments(alg, key, input));
  }
}

/** As `signMessage`, on another thread where there is a signature to make. */
export function signMessageElsewhere(alg: CoseAlg, key: KeyObject, input: Uint8Array): Promise<Uint8Array> {
  if (isMacAlg(alg)) return Promise.resolve(signMessage(alg, key, input));
  return new Promise((resolve, reject) => {
    sign(...signArguments(alg, key, input), (error, signature) => {
      if (error === null) resolve(alg === 'ES256' ? toCoseSignature(signature) : signature);
      else reject(error);
    });
  });
}

/** @returns whether the signature or tag was made over exactly these bytes; the comparison takes constant time. */
export function verifyMessage(
  alg: CoseAlg,
  key: KeyObject,
  input: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!isMacAlg(alg)) return verifyBytes(alg, key, input, signature);
  const tag = signMessage(alg, key, input);
  return tag.length === signature.length && timingSafeEqual(tag, signature);
}

function computeMac(key: KeyObject, input: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(input).digest();
}

function signArguments(
  alg: 'ES256' | 'PS256' | 'EdDSA',
  key: KeyObject,
  input: Uint8Array,
): [string | null, Uint8Array, Parameters<typeof sign>[2]] {
  if (alg === 'EdDSA') return [null, input, key];
  if (alg === 'ES256') return ['sha256', input, key];
  return ['sha256', input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }];
}

function toCoseSignature(der: Uint8Array): Uint8Array {
  const raw = derToRaw(der);
  if (raw === undefined) throw new Error('the key did not give an ECDSA P-256 signature');
  return toLowS(raw);
}
