/**
 * Token revocation: a client gives up a token; a refresh token takes everything of its grant with it. A personal access
 * token has no client: whoever holds it may end it.
 * @spec RFC 7009 §2
 */
import { parseTokenString } from '@tessera/tokens';
import type { AccessTokens } from '../../ports/access-tokens.ts';
import type { Grants } from '../../ports/grants.ts';
import type { PersonalAccessTokens } from '../../ports/personal-access-tokens.ts';
import { auditEvent } from '../audit-event.ts';
import { authenticateClient, type ClientAuthenticationDependencies } from '../client-authentication/index.ts';
import type { TokenFinder } from '../find-token.ts';
import type { Form } from '../form.ts';
import type { RequestContext } from '../request-context.ts';

export interface RevocationDependencies extends ClientAuthenticationDependencies {
  readonly accessTokens: AccessTokens;
  readonly grants: Grants;
  readonly personalAccessTokens: Pick<PersonalAccessTokens, 'revoke'>;
  readonly findToken: TokenFinder;
}

/**
 * Resolves alike for a token that was revoked, one that is unknown and one of another client (RFC 7009 §2.2), but
 * only after the revocation is durable.
 * @throws OAuthError `invalid_client`, `invalid_request`
 */
export async function revoke(
  authorization: string | undefined,
  form: Form,
  context: RequestContext,
  dependencies: RevocationDependencies,
): Promise<void> {
  const { accessTokens, grants, findToken, random } = dependencies;
  if (isPersonalToken(form.get('token')) && !namesClient(authorization, form)) {
    return revokePersonalToken(form.require('token'), 'anonymous', context, dependencies);
  }
  const caller = await authenticateClient(authorization, form, context, dependencies);
  const token = form.require('token');
  if (isPersonalToken(token)) return revokePersonalToken(token, caller.id, context, dependencies);
  const found = await findToken(token);
  if (found?.kind === 'access_token' && found.state.row.clientId === caller.id) {
    const { row } = found.state;
    const details = {
      type: 'token.revoked',
      outcome: 'success',
      actor: caller.id,
      clientId: caller.id,
      reason: 'revoked_by_client',
    } as const;
    const about = {
      ...details,
      ...(row.actor === undefined ? {} : { act: row.actor }),
      ...(row.userId === undefined ? {} : { userId: row.userId }),
      ...(row.grantId === undefined ? {} : { grantId: row.grantId }),
    };
    await accessTokens.revoke(row.id, context.at, auditEvent(context, about, random));
  }
  if (found?.kind === 'refresh_token' && found.state.family.clientId === caller.id) {
    const { grant } = found.state;
    const about = {
      type: 'grant.ended',
      outcome: 'success',
      actor: caller.id,
      clientId: caller.id,
      userId: grant.userId,
      grantId: grant.id,
      reason: 'revoked_by_client',
    } as const;
    await grants.end(grant.id, 'revoked_by_client', context.at, auditEvent(context, about, random));
  }
}

function isPersonalToken(token: string | undefined): boolean {
  return token !== undefined && parseTokenString(token)?.kind === 'pat';
}

/** Credentials that are sent are held to the same rules as with every other token. */
function namesClient(authorization: string | undefined, form: Form): boolean {
  return authorization !== undefined || form.has('client_id') || form.has('client_assertion');
}

async function revokePersonalToken(
  token: string,
  actor: string,
  context: RequestContext,
  { findToken, personalAccessTokens, random }: RevocationDependencies,
): Promise<void> {
  const found = await findToken(token);
  if (found?.kind !== 'personal_access_token') return;
  const { id, userId, organizationId, resourceId } = found.state.token;
  const about = {
    type: 'personal_access_token.revoked',
    outcome: 'success',
    actor,
    userId,
    organizationId,
    resourceId,
    reason: 'revoked_by_holder',
    detail: { personal_access_token: id },
  } as const;
  await personalAccessTokens.revoke(id, context.at, 'revoked_by_holder', auditEvent(context, about, random));
}
