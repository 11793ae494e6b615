/**
 * The token endpoint: authenticates the client, then hands over to the grant.
 * @spec RFC 6749 §3.2, RFC 9449 §5
 */
import { type Client, isPublicClient } from '../../domain/client.ts';
import type { Form } from '../form.ts';
import { authenticateClient, type ClientAuthenticationDependencies } from '../client-authentication/index.ts';
import type { GrantHandler } from '../grants/grant-handler.ts';
import { OAuthError } from '../oauth-error.ts';
import type { RequestContext } from '../request-context.ts';
import type { SenderConstraint, SenderConstraints } from '../sender-constraint.ts';
import type { TokenResponse } from '../token-response.ts';

export type TokenEndpoint = (
  authorization: string | undefined,
  form: Form,
  context: RequestContext,
) => Promise<TokenResponse>;

/** What a request may say of its client; with none of it, a grant that names the client itself will do. */
const CLIENT_PARAMETERS = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type'];

function clientOfGrant(
  grants: ReadonlyMap<string, GrantHandler>,
  authorization: string | undefined,
  form: Form,
  context: RequestContext,
): Promise<Client> | undefined {
  if (authorization !== undefined || CLIENT_PARAMETERS.some((name) => form.has(name))) return undefined;
  return grants.get(form.get('grant_type') ?? '')?.clientOf?.(form, context);
}

/** @throws OAuthError */
export function tokenEndpoint(
  grants: ReadonlyMap<string, GrantHandler>,
  senderConstraint: SenderConstraints,
  dependencies: ClientAuthenticationDependencies,
): TokenEndpoint {
  return async (authorization, form, context) => {
    const client = await (clientOfGrant(grants, authorization, form, context) ??
      authenticateClient(authorization, form, context, dependencies));
    const grant = grants.get(form.require('grant_type'));
    if (grant === undefined)
      throw new OAuthError('unsupported_grant_type', 'This grant type is not supported');
    if (!client.grantTypes.includes(grant.type)) {
      throw new OAuthError('unauthorized_client', 'The client is not registered for this grant type');
    }
    const constraint = senderConstraint(context, client);
    return constraint === undefined
      ? grant.exchange(form, client, context)
      : exchangeBound({ grant, form, client, context, constraint: await constraint });
  };
}

interface BoundExchange {
  readonly grant: GrantHandler;
  readonly form: Form;
  readonly client: Client;
  readonly context: RequestContext;
  readonly constraint: SenderConstraint;
}

/**
 * Nothing is handed out before the proof is spent, and nobody who may be anyone makes us write that down: a public
 * client first needs a code or a refresh token that is good. Both writes share a commit where that loses nothing.
 */
async function exchangeBound(request: BoundExchange): Promise<TokenResponse> {
  const { grant, form, client, context, constraint } = request;
  const { confirmation, spend } = constraint;
  const exchange = (): Promise<TokenResponse> => grant.exchange(form, client, { ...context, confirmation });
  if (spend === undefined) return exchange();
  if (isPublicClient(client)) {
    const response = await exchange();
    await spend();
    return response;
  }
  if (grant.isRepeatable === true) {
    const [response] = await Promise.all([exchange(), spend()]);
    return response;
  }
  await spend();
  return exchange();
}
