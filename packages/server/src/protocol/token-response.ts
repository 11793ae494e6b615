/**
 * The successful answer of the token endpoint.
 * @spec RFC 6749 §5.1, OpenID Connect Core §3.1.3.3
 */
import type { AccessTokenRow } from '../domain/access-token.ts';
import type { AuthorizationDetail } from '../domain/authorization-detail.ts';
import type { IssuedAccessToken } from './issue-access-token.ts';

/** How a token is presented: with a proof where it is bound to a DPoP key (RFC 9449 §5), else as it is. */
export type TokenType = 'Bearer' | 'DPoP';

export function tokenTypeOf({ confirmation }: Pick<AccessTokenRow, 'confirmation'>): TokenType {
  return confirmation !== undefined && 'jkt' in confirmation ? 'DPoP' : 'Bearer';
}

export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: TokenType;
  /** Absent only with a token of somebody else, who does not say. */
  readonly expires_in?: number;
  readonly scope?: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly authorization_details?: readonly AuthorizationDetail[];
  /** RFC 8693 §2.2.1. */
  readonly issued_token_type?: string;
}

/** Members that are not due are absent; so is `scope` when nothing was granted, as it may not be empty. */
export function tokenResponse(
  accessToken: IssuedAccessToken,
  others: { readonly refreshToken?: string | undefined; readonly idToken?: string | undefined } = {},
): TokenResponse {
  const { scopes, authorizationDetails } = accessToken.row;
  return {
    access_token: accessToken.token,
    token_type: tokenTypeOf(accessToken.row),
    expires_in: accessToken.expiresInSeconds,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    ...(others.refreshToken === undefined ? {} : { refresh_token: others.refreshToken }),
    ...(others.idToken === undefined ? {} : { id_token: others.idToken }),
    ...(authorizationDetails === undefined ? {} : { authorization_details: authorizationDetails }),
  };
}
