/** A mail to one person, before it is sealed. Plain text; it may hold a link with a secret. */
export interface MailMessage {
  /** Starts with `msg_`; the Message-ID is made of it, so that a mail that is sent twice is known as one. */
  readonly id: string;
  /** One address that `isMailAddress` accepts. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly purpose: MailPurpose;
  /** After this nobody would gain by it, for example because its link is dead; it is not sent any more. */
  readonly expiresAt: number;
}

/** What a mail is for: all that a log says of it. */
export type MailPurpose =
  | 'sign_up'
  | 'sign_up_known'
  | 'verify_email'
  | 'recovery'
  | 'recovery_unknown'
  | 'set_password'
  | 'change_email'
  | 'change_email_known'
  | 'email_changed'
  | 'password_changed'
  | 'identity_linked'
  | 'account_deleted'
  | 'personal_access_token_created'
  | 'personal_access_token_expiring'
  | 'personal_access_token_awaiting'
  | 'personal_access_token_decided'
  | 'invitation'
  | 'token_leaked'
  | 'factors_changed'
  | 'agent_review';

/** A mail that waits. What it says, and to whom, is sealed under the master key. */
export interface SealedMail {
  readonly id: string;
  readonly purpose: MailPurpose;
  readonly sealed: Uint8Array;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A mail that a node has taken to send. */
export interface ClaimedMail extends SealedMail {
  /** Counts up with each claim: who holds an older number has lost the mail to somebody else. */
  readonly attempts: number;
}

const ADDRESS_MAX_LENGTH = 254;

/**
 * Whether this can be written as the one recipient of a mail: one `@`, and nothing that means something in a header
 * or an envelope (control characters, spaces, quotes, brackets, separators).
 * @spec RFC 5321 §4.1.2, RFC 6531 §3.3: Dot-string and domain alone, in any script
 */
export function isMailAddress(address: string): boolean {
  if (address.length > ADDRESS_MAX_LENGTH || !address.isWellFormed()) return false;
  const [local = '', domain = '', ...more] = address.split('@');
  return more.length === 0 && LOCAL_PART.test(local) && DOMAIN.test(domain) && local.length <= 64;
}

const LOCAL_PART = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN =
  /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?)*$/u;
