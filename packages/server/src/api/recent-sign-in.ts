/**
 * What must not be done with a browser that somebody left open: it asks for a sign-in of the last minutes.
 *
 * @spec OWASP ASVS 5.0 §7.5.3, RFC 9470 §3
 */
import type { FastifyRequest } from 'fastify';
import { isRecentSignIn } from '../people/session.ts';
import { Problem } from './problem.ts';

/**
 * For handlers of dangerous acts. A token is not asked: its owner keeps it apart from the browser, and may end it.
 * @param at milliseconds
 * @throws Problem recent_sign_in_required
 */
export function requireRecentSignIn({ tesseraSession }: FastifyRequest, at: number): void {
  if (tesseraSession !== null && !isRecentSignIn(tesseraSession, at)) {
    throw new Problem('recent_sign_in_required', 'Sign in again to do this; you are led back here');
  }
}
