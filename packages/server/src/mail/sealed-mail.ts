/** Mails as they wait in the database: what they say, and to whom, only the master key opens. */
import { open, seal, type SealingKey } from '@tessera/tokens';
import { isMailAddress, type MailMessage, type SealedMail } from '../domain/mail-message.ts';
import type { SealMail } from '../ports/outbox.ts';
import type { Random } from '../ports/random.ts';

/** A notice that could not be delivered for this long is no news any more. */
const NOTICE_LIFETIME_MS = 3 * 24 * 3600 * 1000;

/** @param key 32 bytes */
export function createSealMail(key: SealingKey, random: Random): SealMail {
  return ({ to, subject, text, purpose, expiresAt }, at) => {
    if (!isMailAddress(to)) throw new RangeError('not an address a mail can be written to');
    const id = `msg_${Buffer.from(random(16)).toString('base64url')}`;
    const contents = new TextEncoder().encode(JSON.stringify({ to, subject: oneLine(subject), text }));
    return {
      id,
      purpose,
      sealed: seal(key, contents, mailContext({ id, purpose }), random),
      createdAt: at,
      expiresAt: expiresAt ?? at + NOTICE_LIFETIME_MS,
    };
  };
}

/** The mail, or undefined when it was sealed with another key or is damaged. */
export function openMail(key: SealingKey, mail: SealedMail): MailMessage | undefined {
  const contents = open(key, mail.sealed, mailContext(mail));
  if (contents === undefined) return undefined;
  const { id, purpose, expiresAt } = mail;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- sealed by this program, and authenticated
  const written = JSON.parse(new TextDecoder().decode(contents)) as Pick<
    MailMessage,
    'to' | 'subject' | 'text'
  >;
  return { id, purpose, expiresAt, ...written };
}

/** A header is one line, whatever a name in it holds (RFC 5322 §2.2). */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** What the box is bound to. */
export function mailContext({ id, purpose }: { readonly id: string; readonly purpose: string }): string {
  return `mail ${id} ${purpose}`;
}
