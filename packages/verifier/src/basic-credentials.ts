/**
 * A personal access token as the password of HTTP Basic, for programs that know nothing else. Only where an API opted
 * in, only personal access tokens, and never from a page of another site: a browser sends such credentials by itself.
 * @spec RFC 7617 §2; Fetch Metadata Request Headers §2.4
 */
import { parseTokenString } from '@tessera/tokens';
import { TokenError } from './token-error.ts';

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

/**
 * @param credentials the value of the one Authorization header
 * @param site the value of Sec-Fetch-Site, if the request has one
 * @returns the token; undefined where the credentials are of another scheme
 * @throws TokenError for Basic credentials that are not taken here
 */
export function readBasicToken(credentials: string, site: string | undefined): string | undefined {
  if (!/^basic(?: |$)/i.test(credentials)) return undefined;
  if (site?.toLowerCase().includes('cross-site') === true) {
    throw new TokenError('malformed_request', 'Basic credentials are not taken from pages of other sites');
  }
  const [, encoded] = BASIC.exec(credentials) ?? [];
  const decoded = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const password = colon === -1 ? '' : decoded.slice(colon + 1);
  if (parseTokenString(password)?.kind === 'pat') return password;
  throw new TokenError(
    'malformed_token',
    'The password is no personal access token, and nothing else is taken by Basic',
  );
}
