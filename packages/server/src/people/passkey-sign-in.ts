/** Signing in with a passkey and nothing else. Whatever is wrong, the answer is the same. @spec WebAuthn Level 3 §7.2 */
import type { AuditReason } from '../domain/audit-event.ts';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';
import { factorEvent } from './factor-event.ts';
import type { FactorPorts } from './factor-ports.ts';
import { type PasskeyChallenge, provePasskey } from './prove-passkey.ts';
import { startSession } from './session.ts';

export interface PasskeySignIn {
  readonly answer: string;
  readonly asked: PasskeyChallenge;
  readonly address: string;
  readonly userAgent?: string | undefined;
  /** The session this browser had. */
  readonly replaces?: Session | undefined;
  readonly requestId?: string | undefined;
  /** Milliseconds. */
  readonly at: number;
}

export type PasskeySignInOutcome =
  | {
      readonly outcome: 'signed_in';
      readonly user: User;
      readonly session: Session;
      readonly cookieValue: string;
    }
  | { readonly outcome: 'refused' };

/** @throws StoreUnavailable */
export async function signInWithPasskey(
  attempt: PasskeySignIn,
  ports: FactorPorts,
): Promise<PasskeySignInOutcome> {
  const { answer, asked, address, userAgent, replaces, requestId, at } = attempt;
  const proof = await provePasskey({ answer, asked, alone: true }, attempt, ports);
  const user = proof.passkey === undefined ? undefined : await ports.users.find(proof.passkey.userId);
  if (!proof.proven || user?.status !== 'active') {
    const reason = proof.proven ? 'account_disabled' : proof.reason;
    // An answer that names no passkey of ours says nothing about anybody.
    if (user !== undefined) await ports.audit.record(failure(user, reason, attempt, ports));
    return { outcome: 'refused' };
  }
  const start = { user, amr: proof.methods, replaces, userAgent, address, requestId, at };
  const started = await startSession(start, ports);
  return started === undefined ? { outcome: 'refused' } : { outcome: 'signed_in', user, ...started };
}

function failure(
  { id }: User,
  reason: AuditReason,
  attempt: PasskeySignIn,
  { random }: FactorPorts,
): ReturnType<typeof factorEvent> {
  return factorEvent({ type: 'sign_in', outcome: 'failure', reason }, id, attempt, random);
}
