/**
 * A token is good at an API only if it names that API, letter for letter.
 * @spec RFC 9068 §4; RFC 8707 §2; RFC 7519 §4.1.3
 */
import { TokenError } from './token-error.ts';

/** @throws TokenError `wrong_audience` */
export function requireAudience(aud: string | readonly string[], audience: string): void {
  const named = typeof aud === 'string' ? aud === audience : aud.includes(audience);
  if (!named) throw new TokenError('wrong_audience');
}
