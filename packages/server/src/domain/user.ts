import type { StandardClaims } from './standard-claims.ts';

/** A person with an account. User ids start with `usr_`, which no client id may do (RFC 9068 §5). */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly displayName: string;
  readonly role: UserRole;
  readonly status: 'active' | 'disabled';
  /** The person's own organization. */
  readonly organizationId: string;
  /** Argon2id in PHC string form; absent for a person who signs in some other way. */
  readonly passwordHash?: string;
  readonly claims: StandardClaims;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type UserRole = 'admin' | 'member';

export const USER_ID_PREFIX = 'usr_';

/**
 * The form in which an email address is compared and stored: trimmed, lower case, NFC. In this order, because a small
 * letter may have a composed form where its capital has none (J̌, ǰ).
 */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase().normalize('NFC');
}
