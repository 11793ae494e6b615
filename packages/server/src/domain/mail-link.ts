/** A link that was mailed to an address, and that proves once that its bearer reads the mail there. */
export interface MailLink {
  /** SHA-256 of the secret in the link. */
  readonly hash: Uint8Array;
  readonly purpose: MailLinkPurpose;
  /** Whose account it changes; absent where it makes one. */
  readonly userId?: string;
  /** Where it was sent, in the normal form (domain/user). */
  readonly email: string;
  /** The sealed request of an app that waits in the browser where this began. */
  readonly interaction?: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export type MailLinkPurpose = 'sign_up' | 'verify_email' | 'change_email' | 'reset_password' | 'set_password';

export const MAIL_LINK_LIFETIME_MS = 15 * 60 * 1000;
