// Mails as a person reads them: wait until one has come, take the link out of it.
import { expect, vi } from 'vitest';
import type { MailPurpose } from '../packages/server/src/domain/mail-message.ts';
import type { Mailbox, ReceivedMail } from '../packages/server/src/mail/mailbox.ts';

interface MailReader {
  readonly mailbox: Mailbox;
  readonly tessera: { readonly deliverMail: () => Promise<void> };
}

/**
 * The newest mail to an address, once there are `count` of them.
 * @param purpose the newest of these: mails that are sent at the same time come in any order
 */
export async function mailTo(
  { mailbox, tessera }: MailReader,
  to: string,
  count = 1,
  purpose?: MailPurpose,
): Promise<ReceivedMail> {
  return await vi.waitFor(
    async () => {
      await tessera.deliverMail();
      const mails = mailbox.list().filter((mail) => mail.to === to);
      expect(mails).toHaveLength(count);
      return mails.find((mail) => purpose === undefined || mail.purpose === purpose) ?? mails[0]!;
    },
    { timeout: 30_000, interval: 20 },
  );
}

/** The one link in a mail that holds a secret. */
export function linkIn({ text }: ReceivedMail): string {
  const links = text.match(/https?:\/\/\S+\?link=\S+/g) ?? [];
  expect(links).toHaveLength(1);
  return links[0]!;
}
