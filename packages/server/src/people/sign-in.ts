/**
 * Signing in with a password. An unknown account, a wrong password and a disabled account get the same answer after
 * the same work. @spec OWASP ASVS 5.0 §6.3.1, §6.3.8
 */
import { normalizeEmail } from '../domain/user.ts';
import type { AuditReason } from '../domain/audit-event.ts';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';
import type { AttemptLimits } from '../limits/attempt-limits.ts';
import type { Audit } from '../ports/audit.ts';
import type { Random } from '../ports/random.ts';
import type { Sessions } from '../ports/sessions.ts';
import type { Users } from '../ports/users.ts';
import { hasSecondFactor } from '../domain/second-factor.ts';
import type { SecondFactors } from '../ports/second-factors.ts';
import { createAuditEventId } from './audit-event-id.ts';
import { PASSWORD_METHODS } from './authentication-methods.ts';
import { type CountedSignIns, onlyHere, signInsOf } from './failed-sign-ins.ts';
import type { Passwords } from './password.ts';
import { startSession } from './session.ts';
import { firstStepPassed, type SignInStep } from './sign-in-step.ts';

export interface PasswordSignIn {
  /** As typed. */
  readonly email: string;
  readonly password: string;
  readonly address: string;
  readonly userAgent?: string | undefined;
  /** The session this browser had. */
  readonly replaces?: Session | undefined;
  readonly requestId?: string | undefined;
  /** Milliseconds. */
  readonly at: number;
}

export interface SignInPorts {
  readonly users: Pick<Users, 'findByEmail'>;
  readonly sessions: Pick<Sessions, 'start' | 'absoluteMs'>;
  readonly secondFactors: Pick<SecondFactors, 'of'>;
  /** Everybody needs a second factor here. */
  readonly secondFactorRequired: boolean;
  readonly attemptLimits: Pick<AttemptLimits, 'wait' | 'record' | 'forget'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly passwords: Pick<Passwords, 'verifyPassword'>;
  readonly random: Random;
}

export type SignInOutcome =
  | {
      readonly outcome: 'signed_in';
      readonly user: User;
      readonly session: Session;
      readonly cookieValue: string;
    }
  /** Right so far: there is no session yet. `set_up`: the person has no second factor, and needs one. */
  | { readonly outcome: 'second_step' | 'set_up'; readonly user: User; readonly step: SignInStep }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'too_many'; readonly retryAfterSeconds: number };

/** @throws PasswordQueueFull, StoreUnavailable */
export async function signInWithPassword(
  attempt: PasswordSignIn,
  ports: SignInPorts,
): Promise<SignInOutcome> {
  const email = normalizeEmail(attempt.email);
  const counted = signInsOf(email, attempt.address);
  const waitBefore = await ports.attemptLimits.wait(counted, attempt.at);
  if (waitBefore !== undefined) return { outcome: 'too_many', retryAfterSeconds: waitBefore };

  const user = await ports.users.findByEmail(email);
  const matches = await ports.passwords.verifyPassword(user?.passwordHash, attempt.password);
  if (!user || !matches || user.status !== 'active')
    return await refuse(attempt, user, matches, counted, ports);

  // Guesses sent side by side all pass the first look; by now those before this one have been counted.
  const waitAfter = await ports.attemptLimits.wait(counted, attempt.at);
  if (waitAfter !== undefined) return { outcome: 'too_many', retryAfterSeconds: waitAfter };

  const outcome = await afterFirstStep(user, PASSWORD_METHODS, attempt, ports);
  // It was right when it was looked at; by now the account has another, or is disabled.
  if (outcome.outcome === 'refused') return await refuse(attempt, user, false, counted, ports);
  await ports.attemptLimits.forget(onlyHere(counted));
  return outcome;
}

/**
 * Whoever has a second factor is not signed in by a first step alone.
 * @param amr how that was made
 * @returns `refused` if the account has changed since
 */
export async function afterFirstStep(
  user: User,
  amr: readonly string[],
  { userAgent, replaces, address, requestId, at }: Omit<PasswordSignIn, 'email' | 'password'>,
  ports: Pick<SignInPorts, 'secondFactors' | 'secondFactorRequired' | 'sessions' | 'random'>,
): Promise<Exclude<SignInOutcome, { outcome: 'too_many' }>> {
  const canTakeSecondStep = hasSecondFactor(await ports.secondFactors.of(user.id));
  if (canTakeSecondStep || ports.secondFactorRequired) {
    const step = firstStepPassed(user, amr, at, ports.random);
    return { outcome: canTakeSecondStep ? 'second_step' : 'set_up', user, step };
  }
  const start = { user, amr, replaces, userAgent, address, requestId, at };
  const started = await startSession(start, ports);
  return started === undefined ? { outcome: 'refused' } : { outcome: 'signed_in', user, ...started };
}

/** Counts the failure and records it; the reason is for the operator only. */
async function refuse(
  attempt: PasswordSignIn,
  user: User | undefined,
  matches: boolean,
  counted: CountedSignIns,
  ports: SignInPorts,
): Promise<SignInOutcome> {
  const { address, requestId, at } = attempt;
  await Promise.all([
    ports.attemptLimits.record(counted, at),
    ports.audit.record({
      id: createAuditEventId(ports.random),
      at,
      type: 'sign_in',
      outcome: 'failure',
      actor: user?.id ?? 'anonymous',
      ...(user && { userId: user.id }),
      address,
      ...(requestId !== undefined && { requestId }),
      reason: reasonOf(user, matches),
    }),
  ]);
  return { outcome: 'refused' };
}

function reasonOf(user: User | undefined, matches: boolean): AuditReason {
  if (!user) return 'unknown_account';
  return matches ? 'account_disabled' : 'wrong_password';
}
