/** What the routes of one's own account share: what they need, who proved what, and how rules refuse. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestContext } from '../../http/app.ts';
import type { AttemptLimits } from '../../limits/attempt-limits.ts';
import type { Confirmation, PersonProof } from '../../people/confirm-person.ts';
import type { PasswordFault, Passwords } from '../../people/password.ts';
import type { MailLinkPorts, MailOutcome } from '../../people/sign-up.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MailLinks } from '../../ports/mail-links.ts';
import type { SealMail } from '../../ports/outbox.ts';
import type { Random } from '../../ports/random.ts';
import type { Sessions } from '../../ports/sessions.ts';
import type { Users } from '../../ports/users.ts';
import { Type } from '../../schema/type.ts';
import { caller } from '../api.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import { Problem } from '../problem.ts';

export interface OwnAccountDependencies {
  readonly issuer: string;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly mailLinks: MailLinks;
  readonly attemptLimits: AttemptLimits;
  readonly audit: Pick<Audit, 'record'>;
  readonly passwords: Passwords;
  /** Absent where no mail is ever delivered. */
  readonly sealMail: SealMail | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

export const CurrentPassword = Type.String({
  maxLength: 1024,
  writeOnly: true,
  description: 'The password as it is now. May be left out by a session with a sign-in of the last minutes',
});

/** Who asks, as far as they have proven it. */
export function proofOf(
  request: FastifyRequest,
  currentPassword: string | undefined,
  clock: Clock,
): PersonProof {
  const { at, address, requestId } = requestContext(request, clock);
  return {
    at,
    address,
    requestId,
    user: caller(request),
    currentPassword,
    signedInAt: request.tesseraSession?.authTime,
  };
}

/** @throws Problem unless the person has proven who they are */
export function requireConfirmed(
  confirmation: { readonly outcome: 'done' } | Exclude<Confirmation, { readonly outcome: 'confirmed' }>,
  reply: FastifyReply,
): void {
  if (confirmation.outcome === 'done') return;
  if (confirmation.outcome === 'too_many') throw tooMany(confirmation.retryAfterSeconds, reply);
  if (confirmation.outcome === 'wrong_password') {
    throw new Problem('wrong_password', 'This is not the current password', [
      { pointer: '/current_password', detail: 'is not the current password' },
    ]);
  }
  throw new Problem('recent_sign_in_required', 'Give current_password, or sign in again in the console');
}

export function tooMany(retryAfterSeconds: number, reply: FastifyReply): Problem {
  void reply.header('retry-after', String(retryAfterSeconds));
  return new Problem('too_many_requests', `Nothing was done; try again in ${retryAfterSeconds} seconds`);
}

export function badPassword(fault: PasswordFault): Problem {
  const details = {
    too_short: 'must have at least 8 bytes',
    too_long: 'must have at most 1024 bytes',
    not_unicode: 'must be well-formed Unicode',
  };
  return new Problem('invalid_request', 'The new password cannot be taken', [
    { pointer: '/new_password', detail: details[fault] },
  ]);
}

/** What sending a link needs. @throws Problem no_mail */
export function mailLinkPorts(dependencies: OwnAccountDependencies): MailLinkPorts {
  const { issuer, users, mailLinks, attemptLimits, sealMail, random } = dependencies;
  if (sealMail === undefined)
    throw new Problem('no_mail', 'This server sends no mail; ask its administrator');
  return { issuer, users, mailLinks, attemptLimits, sealMail, random };
}

/** @throws Problem unless a mail goes out */
export function requireSent(sent: MailOutcome, reply: FastifyReply): void {
  if (sent.outcome === 'too_many') throw tooMany(sent.retryAfterSeconds, reply);
  if (sent.outcome === 'not_an_address') {
    throw new Problem('invalid_request', 'This is no address that a mail can be written to', [
      { pointer: '/email', detail: 'must be one address such as name@example.com' },
    ]);
  }
}
