/** A ticket to register apps with, given out by an administrator (RFC 7591 §3). */
export interface InitialAccessToken {
  readonly id: string;
  /** SHA-256 of the token; the token itself is shown once and never kept. */
  readonly hash: Uint8Array;
  /** The last four characters, for a person to tell tokens apart. */
  readonly hint: string;
  /** What it is for, in the words of whoever made it. */
  readonly name: string;
  /** Apps that are registered with it belong here. */
  readonly organizationId: string;
  /** So many apps may be registered with it. */
  readonly maxUses: number;
  readonly uses: number;
  readonly createdAt: number;
  readonly expiresAt: number;
}
