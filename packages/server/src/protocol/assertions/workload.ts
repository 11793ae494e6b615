/**
 * A workload trades the JWT of its platform for an access token: no registration of its own and no secret. The rule
 * that fits the JWT says which client it acts as.
 * @spec RFC 7523 §2.1 and §3
 */
import type { Random } from '@tessera/tokens';
import type { Client } from '../../domain/client.ts';
import type { AssertionRule } from '../../domain/trusted-issuer.ts';
import type { AccessTokens } from '../../ports/access-tokens.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Resources } from '../../ports/resources.ts';
import { auditEvent } from '../audit-event.ts';
import type { Form } from '../form.ts';
import type { AccessTokenIssuer } from '../issue-access-token.ts';
import { OAuthError } from '../oauth-error.ts';
import type { TokenRequestContext } from '../request-context.ts';
import { parseScope } from '../requested-scopes.ts';
import { type TokenResponse, tokenResponse } from '../token-response.ts';
import { allowedResource, allowedScopes, namedResource } from './assertion-target.ts';
import { fittingRule } from './claim-rules.ts';
import {
  type AssertionDependencies,
  refusedAssertion,
  spendAssertion,
  type VerifiedAssertion,
} from './verify-assertion.ts';

export interface WorkloadDependencies extends AssertionDependencies {
  readonly clients: Clients;
  readonly resources: Resources;
  readonly accessTokens: AccessTokens;
  readonly audit: Audit;
  readonly issueAccessToken: AccessTokenIssuer;
  readonly random: Random;
}

/** The clocks of two nodes may differ so much. */
const CLOCK_SKEW_MS = 5000;

/** The client that the workload acts as. @throws OAuthError `invalid_grant` when no rule fits, or its client is gone */
export async function clientOfWorkload(
  { trusted, claims }: VerifiedAssertion,
  { clients }: Pick<WorkloadDependencies, 'clients'>,
): Promise<Client> {
  const rule = fittingRule(trusted, claims);
  if (rule === undefined) throw refusedAssertion('No rule of its issuer fits the assertion', 'rules');
  const client = await clients.find(rule.clientId);
  // A client that was made after the rule is a later one of the same id.
  const isMeant = client?.status === 'active' && client.createdAt <= trusted.updatedAt + CLOCK_SKEW_MS;
  if (!isMeant) throw refusedAssertion('The assertion is not accepted', 'the client of the rule is gone');
  return client;
}

export async function exchangeWorkload(
  verified: VerifiedAssertion,
  form: Form,
  client: Client,
  context: TokenRequestContext,
  dependencies: WorkloadDependencies,
): Promise<TokenResponse> {
  const { resources, accessTokens, audit, issueAccessToken, random } = dependencies;
  const rule = fittingRule(verified.trusted, verified.claims);
  const meant = await clientOfWorkload(verified, dependencies);
  if (rule === undefined || meant.id !== client.id) {
    throw refusedAssertion('The assertion stands for another client', 'client');
  }
  const resource = await allowedResource(resourceFor(form, rule), rule, resources);
  const allowed = allowedScopes(rule, client, resource);
  const requested = parseScope(form.get('scope'));
  if (requested.some((name) => !allowed.includes(name))) {
    throw new OAuthError('invalid_scope', 'A requested scope is not one that the assertion is good for');
  }
  const scopes = requested.length === 0 ? allowed : requested;
  const { at, confirmation } = context;
  const target = { kind: 'resource', resource } as const;
  const trustedIssuerId = verified.trusted.id;
  const issued = await issueAccessToken({
    client,
    grant: undefined,
    target,
    scopes,
    at,
    context,
    confirmation,
    trustedIssuerId,
  });
  await spendAssertion(verified, at, dependencies);
  const detail = { issuer: verified.trusted.issuer, subject: verified.subject.slice(0, 200) };
  const event = {
    type: 'assertion.accepted',
    outcome: 'success',
    actor: client.id,
    clientId: client.id,
    resourceId: resource.id,
    detail,
  } as const;
  await Promise.all([audit.record(auditEvent(context, event, random)), accessTokens.issue(issued.row)]);
  return tokenResponse(issued);
}

/** What the request names; else the one API of the rule. */
function resourceFor(form: Form, { resources }: AssertionRule): string {
  const [only, ...others] = resources;
  const identifier = namedResource(form) ?? (others.length === 0 ? only : undefined);
  if (identifier !== undefined) return identifier;
  throw new OAuthError('invalid_target', 'Name the resource that the token is for');
}
