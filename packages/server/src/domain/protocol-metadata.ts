import type { AccessTokenLifetime } from './access-token-lifetime.ts';

/**
 * Metadata that only some clients register, kept as they stood on the wire (RFC 7591 §2 and the standards named).
 * Each has a rule in protocol/client-metadata.
 */
export interface ProtocolMetadata {
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  readonly jwks_uri?: string;
  /** OpenID Connect Core §9. */
  readonly token_endpoint_auth_signing_alg?: string;
  /** RFC 8705 §2.1.2: one of the five names the subject of the client's certificate. */
  readonly tls_client_auth_subject_dn?: string;
  readonly tls_client_auth_san_dns?: string;
  readonly tls_client_auth_san_uri?: string;
  readonly tls_client_auth_san_ip?: string;
  readonly tls_client_auth_san_email?: string;
  /** RFC 8705 §3.4. */
  readonly tls_client_certificate_bound_access_tokens?: boolean;
  /** RFC 9449 §5.2. */
  readonly dpop_bound_access_tokens?: boolean;
  /** RFC 9126 §6. */
  readonly require_pushed_authorization_requests?: boolean;
  /** RFC 9101 §10.5. */
  readonly require_signed_request_object?: boolean;
  readonly request_object_signing_alg?: string;
  /** JWT Secured Authorization Response Mode §3. */
  readonly authorization_signed_response_alg?: string;
  /** RFC 9701 §6. */
  readonly introspection_signed_response_alg?: string;
  /** RFC 9396 §10. */
  readonly authorization_details_types?: readonly string[];
  /** OpenID Connect Dynamic Client Registration §2. */
  readonly id_token_signed_response_alg?: string;
  readonly userinfo_signed_response_alg?: string;
  readonly subject_type?: string;
  readonly sector_identifier_uri?: string;
  readonly default_max_age?: number;
  readonly require_auth_time?: boolean;
  readonly default_acr_values?: readonly string[];
  /** OpenID Connect RP-Initiated Logout §3.1, Back-Channel Logout §2.2. */
  readonly post_logout_redirect_uris?: readonly string[];
  readonly backchannel_logout_uri?: string;
  readonly backchannel_logout_session_required?: boolean;
  readonly software_id?: string;
  readonly software_version?: string;
  /** Ours: how long the access tokens of this client live; never longer than the API says. */
  readonly access_token_lifetime?: AccessTokenLifetime;
  /** Ours: the rules of a profile that this client is held to. */
  readonly security_profile?: string;
}
