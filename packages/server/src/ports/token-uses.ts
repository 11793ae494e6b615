import type { TokenUse } from '../domain/token-use.ts';

/** Last uses of tokens that the issuer is asked about; for people, so a few seconds late is soon enough. */
export interface TokenUses {
  /** A use before the last one that is known changes nothing. @param uses some hundreds at most */
  record(uses: readonly RecordedUse[]): Promise<void>;
  /** @param tokenId SHA-256 of the token */
  find(tokenId: Uint8Array): Promise<TokenUse | undefined>;
}

export interface RecordedUse extends TokenUse {
  /** SHA-256 of the token. */
  readonly tokenId: Uint8Array;
  /** Milliseconds; after that nobody asks. */
  readonly forgetAt: number;
}
