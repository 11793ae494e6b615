/** An authorization request that its client sent ahead of the browser (RFC 9126). */
export interface PushedRequest {
  /** SHA-256 of the token string in its `request_uri`. */
  readonly hash: Uint8Array;
  readonly clientId: string;
  /** The parameters as they were sent, credentials of the client left out; several values of a name are an array. */
  readonly parameters: Readonly<Record<string, string | readonly string[]>>;
  /** The key that was proven when it was pushed; it alone may redeem the code (RFC 9449 §10.1). */
  readonly dpopJkt?: string;
  readonly expiresAt: number;
}

export const PUSHED_REQUEST_LIFETIME_MS = 60_000;
