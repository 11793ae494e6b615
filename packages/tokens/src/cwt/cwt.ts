/**
 * CBOR Web Tokens: a COSE_Sign1 whose payload is a map of claims and whose header says its type, as base64url text.
 * @spec RFC 8392 §7.2; RFC 9596 §2; RFC 8725 §3.11
 */
import { decodeBase64url } from '../base64url.ts';
import { coseAlgNumbers } from '../cose/algorithm.ts';
import { CoseError } from '../cose/cose-error.ts';
import { coseKeyOf } from '../cose/key.ts';
import { coseHeaders, decodeCose } from '../cose/message.ts';
import type { CoseMessage } from '../cose/message.ts';
import { verifyCose } from '../cose/verify.ts';
import type { JsonObject } from '../json-object.ts';
import type { VerificationKey } from '../jwk.ts';
import { decodeClaims } from './claims.ts';

/** The `typ` of a CWT access token: that of RFC 9068 with the suffix of CWTs (RFC 9782 §4). */
export const CWT_ACCESS_TOKEN_TYP = 'application/at+cwt';

const MAXIMUM_LENGTH = 16 * 1024;

type FoundKey = VerificationKey | undefined;

/** What a token has to be before anybody looks for its key. */
export interface CwtRules {
  /** Accepted `typ` values, in full; case does not matter. It must be protected. */
  readonly typ: readonly string[];
  /** Accepted algorithms by their JOSE names, of ES256, PS256 and EdDSA. */
  readonly algs: readonly string[];
}

export interface CwtVerification<Found> extends CwtRules {
  /** Asked only when everything that needs no key holds; a key of another algorithm than `alg` is refused. */
  findKey(kid: string | undefined, alg: string): Found;
}

/** A token whose form, type and algorithm hold. Its signature nobody has checked yet. */
export interface UnprovenCwt {
  readonly kid: string | undefined;
  readonly alg: string;
  /** Good for choosing the key, and for nothing else. @throws CoseError */
  claims(): JsonObject;
  /** @param key what was found for `kid` and `alg` @throws CoseError */
  verify(key: VerificationKey | undefined): VerifiedCwt;
}

/** What is proven of a CWT; claims under the names that they have in a JWT. */
export interface VerifiedCwt {
  readonly payload: JsonObject;
}

/**
 * Checks form, type, algorithm and signature; what the claims mean is the caller's to validate.
 * Answers at once when `findKey` does, with a promise when it gives one.
 * @throws CoseError
 */
export function verifyCwt(token: string, options: CwtVerification<FoundKey>): VerifiedCwt;
export function verifyCwt(
  token: string,
  options: CwtVerification<FoundKey | Promise<FoundKey>>,
): VerifiedCwt | Promise<VerifiedCwt>;
export function verifyCwt(
  token: string,
  options: CwtVerification<FoundKey | Promise<FoundKey>>,
): VerifiedCwt | Promise<VerifiedCwt> {
  const cwt = new CwtInParts(token, options);
  const found = options.findKey(cwt.kid, cwt.alg);
  return found instanceof Promise ? found.then((key) => cwt.verify(key)) : cwt.verify(found);
}

/** The first half of `verifyCwt`, for whoever chooses the key by the claims. @throws CoseError */
export function readCwt(token: string, rules: CwtRules): UnprovenCwt {
  return new CwtInParts(token, rules);
}

class CwtInParts implements UnprovenCwt {
  readonly kid: string | undefined;
  readonly alg: string;
  readonly #message: CoseMessage;
  #claims: JsonObject | undefined;

  constructor(token: string, { typ, algs }: CwtRules) {
    this.#message = readMessage(token);
    this.alg = readAlg(this.#message, algs);
    validateTyp(this.#message, typ);
    this.kid = readKid(this.#message);
  }

  claims(): JsonObject {
    return (this.#claims ??= decodeClaims(this.#message.payload));
  }

  verify(key: FoundKey): VerifiedCwt {
    if (key !== undefined && key.alg !== this.alg) throw new CoseError('key_mismatch');
    const coseKey = key === undefined ? undefined : coseKeyOf(key);
    verifyCose(this.#message, coseKey, { understood: UNDERSTOOD });
    refuseClaimsInHeader(this.#message);
    return { payload: this.claims() };
  }
}

/** Reads a token without checking anything but its form: for explaining it, never for trusting it. */
export function decodeCwt(token: string): (VerifiedCwt & { readonly message: CoseMessage }) | undefined {
  try {
    const message = readMessage(token);
    return { message, payload: decodeClaims(message.payload) };
  } catch (error) {
    if (error instanceof CoseError) return undefined;
    throw error;
  }
}

function readMessage(token: string): CoseMessage {
  if (token.length > MAXIMUM_LENGTH) throw new CoseError('too_large');
  const bytes = decodeBase64url(token);
  if (bytes === undefined) throw new CoseError('not_base64url');
  return decodeCose(bytes);
}

function readAlg({ protectedHeader }: CoseMessage, accepted: readonly string[]): string {
  const number = protectedHeader.get(coseHeaders.alg);
  const alg = SIGNATURE_ALGS.find((name) => coseAlgNumbers[name] === number);
  if (alg === undefined || !accepted.includes(alg)) throw new CoseError('alg_not_allowed');
  return alg;
}

/** No symmetric one, whatever a caller lists: an API that can check one could make tokens. */
const SIGNATURE_ALGS = ['ES256', 'PS256', 'EdDSA'] as const;

function validateTyp({ protectedHeader }: CoseMessage, accepted: readonly string[]): void {
  const typ = protectedHeader.get(coseHeaders.typ);
  if (typeof typ !== 'string') throw new CoseError('typ_missing');
  if (!accepted.includes(typ.toLowerCase())) throw new CoseError('typ_not_allowed');
}

/** Keys of a JWK set are named by texts; other bytes name none of them. */
function readKid({ kid }: CoseMessage): string | undefined {
  if (kid === undefined) return undefined;
  const text = Buffer.from(kid.buffer, kid.byteOffset, kid.length).toString('utf8');
  return Buffer.from(text, 'utf8').equals(kid) ? text : undefined;
}

/** They would have to be compared with those of the payload (RFC 9597 §2); nobody needs both. */
function refuseClaimsInHeader({ protectedHeader, unprotectedHeader }: CoseMessage): void {
  if (protectedHeader.has(coseHeaders.cwtClaims) || unprotectedHeader.has(coseHeaders.cwtClaims)) {
    throw new CoseError('claims_in_header');
  }
}

const UNDERSTOOD = [coseHeaders.typ];
