/** Between the first and the second step of a sign-in: who has passed the first one, and how. */
import { hash } from 'node:crypto';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';
import type { Random } from '../ports/random.ts';

export const SIGN_IN_STEP_LIFETIME_MS = 10 * 60_000;

export interface SignInStep {
  /** Counts once. */
  readonly id: string;
  readonly userId: string;
  /** How the first step was made. */
  readonly amr: readonly string[];
  /** When, in milliseconds. */
  readonly authTime: number;
  /** What the account was like then: after a new password the step is no good any more. */
  readonly accountMark: string;
  /** The session that a second factor is added to; absent where a sign-in has just begun. */
  readonly sessionId?: string;
  readonly expiresAt: number;
}

/** The first step has been passed just now. */
export function firstStepPassed(user: User, amr: readonly string[], at: number, random: Random): SignInStep {
  return {
    id: newId(random),
    userId: user.id,
    amr,
    authTime: at,
    accountMark: accountMark(user),
    expiresAt: at + SIGN_IN_STEP_LIFETIME_MS,
  };
}

/** Somebody who is signed in adds a second factor to what they have shown. */
export function stepFromSession(user: User, session: Session, at: number, random: Random): SignInStep {
  return {
    ...firstStepPassed(user, session.amr, at, random),
    authTime: session.authTime,
    sessionId: session.id,
  };
}

/** Whether the step may still be finished: the same account as then, active, and the session not another one. */
export function isStillOf(
  step: SignInStep,
  user: User | undefined,
  session: Session | undefined,
): user is User {
  if (user === undefined || user.status !== 'active' || user.id !== step.userId) return false;
  if (accountMark(user) !== step.accountMark) return false;
  return step.sessionId === undefined || step.sessionId === session?.id;
}

function accountMark({ id, passwordHash = '' }: User): string {
  return hash('sha256', `${id}\n${passwordHash}`, 'base64url').slice(0, 16);
}

function newId(random: Random): string {
  return Buffer.from(random(16)).toString('base64url');
}
