import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import {
  isMailAddress,
  type ClaimedMail,
  type MailMessage,
  type SealedMail,
} from '../domain/mail-message.ts';
import { createMailDelivery } from './deliver-mail.ts';
import { createMailbox } from './mailbox.ts';
import { MailRefused, type MailTransport } from './mail-transport.ts';
import { createSealMail, openMail } from './sealed-mail.ts';

const AT = 1_800_000_000_000;
const random = (size: number) => new Uint8Array(randomBytes(size));
const key = random(32);
const sealMail = createSealMail(key, random);
const draft = { to: 'ada@example.test', subject: 'Hello', text: 'A line.\n', purpose: 'recovery' } as const;

describe('isMailAddress', () => {
  it.each([
    '',
    'ada',
    '@example.test',
    'ada@',
    'ada@example.test\r\nBcc: eve@example.test',
    'ada@example.test\n',
    'ada@example.test, eve@example.test',
    'ada@example.test;eve@example.test',
    'ada@example.test eve@example.test',
    '<ada@example.test>',
    '"ada@evil.test x"@example.test',
    'ada@example@example.test',
    'group:ada@example.test;',
    'ada(comment)@example.test',
    'ada..b@example.test',
    '.ada@example.test',
    'ada@-example.test',
    'ada@example..test',
    'ada@[127.0.0.1]',
    `${'a'.repeat(65)}@example.test`,
    `ada@${'e'.repeat(250)}.test`,
    'ada\0@example.test',
    'ada@exam\u2028ple.test',
    'ad\ud800a@example.test',
  ])('refuses %j', (address) => {
    expect(isMailAddress(address)).toBe(false);
    expect(() => sealMail({ ...draft, to: address }, AT)).toThrow(RangeError);
  });

  it.each([
    'ada@example.test',
    "o'brien+tag@example.co.uk",
    'jürgen@bücher.example',
    'admin@localhost',
    'a@b',
  ])('takes %s', (address) => {
    expect(isMailAddress(address)).toBe(true);
  });
});

describe('a sealed mail', () => {
  it('opens with its key, and says nothing without it', () => {
    const sealed = sealMail(draft, AT);
    expect(openMail(key, sealed)).toEqual({ ...draft, id: sealed.id, expiresAt: sealed.expiresAt });
    expect(openMail(random(32), sealed)).toBeUndefined();
    expect(openMail(key, { ...sealed, id: 'msg_other' })).toBeUndefined();
    expect(Buffer.from(sealed.sealed).toString('latin1')).not.toContain('ada');
  });

  it('has a subject of one line, whatever a name in it holds', () => {
    const subject = 'Hello\r\nBcc: eve@example.test\u2028\0there';
    expect(openMail(key, sealMail({ ...draft, subject }, AT))?.subject).toBe(
      'Hello Bcc: eve@example.test there',
    );
  });
});

/** An outbox of one mail, and what became of it. */
function house(transport: MailTransport, mail: SealedMail = sealMail(draft, AT), attempts = 1) {
  const done: unknown[] = [];
  const told: unknown[] = [];
  const delivery = createMailDelivery({
    outbox: {
      claim: async () => [{ ...mail, attempts }],
      drop: async ({ id }: ClaimedMail) => {
        done.push(['drop', id]);
        return true;
      },
      postpone: async ({ id }: ClaimedMail, until: number) => {
        done.push(['postpone', id, until - AT]);
        return true;
      },
    },
    transport,
    open: (claimed) => openMail(key, claimed),
    clock: () => AT,
    undelivered: (claimed, error, last) => void told.push([claimed.id, String(error), last]),
  });
  return { mail, done, told, delivery };
}

const failing = (error: Error): MailTransport => ({
  async send() {
    throw error;
  },
});

