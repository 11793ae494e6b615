/**
 * Every way in which a request can be refused: one closed table.
 * @spec RFC 6750 §3.1; RFC 9068 §4; RFC 9449 §7.1, §9; RFC 9470 §3
 */
import type { SignInNeeds } from './sign-in-needs.ts';

interface Refusal {
  readonly status: 400 | 401 | 403 | 503;
  /** The error code for the challenge; a request without credentials and an outage have none. */
  readonly error:
    | 'invalid_request'
    | 'invalid_token'
    | 'insufficient_scope'
    | 'insufficient_user_authentication'
    | 'invalid_dpop_proof'
    | 'use_dpop_nonce'
    | undefined;
  /** For people; printable ASCII without quotes and backslashes (RFC 6750 §3). */
  readonly description: string;
}

const invalidRequest = { status: 400, error: 'invalid_request' } as const;
const invalidToken = { status: 401, error: 'invalid_token' } as const;
const invalidProof = { status: 401, error: 'invalid_dpop_proof' } as const;

export const tokenErrors = {
  missing_token: { status: 401, error: undefined, description: 'An access token is needed' },
  token_in_url: {
    ...invalidRequest,
    description:
      'An access token was sent in the URL, so it counts as exposed: replace it and send it in the header',
  },
  several_tokens: { ...invalidRequest, description: 'The request carries more than one access token' },
  malformed_request: {
    ...invalidRequest,
    description: 'The Authorization header is not of the form: Bearer or DPoP, one space, token',
  },
  malformed_token: {
    ...invalidToken,
    description: 'The access token is damaged or of a kind that this API does not take',
  },
  unknown_token: { ...invalidToken, description: 'The access token is not known, or no longer' },
  expired: { ...invalidToken, description: 'The access token expired' },
  revoked: { ...invalidToken, description: 'The access token was revoked' },
  pending_approval: {
    ...invalidToken,
    description: 'The personal access token waits for the approval of an organization',
  },
  token_rules: {
    ...invalidToken,
    description: 'The rules of an organization do not allow this personal access token any more',
  },
  access_policy: {
    ...invalidToken,
    description: 'An access policy of the issuer does not allow this access token now',
  },
  not_yet_valid: { ...invalidToken, description: 'The access token is not valid yet' },
  wrong_issuer: { ...invalidToken, description: 'The access token was issued by another server' },
  wrong_audience: { ...invalidToken, description: 'The access token is for another API' },
  bad_signature: { ...invalidToken, description: 'The signature of the access token does not hold' },
  unknown_key: {
    ...invalidToken,
    description: 'The access token was signed with a key that its issuer does not publish',
  },
  invalid_claims: {
    ...invalidToken,
    description: 'The access token lacks a claim, or has one that this API cannot honour',
  },
  not_acceptable: {
    ...invalidToken,
    description: 'The access token does not allow this request',
  },
  bound: {
    ...invalidToken,
    description: 'The access token is bound to a key: send it as DPoP with a proof, not as Bearer',
  },
  not_bound: {
    ...invalidToken,
    description: 'The access token is not bound to a key: send it as Bearer, not as DPoP',
  },
  missing_certificate: {
    ...invalidToken,
    description: 'The access token is bound to a certificate, and the connection shows none',
  },
  wrong_certificate: {
    ...invalidToken,
    description: 'The access token is bound to another certificate than that of the connection',
  },
  missing_proof: { ...invalidProof, description: 'The request has no DPoP header' },
  bad_proof: { ...invalidProof, description: 'The DPoP proof does not hold for this request' },
  wrong_key: {
    ...invalidProof,
    description: 'The DPoP proof was made with another key than the one the access token is bound to',
  },
  used_proof: {
    ...invalidProof,
    description: 'The DPoP proof was used before, or cannot be told from one; make one for each request',
  },
  use_dpop_nonce: {
    status: 401,
    error: 'use_dpop_nonce',
    description:
      'The DPoP proof needs the nonce of the DPoP-Nonce header of this answer; make another with it',
  },
  insufficient_scope: {
    status: 403,
    error: 'insufficient_scope',
    description: 'The access token does not have the scope that this needs',
  },
  insufficient_user_authentication: {
    status: 401,
    error: 'insufficient_user_authentication',
    description: 'The person has to sign in again, or more strongly, for this',
  },
  unavailable: {
    status: 503,
    error: undefined,
    description: 'The access token cannot be checked right now; try again',
  },
} as const satisfies Record<string, Refusal>;

export type TokenErrorCode = keyof typeof tokenErrors;

export interface TokenErrorOptions {
  /** Every scope that the request needs. */
  readonly scopes?: readonly string[];
  /** What went wrong inside, for logs; never holds a token. */
  readonly cause?: unknown;
  /** How the token was presented; `Bearer` unless given. */
  readonly scheme?: Scheme;
  /** What the next proof has to carry. */
  readonly dpopNonce?: string;
  /** How the person has to sign in. */
  readonly signIn?: SignInNeeds;
  /** What the token itself wants to be answered. */
  readonly answer?: TokenAnswer;
}

/** The answer that a Common Access Token has for its own refusal (CTA-5007 `catif`). */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The two ways to present an access token (RFC 6750 §2.1, RFC 9449 §7.1). */
export type Scheme = 'Bearer' | 'DPoP';

/** A refused request. Nothing in it comes from the token. */
export class TokenError extends Error {
  readonly code: TokenErrorCode;
  readonly status: Refusal['status'];
  readonly error: Refusal['error'];
  readonly description: string;
  /** Every scope that the request needs, where the caller said so. */
  readonly scopes?: readonly string[];
  /** How the token was presented: the challenge answers in kind. */
  readonly scheme: Scheme;
  /** For the header `DPoP-Nonce` of the answer. */
  readonly dpopNonce?: string;
  /** How the person has to sign in, where the token tells of a weaker or an older sign-in. */
  readonly signIn?: SignInNeeds;
  /** What to answer in place of the usual refusal. */
  readonly answer?: TokenAnswer;

  /** @param description constant public text, where there is more to say than the table does */
  constructor(code: TokenErrorCode, description?: string, options: TokenErrorOptions = {}) {
    const refusal: Refusal = tokenErrors[code];
    super(
      description ?? refusal.description,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'TokenError';
    this.code = code;
    this.status = refusal.status;
    this.error = refusal.error;
    this.description = this.message;
    if (options.scopes !== undefined) this.scopes = options.scopes;
    if (options.signIn !== undefined) this.signIn = options.signIn;
    if (options.answer !== undefined) this.answer = options.answer;
    this.scheme = options.scheme ?? 'Bearer';
    if (options.dpopNonce !== undefined) this.dpopNonce = options.dpopNonce;
  }

  /** The page of the docs about this error, relative to where the docs are served. */
  get docsPage(): string {
    return `/docs/reference/errors#${this.code}`;
  }
}
