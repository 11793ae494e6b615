/** A token that a person makes for their own scripts: it lives for months, and reaches one API. */
export interface PersonalAccessToken {
  readonly id: string;
  /** SHA-256 of the token; the token itself is shown once and never kept. */
  readonly hash: Uint8Array;
  /** The last four characters, for a person to tell tokens apart. */
  readonly hint: string;
  readonly userId: string;
  /** Under whose rules it was made: the person's own organization, or one that they are a member of. */
  readonly organizationId: string;
  readonly resourceId: string;
  readonly name: string;
  readonly description?: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Milliseconds; whole seconds. Absent: it does not expire, where the rules allow that. */
  readonly expiresAt?: number;
  /** `none`: nobody was asked. A refused one is revoked. */
  readonly approval: 'none' | 'pending' | 'approved';
  /** Whose approval is or was asked for; absent where nobody's. */
  readonly approvalOrganizationId?: string;
  /** Who decided, and when; `revokedReason` tells which way. */
  readonly decidedBy?: string;
  readonly decidedAt?: number;
  /** What they said. */
  readonly decisionReason?: string;
  readonly revokedAt?: number;
  readonly revokedReason?: PersonalTokenEnd;
  /** The token whose place it took. */
  readonly regeneratedFrom?: string;
  /** When another one took its place; it may still be good for a while, if its owner wanted that. */
  readonly regeneratedAt?: number;
}

export type PersonalTokenEnd =
  | 'revoked_by_owner'
  | 'revoked_by_admin'
  /** By somebody who held it. */
  | 'revoked_by_holder'
  /** Somebody found it where it should not be. */
  | 'leaked'
  | 'regenerated'
  | 'denied'
  | 'owner_disabled'
  /** Its owner chose another password, and to end what was made before. */
  | 'password_changed'
  | 'owner_left'
  | 'organization_deleted'
  | 'api_deleted'
  /** A backup was restored: nobody knows whether it had ended after that was taken. */
  | 'restored';

/** What people are shown; `pending` waits for somebody's approval. */
export type PersonalTokenStatus = 'pending' | 'active' | 'expired' | 'revoked';

export const PERSONAL_TOKEN_STATUSES: readonly PersonalTokenStatus[] = [
  'active',
  'pending',
  'expired',
  'revoked',
];

/** @param now milliseconds */
export function personalTokenStatus(token: PersonalAccessToken, now: number): PersonalTokenStatus {
  if (token.revokedAt !== undefined) return 'revoked';
  if (token.expiresAt !== undefined && now >= token.expiresAt) return 'expired';
  return token.approval === 'pending' ? 'pending' : 'active';
}

/** A year, of whichever length. */
export const LONGEST_PERSONAL_TOKEN_LIFE_MS = 366 * 24 * 3600 * 1000;

/** So many that are neither expired nor revoked: more than anybody can keep an eye on. */
export const MOST_PERSONAL_TOKENS = 100;

/** How long a row is kept after the token's end, for people who look for what it was. */
export const ENDED_PERSONAL_TOKEN_RETENTION_MS = 366 * 24 * 3600 * 1000;
