/**
 * The signature algorithms: what Tessera signs with, and what it can check. No symmetric one, ever.
 * @spec RFC 7518 §3; RFC 8037 §3.1
 */
import { constants, sign, verify } from 'node:crypto';
import type { KeyObject, SignKeyObjectInput } from 'node:crypto';
import { derToRaw, rawToDer } from './der-signature.ts';

/** What we sign with. */
export type JwsAlg = 'ES256' | 'RS256' | 'PS256' | 'EdDSA';
/** What we can check when a key says so. */
export type VerificationAlg = JwsAlg;

/** @throws Error when the key does not fit the algorithm */
export function signBytes(alg: JwsAlg, privateKey: KeyObject, input: Uint8Array): Uint8Array {
  return toJws(alg, sign(digestOf(alg), input, withPadding(alg, privateKey)));
}

/** As `signBytes`, on another thread: slower for one, and the caller's thread is free for others meanwhile. */
export function signBytesElsewhere(
  alg: JwsAlg,
  privateKey: KeyObject,
  input: Uint8Array,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(digestOf(alg), input, withPadding(alg, privateKey), (error, signature) => {
      if (error === null) resolve(toJws(alg, signature));
      else reject(error);
    });
  });
}

/** Ed25519 hashes by itself (RFC 8032 §5.1). */
function digestOf(alg: JwsAlg): 'sha256' | null {
  return alg === 'EdDSA' ? null : 'sha256';
}

/** What PS256 asks of an RSA key (RFC 7518 §3.5): a salt as long as the hash. */
function withPadding(alg: JwsAlg, key: KeyObject): KeyObject | SignKeyObjectInput {
  return alg === 'PS256' ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : key;
}

/** DER becomes the two numbers side by side (RFC 7518 §3.4). */
function toJws(alg: JwsAlg, signature: Uint8Array): Uint8Array {
  if (alg !== 'ES256') return signature;
  const raw = derToRaw(signature);
  if (raw === undefined) throw new Error('the key did not give an ECDSA P-256 signature');
  return raw;
}

/** As `verifyBytes`, on another thread: slower for one, and the caller's thread is free for others meanwhile. */
export function verifyBytesElsewhere(
  alg: VerificationAlg,
  publicKey: KeyObject,
  input: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const checked = alg === 'ES256' ? rawToDer(signature) : signature;
  if (checked === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    verify(digestOf(alg), input, withPadding(alg, publicKey), checked, (error, holds) => {
      resolve(error === null && holds);
    });
  });
}

/** @returns whether the signature was made over exactly these bytes; false for malformed signatures too. */
export function verifyBytes(
  alg: VerificationAlg,
  publicKey: KeyObject,
  input: Uint8Array,
  signature: Uint8Array,
): boolean {
  switch (alg) {
    case 'ES256': {
      const der = rawToDer(signature);
      return der !== undefined && verify('sha256', input, publicKey, der);
    }
    case 'RS256':
      return verify('sha256', input, publicKey, signature);
    case 'PS256':
      return verify('sha256', input, withPadding(alg, publicKey), signature);
    case 'EdDSA':
      return verify(null, input, publicKey, signature);
    default:
      return false;
  }
}
