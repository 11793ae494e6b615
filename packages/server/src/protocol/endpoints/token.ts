/**
 * The token endpoint: authenticates the client, then hands over to the grant.
 * @spec RFC 6749 §3.2, RFC 9449 §5
 */
import { type Client, isPublicClient } from '../../domain/client.ts';
import type { Form } from '../form.ts';
import {
  type ClientAuthenticationDependencies,
  proveClient,
  type ProvenClient,
} from '../client-authentication/index.ts';
import type { GrantHandler } from '../grants/grant-handler.ts';
import { OAuthError } from '../oauth-error.ts';
import type { RequestContext } from '../request-context.ts';
import type { SenderConstraint, SenderConstraints } from '../sender-constraint.ts';
import { spend, spendAll } from '../spending.ts';
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
): Promise<ProvenClient> | undefined {
  if (authorization !== undefined || CLIENT_PARAMETERS.some((name) => form.has(name))) return undefined;
  const naming = grants.get(form.get('grant_type') ?? '')?.clientOf?.(form, context);
  return naming?.then((client) => ({ client }));
}

/** @throws OAuthError */
export function tokenEndpoint(
  grants: ReadonlyMap<string, GrantHandler>,
  senderConstraint: SenderConstraints,
  dependencies: ClientAuthenticationDependencies,
): TokenEndpoint {
  return async (authorization, form, context) => {
    const proven = await (clientOfGrant(grants, authorization, form, context) ??
      proveClient(authorization, form, context, dependencies));
    const { client, spending } = proven;
    let constraint: SenderConstraint | undefined;
    let grant: GrantHandler;
    try {
      grant = grantFor(client, form, grants);
      const constraining = senderConstraint(context, client);
      if (constraining === undefined && spending === undefined) return grant.exchange(form, client, context);
      constraint = await constraining;
    } catch (error) {
      // A refused request has used up the assertion that it came with.
      if (spending !== undefined) await spendAll([spending], dependencies.usedIdentifiers, context.at);
      throw error;
    }
    return exchangeSpending({ grant, form, context, proven, constraint }, dependencies);
  };
}

function grantFor(client: Client, form: Form, grants: ReadonlyMap<string, GrantHandler>): GrantHandler {
  const grant = grants.get(form.require('grant_type'));
  if (grant === undefined) throw new OAuthError('unsupported_grant_type', 'This grant type is not supported');
  if (!client.grantTypes.includes(grant.type)) {
    throw new OAuthError('unauthorized_client', 'The client is not registered for this grant type');
  }
  return grant;
}

interface SpendingExchange {
  readonly grant: GrantHandler;
  readonly form: Form;
  readonly context: RequestContext;
  readonly proven: ProvenClient;
  readonly constraint: SenderConstraint | undefined;
}

/**
 * Nothing is handed out before every proof is spent, and nobody who may be anyone makes us write that down: a public
 * client first needs a code or a refresh token that is good. A grant that can spends them with its own write.
 */
async function exchangeSpending(
  { grant, form, context, proven, constraint }: SpendingExchange,
  { usedIdentifiers }: Pick<ClientAuthenticationDependencies, 'usedIdentifiers'>,
): Promise<TokenResponse> {
  const { client } = proven;
  const spendings = [proven.spending, constraint?.spending].filter((one) => one !== undefined);
  const bound = constraint === undefined ? context : { ...context, confirmation: constraint.confirmation };
  if (spendings.length === 0) return grant.exchange(form, client, bound);
  if (grant.spendsWithItsWrite === true) {
    try {
      return await grant.exchange(form, client, { ...bound, spendings });
    } catch (error) {
      // A refused request has used up its proofs, too.
      await spendAll(spendings, usedIdentifiers, context.at);
      throw error;
    }
  }
  if (isPublicClient(client)) {
    const response = await grant.exchange(form, client, bound);
    await spend(spendings, usedIdentifiers, context.at);
    return response;
  }
  await spend(spendings, usedIdentifiers, context.at);
  return grant.exchange(form, client, bound);
}
