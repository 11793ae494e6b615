/** The demo's mail: nothing leaves this machine, what was sent can be read on a page until the process ends. */
import type { MailMessage } from '../domain/mail-message.ts';
import type { Clock } from '../ports/clock.ts';
import type { MailTransport } from './mail-transport.ts';

export interface ReceivedMail extends MailMessage {
  readonly receivedAt: number;
}

export interface Mailbox extends MailTransport {
  /** Newest first. */
  list(): readonly ReceivedMail[];
  find(id: string): ReceivedMail | undefined;
}

const KEPT = 100;

export function createMailbox(clock: Clock = Date.now): Mailbox {
  const received: ReceivedMail[] = [];
  return {
    async send(mail) {
      received.unshift({ ...mail, receivedAt: clock() });
      received.length = Math.min(received.length, KEPT);
    },
    list: () => [...received],
    find: (id) => received.find((mail) => mail.id === id),
  };
}
