/**
 * Signing keys: making them, and loading them from their stored form.
 * @spec RFC 7518 §3.3, §3.4, §3.5; RFC 8037 §3.1; RFC 5958 (PKCS #8); RFC 7638 (the key's name)
 */
import { createPrivateKey, generateKeyPair } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { jwkThumbprint } from './jwk.ts';
import type { PublicJwk } from './jwk.ts';
import type { JwsAlg } from './jws-algorithm.ts';

const generate = promisify(generateKeyPair);

const RSA_MODULUS_BITS = 2048;

export interface GeneratedSigningKey {
  /** RFC 7638 thumbprint, so equal keys have equal names. */
  readonly kid: string;
  readonly alg: JwsAlg;
  readonly publicJwk: PublicJwk;
  /** PKCS #8 DER, not encrypted: seal it before it is stored. */
  readonly privateKeyPkcs8: Uint8Array;
}

/** A key that is ready to sign. */
export interface SigningKeyHandle {
  readonly kid: string;
  readonly alg: JwsAlg;
  readonly privateKey: KeyObject;
}

/** Makes a key pair with the operating system's randomness, off the main thread. */
export async function generateSigningKey(alg: JwsAlg): Promise<GeneratedSigningKey> {
  const { publicKey, privateKey } = await generatePair(alg);
  const publicJwk = describe(alg, publicKey.export({ format: 'jwk' }));
  const privateKeyPkcs8 = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
  return { kid: publicJwk.kid, alg, publicJwk, privateKeyPkcs8 };
}

function generatePair(
  alg: JwsAlg,
): Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> {
  if (alg === 'ES256') return generate('ec', { namedCurve: 'P-256' });
  if (alg === 'EdDSA') return generate('ed25519');
  return generate('rsa', { modulusLength: RSA_MODULUS_BITS });
}

/** @throws TypeError when the bytes are not a PKCS #8 key that fits the algorithm */
export function importSigningKey(stored: {
  readonly kid: string;
  readonly alg: JwsAlg;
  readonly privateKeyPkcs8: Uint8Array;
}): SigningKeyHandle {
  const { kid, alg } = stored;
  const privateKey = readPkcs8(stored.privateKeyPkcs8);
  if (!fits(alg, privateKey)) throw new TypeError('the signing key does not fit its algorithm');
  return { kid, alg, privateKey };
}

function fits(alg: JwsAlg, { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (alg === 'ES256') return type === 'ec' && details?.namedCurve === 'prime256v1';
  if (alg === 'EdDSA') return type === 'ed25519';
  return type === 'rsa' && (details?.modulusLength ?? 0) >= RSA_MODULUS_BITS;
}

function readPkcs8(bytes: Uint8Array): KeyObject {
  const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  } catch {
    // OpenSSL's own message is left out: it describes the bytes.
    throw new TypeError('the signing key is not PKCS #8');
  }
}

function describe(alg: JwsAlg, jwk: JsonWebKey): PublicJwk {
  const kid = jwkThumbprint(jwk);
  if (alg === 'ES256') {
    const { x = '', y = '' } = jwk;
    return { kty: 'EC', crv: 'P-256', x, y, kid, alg, use: 'sig' };
  }
  if (alg === 'EdDSA') {
    const { x = '' } = jwk;
    return { kty: 'OKP', crv: 'Ed25519', x, kid, alg, use: 'sig' };
  }
  const { n = '', e = '' } = jwk;
  return { kty: 'RSA', n, e, kid, alg, use: 'sig' };
}
