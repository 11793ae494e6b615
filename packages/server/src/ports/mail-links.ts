import type { AuditEvent } from '../domain/audit-event.ts';
import type { SealedMail } from '../domain/mail-message.ts';
import type { MailLink } from '../domain/mail-link.ts';

export interface MailLinks {
  /** Keeps the link and queues the mail that holds it, unless it is handed over otherwise. */
  create(link: MailLink, mail: SealedMail | undefined, audit: AuditEvent): Promise<void>;
  /** The link while it is good: not used, not expired. */
  find(hash: Uint8Array, now: number): Promise<MailLink | undefined>;
}

/** What a change of a person goes with, in the same transaction. */
export interface ByMail {
  /** The link that allows it. It is used up; if it is not good any more, nothing is changed. */
  readonly link?: { readonly hash: Uint8Array; readonly at: number };
  readonly mails?: readonly SealedMail[];
}
