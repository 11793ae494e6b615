/**
 * ID tokens: their claims, and the hash that ties an access token or a code to one.
 * @spec OpenID Connect Core 1.0 §2, §3.1.3.6, §3.3.2.11, §5.1
 */
import { hash } from 'node:crypto';
import type { JwsAlg } from './jws-algorithm.ts';

/** The `typ` of an ID token; an access token never has it. */
export const ID_TOKEN_TYP = 'JWT';

/** Times are seconds since the epoch. */
export interface IdTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly auth_time?: number;
  readonly nonce?: string;
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly azp?: string;
  readonly at_hash?: string;
  readonly c_hash?: string;
  readonly sid?: string;
  readonly name?: string;
  readonly preferred_username?: string;
  readonly picture?: string;
  readonly locale?: string;
  readonly updated_at?: number;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly [claim: string]: unknown;
}

/**
 * `at_hash` and `c_hash`.
 * @param value the access token or code, as it was handed out
 * @param alg the ID token's algorithm; Ed25519 hashes with SHA-512, the others with SHA-256
 * @returns base64url of the left half of the hash
 */
export function leftHalfHash(value: string, alg: JwsAlg): string {
  const whole = hash(HASH_OF_ALG[alg], value, 'buffer');
  return whole.subarray(0, whole.length / 2).toString('base64url');
}

const HASH_OF_ALG = {
  ES256: 'sha256',
  RS256: 'sha256',
  PS256: 'sha256',
  EdDSA: 'sha512',
} as const satisfies Record<JwsAlg, string>;
