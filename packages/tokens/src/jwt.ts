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
  /**
   * Asked only when everything that needs no key holds.
   * @param claims gives what nobody has proven yet: good for choosing among keys, and for nothing else
   */
  findKey(kid: string | undefined, alg: string, claims: () => JsonObject): Found;
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
  const jwt = new UnprovenJwt(token, options.maximumLength);
  const found = findKey(jwt, options);
  return found instanceof Promise ? found.then((key) => verifyWith(jwt, key)) : verifyWith(jwt, found);
}

/** As `verifyJwt`, with the signature checked on another thread: for those who check many at once. Rejects with JwtError. */
export async function verifyJwtElsewhere(
  token: string,
  options: JwtVerification<FoundKey | Promise<FoundKey>>,
): Promise<VerifiedJwt> {
  const jwt = new UnprovenJwt(token, options.maximumLength);
  const found = findKey(jwt, options);
  await verifyJwsElsewhere(jwt.jws, found instanceof Promise ? await found : found);
  return { header: jwt.jws.header, payload: jwt.claims() };
}

/** A token in parts. Its claims are read when somebody wants them, and once. */
class UnprovenJwt {
  readonly jws: CompactJws;
  #claims: JsonObject | undefined;

  constructor(token: string, maximumLength: number | undefined) {
    this.jws = decodeJws(token, maximumLength);
  }

  /** @throws JwtError */
  claims(): JsonObject {
    return (this.#claims ??= parseJsonObject(this.jws.payload, 'malformed_payload'));
  }
}

/** Everything that needs no key, and then the key. */
function findKey<Found>(jwt: UnprovenJwt, options: JwtVerification<Found>): Found {
  const { header } = jwt.jws;
  const { alg, kid } = validateJwsHeader(header, options.algs);
  validateTyp(header['typ'], options.typ);
  return options.findKey(kid, alg, () => jwt.claims());
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

function verifyWith(jwt: UnprovenJwt, key: FoundKey): VerifiedJwt {
  verifyJws(jwt.jws, key);
  return { header: jwt.jws.header, payload: jwt.claims() };
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
