/**
 * The client credentials grant: a client gets a token for itself.
 * @spec RFC 6749 §4.4
 */
import { isPublicClient } from '../../domain/client.ts';
import type { AccessTokens } from '../../ports/access-tokens.ts';
import type { Resources } from '../../ports/resources.ts';
import { refuseAuthorizationDetails } from '../authorization-details.ts';
import type { AccessTokenIssuer } from '../issue-access-token.ts';
import { OAuthError } from '../oauth-error.ts';
import { grantableScopes, parseScope } from '../requested-scopes.ts';
import { findTarget, resourceOf } from '../resource-indicators.ts';
import { issueSpending } from '../spending.ts';
import { tokenResponse } from '../token-response.ts';
import type { GrantHandler } from './grant-handler.ts';

export interface ClientCredentialsDependencies {
  readonly issuer: string;
  readonly resources: Resources;
  readonly accessTokens: AccessTokens;
  readonly issueAccessToken: AccessTokenIssuer;
}

/** No refresh token: the client's own credentials get the next one (RFC 6749 §4.4.3). */
export function clientCredentialsGrant(dependencies: ClientCredentialsDependencies): GrantHandler {
  const { issuer, resources, accessTokens, issueAccessToken } = dependencies;
  return {
    type: 'client_credentials',
    spendsWithItsWrite: true,
    async exchange(form, client, context) {
      if (isPublicClient(client)) {
        throw new OAuthError('unauthorized_client', 'A public client has no credentials to get a token with');
      }
      refuseAuthorizationDetails(form);
      const requested = parseScope(form.get('scope'));
      const target = await findTarget(form, issuer, resources);
      const resource = await resourceOf(target, resources);
      const scopes = grantableScopes({ requested, client, resource, person: false });
      const { at, confirmation, spendings } = context;
      const issuance = { client, grant: undefined, target, scopes, at, context, confirmation };
      const issued = await issueAccessToken(issuance);
      await issueSpending(accessTokens, issued.row, spendings, at);
      return tokenResponse(issued);
    },
  };
}
