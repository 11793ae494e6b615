/** When and where a token was last used, as far as the issuer was asked about it. */
export interface TokenUse {
  /** Milliseconds. */
  readonly at: number;
  /** The client that asked: the API. `tessera`: its own APIs. */
  readonly by: string;
  /** Of whoever sent the token to the API; only where the API says so. */
  readonly address?: string;
  readonly userAgent?: string;
}
