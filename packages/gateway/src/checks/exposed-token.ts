/**
 * Access tokens in URLs: refused on every route, whatever else the request carries, and taken as exposed.
 * @spec RFC 6750 §2.3, §5.3; OAuth 2.1 §5.1; RFC 9700 §4.3.2
 */
import { parseTokenString } from '@tessera/tokens';

/** Kinds that whoever sees the URL could use; a code or a request URI travels there by design. */
const SECRET_KINDS: ReadonlySet<string> = new Set(['at', 'pat', 'rt', 'cs']);
const TOKEN_STRING = /tsr_[a-z]{1,4}_[0-9A-Za-z]+/g;

/** @returns the token in the request target; empty text for a parameter of that name without one; undefined for none */
export function tokenInTarget(target: string): string | undefined {
  const question = target.indexOf('?');
  if (question !== -1) {
    const query = target.slice(question + 1);
    if (query.includes('access_token') || query.includes('%')) {
      const value = new URLSearchParams(query).get('access_token');
      if (value !== null) return value;
    }
  }
  if (!target.includes('tsr_')) return undefined;
  return target.match(TOKEN_STRING)?.find((found) => SECRET_KINDS.has(parseTokenString(found)?.kind ?? ''));
}
