/**
 * A request that was answered with an error, kept so that somebody can ask why. Never holds a token, code, secret,
 * query or anything else that the client made up, save the redirect URI that was refused.
 */
export interface Refusal {
  /** As the answer and the log name it. */
  readonly requestId: string;
  /** Milliseconds. */
  readonly at: number;
  readonly method: string;
  /** As the route spells it. */
  readonly path: string;
  readonly status: number;
  readonly error: string;
  /** What the client was told. */
  readonly description: string;
  /** What the client was not told. */
  readonly detail?: string;
  /** The client that the request named, or that its token was issued to; an id that nobody has is left out. */
  readonly clientId?: string;
  /** The person of its token. */
  readonly userId?: string;
  /** The row of its access token, where it is one of ours. */
  readonly tokenId?: Uint8Array;
  /** The redirect URI that the client has not registered, without the values of its query. */
  readonly redirectUri?: string;
  readonly address: string;
}

/** Refusals are for those who ask soon. */
export const REFUSAL_RETENTION_MS = 7 * 24 * 3600 * 1000;

/** However many requests are refused, no more than these are kept: the newest. */
export const REFUSALS_KEPT = 50_000;
