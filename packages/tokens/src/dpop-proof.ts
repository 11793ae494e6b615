/**
 * DPoP proofs: a JWT that a client makes for one request, to show that it holds a key.
 * Whether its nonce is good and whether it was seen before is for the caller to decide.
 * @spec RFC 9449 §4.2, §4.3, §6.1
 */
import { hash } from 'node:crypto';
import { DpopProofError } from './dpop-proof-error.ts';
import { isJsonObject, parseJsonObject } from './json-object.ts';
import type { JsonObject } from './json-object.ts';
import { hasPrivateMembers, importPublicJwk, jwkThumbprint } from './jwk.ts';
import type { VerificationKey } from './jwk.ts';
import { decodeJwsHeader, splitJws, validateJwsHeader } from './jws.ts';
import type { JwsParts } from './jws.ts';
import { verifyBytes, verifyBytesElsewhere } from './jws-algorithm.ts';
import { JwtError } from './jwt-error.ts';
import type { JwtErrorCode } from './jwt-error.ts';
import { isSameTargetUri } from './target-uri.ts';

/** RS256 is left out: whoever can make a proof can use a better one (FAPI 2.0 §5.4). */
export const DPOP_SIGNING_ALGS: readonly string[] = ['ES256', 'EdDSA', 'PS256'];
/** Older proofs are refused. It is long enough for clocks that nobody tends, and bounds how long a `jti` is remembered. */
export const DPOP_PROOF_AGE_SECONDS = 300;
/** How far the sender's clock may be ahead: FAPI 2.0 §5.3.2.1 asks for 10 seconds and forbids more than 60. */
const AHEAD_SECONDS = 60;
const TYP = 'dpop+jwt';

/** The request that a proof must have been made for. */
export interface DpopExpectations {
  readonly method: string;
  /** The URL that was called, absolute; its query and fragment do not count. */
  readonly url: string;
  /** Milliseconds. */
  readonly nowMs: number;
  /** The access token that is presented with the proof; absent where a token is only asked for. */
  readonly accessToken?: string;
}

export interface DpopProof {
  /** Of the key that made it: what tokens are bound to as `jkt`. */
  readonly thumbprint: string;
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly iat: number;
  readonly nonce: string | undefined;
  /** Milliseconds: from then on the proof is refused as too old, and its `jti` may be forgotten. */
  readonly freshUntil: number;
}

export interface DpopProofVerifier {
  /** @throws DpopProofError */
  verify(proof: string, expected: DpopExpectations): DpopProof;
  /**
   * The same with the signature checked on another thread: slower for one proof, faster for many at once.
   * Rejects with DpopProofError.
   */
  verifyElsewhere(proof: string, expected: DpopExpectations): Promise<DpopProof>;
}

/** Reading a key costs half as much as checking a signature with it, and a sender uses the same one again and again. */
const KEYS_KEPT = 1000;

export function createDpopProofVerifier(keysKept = KEYS_KEPT): DpopProofVerifier {
  const keyOf = createKeyReader(keysKept);
  const read = (proof: string, expected: DpopExpectations): ReadProof => {
    try {
      const jws = splitJws(proof);
      const key = keyOf(jws.encodedHeader);
      const claims = readClaims(parseJsonObject(jws.payload, 'malformed_payload'));
      validate(claims, expected);
      if (jws.signature.length !== key.signatureLength) throw new DpopProofError('bad_signature');
      return { jws, key, claims };
    } catch (error) {
      throw error instanceof JwtError ? new DpopProofError(codeOf(error.code)) : error;
    }
  };
  return {
    verify(proof, expected) {
      const unproven = read(proof, expected);
      const { jws, key } = unproven;
      return proven(unproven, verifyBytes(key.alg, key.publicKey, jws.signingInput, jws.signature));
    },
    async verifyElsewhere(proof, expected) {
      const unproven = read(proof, expected);
      const { jws, key } = unproven;
      return proven(
        unproven,
        await verifyBytesElsewhere(key.alg, key.publicKey, jws.signingInput, jws.signature),
      );
    },
  };
}

/** A proof in which all but the signature holds. */
interface ReadProof {
  readonly jws: JwsParts;
  readonly key: ProofKey;
  readonly claims: DpopClaims;
}

