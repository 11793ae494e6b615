import type { OrganizationRole } from './membership.ts';

/** A place in an organization that waits for the person with an email address. Only the hash of its secret is kept. */
export interface Invitation {
  readonly id: string;
  readonly hash: Uint8Array;
  readonly organizationId: string;
  /** In its normal form (domain/user). */
  readonly email: string;
  readonly role: OrganizationRole;
  /** Who invited: without their authority it is worth nothing any more. */
  readonly invitedBy: string;
  readonly createdAt: number;
  /** Milliseconds; from then on it is no invitation. */
  readonly expiresAt: number;
}

/** No invitation is good for longer. */
export const LONGEST_INVITATION_MS = 7 * 24 * 3600 * 1000;

/** So many may wait in an organization at once. */
export const MAX_OPEN_INVITATIONS = 100;
