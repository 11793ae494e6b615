import type { AccessToken, Verifier } from '@tessera/verifier';
import { TokenError } from '@tessera/verifier';
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { ApiError } from './errors.ts';

const TOKEN = 'musicToken';
const NEEDS_A_PERSON =
  'This endpoint needs the token of a person: an app access token or a client token names an app only';

/** Lets a request pass that carries a good token for this API. Add it to the routes that need one. */
export function checkToken(verifier: Verifier): onRequestAsyncHookHandler {
  return async (request) => {
    const { method, url, headers } = request;
    request.setDecorator(TOKEN, await verifier.verify({ method, url, headers }));
  };
}

/** The name under which Fastify keeps the token of a request; to be declared once with `decorateRequest`. */
export const tokenDecorator = TOKEN;

/** The verified token of this request. */
export function tokenOf(request: FastifyRequest): AccessToken {
  return request.getDecorator<AccessToken>(TOKEN);
}

/** The verified token of a person; a token that names only an app is refused. */
export function personOf(request: FastifyRequest): AccessToken {
  const token = tokenOf(request);
  if (token.kind === 'user') return token;
  throw new ApiError(403, NEEDS_A_PERSON, { tokenError: new TokenError('insufficient_scope') });
}

export function requireScope(token: AccessToken, scope: string): void {
  if (!token.scopes.includes(scope)) throw new TokenError('insufficient_scope', { scopes: [scope] });
}

/** What this API says to a refused token; the status and the challenge are the verifier's. */
export function messageOf(error: TokenError): string {
  switch (error.code) {
    case 'missing_token':
      return 'No token provided';
    case 'expired':
      return 'The access token expired';
    case 'insufficient_scope':
      return 'Insufficient client scope';
    case 'token_in_url':
      return 'A token in a URL is treated as exposed and must be revoked: send it in the Authorization header';
    case 'several_tokens':
    case 'malformed_request':
      return 'Only valid bearer authentication supported';
    case 'unavailable':
      return 'Tokens cannot be checked at the moment';
    default:
      return 'Invalid access token';
  }
}
