/**
 * How a person has to have signed in for this: by one of some classes, and not too long ago.
 * @spec RFC 9470 §3, §6; OpenID Connect Core §2 (`acr`, `auth_time`)
 */
import type { AccessToken } from './access-token.ts';
import type { SignInNeeds } from './sign-in-needs.ts';
import { TokenError } from './token-error.ts';

/** @throws TokenError `insufficient_user_authentication`; also for a token that does not say, or is nobody's */
export function requireSignIn({ claims }: AccessToken, needs: SignInNeeds, nowMs: number): void {
  const { acrValues, maxAgeSeconds } = needs;
  const { acr, auth_time: authTime } = claims;
  const isStrong = acrValues === undefined || (typeof acr === 'string' && acrValues.includes(acr));
  const isFresh =
    maxAgeSeconds === undefined ||
    (typeof authTime === 'number' && nowMs < (authTime + maxAgeSeconds) * 1000);
  if (!isStrong || !isFresh) {
    throw new TokenError('insufficient_user_authentication', undefined, { signIn: needs });
  }
}

const CLASS = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** For what an API is configured with. @throws TypeError when it could never be met */
export function requireSensibleSignIn({ acrValues, maxAgeSeconds }: SignInNeeds): void {
  if (acrValues !== undefined && (acrValues.length === 0 || !acrValues.every((acr) => CLASS.test(acr)))) {
    throw new TypeError('acrValues must name at least one class, without spaces or quotes');
  }
  if (maxAgeSeconds !== undefined && !(Number.isInteger(maxAgeSeconds) && maxAgeSeconds > 0)) {
    throw new TypeError('maxAgeSeconds must be a whole number above 0');
  }
}
