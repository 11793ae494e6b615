/** RFC 6749 §4.1.2: lives 60 seconds, works once. */
export interface AuthorizationCode {
  /** SHA-256 of the code. */
  readonly hash: Uint8Array;
  readonly grantId: string;
  readonly clientId: string;
  readonly redirectUri: string;
  /** RFC 7636, S256; absent only where the client's `require_pkce` is false. */
  readonly codeChallenge?: string;
  readonly nonce?: string;
  /** The DPoP key that alone may redeem the code (RFC 9449 §10). */
  readonly dpopJkt?: string;
  readonly expiresAt: number;
  readonly usedAt?: number;
}

export const AUTHORIZATION_CODE_LIFETIME_MS = 60_000;
