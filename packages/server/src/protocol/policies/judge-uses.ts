/**
 * Judges tokens that nobody renews, each time an API asks about them: personal access tokens, and client tokens. There
 * is nobody who could sign in better for them, so what a policy demands refuses them.
 */
import type { PolicyFacts } from '../../access/policies/facts.ts';
import type { Client } from '../../domain/client.ts';
import type { PersonalAccessToken } from '../../domain/personal-access-token.ts';
import type { Resource } from '../../domain/resource.ts';
import type { RequestContext } from '../request-context.ts';
import { personFacts } from './facts-of.ts';
import type { PolicyJudge } from './judge-tokens.ts';

export interface UseRuling {
  readonly isRefused: boolean;
  /** For the answer to carry, so that whoever heard of a change knows that this came after it. */
  readonly epoch?: number;
}

/** @param address of whoever used the token, where the API says it */
export async function judgePersonalTokenUse(
  token: PersonalAccessToken,
  scopes: readonly string[],
  resource: Resource,
  { context, address }: { readonly context: RequestContext; readonly address: string | undefined },
  policyJudge: PolicyJudge,
): Promise<UseRuling> {
  const { userId, createdAt, organizationId } = token;
  const { at } = context;
  const facts: PolicyFacts = {
    audience: [resource.identifier],
    apis: [resource],
    scopes,
    // A token is no sign-in. Whoever made it has allowed what it may.
    person: personFacts({ userId, amr: [], authTime: createdAt }, at),
    ...(address === undefined ? {} : { address }),
    binding: 'none',
    at,
  };
  return judgeUse(facts, { context, organizationId }, policyJudge);
}

export async function judgeClientTokenUse(
  client: Client,
  scopes: readonly string[],
  apis: readonly Resource[],
  { context, address }: { readonly context: RequestContext; readonly address: string | undefined },
  policyJudge: PolicyJudge,
): Promise<UseRuling> {
  const facts: PolicyFacts = {
    client,
    audience: apis.map(({ identifier }) => identifier),
    apis,
    scopes,
    ...(address === undefined ? {} : { address }),
    binding: 'none',
    at: context.at,
  };
  return judgeUse(facts, { context }, policyJudge);
}

async function judgeUse(
  facts: PolicyFacts,
  about: Parameters<PolicyJudge['judge']>[1],
  { epoch, hasPolicies, judge }: PolicyJudge,
): Promise<UseRuling> {
  // Asked first: a change in between makes the answer older than it is, never newer.
  const current = await epoch();
  const { blockedBy, stepUp, consentFor } = (await hasPolicies()) ? await judge(facts, about) : {};
  const isRefused = blockedBy !== undefined || stepUp !== undefined || consentFor !== undefined;
  return { isRefused, ...(current === undefined ? {} : { epoch: current }) };
}
