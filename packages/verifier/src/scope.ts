/**
 * Scopes: all that the request needs, each one exactly; no prefixes, no hierarchy.
 * @spec RFC 6749 §3.3; RFC 6750 §3.1
 */
import { TokenError } from './token-error.ts';

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** @throws TokenError `insufficient_scope`, naming every scope that is needed, not only those that are missing */
export function requireScopes(granted: readonly string[], needed: readonly string[]): void {
  for (const scope of needed) {
    if (!granted.includes(scope)) throw new TokenError('insufficient_scope', undefined, { scopes: needed });
  }
}

/** For what an API is configured with. @throws TypeError when a name could never be granted */
export function requireScopeNames(scopes: readonly string[]): void {
  for (const scope of scopes) {
    if (!SCOPE_TOKEN.test(scope)) throw new TypeError(`not a scope name: ${JSON.stringify(scope)}`);
  }
}