describe('delivery', () => {
  it('sends what the rule wrote, and forgets it', async () => {
    const mailbox = createMailbox(() => AT);
    const { mail, done, told, delivery } = house(mailbox);
    await delivery.deliver();
    expect(mailbox.list()).toEqual([{ ...draft, id: mail.id, expiresAt: mail.expiresAt, receivedAt: AT }]);
    expect(mailbox.find(mail.id)?.text).toBe(draft.text);
    expect([done, told]).toEqual([[['drop', mail.id]], []]);
  });

  it.each([
    [1, 10_000],
    [2, 60_000],
    [5, 7_200_000],
    [6, 21_600_000],
    [9, 21_600_000],
  ])('tries again after attempt %i in %i ms', async (attempts, wait) => {
    const { mail, done, told, delivery } = house(failing(new Error('down')), undefined, attempts);
    await delivery.deliver();
    expect(done).toEqual([['postpone', mail.id, wait]]);
    expect(told).toEqual([[mail.id, 'Error: down', false]]);
  });

  it('gives up what would arrive too late', async () => {
    const { mail, done, told, delivery } = house(
      failing(new Error('down')),
      sealMail({ ...draft, expiresAt: AT + 10_000 }, AT),
    );
    await delivery.deliver();
    expect(done).toEqual([['drop', mail.id]]);
    expect(told).toEqual([[mail.id, 'Error: down', true]]);
  });

  it('gives up what the other side will never take', async () => {
    const { mail, done, delivery } = house(failing(new MailRefused('EENVELOPE 550')));
    await delivery.deliver();
    expect(done).toEqual([['drop', mail.id]]);
  });

  it('gives up what it cannot open, and sends nothing', async () => {
    const mailbox = createMailbox();
    const { mail, done, delivery } = house(mailbox, createSealMail(random(32), random)(draft, AT));
    await delivery.deliver();
    expect([mailbox.list(), done]).toEqual([[], [['drop', mail.id]]]);
  });

  it('leaves in the outbox what is under way when the server stops', async () => {
    const sending = Promise.withResolvers<void>();
    const started = Promise.withResolvers<MailMessage>();
    const { done, told, delivery } = house({
      send: (mail, signal) => {
        signal.addEventListener('abort', () => {
          sending.reject(new Error('aborted'));
        });
        started.resolve(mail);
        return sending.promise;
      },
    });
    const delivered = delivery.deliver();
    await started.promise;
    delivery.stop();
    await delivered;
    expect([done, told]).toEqual([[], []]);
  });

  it('runs once at a time', async () => {
    const gate = Promise.withResolvers<void>();
    let sent = 0;
    const { delivery } = house({
      send: () => {
        sent += 1;
        return gate.promise;
      },
    });
    const first = delivery.deliver();
    await delivery.deliver();
    gate.resolve();
    await first;
    expect(sent).toBe(1);
  });

  /** An outbox with so many mails, each claimed once. */
  function queue(count: number, send: (mail: MailMessage) => Promise<void>) {
    const waiting: ClaimedMail[] = Array.from({ length: count }, (_, index) => ({
      ...sealMail({ ...draft, to: `${index}@example.test` }, AT),
      attempts: 1,
    }));
    const sent: string[] = [];
    const delivery = createMailDelivery({
      outbox: {
        claim: async ({ limit }) => waiting.splice(0, limit),
        drop: async () => true,
        postpone: async () => true,
      },
      transport: { send: (mail) => send(mail).then(() => void sent.push(mail.to)) },
      open: (claimed) => openMail(key, claimed),
      clock: () => AT,
      undelivered: () => {},
    });
    return { waiting, sent, delivery };
  }

  it('sends a queue a few at a time, and all of it at once', async () => {
    let underWay = 0;
    let most = 0;
    const { sent, delivery } = queue(42, async () => {
      most = Math.max(most, (underWay += 1));
      await Promise.resolve();
      underWay -= 1;
    });
    expect(await delivery.deliver()).toBe(42);
    expect(sent).toHaveLength(42);
    expect(most).toBeLessThanOrEqual(5);
  });

  it('is not held up by mails that the mail server neither takes nor refuses', async () => {
    vi.useFakeTimers();
    try {
      const hanging = ['0@example.test', '3@example.test'];
      const { sent, waiting, delivery } = queue(20, ({ to }) =>
        hanging.includes(to) ? new Promise(() => {}) : Promise.resolve(),
      );
      const delivered = delivery.deliver();
      await vi.advanceTimersByTimeAsync(6000);
      await delivered;
      await delivery.deliver();
      expect([waiting.length, sent.length]).toEqual([0, 18]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the mailbox', () => {
  it('keeps the last hundred, newest first', async () => {
    const mailbox = createMailbox(() => AT);
    const { signal } = new AbortController();
    for (let index = 0; index < 120; index += 1) {
      // oxlint-disable-next-line no-await-in-loop -- in this order
      await mailbox.send({ ...draft, id: `msg_${index}`, expiresAt: AT }, signal);
    }
    expect(mailbox.list()).toHaveLength(100);
    expect(mailbox.list()[0]?.id).toBe('msg_119');
  });
});
