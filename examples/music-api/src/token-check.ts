import type { AccessToken } from '@tessera/verifier';
import { TokenError } from '@tessera/verifier';
import type { FastifyRequest } from 'fastify';
import { ApiError } from './errors.ts';

const NEEDS_A_PERSON =
  'This endpoint needs the token of a person: an app access token or a client token names an app only';

/** The token of this request. The check in front of the routes (one-api.ts) put it there; without it nothing passes. */
export function tokenOf(request: FastifyRequest): AccessToken {
  if (request.accessToken === undefined) throw new TokenError('missing_token');
  return request.accessToken;
}

/** The token of a person; one that names only an app is refused. */
export function personOf(request: FastifyRequest): AccessToken {
  const token = tokenOf(request);
  if (token.kind === 'user') return token;
  throw new ApiError(403, NEEDS_A_PERSON, { tokenError: new TokenError('insufficient_scope') });
}

/** For scopes that depend on what is asked for. Where a whole route needs one, `protect({ scopes })` is shorter. */
export function requireScope(token: AccessToken, scope: string): void {
  if (token.scopes.includes(scope)) return;
  throw new TokenError('insufficient_scope', undefined, { scopes: [scope] });
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
