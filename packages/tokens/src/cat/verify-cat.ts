/**
 * Verifies a Common Access Token: whether it is one, who made it, whether its claims are well-formed, and whether the
 * request is acceptable to them. In this order, and the first thing that does not hold is the answer.
 * @spec CTA-5007-B §4.3, §4.5, §4.6; RFC 8392 §7.2
 */
import { CborError, decodeCbor, isCborMap } from '../cbor/index.ts';
import type { CborMap } from '../cbor/index.ts';
import { CoseError, decodeCose, verifyCose } from '../cose/index.ts';
import type { CoseKey, CoseMessage } from '../cose/index.ts';
import { CatError } from './cat-error.ts';
import type { CatErrorCode } from './cat-error.ts';
import { CAT_TYPE, keysFor } from './cat-keys.ts';
import type { CatKeys } from './cat-keys.ts';
import type { CatRequest } from './cat-request.ts';
import type { ClaimContext, ClaimMemory } from './claim.ts';
import { createClaimNames } from './claim-names.ts';
import { judgeClaimSet, readClaimSet } from './claim-set.ts';
import type { ClaimRules, ClaimSet, Refusal } from './claim-set.ts';
import { createDecisionLog } from './decision-log.ts';
import type { Decision } from './decision-log.ts';
import { recognizeDialect } from './dialect.ts';

/** What a recipient holds tokens to. Every list is exact: what is not in it is refused. */
export interface CatPolicy extends ClaimRules {
  readonly keys: CatKeys;
  /** Issuers that are trusted; a token that names another one is refused. */
  readonly issuers: readonly string[];
  /** What this recipient is called; a token for others is refused. */
  readonly audiences: readonly string[];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Claims that a token must have, by label. None: a token without `exp` does not end. */
  readonly required?: readonly (number | string)[];
  /** What claims need that look beyond the request; a claim that needs what is absent is refused. */
  readonly memory?: ClaimMemory;
  /**
   * Whether a token must say in its header that it is a CAT: where its key signs other tokens too. One that says it is
   * something else is always refused.
   */
  readonly typeRequired?: boolean;
  /** Of the token as text; 8192 unless given. Recipients must take 4096. */
  readonly maximumBytes?: number;
}

export interface VerifiedCat {
  readonly token: string;
  readonly claims: CborMap;
  /** The key that the token was made with. */
  readonly key: CoseKey;
  /** Labels that were left out of account. */
  readonly ignored: readonly (number | bigint | string)[];
}

const MAXIMUM_BYTES = 8192;
const PAYLOAD_RULES = { floats: 'finite', listKeys: true } as const;
/** What may come from a dialect and not from damage. */
const DIALECT_CODES: ReadonlySet<CatErrorCode> = new Set([
  'malformed_base64url',
  'malformed_cose',
  'malformed_claims',
  'unknown_key',
  'alg_mismatch',
  'claim_unknown',
  'claim_malformed',
]);

/**
 * @param request what is known about the request that the token came with
 * @returns the token's claims; a promise only where something in `policy.memory` gives one
 * @throws CatError; rejects with one where it returns a promise
 */
export function verifyCat(
  token: string,
  request: CatRequest,
  policy: CatPolicy,
): VerifiedCat | Promise<VerifiedCat> {
  const { cat, set } = authenticate(token, policy);
  const refused = judgeClaimSet(set, contextOf(token, request, policy));
  const conclude = (answer: Refusal | undefined): VerifiedCat => {
    if (answer === undefined) return cat;
    throw new CatError(answer.code, { ...answer, authentic: cat.claims });
  };
  return refused instanceof Promise ? refused.then(conclude) : conclude(refused);
}

/** How a token was judged: every claim, those after the first refusal too. */
export interface CatExplanation {
  /** Absent for a token that is accepted. */
  readonly error: CatError | undefined;
  /** Empty where the token is not authentic. */
  readonly decisions: readonly Decision[];
  readonly claims: CborMap | undefined;
}

/** As `verifyCat`, with every decision. A claim that would leave something behind is judged last, if all others hold. */
export async function explainCat(
  token: string,
  request: CatRequest,
  policy: CatPolicy,
): Promise<CatExplanation> {
  const log = createDecisionLog(createClaimNames(policy));
  let claims: CborMap | undefined;
  try {
    const { cat, set } = authenticate(token, policy);
    ({ claims } = cat);
    const refused = await judgeClaimSet(set, contextOf(token, request, policy), log);
    const error =
      refused === undefined ? undefined : new CatError(refused.code, { ...refused, authentic: claims });
    const ignored = set.ignored.map(
      (label) => ({ claim: String(label), label, outcome: 'ignored' }) as const,
    );
    return { error, decisions: [...log.decisions, ...ignored], claims };
  } catch (error) {
    if (error instanceof CatError)
      return { error, decisions: log.decisions, claims: error.authenticClaims() };
    throw error;
  }
}

