/**
 * The errors of OAuth endpoints: one closed table from code to HTTP status.
 * @spec RFC 6749 §5.2 and §4.1.2.1, RFC 8707 §2, RFC 6750 §3.1, RFC 7591 §3.2.2, RFC 8628 §3.5, RFC 9449 §5 and §8, RFC 9101 §7,
 *   RFC 9396 §5, RFC 9470 §3 and §5
 */
export const OAUTH_ERROR_STATUS = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  unsupported_response_type: 400,
  unsupported_token_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  invalid_token: 401,
  insufficient_scope: 403,
  invalid_dpop_proof: 400,
  use_dpop_nonce: 400,
  access_denied: 403,
  login_required: 400,
  consent_required: 400,
  interaction_required: 400,
  request_uri_not_supported: 400,
  invalid_request_uri: 400,
  invalid_request_object: 400,
  invalid_authorization_details: 400,
  unmet_authentication_requirements: 400,
  insufficient_user_authentication: 400,
  registration_not_supported: 400,
  invalid_client_metadata: 400,
  invalid_redirect_uri: 400,
  invalid_software_statement: 400,
  unapproved_software_statement: 400,
  authorization_pending: 400,
  expired_token: 400,
  slow_down: 429,
  temporarily_unavailable: 503,
} as const;

export type OAuthErrorCode = keyof typeof OAUTH_ERROR_STATUS;

export interface OAuthErrorOptions {
  /** For the log only; never sent. */
  readonly detail?: string;
  /** `WWW-Authenticate`, where the standard asks for one. */
  readonly challenge?: string;
  readonly retryAfterSeconds?: number;
  /** RFC 8628 §3.5 answers `slow_down` as RFC 6749 §5.2 says; elsewhere it is about the rate of requests. */
  readonly status?: 400;
  /** What may be kept of a redirect URI that is not registered (protocol/refused-redirect-uri); for the log only. */
  readonly refusedRedirectUri?: string | undefined;
  /** What the person's sign-in lacks, for `acr_values` and `max_age` of the next authorization request (RFC 9470 §3). */
  readonly stepUp?: { readonly acrValues?: readonly string[]; readonly maxAgeSeconds?: number };
  /** `DPoP-Nonce`: what the next proof has to carry (RFC 9449 §8). */
  readonly dpopNonce?: string;
}

/** Thrown by rules; `http/respond` alone turns it into an answer. `description` is public constant ASCII text. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly description: string;
  readonly status: number;
  readonly detail: string | undefined;
  readonly challenge: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly dpopNonce: string | undefined;
  readonly refusedRedirectUri: string | undefined;
  readonly stepUp: OAuthErrorOptions['stepUp'];

  constructor(code: OAuthErrorCode, description: string, options: OAuthErrorOptions = {}) {
    super(`${code}: ${description}`);
    this.code = code;
    this.description = description;
    this.status = options.status ?? OAUTH_ERROR_STATUS[code];
    this.detail = options.detail;
    this.refusedRedirectUri = options.refusedRedirectUri;
    this.challenge = options.challenge;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.dpopNonce = options.dpopNonce;
    this.stepUp = options.stepUp;
  }
}
