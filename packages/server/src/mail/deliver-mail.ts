/**
 * Delivers what waits in the outbox: each mail is claimed by one node, sent, and deleted; again for a while where that
 * fails. A node that dies in between leaves a mail that the next one sends again under the same Message-ID.
 * @spec RFC 5321 §4.5.4.1 (retries)
 */
import type { ClaimedMail, MailMessage } from '../domain/mail-message.ts';
import type { Clock } from '../ports/clock.ts';
import { createBacklog } from '../limits/backlog.ts';
import type { Outbox } from '../ports/outbox.ts';
import { MailRefused, type MailTransport } from './mail-transport.ts';

/** How long after each failed attempt the next one comes; the last wait repeats until the mail expires. */
const RETRY_AFTER_MS = [10_000, 60_000, 300_000, 1_800_000, 7_200_000] as const;
const LONGEST_WAIT_MS = 6 * 3_600_000;
/** A mail server that has not taken a mail by then is not going to. */
const SENDING_LIMIT_MS = 60_000;
/** While a node tries, no other does; longer than sending may take. */
const CLAIM_MS = 2 * SENDING_LIMIT_MS;
const AT_ONCE = 5;

export interface MailDelivery {
  /**
   * Sends what is due, a few at a time, and soon returns, though a mail may still be on its way. One run at a time; a
   * second call meanwhile does nothing.
   * @param through what claims them; refuses where another node is on duty
   * @returns how many were tried
   */
  deliver(through?: Pick<Outbox, 'claim'>): Promise<number>;
  /** Gives up what is being sent. It stays in the outbox. */
  stop(): void;
}

export interface MailDeliveryDependencies {
  readonly outbox: Pick<Outbox, 'claim' | 'drop' | 'postpone'>;
  readonly transport: MailTransport;
  readonly open: (mail: ClaimedMail) => MailMessage | undefined;
  readonly clock: Clock;
  /** Called for each attempt that failed; `last` when there will be none after it. */
  readonly undelivered: (mail: ClaimedMail, error: unknown, last: boolean) => void;
}

export function createMailDelivery(dependencies: MailDeliveryDependencies): MailDelivery {
  const { outbox, clock } = dependencies;
  const stopping = new AbortController();
  const backlog = createBacklog<ClaimedMail>({
    atOnce: AT_ONCE,
    atOnceToOne: AT_ONCE,
    attempt: async (mail) => {
      await deliverOne(mail, stopping.signal, dependencies);
      return 'over';
    },
  });
  return {
    deliver: (through = outbox) =>
      backlog.workOff((limit) => {
        const at = clock();
        return through.claim({ at, retryAt: at + CLAIM_MS, limit });
      }),
    stop() {
      backlog.stop();
      stopping.abort();
    },
  };
}

async function deliverOne(
  mail: ClaimedMail,
  stopped: AbortSignal,
  { outbox, transport, open, clock, undelivered }: MailDeliveryDependencies,
): Promise<void> {
  const message = open(mail);
  if (message === undefined) {
    undelivered(mail, new Error('the mail cannot be opened with this master key'), true);
    await outbox.drop(mail);
    return;
  }
  try {
    await transport.send(message, AbortSignal.any([stopped, AbortSignal.timeout(SENDING_LIMIT_MS)]));
  } catch (error) {
    // The server stops: whoever claims the mail next sends it.
    if (stopped.aborted) return;
    const until = clock() + (RETRY_AFTER_MS[mail.attempts - 1] ?? LONGEST_WAIT_MS);
    const last = error instanceof MailRefused || until >= mail.expiresAt;
    undelivered(mail, error, last);
    await (last ? outbox.drop(mail) : outbox.postpone(mail, until));
    return;
  }
  await outbox.drop(mail);
}