interface ProofKey extends VerificationKey {
  readonly thumbprint: string;
}

function proven({ key, claims: { jti, iat, nonce } }: ReadProof, holds: boolean): DpopProof {
  if (!holds) throw new DpopProofError('bad_signature');
  const { thumbprint } = key;
  return { thumbprint, jti, iat, nonce, freshUntil: (iat + DPOP_PROOF_AGE_SECONDS) * 1000 };
}

/** The hash by which a proof names its access token (RFC 9449 §4.2, `ath`). */
function accessTokenHash(accessToken: string): string {
  return hash('sha256', accessToken, 'base64url');
}

function codeOf(code: JwtErrorCode): DpopProofError['code'] {
  switch (code) {
    case 'alg_none':
    case 'alg_not_allowed':
      return 'alg_not_allowed';
    default:
      return 'malformed';
  }
}

/** Headers of one key are all alike: the text of a good one is enough to know it again. */
function createKeyReader(kept: number): (encodedHeader: string) => ProofKey {
  const known = new Map<string, ProofKey>();
  return (encodedHeader) => {
    const found = known.get(encodedHeader);
    if (found !== undefined) return found;
    const key = readKey(decodeJwsHeader(encodedHeader));
    known.set(encodedHeader, key);
    // A Map keeps the order of insertion: the first is the oldest.
    if (known.size > kept) known.delete(known.keys().next().value ?? '');
    return key;
  };
}

function readKey(header: JsonObject): ProofKey {
  const { alg } = validateJwsHeader(header, DPOP_SIGNING_ALGS);
  const { typ, jwk } = header;
  if (typeof typ !== 'string' || typ.toLowerCase() !== TYP) throw new DpopProofError('wrong_typ');
  if (!isJsonObject(jwk)) throw new DpopProofError('malformed_key');
  if (hasPrivateMembers(jwk)) throw new DpopProofError('private_key');
  // An RSA key need not say which of the two algorithms it is for.
  const key = importPublicJwk(jwk['alg'] === undefined ? { ...jwk, alg } : jwk);
  if (key === undefined || key.alg !== alg) throw new DpopProofError('malformed_key');
  return { ...key, thumbprint: jwkThumbprint(jwk) };
}

interface DpopClaims {
  readonly jti: string;
  readonly htm: string;
  readonly htu: string;
  readonly iat: number;
  readonly ath: string | undefined;
  readonly nonce: string | undefined;
  readonly exp: number | undefined;
  readonly nbf: number | undefined;
}

function readClaims({ jti, htm, htu, iat, ath, nonce, exp, nbf }: JsonObject): DpopClaims {
  if (jti === undefined || htm === undefined || htu === undefined || iat === undefined) {
    throw new DpopProofError('claim_missing');
  }
  const hold =
    isText(jti) &&
    isText(htm) &&
    isText(htu) &&
    isNumericDate(iat) &&
    (ath === undefined || isText(ath)) &&
    (nonce === undefined || isText(nonce)) &&
    (exp === undefined || isNumericDate(exp)) &&
    (nbf === undefined || isNumericDate(nbf));
  if (!hold) throw new DpopProofError('claim_malformed');
  return { jti, htm, htu, iat, ath, nonce, exp, nbf };
}

function validate({ htm, htu, iat, ath, exp, nbf }: DpopClaims, expected: DpopExpectations): void {
  const { method, url, nowMs, accessToken } = expected;
  if (htm !== method) throw new DpopProofError('wrong_method');
  if (!isSameTargetUri(htu, url)) throw new DpopProofError('wrong_url');
  const latestStart = nowMs / 1000 + AHEAD_SECONDS;
  const isRecent =
    nowMs < (iat + DPOP_PROOF_AGE_SECONDS) * 1000 &&
    iat <= latestStart &&
    (exp === undefined || nowMs < exp * 1000) &&
    (nbf === undefined || nbf <= latestStart);
  if (!isRecent) throw new DpopProofError('not_recent');
  if (accessToken !== undefined && ath !== accessTokenHash(accessToken)) {
    throw new DpopProofError('wrong_token');
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Whole seconds. */
function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
