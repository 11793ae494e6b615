import type { Actor } from './actor.ts';
import type { AuthorizationDetail } from './authorization-detail.ts';
import type { Confirmation } from './confirmation.ts';
import type { TokenFormat } from './resource.ts';

/** The row every issued access token leaves, whatever its format. The string itself is never stored. */
export interface AccessTokenRow {
  /** SHA-256 of the opaque string, or of the `jti` of a JWT or CWT, `cti` of a CAT. */
  readonly id: Uint8Array;
  readonly format: TokenFormat;
  /** Absent for a token that a client got for itself. */
  readonly grantId?: string;
  readonly clientId: string;
  readonly userId?: string;
  /** Absent: the issuer and the default API. */
  readonly resourceId?: string;
  readonly scopes: readonly string[];
  /** Milliseconds; whole seconds, so that `exp − iat` is `expires_in`. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Which rule decided the lifetime. */
  readonly lifetimeReason: string;
  readonly revokedAt?: number;
  /** Its place among all statuses; absent for an opaque token. */
  readonly statusIndex?: number;
  /** Whose assertion it was given for; absent where there was none, or where a grant says so. */
  readonly trustedIssuerId?: string;
  /** Absent for a bearer token. */
  readonly confirmation?: Confirmation;
  /** Who acts for the person; absent when nobody stands between. */
  readonly actor?: Actor;
  /** The agent that may exchange it (RFC 8693 §4.4). */
  readonly mayAct?: string;
  /** How the token names the person; absent: as its client knows them. */
  readonly subject?: string;
  readonly authorizationDetails?: readonly AuthorizationDetail[];
  /** Claims that the client asked to be told at UserInfo, by name (OpenID Connect Core §5.5). */
  readonly userinfoClaims?: readonly string[];
  /** The newest change of a policy that it was judged by; absent: there was none. */
  readonly policyEpoch?: number;
}

/** No access token lives longer, whatever is set. */
export const LONGEST_TOKEN_LIFE_MS = 24 * 3600 * 1000;

/** Rows outlive their tokens by a day, so that "expired" can still be told from "unknown". */
export const EXPIRED_TOKEN_RETENTION_MS = 24 * 3600 * 1000;
