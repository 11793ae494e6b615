/** Whether somebody has signed in well and lately enough to change how they sign in. @spec OWASP ASVS 5.0 §7.5.1 */
import { hasSecondFactor, type PersonFactors } from '../domain/second-factor.ts';
import { isMultiFactor } from './authentication-methods.ts';
import { isRecentSignIn } from './session.ts';

/** With a second factor, where they have one: a stolen password must not be enough to add another. */
export function isRecentEnough(
  signIn: { readonly authTime: number; readonly amr: readonly string[] },
  factors: PersonFactors,
  at: number,
): boolean {
  return isRecentSignIn(signIn, at) && (isMultiFactor(signIn.amr) || !hasSecondFactor(factors));
}
