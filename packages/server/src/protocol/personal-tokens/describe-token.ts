/**
 * What an API is told of a personal access token: the same members as of an access token. No client asked for it;
 * `client_id` is the id of the token, so that what counts by client counts each token apart.
 * @spec RFC 7662 §2.2
 */
import { personalTokenStatus } from '../../domain/personal-access-token.ts';
import type { Client } from '../../domain/client.ts';
import type { Resource } from '../../domain/resource.ts';
import type { PersonalTokenState } from '../../ports/personal-access-tokens.ts';
import { type JudgeDependencies, judgeToken } from './judge-token.ts';

/** 9999-12-31: the last second that a date has everywhere. For a token that does not expire, because APIs want an end. */
export const NEVER_SECONDS = 253_402_300_799;

/** As `tessera_kind` tells it. */
export const PERSONAL_TOKEN_KIND = 'personal_access_token';

export type PersonalTokenRefusal =
  | 'expired'
  | 'revoked'
  | 'pending_approval'
  | 'token_rules'
  | 'access_policy';

/** Why a token is not good at its API now; undefined for a good one. @param at milliseconds */
export async function refusalOf(
  { token, owner }: PersonalTokenState,
  resource: Resource,
  at: number,
  dependencies: JudgeDependencies,
): Promise<PersonalTokenRefusal | undefined> {
  const status = personalTokenStatus(token, at);
  if (status === 'revoked' || owner.status !== 'active') return 'revoked';
  if (status === 'expired') return 'expired';
  const { broken, approvalFrom, ownerLeft } = await judgeToken(token, owner, resource, dependencies);
  if (ownerLeft) return 'revoked';
  if (broken.length > 0) return 'token_rules';
  return status === 'pending' || approvalFrom !== undefined ? 'pending_approval' : undefined;
}

/** What the API still has of the token's scopes: what it lost, the token lost. */
export function scopesNow({ token }: PersonalTokenState, resource: Resource): readonly string[] {
  return token.scopes.filter((name) => resource.scopes.some((scope) => scope.name === name));
}

/** The claims of a good token. @param policyEpoch the newest change of an access policy that it was judged by */
export function personalTokenClaims(
  state: PersonalTokenState,
  resource: Resource,
  issuer: string,
  policyEpoch: number | undefined,
) {
  const { id, userId, organizationId, createdAt, expiresAt } = state.token;
  const scopes = scopesNow(state, resource);
  return {
    active: true,
    iss: issuer,
    sub: userId,
    aud: resource.identifier,
    client_id: id,
    exp: expiresAt === undefined ? NEVER_SECONDS : expiresAt / 1000,
    iat: Math.floor(createdAt / 1000),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    jti: id,
    token_type: 'Bearer',
    org_id: organizationId,
    ...(policyEpoch === undefined ? {} : { policy_epoch: policyEpoch }),
    tessera_kind: PERSONAL_TOKEN_KIND,
  } as const;
}

/** Whether a client serves the API of the token. */
export function isServedBy(resource: Resource | undefined, caller: Client): resource is Resource {
  return resource !== undefined && !resource.builtIn && resource.resourceServers.includes(caller.id);
}
