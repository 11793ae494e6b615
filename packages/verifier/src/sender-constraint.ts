/**
 * A token that is bound to a key or a certificate is not a bearer token: alone it proves nothing.
 * @spec RFC 9449 §7.2; RFC 8705 §3; RFC 7800 §3
 */
import { TokenError } from './token-error.ts';

/** @throws TokenError `invalid_claims` for a token with a `cnf` claim, whatever it holds */
export function refuseBoundToken(claims: Readonly<Record<string, unknown>>): void {
  if (claims['cnf'] !== undefined) throw new TokenError('invalid_claims');
}
