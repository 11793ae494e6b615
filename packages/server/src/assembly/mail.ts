/** Mail: sealed into the outbox by the rules, delivered to the mail server, or to the demo's mailbox. */
import { deriveKeys, type SealingKey } from '@tessera/tokens';
import { type Config, smtpSettings } from '../config.ts';
import { createMailDelivery, type MailDelivery } from '../mail/deliver-mail.ts';
import type { MailTransport } from '../mail/mail-transport.ts';
import { createSealMail, openMail } from '../mail/sealed-mail.ts';
import { createSmtpTransport } from '../mail/smtp-transport.ts';
import type { Logger } from '../observe/logs.ts';
import type { Clock } from '../ports/clock.ts';
import type { SealMail } from '../ports/outbox.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';

interface MailParts {
  readonly config: Config;
  readonly issuer: string;
  readonly store: Pick<Store, 'outbox'>;
  readonly masterKey: SealingKey;
  readonly logger: Logger;
  /** Where mails go when no mail server is set. */
  readonly mailbox?: MailTransport;
}

export interface Mail {
  /** Absent where no mail is ever delivered. */
  readonly sealMail?: SealMail;
  readonly delivery?: MailDelivery;
}

export function createMail(parts: MailParts, clock: Clock, random: Random): Mail {
  const transport = transportOf(parts);
  if (transport === undefined) return {};
  const { masterKey, store, logger } = parts;
  const key = deriveKeys(masterKey, 'mail');
  return {
    sealMail: createSealMail(key, random),
    delivery: createMailDelivery({
      outbox: store.outbox,
      transport,
      open: (mail) => openMail(key, mail),
      clock,
      undelivered: ({ id, purpose, attempts }, error, last) =>
        logger.warn({ mail: id, purpose, attempts, last, error }, 'a mail could not be delivered'),
    }),
  };
}

function transportOf({ config, issuer, mailbox }: MailParts): MailTransport | undefined {
  const smtp = smtpSettings(config);
  return smtp === undefined ? mailbox : createSmtpTransport(smtp, new URL(issuer).hostname);
}
