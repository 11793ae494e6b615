import type { ClaimedMail, SealedMail } from '../../domain/mail-message.ts';
import type { Outbox } from '../../ports/outbox.ts';
import type { Database } from '../database.ts';
import { insertion } from '../insertion.ts';
import { change, rows, statement, step } from '../statement.ts';
import type { Step, Value, Verb } from '../statement.ts';

interface MailColumns {
  readonly id: string;
  readonly purpose: SealedMail['purpose'];
  readonly sealed: Uint8Array;
  readonly created_at: number;
  readonly expires_at: number;
  readonly attempts: number;
}

const outbox = insertion('outbox', {
  id: 'text',
  purpose: 'text',
  sealed: 'bytes',
  created_at: 'integer',
  expires_at: 'integer',
  attempts: 'integer',
  next_attempt_at: 'integer',
});

const anyDue = statement(
  'outbox_any_due',
  'SELECT seq FROM outbox WHERE next_attempt_at <= $1 AND expires_at > $1 LIMIT 1',
);
const DUE = 'SELECT seq FROM outbox WHERE next_attempt_at <= $1 AND expires_at > $1';
// Whoever moves the time has the mail: of two nodes that claim at once, one finds it moved.
const claimDue = statement(
  'outbox_claim',
  `UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $2
   WHERE seq IN (${DUE} ORDER BY next_attempt_at LIMIT $3)
   RETURNING id, purpose, sealed, created_at, expires_at, attempts`,
  `UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $2
   WHERE seq IN (${DUE} ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED)
   RETURNING id, purpose, sealed, created_at, expires_at, attempts`,
);
const countWaiting = statement(
  'outbox_waiting',
  'SELECT count(*) AS waiting FROM (SELECT seq FROM outbox WHERE expires_at > $1 LIMIT 10000) AS alive',
);
const dropMail = statement('outbox_drop', 'DELETE FROM outbox WHERE id = $1 AND attempts = $2');
const postponeMail = statement(
  'outbox_postpone',
  'UPDATE outbox SET next_attempt_at = $3 WHERE id = $1 AND attempts = $2',
);

/** The mail of a verb, as one of its steps. */
export function enqueueMail(mail: SealedMail): Step {
  return step(outbox.statement, ...values(mail));
}

export function createOutbox(database: Database): Outbox {
  return {
    enqueue: (mail) => database.append(outbox, values(mail)),
    async claim({ at, retryAt, limit }) {
      // Most of the time there is none, and a look costs less than a write.
      if ((await database.find(anyDue, at)).length === 0) return [];
      return await database.write(function* (): Verb<readonly ClaimedMail[]> {
        const claimed = yield* rows<MailColumns>(claimDue, at, retryAt, limit);
        return claimed.map(toMail);
      });
    },
    drop: (mail) =>
      database.write(function* (): Verb<boolean> {
        return (yield* change(dropMail, mail.id, mail.attempts)) > 0;
      }),
    async waiting(at) {
      const [found] = await database.scan<{ readonly waiting: number }>(countWaiting, at);
      return found?.waiting ?? 0;
    },
    postpone: (mail, until) =>
      database.write(function* (): Verb<boolean> {
        return (yield* change(postponeMail, mail.id, mail.attempts, until)) > 0;
      }),
  };
}

function values(mail: SealedMail): readonly Value[] {
  return [mail.id, mail.purpose, mail.sealed, mail.createdAt, mail.expiresAt, 0, mail.createdAt];
}

function toMail(columns: MailColumns): ClaimedMail {
  return {
    id: columns.id,
    purpose: columns.purpose,
    sealed: columns.sealed,
    createdAt: columns.created_at,
    expiresAt: columns.expires_at,
    attempts: columns.attempts,
  };
}
