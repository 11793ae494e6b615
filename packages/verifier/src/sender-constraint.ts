/**
 * What a token is bound to. One that is bound to a key or a certificate is not a bearer token: alone it proves nothing.
 * @spec RFC 7800 §3.1; RFC 9449 §6; RFC 8705 §3.1
 */
import { TokenError } from './token-error.ts';

/** The thumbprint of the key (RFC 9449 §6.1) or of the certificate (RFC 8705 §3.1) that alone may present the token. */
export type Confirmation =
  | { readonly jkt: string; readonly 'x5t#S256'?: undefined }
  | { readonly jkt?: undefined; readonly 'x5t#S256': string };

const THUMBPRINT = /^[\w-]{43}$/;

/**
 * @returns undefined for a bearer token
 * @throws TokenError `invalid_claims` for a `cnf` claim that asks for anything else than one key or one certificate
 */
export function readConfirmation({
  cnf,
  token_type: type,
}: Readonly<Record<string, unknown>>): Confirmation | undefined {
  if (cnf === undefined) {
    if (typeof type === 'string' && type.toLowerCase() === 'dpop') throw new TokenError('invalid_claims');
    return undefined;
  }
  if (typeof cnf === 'object' && cnf !== null && Object.keys(cnf).length === 1) {
    if ('jkt' in cnf && isThumbprint(cnf.jkt)) return { jkt: cnf.jkt };
    if ('x5t#S256' in cnf && isThumbprint(cnf['x5t#S256'])) return { 'x5t#S256': cnf['x5t#S256'] };
  }
  throw new TokenError('invalid_claims');
}

function isThumbprint(value: unknown): value is string {
  return typeof value === 'string' && THUMBPRINT.test(value);
}
