import type { Confirmation } from './confirmation.ts';

/** One line of refresh tokens, each replacing the one before; it has one live leaf at most. */
export interface RefreshFamily {
  readonly id: string;
  readonly grantId: string;
  readonly clientId: string;
  /** The end that no refresh moves, in milliseconds. */
  readonly expiresAt: number;
  readonly createdAt: number;
  readonly endedAt?: number;
  /** The key of the public client that got it (RFC 9449 §5, RFC 8705 §4); its every use must prove it. */
  readonly confirmation?: Confirmation;
}

/** One leaf of a family. */
export interface RefreshToken {
  /** SHA-256 of the token. */
  readonly hash: Uint8Array;
  readonly familyId: string;
  /** The idle end, in milliseconds; never after the family's. */
  readonly expiresAt: number;
  readonly createdAt: number;
  /** When it was exchanged for its successor. */
  readonly rotatedAt?: number;
  /** The answer that rotation gave, sealed under a key that only the holder of this token can derive. */
  readonly sealedAnswer?: Uint8Array;
}
