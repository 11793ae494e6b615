/**
 * Token revocation: a client gives up a token; a refresh token takes everything of its grant with it.
 * @spec RFC 7009 §2
 */
import type { AccessTokens } from '../../ports/access-tokens.ts';
import type { Grants } from '../../ports/grants.ts';
import { auditEvent } from '../audit-event.ts';
import { authenticateClient, type ClientAuthenticationDependencies } from '../client-authentication/index.ts';
import type { TokenFinder } from '../find-token.ts';
import type { Form } from '../form.ts';
import type { RequestContext } from '../request-context.ts';

export interface RevocationDependencies extends ClientAuthenticationDependencies {
  readonly accessTokens: AccessTokens;
  readonly grants: Grants;
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
  const caller = await authenticateClient(authorization, form, context, dependencies);
  const found = await findToken(form.require('token'));
  if (found?.kind === 'access_token' && found.state.row.clientId === caller.id) {
    const { row } = found.state;
    const details = {
      type: 'token.revoked',
      outcome: 'success',
      actor: caller.id,
      clientId: caller.id,
    } as const;
    const about = {
      ...details,
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
      detail: { reason: 'revoked_by_client' },
    } as const;
    await grants.end(grant.id, 'revoked_by_client', context.at, auditEvent(context, about, random));
  }
}
