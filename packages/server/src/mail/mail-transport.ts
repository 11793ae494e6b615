import type { MailMessage } from '../domain/mail-message.ts';

/** Where mails go. */
export interface MailTransport {
  /**
   * Resolves when somebody else has taken charge of the mail.
   * @throws MailRefused, or anything else where a later attempt may succeed
   */
  send(mail: MailMessage, signal: AbortSignal): Promise<void>;
}

/** The mail itself was refused, not the moment: another attempt would fail as well. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';

  constructor(reason: string) {
    super(`the mail server refused the mail: ${reason}`);
  }
}
