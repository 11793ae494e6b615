/**
 * `client_secret_basic`: id and secret in the Authorization header, each form-encoded first.
 * @spec RFC 6749 §2.3.1, RFC 7617 §2
 */
import { OAuthError } from '../oauth-error.ts';
import type { ClientAuthenticationMethod } from './presented-credentials.ts';

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

/** The challenge that goes with a failed Basic authentication (RFC 6749 §5.2). */
export const BASIC_CHALLENGE = 'Basic realm="Tessera", charset="UTF-8"';

export const clientSecretBasic: ClientAuthenticationMethod = ({ authorization }) => {
  if (authorization === undefined) return undefined;
  const encoded = BASIC.exec(authorization)?.[1];
  const decoded = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded?.indexOf(':') ?? -1;
  const clientId = decoded === undefined || colon < 1 ? undefined : formDecode(decoded.slice(0, colon));
  const secret = decoded === undefined || colon < 1 ? undefined : formDecode(decoded.slice(colon + 1));
  if (clientId === undefined || secret === undefined) {
    throw new OAuthError(
      'invalid_client',
      'The Authorization header does not hold Basic client credentials',
      {
        challenge: BASIC_CHALLENGE,
      },
    );
  }
  return { method: 'client_secret_basic', clientId, secret };
};

function formDecode(value: string): string | undefined {
  if (!value.includes('%') && !value.includes('+')) return value;
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
