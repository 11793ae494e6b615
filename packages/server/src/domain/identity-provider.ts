/** Somebody else's OpenID provider by which people may sign in here. */
export interface IdentityProvider {
  readonly id: string;
  /** What the button says: "Continue with …". */
  readonly name: string;
  /** Its issuer, character by character; unique in the deployment. */
  readonly issuer: string;
  /** Who this server is there. */
  readonly clientId: string;
  /** Sealed; absent for a public client. */
  readonly sealedSecret?: Uint8Array;
  /** What is asked for there, `openid` always among them. */
  readonly scopes: readonly string[];
  readonly status: 'active' | 'disabled';
  /** Whether somebody who is not known here, and whose address the provider has verified, gets an account. */
  readonly createAccounts: boolean;
  /** Whether the provider's own tokens are kept, sealed. */
  readonly keepTokens: boolean;
  /** Clients that may be handed the provider's own token of a person, in exchange. */
  readonly tokenClients: readonly string[];
  /** The scope that the person must have allowed the client for that. */
  readonly tokenScope?: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Who somebody is at a provider. One account here has at most one identity at each provider. */
export interface UpstreamIdentity {
  readonly providerId: string;
  /** The `sub` there. */
  readonly subject: string;
  readonly userId: string;
  /** The provider's own tokens; absent where they are not kept. */
  readonly sealedTokens?: Uint8Array;
  /** Counts up with the tokens: whoever refreshes them writes only over those that they read. */
  readonly tokensVersion: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
}
