/**
 * Public keys as JSON: strict reading, and the thumbprint that names a key.
 * @spec RFC 7517 §4; RFC 7518 §6; RFC 7638; RFC 8037 §2
 */
import { createPublicKey, hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { decodeBase64url } from './base64url.ts';
import { isJsonObject } from './json-object.ts';
import type { JsonObject } from './json-object.ts';
import type { VerificationAlg } from './jws-algorithm.ts';
import { isWeakRsaKey } from './rsa-weakness.ts';

/** A published signing key: public members only. */
export type PublicJwk = EcPublicJwk | RsaPublicJwk | OkpPublicJwk;

export type EcPublicJwk = {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
};

export type RsaPublicJwk = {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly kid: string;
  readonly alg: 'RS256' | 'PS256';
  readonly use: 'sig';
};

export type OkpPublicJwk = {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
};

/** A public key that checks signatures of exactly one algorithm. */
export interface VerificationKey {
  readonly kid: string | undefined;
  readonly alg: VerificationAlg;
  readonly publicKey: KeyObject;
  /** Bytes of every signature that this key can have made. */
  readonly signatureLength: number;
}

interface KeyMaterial {
  readonly alg: VerificationAlg;
  readonly signatureLength: number;
  readonly members: { readonly kty: string } & Readonly<Record<string, string>>;
}

const MAXIMUM_KID_LENGTH = 256;
/** Members that only a private or a symmetric key has. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

/** Whether a JWK holds anything that must never be published. */
export function hasPrivateMembers(jwk: JsonObject): boolean {
  return PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name));
}

/**
 * @returns a key to check signatures with; undefined for a private or symmetric key, a weak RSA key, a point
 * off the curve, another `use`, an unknown `kty` or `alg`, or a member of the wrong form.
 */
export function importPublicJwk(jwk: unknown): VerificationKey | undefined {
  if (!isJsonObject(jwk)) return undefined;
  const { kid } = jwk;
  if (kid !== undefined && !isKid(kid)) return undefined;
  if (hasPrivateMembers(jwk) || !isForVerification(jwk)) return undefined;
  const material = readKeyMaterial(jwk);
  if (material === undefined) return undefined;
  try {
    const publicKey = createPublicKey({ key: material.members, format: 'jwk' });
    return { kid, alg: material.alg, publicKey, signatureLength: material.signatureLength };
  } catch {
    return undefined; // OpenSSL found the point or the modulus impossible
  }
}

/**
 * @returns the base64url SHA-256 of the key's required members (RFC 7638 §3)
 * @throws TypeError when a required member is missing or the `kty` is unknown
 */
export function jwkThumbprint(jwk: object): string {
  const members: JsonObject = { ...jwk };
  const names = THUMBPRINT_MEMBERS.get(members['kty']);
  if (names === undefined) throw new TypeError('a thumbprint needs a key of type EC, OKP or RSA');
  const canonical: Record<string, string> = {};
  for (const name of names) {
    const value = members[name];
    if (typeof value !== 'string') throw new TypeError('a member that the thumbprint needs is missing');
    canonical[name] = value;
  }
  return hash('sha256', JSON.stringify(canonical), 'base64url');
}

/** Required members in lexicographic order. */
const THUMBPRINT_MEMBERS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['RSA', ['e', 'kty', 'n']],
]);

function isKid(kid: unknown): kid is string {
  return typeof kid === 'string' && kid.length > 0 && kid.length <= MAXIMUM_KID_LENGTH;
}

function isForVerification(members: JsonObject): boolean {
  if (members['use'] !== undefined && members['use'] !== 'sig') return false;
  const operations = members['key_ops'];
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
}

function readKeyMaterial(members: JsonObject): KeyMaterial | undefined {
  switch (members['kty']) {
    case 'EC':
      return readEcKey(members);
    case 'OKP':
      return readEd25519Key(members);
    case 'RSA':
      return readRsaKey(members);
    default:
      return undefined;
  }
}

function readEcKey(members: JsonObject): KeyMaterial | undefined {
  const { crv, x, y, alg = 'ES256' } = members;
  if (crv !== 'P-256' || alg !== 'ES256' || !isOfSize(x, 32) || !isOfSize(y, 32)) return undefined;
  return { alg, signatureLength: 64, members: { kty: 'EC', crv, x, y } };
}

function readEd25519Key(members: JsonObject): KeyMaterial | undefined {
  const { crv, x, alg = 'EdDSA' } = members;
  if (crv !== 'Ed25519' || alg !== 'EdDSA' || !isOfSize(x, 32)) return undefined;
  return { alg, signatureLength: 64, members: { kty: 'OKP', crv, x } };
}

function readRsaKey(members: JsonObject): KeyMaterial | undefined {
  const { n, e, alg = 'RS256' } = members;
  if ((alg !== 'RS256' && alg !== 'PS256') || typeof n !== 'string' || typeof e !== 'string')
    return undefined;
  const modulus = decodeBase64url(n);
  const exponent = decodeBase64url(e);
  if (modulus === undefined || exponent === undefined || isWeakRsaKey(modulus, exponent)) return undefined;
  return { alg, signatureLength: modulus.length, members: { kty: 'RSA', n, e } };
}

function isOfSize(value: unknown, size: number): value is string {
  return typeof value === 'string' && decodeBase64url(value)?.length === size;
}
