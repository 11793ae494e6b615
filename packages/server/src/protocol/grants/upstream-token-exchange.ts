/**
 * The provider's own token of a person, handed to an app that may have it: the client by the provider's setting, and
 * by a scope that the person has allowed it. Access policies are asked as for a token of the API that has the scope.
 * @spec RFC 8693 §2.1, §2.2.1
 */
import type { PolicyFacts } from '../../access/policies/facts.ts';
import type { AccessTokenRow } from '../../domain/access-token.ts';
import type { Client } from '../../domain/client.ts';
import type { IdentityProvider } from '../../domain/identity-provider.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Grants } from '../../ports/grants.ts';
import type { IdentityProviders } from '../../ports/identity-providers.ts';
import type { Random } from '../../ports/random.ts';
import type { Resources } from '../../ports/resources.ts';
import { auditEvent } from '../audit-event.ts';
import type { Form } from '../form.ts';
import { OAuthError } from '../oauth-error.ts';
import { apiFacts, personFacts } from '../policies/facts-of.ts';
import { type PolicyJudge, refuse } from '../policies/judge-tokens.ts';
import type { RequestContext } from '../request-context.ts';
import type { TokenResponse } from '../token-response.ts';
import { freshUpstreamToken, type UpstreamTokenDependencies } from '../upstream/upstream-token.ts';

export interface UpstreamExchangeDependencies extends UpstreamTokenDependencies {
  readonly identityProviders: Pick<IdentityProviders, 'findByIssuer'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly random: Random;
  readonly issuer: string;
  readonly resources: Resources;
  readonly grants: Pick<Grants, 'find'>;
  readonly policyJudge: Pick<PolicyJudge, 'hasPolicies' | 'judge'>;
}

/** RFC 8693 §3. */
const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

/** @returns the provider that `audience` names; undefined where it names none: then it is one of our APIs */
export async function namedProvider(
  form: Form,
  { identityProviders }: UpstreamExchangeDependencies,
): Promise<IdentityProvider | undefined> {
  const named = form.all('audience');
  const [issuer] = named;
  if (issuer === undefined || named.length > 1 || form.has('resource')) return undefined;
  return identityProviders.findByIssuer(issuer);
}

/** @param subject the row of the subject token, which is good @throws OAuthError */
export async function exchangeForUpstream(
  provider: IdentityProvider,
  { form, subject, client, context }: UpstreamQuestion,
  dependencies: UpstreamExchangeDependencies,
): Promise<TokenResponse> {
  const userId = requireAllowed(provider, form, subject, client);
  if (await dependencies.policyJudge.hasPolicies()) {
    await judgeHandingOut(subject, client, context, dependencies);
  }
  const tokens = await freshUpstreamToken(provider, userId, context.at, dependencies);
  if (tokens === undefined || tokens.tokenType !== 'Bearer') {
    throw new OAuthError(
      'invalid_target',
      'There is no good token of this provider for the person; let them sign in with it again',
    );
  }
  const { audit, random } = dependencies;
  const about = {
    type: 'upstream_token.handed_out',
    outcome: 'success',
    actor: client.id,
    clientId: client.id,
    userId,
    ...(subject.grantId === undefined ? {} : { grantId: subject.grantId }),
    detail: { provider: provider.id },
  } as const;
  await audit.record(auditEvent(context, about, random));
  const { accessToken, scope, expiresAt } = tokens;
  return {
    access_token: accessToken,
    issued_token_type: ACCESS_TOKEN_TYPE,
    token_type: 'Bearer',
    ...(expiresAt === undefined ? {} : { expires_in: Math.floor((expiresAt - context.at) / 1000) }),
    ...(scope === undefined ? {} : { scope }),
  };
}

export interface UpstreamQuestion {
  readonly form: Form;
  readonly subject: AccessTokenRow;
  readonly client: Client;
  readonly context: RequestContext;
}

/** Nothing of ours binds the provider's token to a key. @throws OAuthError */
async function judgeHandingOut(
  { grantId, resourceId, scopes }: AccessTokenRow,
  client: Client,
  context: RequestContext,
  dependencies: UpstreamExchangeDependencies,
): Promise<void> {
  const grant = grantId === undefined ? undefined : await dependencies.grants.find(grantId);
  const { at, address } = context;
  const facts: PolicyFacts = {
    client,
    ...(await apiFacts(resourceId, undefined, dependencies)),
    scopes,
    ...(grant === undefined ? {} : { person: personFacts(grant) }),
    address,
    binding: 'none',
    at,
  };
  refuse(await dependencies.policyJudge.judge(facts, { context, grant }));
}

/** @returns the person @throws OAuthError */
function requireAllowed(
  { status, keepTokens, tokenClients, tokenScope }: IdentityProvider,
  form: Form,
  subject: AccessTokenRow,
  client: Client,
): string {
  const { userId, clientId, actor, scopes } = subject;
  if (status !== 'active' || !keepTokens || tokenScope === undefined || !tokenClients.includes(client.id)) {
    throw new OAuthError('invalid_target', 'This client may not have tokens of this provider');
  }
  if (form.get('requested_token_type') !== ACCESS_TOKEN_TYPE) {
    throw new OAuthError(
      'invalid_request',
      'The requested_token_type must be that of an access token; its format is up to the provider',
    );
  }
  if (form.has('scope') || form.has('actor_token')) {
    throw new OAuthError(
      'invalid_request',
      'The token of a provider is handed on as it is: without scope and actor_token',
    );
  }
  if (userId === undefined || clientId !== client.id || actor !== undefined) {
    throw new OAuthError(
      'invalid_request',
      'The subject_token must be one that a person gave to this client itself',
    );
  }
  if (!scopes.includes(tokenScope)) {
    throw new OAuthError(
      'invalid_scope',
      'The person has not allowed this client to have tokens of this provider',
    );
  }
  return userId;
}
