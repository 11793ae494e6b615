/**
 * What a token is bound to. One that is bound to a key or a certificate is not a bearer token: alone it proves nothing.
 * @spec RFC 7800 §3.1; RFC 9449 §6
 */
import { TokenError } from './token-error.ts';

/** The thumbprint of the key that alone may present the token (RFC 9449 §6.1). */
export interface Confirmation {
  readonly jkt: string;
}

const THUMBPRINT = /^[\w-]{43}$/;

/**
 * @returns undefined for a bearer token
 * @throws TokenError `invalid_claims` for a `cnf` claim that asks for anything else than one DPoP key
 */
export function readConfirmation({
  cnf,
  token_type: type,
}: Readonly<Record<string, unknown>>): Confirmation | undefined {
  if (cnf === undefined) {
    if (typeof type === 'string' && type.toLowerCase() === 'dpop') throw new TokenError('invalid_claims');
    return undefined;
  }
  if (typeof cnf === 'object' && cnf !== null && Object.keys(cnf).length === 1 && 'jkt' in cnf) {
    const { jkt } = cnf;
    if (typeof jkt === 'string' && THUMBPRINT.test(jkt)) return { jkt };
  }
  throw new TokenError('invalid_claims');
}
