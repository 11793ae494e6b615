/**
 * UserInfo: what the scopes of an access token tell about its person.
 * @spec OpenID Connect Core §5.3 and §5.4
 */
import type { AccessToken } from '@tessera/verifier';
import type { Clients } from '../../ports/clients.ts';
import type { Users } from '../../ports/users.ts';
import { isAnswerSigningAlg } from '../client-metadata/signed-answers.ts';
import type { KeyRing } from '../key-ring.ts';
import { OAuthError } from '../oauth-error.ts';
import { type PersonClaims, personClaims } from '../person-claims.ts';
import { USER_ID_CLAIM, USERINFO_CLAIMS_CLAIM } from '../describe-access-token.ts';

export interface UserinfoDependencies {
  readonly issuer: string;
  readonly users: Users;
  readonly clients: Clients;
  readonly keyRing: KeyRing;
}

export type UserinfoResponse = PersonClaims & { readonly sub: string };

export type UserinfoAnswer =
  | { readonly form: 'json'; readonly claims: UserinfoResponse }
  /** For a client that registered `userinfo_signed_response_alg` (Core §5.3.2). */
  | { readonly form: 'jwt'; readonly jwt: string };

/**
 * @param accessToken already verified: live, for this issuer, with the scope `openid`
 * @throws OAuthError `invalid_token` when its person is gone
 */
export async function userinfo(
  accessToken: AccessToken,
  { issuer, users, clients, keyRing }: UserinfoDependencies,
): Promise<UserinfoAnswer> {
  const userId = accessToken.claims[USER_ID_CLAIM];
  const user = typeof userId === 'string' ? await users.find(userId) : undefined;
  if (user === undefined || user.status !== 'active') {
    throw new OAuthError('invalid_token', 'The account of this token is closed');
  }
  const claims = {
    ...personClaims(user, accessToken.scopes, namesOf(accessToken.claims[USERINFO_CLAIMS_CLAIM])),
    sub: accessToken.sub,
  };
  const client = await clients.find(accessToken.clientId);
  const alg = client?.metadata.userinfo_signed_response_alg;
  if (!isAnswerSigningAlg(alg)) return { form: 'json', claims };
  return {
    form: 'jwt',
    jwt: await keyRing.signElsewhere(alg, 'JWT', { ...claims, iss: issuer, aud: accessToken.clientId }),
  };
}

/** Claims that the client asked for one by one; the person agreed to them with the rest (Core §5.5). */
function namesOf(claim: unknown): readonly string[] {
  return Array.isArray(claim) ? claim.filter((name) => typeof name === 'string') : [];
}
