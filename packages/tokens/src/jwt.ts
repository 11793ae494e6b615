/**
 * JSON Web Tokens: a JWS whose payload is a JSON object of claims and whose header says its type.
 * @spec RFC 7519 §5.1, §7.2; RFC 8725 §3.11
 */
import { parseJsonObject } from './json-object.ts';
import type { JsonObject } from './json-object.ts';
import type { VerificationKey } from './jwk.ts';
import { decodeJws, validateJwsHeader, verifyJws, verifyJwsElsewhere } from './jws.ts';
import type { CompactJws } from './jws.ts';
import { JwtError } from './jwt-error.ts';

export interface VerifiedJwt {
  readonly header: JsonObject;
  readonly payload: JsonObject;
}

export interface DecodedJwt extends VerifiedJwt {
  readonly signature: Uint8Array;
}

type FoundKey = VerificationKey | undefined;

export interface JwtVerification<Found> {
  /** Asked only when everything that needs no key holds. */
  findKey(kid: string | undefined, alg: string): Found;
  /** Accepted `typ` values; case and a leading `application/` do not matter. With `undefined`, it may be absent. */
  readonly typ: readonly (string | undefined)[];
  /** Accepted algorithms; anything but ES256, RS256, PS256 and EdDSA is refused even if it is listed. */
  readonly algs: readonly string[];
  /** In characters; 16 kB unless given. */
  readonly maximumLength?: number;
}

/**
 * Checks form, type, algorithm and signature; what the claims mean is the caller's to validate.
 * Answers at once when `findKey` does, with a promise when it gives one.
 * @throws JwtError
 */
export function verifyJwt(token: string, options: JwtVerification<FoundKey>): VerifiedJwt;
export function verifyJwt(
  token: string,
  options: JwtVerification<FoundKey | Promise<FoundKey>>,
): VerifiedJwt | Promise<VerifiedJwt>;
export function verifyJwt(
  token: string,
  options: JwtVerification<FoundKey | Promise<FoundKey>>,
): VerifiedJwt | Promise<VerifiedJwt> {
  const { jws, found } = readJwt(token, options);
  return found instanceof Promise ? found.then((key) => verifyWith(jws, key)) : verifyWith(jws, found);
}

/** As `verifyJwt`, with the signature checked on another thread: for those who check many at once. Rejects with JwtError. */
export async function verifyJwtElsewhere(
  token: string,
  options: JwtVerification<FoundKey | Promise<FoundKey>>,
): Promise<VerifiedJwt> {
  const { jws, found } = readJwt(token, options);
  await verifyJwsElsewhere(jws, found instanceof Promise ? await found : found);
  return toVerified(jws);
}

/** Everything that needs no key, and then the key. */
function readJwt<Found>(token: string, options: JwtVerification<Found>): { jws: CompactJws; found: Found } {
  const jws = decodeJws(token, options.maximumLength);
  const { alg, kid } = validateJwsHeader(jws.header, options.algs);
  validateTyp(jws.header['typ'], options.typ);
  return { jws, found: options.findKey(kid, alg) };
}

/** Reads a token without checking anything but its form: for explaining it, never for trusting it. */
export function decodeJwt(token: string): DecodedJwt | undefined {
  try {
    const { header, payload, signature } = decodeJws(token);
    return { header, payload: parseJsonObject(payload, 'malformed_payload'), signature };
  } catch (error) {
    if (error instanceof JwtError) return undefined;
    throw error;
  }
}

function verifyWith(jws: CompactJws, key: FoundKey): VerifiedJwt {
  verifyJws(jws, key);
  return toVerified(jws);
}

function toVerified({ header, payload }: CompactJws): VerifiedJwt {
  return { header, payload: parseJsonObject(payload, 'malformed_payload') };
}

function validateTyp(typ: unknown, accepted: readonly (string | undefined)[]): void {
  if (typ === undefined) {
    if (accepted.includes(undefined)) return;
    throw new JwtError('typ_missing');
  }
  if (typeof typ !== 'string') throw new JwtError('malformed_header');
  if (accepted.includes(typ)) return;
  const normalized = normalizeTyp(typ);
  if (!accepted.some((each) => each !== undefined && normalizeTyp(each) === normalized))
    throw new JwtError('typ_not_allowed');
}

/** Media types ignore case, and `application/` may be left out (RFC 7515 §4.1.9). */
function normalizeTyp(typ: string): string {
  const lower = typ.toLowerCase();
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower;
}
