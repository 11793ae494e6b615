// Mails as a person reads them: wait until one has come, take the link out of it. Used where no test runs, too.
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { MailPurpose } from '../packages/server/src/domain/mail-message.ts';
import type { Mailbox, ReceivedMail } from '../packages/server/src/mail/mailbox.ts';

const PATIENCE_MS = 30_000;
const POLL_MS = 20;

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
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- again and again is the point
    await tessera.deliverMail();
    const mails = mailbox.list().filter((mail) => mail.to === to);
    const found = mails.find((mail) => purpose === undefined || mail.purpose === purpose) ?? mails[0];
    if (mails.length === count && found !== undefined) return found;
    if (performance.now() > until) throw new Error(`${mails.length} mails came to ${to}, not ${count}`);
    // oxlint-disable-next-line no-await-in-loop
    await wait(POLL_MS);
  }
}

/** The one link in a mail that holds a secret. */
export function linkIn({ text }: ReceivedMail): string {
  const links = text.match(/https?:\/\/\S+\?link=\S+/g) ?? [];
  assert.equal(links.length, 1, 'a mail with one link');
  return links[0] ?? '';
}
