/**
 * Tokens that are bound to a key: each request proves the key, with a proof made for this one request.
 * @spec RFC 9449 §4.3, §7, §9, §11.1
 */
import { DpopProofError, createDpopProofVerifier } from '@tessera/tokens';
import type { DpopExpectations, DpopProof } from '@tessera/tokens';
import type { AccessToken } from './access-token.ts';
import { isHeaders } from './bearer.ts';
import type { PresentedRequest } from './bearer.ts';
import { createUrlReader } from './called-url.ts';
import type { Clock } from './clock.ts';
import { createProofMemory } from './proof-memory.ts';
import { TokenError } from './token-error.ts';

export interface DpopOptions {
  /**
   * Where callers reach this API, if the request does not tell: behind a proxy. Either what stands in front of the
   * path (`https://api.example.com`), or a function that gives the whole URL of a request.
   */
  readonly publicUrl?: string | ((request: PresentedRequest) => string);
  /**
   * Remembers proofs in place of the memory of this process: where several processes serve one API, in what they
   * share. Asked only for good proofs of good tokens; of any number of parallel calls exactly one may answer true.
   * @param proof unique for the proof @param until milliseconds; then the proof is too old to be used again
   */
  readonly remember?: (proof: string, until: number) => boolean | Promise<boolean>;
  /** Nonces of this API. Without them a proof may carry any. */
  readonly nonces?: DpopNonceSource;
}

export interface DpopNonceSource {
  /** The nonce to give out. */
  current(): string;
  isGood(nonce: string): boolean;
  /** Whether a proof may do without one. */
  readonly required: boolean;
}

/** @throws TokenError unless the request proves the key that its token is bound to */
export type RequirePossession = (
  request: PresentedRequest,
  token: string,
  accessToken: AccessToken,
) => void | Promise<void>;

/** @throws TypeError when an option could never work */
export function createPossession(options: DpopOptions, clock: Clock): RequirePossession {
  const { nonces } = options;
  const urlOf = createUrlReader(options.publicUrl);
  const verifier = createDpopProofVerifier();
  const readProof = (header: string, expected: DpopExpectations): DpopProof => {
    try {
      return verifier.verify(header, expected);
    } catch (cause) {
      if (cause instanceof DpopProofError) throw new TokenError('bad_proof', cause.message, { cause });
      throw cause;
    }
  };
  const spend = options.remember === undefined ? spendHere(clock) : spendElsewhere(options.remember);
  return (request, token, { confirmation }) => {
    if (confirmation?.jkt === undefined) throw new TokenError('not_bound');
    const header = proofHeader(request.headers);
    const { method = '' } = request;
    const expected = { method, url: urlOf(request), nowMs: clock(), accessToken: token };
    const proof = readProof(header, expected);
    if (proof.thumbprint !== confirmation.jkt) throw new TokenError('wrong_key');
    if (nonces !== undefined) requireNonce(proof.nonce, nonces);
    return spend(proof);
  };
}

function spendHere(clock: Clock): (proof: DpopProof) => void {
  const memory = createProofMemory(clock);
  return (proof) => {
    const outcome = memory.remember(proof);
    if (outcome === 'used') throw new TokenError('used_proof');
    if (outcome === 'full') throw new TokenError('unavailable');
  };
}

function spendElsewhere(remember: NonNullable<DpopOptions['remember']>): (proof: DpopProof) => Promise<void> {
  return async ({ thumbprint, jti, freshUntil }) => {
    let isNew: unknown;
    try {
      isNew = await remember(`${thumbprint} ${jti}`, freshUntil);
    } catch (cause) {
      throw new TokenError('unavailable', undefined, { cause });
    }
    // Absent means no: whatever is not true is a refusal.
    if (isNew !== true) throw new TokenError('used_proof');
  };
}

/** A nonce that nobody asked for must be good all the same (§4.3 10). */
function requireNonce(nonce: string | undefined, nonces: DpopNonceSource): void {
  if (nonce === undefined ? !nonces.required : nonces.isGood(nonce)) return;
  throw new TokenError('use_dpop_nonce', undefined, { dpopNonce: nonces.current() });
}

/** Several headers of this name arrive joined by commas, which no proof holds. */
function proofHeader(headers: PresentedRequest['headers']): string {
  const values: string[] = [];
  if (isHeaders(headers)) {
    const value = headers.get('dpop');
    if (value !== null) values.push(value);
  } else {
    for (const [name, value] of Object.entries(headers)) {
      if (name.toLowerCase() === 'dpop' && value !== undefined) values.push(...[value].flat());
    }
  }
  const [header] = values;
  if (header === undefined) throw new TokenError('missing_proof');
  if (values.length > 1 || header.includes(',')) {
    throw new TokenError('bad_proof', 'The request has more than one DPoP header');
  }
  return header;
}
