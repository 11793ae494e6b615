/**
 * JSON Web Tokens: a JWS whose payload is a JSON object of claims and whose header says its type.
 * @spec RFC 7519 §5.1, §7.2; RFC 8725 §3.11
 */
import { parseJsonObject } from './json-object.ts';
import type { JsonObject } from './json-object.ts';
import type { VerificationKey } from './jwk.ts';
import {
  decodeJws,
  decodeJwsHeader,
  splitJws,
  validateJwsHeader,
  verifyJws,
  verifyJwsElsewhere,
} from './jws.ts';
import type { JwsParts } from './jws.ts';
import { JwtError } from './jwt-error.ts';

export interface VerifiedJwt {
  readonly header: JsonObject;
  readonly payload: JsonObject;
}

export interface DecodedJwt extends VerifiedJwt {
  readonly signature: Uint8Array;
}

type FoundKey = VerificationKey | undefined;

export interface JwtRules {
  /** Accepted `typ` values; case and a leading `application/` do not matter. With `undefined`, it may be absent. */
  readonly typ: readonly (string | undefined)[];
  /** Accepted algorithms; anything but ES256, RS256, PS256 and EdDSA is refused even if it is listed. */
  readonly algs: readonly string[];
  /** In characters; 16 kB unless given. */
  readonly maximumLength?: number;
}

export interface JwtVerification<Found> extends JwtRules {
  /** Asked only when everything that needs no key holds. */
  findKey(kid: string | undefined, alg: string): Found;
}

/** A token whose form, type and algorithm hold. Its signature nobody has checked yet. */
export interface UnprovenJwt {
  readonly kid: string | undefined;
  readonly alg: string;
  /** Good for choosing the key, and for nothing else. @throws JwtError */
  claims(): JsonObject;
  /** @param key what was found for `kid` and `alg` @throws JwtError */
  verify(key: VerificationKey | undefined): VerifiedJwt;
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
  const jwt = new JwtInParts(token, options);
  const found = options.findKey(jwt.kid, jwt.alg);
  return found instanceof Promise ? found.then((key) => jwt.verify(key)) : jwt.verify(found);
}

/** As `verifyJwt`, with the signature checked on another thread: for those who check many at once. Rejects with JwtError. */
export async function verifyJwtElsewhere(
  token: string,
  options: JwtVerification<FoundKey | Promise<FoundKey>>,
): Promise<VerifiedJwt> {
  const jwt = new JwtInParts(token, options);
  return jwt.verifyElsewhere(await options.findKey(jwt.kid, jwt.alg));
}

/**
 * The first half of `verifyJwt`, for whoever reads many tokens of few issuers and chooses the key by the claims. Their
 * headers are all alike: one under which a signature was found good is known again by its text.
 * @returns what takes a token apart, and throws JwtError
 */
export function createJwtReader(rules: JwtRules): (token: string) => UnprovenJwt {
  const known = new Map<string, JwtHeader>();
  return (token) => new JwtInParts(token, rules, known);
}

/** A header that the rules allow. */
interface JwtHeader {
  readonly header: JsonObject;
  readonly alg: string;
  readonly kid: string | undefined;
}

const HEADERS_KEPT = 32;

class JwtInParts implements UnprovenJwt {
  readonly #parts: JwsParts;
  readonly #header: JwtHeader;
  readonly #known: Map<string, JwtHeader> | undefined;
  #claims: JsonObject | undefined;

  constructor(token: string, rules: JwtRules, known?: Map<string, JwtHeader>) {
    this.#parts = splitJws(token, rules.maximumLength);
    this.#header = known?.get(this.#parts.encodedHeader) ?? readHeader(this.#parts.encodedHeader, rules);
    this.#known = known;
  }

  get alg(): string {
    return this.#header.alg;
  }

  get kid(): string | undefined {
    return this.#header.kid;
  }

  claims(): JsonObject {
    return (this.#claims ??= parseJsonObject(this.#parts.payload, 'malformed_payload'));
  }

  verify(key: FoundKey): VerifiedJwt {
    const { header, alg } = this.#header;
    verifyJws(this.#parts, alg, key);
    this.#remember();
    return { header, payload: this.claims() };
  }

  async verifyElsewhere(key: FoundKey): Promise<VerifiedJwt> {
    const { header, alg } = this.#header;
    await verifyJwsElsewhere(this.#parts, alg, key);
    return { header, payload: this.claims() };
  }

  #remember(): void {
    const known = this.#known;
    if (known === undefined || known.has(this.#parts.encodedHeader)) return;
    // A Map keeps the order of insertion: the first is the oldest.
    if (known.size >= HEADERS_KEPT) known.delete(known.keys().next().value ?? '');
    known.set(this.#parts.encodedHeader, this.#header);
  }
}

function readHeader(encodedHeader: string, { algs, typ }: JwtRules): JwtHeader {
  const header = decodeJwsHeader(encodedHeader);
  const { alg, kid } = validateJwsHeader(header, algs);
  validateTyp(header['typ'], typ);
  return { header, alg, kid };
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
