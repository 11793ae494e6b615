/** How a person proved who they are, as names that apps know. @spec RFC 8176 §2 */
import type { Passkey } from '../domain/second-factor.ts';

/** A password alone. */
export const PASSWORD_METHODS: readonly string[] = ['pwd'];

/** Somebody else's provider says so. RFC 8176 has no name for it, and it is no class of its own. */
export const UPSTREAM_METHODS: readonly string[] = ['fed'];

/** A one-time code of an app, or one from a list: both are used once. */
export const CODE_METHODS: readonly string[] = ['otp'];

/**
 * A passkey: a key that stays in one device, or one that is copied between devices of its owner; somebody was there.
 * Where the authenticator made sure who, it is two factors: what they have, and what they know or are.
 */
export function passkeyMethods(
  { backupEligible }: Pick<Passkey, 'backupEligible'>,
  userVerified: boolean,
): readonly string[] {
  return [backupEligible ? 'swk' : 'hwk', 'user', ...(userVerified ? ['mfa'] : [])];
}

/** Methods of a first and a second step: together they are more than one factor. */
export function bothMethods(first: readonly string[], second: readonly string[]): readonly string[] {
  return [...new Set([...first, ...second].filter((method) => method !== 'mfa')), 'mfa'];
}

export function isMultiFactor(amr: readonly string[]): boolean {
  return amr.includes('mfa');
}
