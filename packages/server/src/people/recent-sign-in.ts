/** Whether somebody has signed in well and lately enough to change how they sign in. @spec OWASP ASVS 5.0 §7.5.1 */
import { hasSecondFactor, type PersonFactors } from '../domain/second-factor.ts';
import { isMultiFactor } from './authentication-methods.ts';

export const RECENT_SIGN_IN_MS = 10 * 60_000;

/** With a second factor, where they have one: a stolen password must not be enough to add another. */
export function isRecentEnough(
  { authTime, amr }: { readonly authTime: number; readonly amr: readonly string[] },
  factors: PersonFactors,
  at: number,
): boolean {
  return at - authTime < RECENT_SIGN_IN_MS && (isMultiFactor(amr) || !hasSecondFactor(factors));
}
