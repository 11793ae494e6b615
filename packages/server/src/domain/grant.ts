import type { AuthorizationDetail } from './authorization-detail.ts';
import type { ClaimsRequest } from './claims-request.ts';

/**
 * What a person (or nobody) allowed a client: the root of an authorization code, of refresh families and of
 * access tokens. Ending the grant ends them all.
 */
export interface Grant {
  readonly id: string;
  readonly userId: string;
  readonly clientId: string;
  readonly organizationId: string;
  /** The `sid` of the session it was made in. */
  readonly sessionId?: string;
  readonly scopes: readonly string[];
  /** The API named in the request; absent: the issuer and the default API. */
  readonly resourceId?: string;
  /** Every API named, where there were several; `resourceId` is the first of them (RFC 8707 §2). */
  readonly resourceIds?: readonly string[];
  /** When the person proved who they are, in milliseconds (OpenID Connect Core §2, `auth_time`). */
  readonly authTime: number;
  /** RFC 8176 names of how. */
  readonly amr: readonly string[];
  /** The class of authentication that the app asked for, where the sign-in meets a stronger one. */
  readonly acr?: string;
  /** Where the code was sent; kept for clients that change their redirect URIs themselves. */
  readonly redirectUri?: string;
  /** Whose assertion it was made for. */
  readonly trustedIssuerId?: string;
  readonly authorizationDetails?: readonly AuthorizationDetail[];
  readonly claims?: ClaimsRequest;
  /** The agent that may exchange its tokens, by the person's settings (RFC 8693 §4.4). */
  readonly mayAct?: string;
  readonly createdAt: number;
  readonly endedAt?: number;
  readonly endReason?: GrantEndReason;
}

export type GrantEndReason =
  | 'code_reuse'
  | 'refresh_token_reuse'
  | 'revoked_by_client'
  | 'revoked_by_admin'
  | 'user_disabled'
  | 'password_changed'
  | 'signed_out'
  | 'client_disabled'
  | 'client_deleted'
  | 'resource_deleted'
  | 'trusted_issuer_ended'
  | 'redirect_uri_removed'
  | 'disconnected'
  | 'agent_stopped'
  | 'agent_owner_ended'
  | 'token_leaked';
