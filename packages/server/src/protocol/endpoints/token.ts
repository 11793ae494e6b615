/**
 * The token endpoint: authenticates the client, then hands over to the grant.
 * @spec RFC 6749 §3.2
 */
import type { Form } from '../form.ts';
import { authenticateClient, type ClientAuthenticationDependencies } from '../client-authentication/index.ts';
import type { GrantHandler } from '../grants/grant-handler.ts';
import { OAuthError } from '../oauth-error.ts';
import type { RequestContext } from '../request-context.ts';
import type { TokenResponse } from '../token-response.ts';

export type TokenEndpoint = (
  authorization: string | undefined,
  form: Form,
  context: RequestContext,
) => Promise<TokenResponse>;

/** @throws OAuthError */
export function tokenEndpoint(
  grants: ReadonlyMap<string, GrantHandler>,
  dependencies: ClientAuthenticationDependencies,
): TokenEndpoint {
  return async (authorization, form, context) => {
    const client = await authenticateClient(authorization, form, context, dependencies);
    const grant = grants.get(form.require('grant_type'));
    if (grant === undefined)
      throw new OAuthError('unsupported_grant_type', 'This grant type is not supported');
    if (!client.grantTypes.includes(grant.type)) {
      throw new OAuthError('unauthorized_client', 'The client is not registered for this grant type');
    }
    return grant.exchange(form, client, context);
  };
}
