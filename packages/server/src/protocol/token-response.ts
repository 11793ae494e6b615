/**
 * The successful answer of the token endpoint.
 * @spec RFC 6749 §5.1, OpenID Connect Core §3.1.3.3
 */
import type { IssuedAccessToken } from './issue-access-token.ts';

export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope?: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}

/** Members that are not due are absent; so is `scope` when nothing was granted, as it may not be empty. */
export function tokenResponse(
  accessToken: IssuedAccessToken,
  others: { readonly refreshToken?: string | undefined; readonly idToken?: string | undefined } = {},
): TokenResponse {
  const { scopes } = accessToken.row;
  return {
    access_token: accessToken.token,
    token_type: 'Bearer',
    expires_in: accessToken.expiresInSeconds,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    ...(others.refreshToken === undefined ? {} : { refresh_token: others.refreshToken }),
    ...(others.idToken === undefined ? {} : { id_token: others.idToken }),
  };
}
