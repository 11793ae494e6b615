/** The answer of routes that send a link by mail. */
import { type Static, Type } from '../schema/type.ts';
import { MAIL_LINK_LIFETIME_MS } from '../domain/mail-link.ts';

export const MailSent = Type.Object(
  { expires_in: Type.Integer({ description: 'Seconds for which the link in the mail is good' }) },
  { title: 'MailSent' },
);

export const MAIL_SENT: Static<typeof MailSent> = { expires_in: MAIL_LINK_LIFETIME_MS / 1000 };
