/**
 * Who may change how a person signs in: the person, after a sign-in of the last minutes, with a second factor where
 * they have one. No personal access token, no agent, no app for itself.
 *
 * @spec OWASP ASVS 5.0 §7.5.1, RFC 9470 §3
 */
import type { FastifyRequest } from 'fastify';
import type { PersonFactors } from '../domain/second-factor.ts';
import { isRecentEnough } from '../people/recent-sign-in.ts';
import { Problem } from './problem.ts';

/**
 * @param at milliseconds
 * @throws Problem recent_sign_in_required; also for a token that does not say when its person signed in
 */
export function requireStrongSignIn(
  { tesseraSession, tesseraTokenSignIn }: FastifyRequest,
  factors: PersonFactors,
  at: number,
): void {
  const signIn = tesseraSession ?? tesseraTokenSignIn;
  if (signIn === null || !isRecentEnough(signIn, factors, at)) {
    throw new Problem(
      'recent_sign_in_required',
      'Sign in again to do this, with your second factor where you have one',
    );
  }
}
