/**
 * Keys for COSE messages. A key knows its algorithm: what a message says of it is only ever compared.
 * @spec RFC 9052 §7; RFC 9053 §7; RFC 8230 §4; RFC 8725 §3.1
 */
import { ECDH, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { decodeCbor } from '../cbor/decode.ts';
import { CborError } from '../cbor/cbor-error.ts';
import { isCborMap } from '../cbor/value.ts';
import type { CborMap, CborValue } from '../cbor/value.ts';
import { encodeBase64url } from '../base64url.ts';
import { isJsonObject } from '../json-object.ts';
import { importPublicJwk } from '../jwk.ts';
import type { VerificationKey } from '../jwk.ts';
import { coseAlgNumbers } from './algorithm.ts';
import type { CoseAlg } from './algorithm.ts';

/** A key of exactly one algorithm: public or symmetric to verify with, private or symmetric to sign with. */
export interface CoseKey {
  readonly kid: Uint8Array | undefined;
  readonly alg: CoseAlg;
  readonly key: KeyObject;
}

/** Shorter keys can be guessed (RFC 2104 §3, RFC 7518 §3.2). */
const MINIMUM_SECRET_BYTES = 32;
const MAXIMUM_SECRET_BYTES = 1024;

/**
 * @param options.secret at least 32 bytes
 * @param options.alg `HS256` unless said; `HS256/64` only to check tokens of others
 * @throws TypeError when the secret is too short or longer than 1 kB
 */
export function createMacKey(options: {
  readonly kid?: Uint8Array | string;
  readonly secret: Uint8Array;
  readonly alg?: 'HS256' | 'HS256/64';
}): CoseKey {
  const { kid, secret, alg = 'HS256' } = options;
  if (!isSecret(secret)) throw new TypeError('a symmetric key has 32 to 1024 bytes');
  return { kid: kidBytes(kid), alg, key: createSecretKey(secret) };
}

/** A text that names a key is named by its UTF-8 bytes here. */
export function kidBytes(kid: Uint8Array | string | undefined): Uint8Array | undefined {
  return typeof kid === 'string' ? new Uint8Array(Buffer.from(kid, 'utf8')) : kid;
}

/** @returns the same key for COSE messages; undefined for an algorithm that COSE messages of ours never have. */
export function coseKeyOf(key: VerificationKey): CoseKey | undefined {
  if (key.alg === 'RS256') return undefined;
  return { kid: kidBytes(key.kid), alg: key.alg, key: key.publicKey };
}

/**
 * Reads a JWK as a key for COSE messages: public keys of the strengths that `importPublicJwk` asks for, and
 * symmetric ones. An RSA key without `alg` is one for PS256.
 * @returns undefined for private keys and whatever else cannot be used
 */
export function importJwkForCose(jwk: unknown): CoseKey | undefined {
  if (!isJsonObject(jwk)) return undefined;
  if (jwk['kty'] === 'oct') return importSymmetricJwk(jwk);
  const key = importPublicJwk(jwk['kty'] === 'RSA' ? { alg: 'PS256', ...jwk } : jwk);
  return key === undefined ? undefined : coseKeyOf(key);
}

function importSymmetricJwk(jwk: Readonly<Record<string, unknown>>): CoseKey | undefined {
  const { k, kid, use, key_ops: operations, alg = 'HS256' } = jwk;
  if (alg !== 'HS256' || (use !== undefined && use !== 'sig')) return undefined;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return undefined;
  if (typeof k !== 'string' || (kid !== undefined && typeof kid !== 'string')) return undefined;
  const secret = new Uint8Array(Buffer.from(k, 'base64url'));
  if (encodeBase64url(secret) !== k || !isSecret(secret)) return undefined;
  return { kid: kidBytes(kid), alg, key: createSecretKey(secret) };
}

/**
 * @param encoded a COSE_Key, as bytes or already read
 * @returns a key to verify with; undefined for private keys, other algorithms than HS256, ES256, PS256 and EdDSA,
 * weak RSA keys, short secrets, points off the curve, and members of the wrong form
 */
export function importCoseKey(encoded: Uint8Array | CborMap): CoseKey | undefined {
  const members = encoded instanceof Uint8Array ? readMap(encoded) : encoded;
  if (members === undefined) return undefined;
  const kid = members.get(KID);
  if (kid !== undefined && !(kid instanceof Uint8Array)) return undefined;
  if (!allows(members.get(KEY_OPS), members.get(KTY) === SYMMETRIC ? MAC_VERIFY : VERIFY)) return undefined;
  if (members.get(KTY) === SYMMETRIC) return importSecret(members, kid);
  const jwk = toJwk(members);
  const key = jwk === undefined ? undefined : importPublicJwk(jwk);
  if (key === undefined || key.alg === 'RS256') return undefined;
  return { kid, alg: key.alg, key: key.publicKey };
}

const KTY = 1;
const KID = 2;
const ALG = 3;
const KEY_OPS = 4;
const SYMMETRIC = 4;
const VERIFY = 2;
const MAC_VERIFY = 10;

function readMap(bytes: Uint8Array): CborMap | undefined {
  try {
    const value = decodeCbor(bytes);
    return isCborMap(value) ? value : undefined;
  } catch (error) {
    if (error instanceof CborError) return undefined;
    throw error;
  }
}

function allows(operations: CborValue, wanted: number): boolean {
  return operations === undefined || (Array.isArray(operations) && operations.includes(wanted));
}

function importSecret(members: CborMap, kid: Uint8Array | undefined): CoseKey | undefined {
  const secret = members.get(-1);
  const alg = members.get(ALG) ?? coseAlgNumbers.HS256;
  if (alg !== coseAlgNumbers.HS256 || !(secret instanceof Uint8Array) || !isSecret(secret)) return undefined;
  return { kid, alg: 'HS256', key: createSecretKey(secret) };
}

function toJwk(members: CborMap): Readonly<Record<string, unknown>> | undefined {
  const alg = members.get(ALG);
  switch (members.get(KTY)) {
    case 1: // OKP: curve 6 is Ed25519, -4 the private part
      if (!isAlg(alg, 'EdDSA') || members.get(-1) !== 6 || members.has(-4)) return undefined;
      return { kty: 'OKP', crv: 'Ed25519', x: base64urlOf(members.get(-2)) };
    case 2: // EC2: curve 1 is P-256, -4 the private part
      if (!isAlg(alg, 'ES256') || members.get(-1) !== 1 || members.has(-4)) return undefined;
      return pointOf(members.get(-2), members.get(-3));
    case 3: // RSA: -3 and onward are private
      if (!isAlg(alg, 'PS256') || [...members.keys()].some(isPrivateOfRsa)) return undefined;
      return { kty: 'RSA', alg: 'PS256', n: base64urlOf(members.get(-1)), e: base64urlOf(members.get(-2)) };
    default:
      return undefined;
  }
}

function isAlg(value: CborValue, alg: CoseAlg): boolean {
  return value === undefined || value === coseAlgNumbers[alg];
}

function isPrivateOfRsa(label: unknown): boolean {
  return typeof label === 'number' && label <= -3 && label >= -12;
}

/** The second coordinate may be its sign only (RFC 9053 §7.1.1). */
function pointOf(x: CborValue, y: CborValue): Readonly<Record<string, unknown>> | undefined {
  if (!(x instanceof Uint8Array) || x.length !== 32) return undefined;
  if (typeof y !== 'boolean') return { kty: 'EC', crv: 'P-256', x: base64urlOf(x), y: base64urlOf(y) };
  try {
    const compressed = Buffer.concat([Buffer.of(y ? 3 : 2), x]);
    const point = ECDH.convertKey(compressed, 'prime256v1', undefined, undefined, 'uncompressed') as Buffer;
    return { kty: 'EC', crv: 'P-256', x: base64urlOf(x), y: base64urlOf(point.subarray(33)) };
  } catch {
    return undefined; // there is no such point
  }
}

function base64urlOf(value: CborValue): string | undefined {
  return value instanceof Uint8Array ? encodeBase64url(value) : undefined;
}

function isSecret(secret: Uint8Array): boolean {
  return secret.length >= MINIMUM_SECRET_BYTES && secret.length <= MAXIMUM_SECRET_BYTES;
}
