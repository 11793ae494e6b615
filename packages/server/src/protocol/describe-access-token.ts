/**
 * What an access token is good for, whoever asks.
 * @spec RFC 7662 §2.2
 */
import type { Actor } from '../domain/actor.ts';
import type { AuthorizationDetail } from '../domain/authorization-detail.ts';
import type { Confirmation } from '../domain/confirmation.ts';
import type { AccessTokenState } from '../ports/access-tokens.ts';
import type { Clients } from '../ports/clients.ts';
import type { Resources } from '../ports/resources.ts';
import type { CLIENT_TOKEN_KIND } from './client-tokens/describe-client-token.ts';
import { signInClaims } from './issue-access-token.ts';
import type { PERSONAL_TOKEN_KIND, PersonalTokenRefusal } from './personal-tokens/describe-token.ts';
import type { SubjectIdentifiers } from './subject-identifier.ts';
import { type TokenType, tokenTypeOf } from './token-response.ts';

/** The same for every token that is not good here, so that nothing can be learnt by asking. */
export const INACTIVE = { active: false } as const;

/** The account behind a subject; for the server's own APIs alone. */
export const USER_ID_CLAIM = 'tessera_user_id';
/** The claims that the client named for UserInfo; for the server itself alone. */
export const USERINFO_CLAIMS_CLAIM = 'tessera_userinfo_claims';

/** Only the API that a token was for is told why it is not good any more. */
type InactiveReason = PersonalTokenRefusal;

export type IntrospectionResponse =
  | { readonly active: false; readonly tessera_reason?: InactiveReason }
  | {
      readonly active: true;
      readonly iss: string;
      readonly sub: string;
      readonly aud: string | readonly string[];
      readonly client_id: string;
      readonly exp: number;
      readonly iat: number;
      readonly scope?: string;
      /** The token's id, as the admin API names it. */
      readonly jti?: string;
      readonly token_type?: TokenType;
      readonly org_id?: string;
      /** By this the API knows the token when the grant ends. */
      readonly grant_id?: string;
      readonly [USER_ID_CLAIM]?: string;
      readonly [USERINFO_CLAIMS_CLAIM]?: readonly string[];
      /** What kind of token it is, where it is no plain access token. */
      readonly tessera_kind?: typeof CLIENT_TOKEN_KIND | typeof PERSONAL_TOKEN_KIND;
      /** RFC 9470 §6.2. */
      readonly auth_time?: number;
      readonly acr?: string;
      /** The newest change of an access policy that it was judged by. */
      readonly policy_epoch?: number;
      /** RFC 7800 §3.1. */
      readonly cnf?: Confirmation;
      /** RFC 8693 §4.1. */
      readonly act?: Actor;
      /** RFC 8693 §4.4. */
      readonly may_act?: { readonly sub: string };
      /** RFC 9396 §9.2. */
      readonly authorization_details?: readonly AuthorizationDetail[];
    };

export interface DescriptionDependencies {
  readonly issuer: string;
  readonly subjectOf: SubjectIdentifiers;
  readonly clients: Clients;
  readonly resources: Resources;
}

export async function describeAccessToken(
  { row, endedAt, signIn }: AccessTokenState,
  audience: readonly string[],
  at: number,
  { issuer, clients, subjectOf }: DescriptionDependencies,
): Promise<IntrospectionResponse> {
  const client = await clients.find(row.clientId);
  const [onlyAudience] = audience;
  if (endedAt !== undefined || onlyAudience === undefined || client?.status !== 'active') {
    return { active: false, tessera_reason: 'revoked' };
  }
  if (at >= row.expiresAt) return { active: false, tessera_reason: 'expired' };
  return {
    active: true,
    iss: issuer,
    sub: row.subject ?? (row.userId === undefined ? row.clientId : subjectOf(row.userId, client)),
    aud: audience.length === 1 ? onlyAudience : audience,
    client_id: row.clientId,
    exp: row.expiresAt / 1000,
    iat: row.issuedAt / 1000,
    ...(row.scopes.length === 0 ? {} : { scope: row.scopes.join(' ') }),
    jti: Buffer.from(row.id).toString('base64url'),
    token_type: tokenTypeOf(row),
    org_id: client.organizationId,
    ...(row.grantId === undefined ? {} : { grant_id: row.grantId }),
    ...(signIn === undefined ? {} : signInClaims(signIn)),
    ...(row.policyEpoch === undefined ? {} : { policy_epoch: row.policyEpoch }),
    ...(row.confirmation === undefined ? {} : { cnf: row.confirmation }),
    ...(row.actor === undefined ? {} : { act: row.actor }),
    ...(row.mayAct === undefined ? {} : { may_act: { sub: row.mayAct } }),
    ...(row.authorizationDetails === undefined ? {} : { authorization_details: row.authorizationDetails }),
  };
}
