/**
 * The `code_challenge` of a request that may do without one.
 * @spec RFC 7636 §4.3, RFC 8628 §3.1
 */
import type { Form } from './form.ts';
import { OAuthError } from './oauth-error.ts';
import { isCodeChallenge } from './pkce.ts';

/** @throws OAuthError `invalid_request` for any other method than S256, or a method without a challenge */
export function optionalCodeChallenge(form: Form): string | undefined {
  const challenge = form.get('code_challenge');
  const method = form.get('code_challenge_method');
  if (challenge === undefined && method === undefined) return undefined;
  if (method !== 'S256') throw new OAuthError('invalid_request', 'The only code_challenge_method is S256');
  if (challenge === undefined || !isCodeChallenge(challenge)) {
    throw new OAuthError('invalid_request', 'The code_challenge is not a base64url SHA-256');
  }
  return challenge;
}
