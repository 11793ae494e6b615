/**
 * JWK sets: the document that publishes keys, and the look-up of a key in a set that was fetched.
 * @spec RFC 7517 §5; RFC 8725 §3.1
 */
import { isJsonObject } from './json-object.ts';
import { hasPrivateMembers, importPublicJwk } from './jwk.ts';
import type { PublicJwk, VerificationKey } from './jwk.ts';

export interface JwkSet {
  readonly keys: readonly PublicJwk[];
}

/** The keys of one issuer, found by name and algorithm together. */
export interface VerificationKeySet {
  readonly size: number;
  /** Undefined for a token without `kid`, an unknown `kid`, or a key of another algorithm. */
  find(kid: string | undefined, alg: string): VerificationKey | undefined;
}

/** A set holding more keys than this is not an issuer's. */
const MAXIMUM_KEYS = 100;

/**
 * The document for `jwks_uri`. Only the members that are named here go out, whatever the argument carries.
 * @throws TypeError when two keys share a `kid`
 */
export function createJwkSet(keys: readonly PublicJwk[]): JwkSet {
  if (new Set(keys.map((key) => key.kid)).size !== keys.length) throw new TypeError('two keys share a kid');
  return { keys: keys.map(publicMembers) };
}

/**
 * @param document the parsed JSON of a JWK set
 * @returns the usable keys; keys of unknown kinds or without `kid` are passed over (RFC 7517 §5). Undefined when
 * it is not a set at all, publishes a private or symmetric key, or names two keys alike: then nothing in it can
 * be trusted.
 */
export function importJwkSet(document: unknown): VerificationKeySet | undefined {
  const jwks: unknown = isJsonObject(document) ? document['keys'] : undefined;
  if (!Array.isArray(jwks) || jwks.length > MAXIMUM_KEYS) return undefined;
  const keys = new Map<string, VerificationKey | undefined>();
  for (const jwk of jwks as readonly unknown[]) {
    if (!isJsonObject(jwk) || hasPrivateMembers(jwk)) return undefined;
    const { kid } = jwk;
    if (typeof kid !== 'string') continue;
    if (keys.has(kid)) return undefined;
    keys.set(kid, importPublicJwk(jwk));
  }
  return {
    size: [...keys.values()].filter((key) => key !== undefined).length,
    find(kid, alg) {
      if (kid === undefined) return undefined;
      const key = keys.get(kid);
      return key?.alg === alg ? key : undefined;
    },
  };
}

function publicMembers(key: PublicJwk): PublicJwk {
  const { kid, use } = key;
  if (key.kty === 'EC') return { kty: key.kty, crv: key.crv, x: key.x, y: key.y, kid, alg: key.alg, use };
  if (key.kty === 'OKP') return { kty: key.kty, crv: key.crv, x: key.x, kid, alg: key.alg, use };
  return { kty: key.kty, n: key.n, e: key.e, kid, alg: key.alg, use };
}
