import type { AuthorizationDetail } from './authorization-detail.ts';

/** An app that a person let in: its live grants and what is remembered of consents, taken together. */
export interface Connection {
  readonly clientId: string;
  readonly apis: readonly ConnectedApi[];
  /** Details that were allowed beside scopes (RFC 9396). */
  readonly authorizationDetails: readonly AuthorizationDetail[];
  /** Live grants: each is one time that the app was let in. */
  readonly grants: number;
  /** Access tokens that are good now. */
  readonly liveTokens: number;
  /** When the person first let it in, of what still counts; milliseconds. */
  readonly since: number;
  /** When it last got a token for the person. */
  readonly lastIssuedAt?: number;
  /** When one of its tokens was last used, as far as APIs ask about them. */
  readonly lastUsedAt?: number;
  /** When everything that it holds will have ended if the person is not asked again; absent: it holds nothing. */
  readonly endsAt?: number;
}

export interface ConnectedApi {
  /** Absent: the issuer and the default API. */
  readonly resourceId?: string;
  readonly scopes: readonly string[];
}

/** What ended when an app was disconnected. */
export interface Disconnection {
  readonly grants: number;
  readonly refreshTokens: number;
  readonly accessTokens: number;
}
