import type { ClaimedMail, MailMessage, SealedMail } from '../domain/mail-message.ts';

/**
 * Mails that wait until they are delivered. A verb of the store whose mail must not be lost, or sent for nothing,
 * takes the sealed mail itself and writes it in its own transaction.
 */
export interface Outbox {
  enqueue(mail: SealedMail): Promise<void>;
  /**
   * Takes mails that are due, so that nobody else sends them before `retryAt`; counts the attempt. Mails that have
   * expired are not taken.
   */
  claim(claim: {
    readonly at: number;
    readonly retryAt: number;
    readonly limit: number;
  }): Promise<readonly ClaimedMail[]>;
  /** Delivered, or not worth another attempt. False if somebody else has claimed it meanwhile. */
  drop(mail: ClaimedMail): Promise<boolean>;
  /** How many are neither delivered nor expired; at most 10 000 are counted. @param at milliseconds */
  waiting(at: number): Promise<number>;
  /** Sets when the mail is due again, in milliseconds. False if somebody else has claimed it meanwhile. */
  postpone(mail: ClaimedMail, until: number): Promise<boolean>;
}

/** What a rule says of a mail; the rest is filled in. */
export type MailDraft = Omit<MailMessage, 'id' | 'expiresAt'> & {
  /** Milliseconds; three days unless the mail is good for less. */
  readonly expiresAt?: number;
};

/**
 * Makes a mail ready for the outbox. Rules have it as an argument that may be absent: then nothing would ever deliver
 * a mail here, and what cannot be done without one must say so.
 * @param at milliseconds
 * @throws RangeError for an address that `isMailAddress` refuses
 */
export type SealMail = (draft: MailDraft, at: number) => SealedMail;