interface Authenticated {
  readonly cat: VerifiedCat;
  readonly set: ClaimSet;
}

/** Everything but what the claims say about this request. */
function authenticate(token: string, policy: CatPolicy): Authenticated {
  if (token.length > (policy.maximumBytes ?? MAXIMUM_BYTES)) throw new CatError('too_large');
  try {
    const message = readMessage(token);
    requireType(message, policy.typeRequired === true);
    const key = verifiedKey(message, policy.keys);
    const claims = readClaims(message.payload);
    const set = readSet(claims, policy);
    return { cat: { token, claims, key, ignored: set.ignored }, set };
  } catch (error) {
    throw withDialect(error, token);
  }
}

function readSet(claims: CborMap, policy: CatPolicy): ClaimSet {
  try {
    const set = readClaimSet(claims, policy);
    for (const label of policy.required ?? []) {
      if (claims.has(label)) continue;
      throw new CatError('claim_missing', { claim: createClaimNames(policy).nameOf(label), label });
    }
    return set;
  } catch (error) {
    if (!(error instanceof CatError)) throw error;
    const { code, claim, label } = error;
    throw new CatError(code, {
      ...(claim === undefined ? {} : { claim }),
      ...(label === undefined ? {} : { label }),
      authentic: claims,
    });
  }
}

function contextOf(token: string, request: CatRequest, policy: CatPolicy): ClaimContext {
  const { issuers, audiences, memory = NO_MEMORY } = policy;
  return { nowMs: policy.clock(), request, issuers, audiences, token, claim: noClaim, memory };
}

const NO_MEMORY: ClaimMemory = {};
const noClaim = (): undefined => undefined;

/** Reads a token without checking who made it: for showing it, never for trusting it. @throws CatError */
export function decodeCat(token: string): { readonly message: CoseMessage; readonly claims: CborMap } {
  if (token.length > MAXIMUM_BYTES) throw new CatError('too_large');
  try {
    const message = readMessage(token);
    return { message, claims: readClaims(message.payload) };
  } catch (error) {
    throw withDialect(error, token);
  }
}

function readMessage(token: string): CoseMessage {
  const bytes = decodeToken(token);
  if (bytes === undefined) throw new CatError('malformed_base64url');
  try {
    return decodeCose(bytes);
  } catch (cause) {
    if (cause instanceof CoseError) throw new CatError('malformed_cose', { cause });
    throw cause;
  }
}

/** base64url; padding may be there if it is right (CTA-5007-B §4.3.1.1). */
function decodeToken(token: string): Uint8Array | undefined {
  const bytes = Buffer.from(token, 'base64url');
  const canonical = bytes.toString('base64url');
  // Node's decoder forgives; writing the bytes again and comparing does not.
  if (canonical === token) return bytes;
  return canonical.padEnd(Math.ceil(canonical.length / 4) * 4, '=') === token ? bytes : undefined;
}

/** As C4M tokens say it; a media type is told from a name by its slash. @spec RFC 9596 §2 */
function requireType({ typ }: CoseMessage, isRequired: boolean): void {
  const isCat = typeof typ === 'string' && typ.toUpperCase() === CAT_TYPE;
  if (!isCat && (typ !== undefined || isRequired)) throw new CatError('wrong_type');
}

function verifiedKey(message: CoseMessage, keys: CatKeys): CoseKey {
  const { keys: fitting, isAlgWrong } = keysFor(message, keys);
  let last: CoseError | undefined;
  for (const key of fitting) {
    try {
      verifyCose(message, key);
      return key;
    } catch (error) {
      if (!(error instanceof CoseError)) throw error;
      last = error;
      if (error.code === 'crit_unsupported') throw new CatError('crit_unsupported');
      if (error.code === 'malformed_header') throw new CatError('malformed_cose', { cause: error });
    }
  }
  if (last !== undefined) throw new CatError('bad_signature');
  throw new CatError(isAlgWrong ? 'alg_mismatch' : 'unknown_key');
}

function readClaims(payload: Uint8Array): CborMap {
  try {
    const claims = decodeCbor(payload, PAYLOAD_RULES);
    if (isCborMap(claims)) return claims;
  } catch (cause) {
    if (cause instanceof CborError) throw new CatError('malformed_claims', { cause });
    throw cause;
  }
  throw new CatError('malformed_claims');
}

function withDialect(error: unknown, token: string): unknown {
  if (!(error instanceof CatError) || !DIALECT_CODES.has(error.code)) return error;
  const dialect = recognizeDialect(token);
  return dialect === undefined ? error : new CatError('dialect', { dialect, cause: error });
}
