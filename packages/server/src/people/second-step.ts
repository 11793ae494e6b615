/**
 * The second step of a sign-in: a code of an authenticator app, a passkey, or a recovery code. Only after it is there
 * a session. @spec NIST SP 800-63B-4 §2.2, §3.1.4; RFC 6238 §5.2; OWASP ASVS 5.0 §6.5
 */
import type { AuditReason } from '../domain/audit-event.ts';
import type { PersonFactors } from '../domain/second-factor.ts';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';
import type { Counted } from '../limits/attempt-limits.ts';
import { bothMethods, CODE_METHODS } from './authentication-methods.ts';
import { factorEvent } from './factor-event.ts';
import { recoveryCodeUsedMail } from './factor-mails.ts';
import type { FactorPorts } from './factor-ports.ts';
import { type PasskeyChallenge, provePasskey } from './prove-passkey.ts';
import { hashRecoveryCode, readRecoveryCode } from './recovery-codes.ts';
import { openSeed } from './seed-box.ts';
import { startSession } from './session.ts';
import { isStillOf, type SignInStep } from './sign-in-step.ts';
import { matchingStep } from './time-codes.ts';

export type SecondStepProof =
  | { readonly kind: 'code' | 'recovery_code'; readonly typed: string }
  | { readonly kind: 'passkey'; readonly answer: string; readonly asked: PasskeyChallenge };

export interface SecondStepAttempt {
  /** Opened for this browser just now. */
  readonly step: SignInStep;
  readonly proof: SecondStepProof;
  readonly address: string;
  readonly userAgent?: string | undefined;
  /** The session this browser has. */
  readonly session?: Session | undefined;
  readonly requestId?: string | undefined;
  /** Milliseconds. */
  readonly at: number;
}

export type SecondStepOutcome =
  | {
      readonly outcome: 'signed_in';
      readonly user: User;
      readonly session: Session;
      readonly cookieValue: string;
    }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'too_many'; readonly retryAfterSeconds: number }
  /** The first step does not count any more: it was finished before, or the account has changed. */
  | { readonly outcome: 'gone' };

type Judged =
  | { readonly proven: true; readonly methods: readonly string[] }
  | { readonly proven: false; readonly reason: AuditReason };

/** @throws StoreUnavailable */
export async function takeSecondStep(
  attempt: SecondStepAttempt,
  ports: FactorPorts,
): Promise<SecondStepOutcome> {
  const { step, proof, session, at } = attempt;
  const user = await ports.users.find(step.userId);
  if (!isStillOf(step, user, session)) return { outcome: 'gone' };
  // Taken before the code is looked at, so that guesses side by side do not get more.
  const retryAfterSeconds =
    proof.kind === 'passkey' ? undefined : await ports.attemptLimits.take(triesOf(user.id), at);
  if (retryAfterSeconds !== undefined) {
    await ports.audit.record(failure(user, 'too_many_codes', attempt, ports));
    return { outcome: 'too_many', retryAfterSeconds };
  }
  const judged = await judge(attempt, user, await ports.secondFactors.of(user.id), ports);
  if (!judged.proven) {
    await ports.audit.record(failure(user, judged.reason, attempt, ports));
    return { outcome: 'refused' };
  }
  return await finishSignIn(attempt, user, judged.methods, ports);
}

/** Spends the step and starts the session; the proof has been given. @throws StoreUnavailable */
export async function finishSignIn(
  { step, session, address, userAgent, requestId, at }: Omit<SecondStepAttempt, 'proof'>,
  user: User,
  methods: readonly string[],
  ports: FactorPorts,
): Promise<Extract<SecondStepOutcome, { outcome: 'signed_in' | 'gone' }>> {
  if (!(await ports.usedIdentifiers.remember('sign_in_step', step.id, step.expiresAt, at))) {
    return { outcome: 'gone' };
  }
  const amr = bothMethods(step.amr, methods);
  const start = { user, amr, replaces: session, userAgent, address, requestId, at, authTime: step.authTime };
  const [started] = await Promise.all([
    startSession(start, ports),
    ports.attemptLimits.forget(triesOf(user.id)),
  ]);
  return started === undefined ? { outcome: 'gone' } : { outcome: 'signed_in', user, ...started };
}

function triesOf(userId: string): Counted {
  return { codes_per_account: [userId] };
}

async function judge(
  attempt: SecondStepAttempt,
  user: User,
  factors: PersonFactors,
  ports: FactorPorts,
): Promise<Judged> {
  const { proof, at } = attempt;
  if (proof.kind !== 'passkey') {
    return proof.kind === 'code'
      ? await judgeCode(proof.typed, factors, at, ports)
      : await judgeRecoveryCode(proof.typed, user, attempt, ports);
  }
  const proven = await provePasskey({ ...proof, alone: false }, attempt, ports);
  if (proven.proven && proven.passkey.userId !== user.id) return no('passkey_of_another_person');
  return proven;
}

async function judgeCode(
  typed: string,
  { authenticatorApps }: PersonFactors,
  at: number,
  { secondFactors, sealingKey }: FactorPorts,
): Promise<Judged> {
  const matches = authenticatorApps.flatMap((app) => {
    const seed = openSeed(app, sealingKey);
    const timeStep = seed === undefined ? undefined : matchingStep(seed, typed, at);
    return timeStep === undefined ? [] : [{ app, timeStep }];
  });
  const [match] = matches;
  if (match === undefined) return no('wrong_code');
  const isFirst = await secondFactors.useTimeStep(match.app.id, match.timeStep, at);
  return isFirst ? { proven: true, methods: CODE_METHODS } : no('used_code');
}

async function judgeRecoveryCode(
  typed: string,
  user: User,
  attempt: SecondStepAttempt,
  ports: FactorPorts,
): Promise<Judged> {
  const code = readRecoveryCode(typed);
  if (code === undefined) return no('wrong_recovery_code');
  const { at, address, requestId } = attempt;
  const detail = { kind: 'recovery_code' };
  const change = {
    audit: factorEvent(
      { type: 'recovery_code.used', outcome: 'success', detail },
      user.id,
      { at, address, requestId },
      ports.random,
    ),
    mail: recoveryCodeUsedMail(user, at, ports.sealMail),
  };
  const isFirst = await ports.secondFactors.useRecoveryCode(
    user.id,
    hashRecoveryCode(user.id, code),
    at,
    change,
  );
  return isFirst ? { proven: true, methods: CODE_METHODS } : no('wrong_recovery_code');
}

function no(reason: AuditReason): Judged {
  return { proven: false, reason };
}

function failure(
  { id }: User,
  reason: AuditReason,
  { at, address, requestId }: SecondStepAttempt,
  { random }: FactorPorts,
): ReturnType<typeof factorEvent> {
  const event = { type: 'sign_in', outcome: 'failure', reason } as const;
  return factorEvent(event, id, { at, address, requestId }, random);
}
