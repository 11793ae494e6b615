/**
 * Whether the person at a signed-in browser is still its owner: by the current password, with the failures counted as
 * those of sign-in, or because they have just signed in.
 * @spec OWASP ASVS 5.0 §6.2.3, §7.5.1, §7.5.3
 */
import type { User } from '../domain/user.ts';
import type { AttemptLimits } from '../limits/attempt-limits.ts';
import type { Audit } from '../ports/audit.ts';
import type { Random } from '../ports/random.ts';
import { accountEvent, type Occasion } from './account-event.ts';
import { onlyHere, signInsOf } from './failed-sign-ins.ts';
import type { Passwords } from './password.ts';

/** How long after a sign-in nobody is asked again. */
export const RECENT_SIGN_IN_MS = 10 * 60 * 1000;

export interface ConfirmPorts {
  readonly attemptLimits: Pick<AttemptLimits, 'wait' | 'record' | 'forget'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly passwords: Pick<Passwords, 'verifyPassword'>;
  readonly random: Random;
}

export type Confirmation =
  | { readonly outcome: 'confirmed' }
  | { readonly outcome: 'wrong_password' }
  | { readonly outcome: 'sign_in_again' }
  | { readonly outcome: 'too_many'; readonly retryAfterSeconds: number };

export interface PersonProof extends Occasion {
  readonly user: User;
  /** As typed; it counts if it is given. */
  readonly currentPassword: string | undefined;
  /** When the person signed in, in milliseconds; absent where nobody knows. */
  readonly signedInAt: number | undefined;
}

/** @throws PasswordQueueFull, StoreUnavailable */
export async function confirmPerson(proof: PersonProof, ports: ConfirmPorts): Promise<Confirmation> {
  if (proof.currentPassword !== undefined) return await confirmPassword(proof, proof.currentPassword, ports);
  const { at, signedInAt } = proof;
  const isRecent = signedInAt !== undefined && signedInAt <= at && at - signedInAt < RECENT_SIGN_IN_MS;
  return { outcome: isRecent ? 'confirmed' : 'sign_in_again' };
}

async function confirmPassword(
  proof: PersonProof,
  password: string,
  { attemptLimits, audit, passwords, random }: ConfirmPorts,
): Promise<Confirmation> {
  const { user, address, at } = proof;
  const counted = signInsOf(user.email, address);
  const waitBefore = await attemptLimits.wait(counted, at);
  if (waitBefore !== undefined) return { outcome: 'too_many', retryAfterSeconds: waitBefore };
  if (!(await passwords.verifyPassword(user.passwordHash, password))) {
    const event = {
      type: 'user.confirmation_failed',
      outcome: 'failure',
      actor: user.id,
      userId: user.id,
      reason: 'wrong_password',
    } as const;
    await Promise.all([attemptLimits.record(counted, at), audit.record(accountEvent(proof, event, random))]);
    return { outcome: 'wrong_password' };
  }
  // Guesses sent side by side all pass the first look; by now those before this one have been counted.
  const waitAfter = await attemptLimits.wait(counted, at);
  if (waitAfter !== undefined) return { outcome: 'too_many', retryAfterSeconds: waitAfter };
  await attemptLimits.forget(onlyHere(counted));
  return { outcome: 'confirmed' };
}
