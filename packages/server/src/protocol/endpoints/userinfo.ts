/**
 * UserInfo: what the scopes of an access token tell about its person.
 * @spec OpenID Connect Core §5.3 and §5.4
 */
import type { AccessToken } from '@tessera/verifier';
import type { Users } from '../../ports/users.ts';
import { OAuthError } from '../oauth-error.ts';

export interface UserinfoResponse {
  readonly sub: string;
  readonly name?: string;
  readonly updated_at?: number;
  readonly email?: string;
  readonly email_verified?: boolean;
}

/**
 * @param accessToken already verified: live, for this issuer, with the scope `openid`
 * @throws OAuthError `invalid_token` when its person is gone
 */
export async function userinfo(accessToken: AccessToken, users: Users): Promise<UserinfoResponse> {
  const user = await users.find(accessToken.sub);
  if (user === undefined || user.status !== 'active') {
    throw new OAuthError('invalid_token', 'The account of this token is closed');
  }
  return {
    sub: user.id,
    ...(accessToken.scopes.includes('profile')
      ? { name: user.displayName, updated_at: Math.floor(user.updatedAt / 1000) }
      : {}),
    ...(accessToken.scopes.includes('email')
      ? { email: user.email, email_verified: user.emailVerified }
      : {}),
  };
}
