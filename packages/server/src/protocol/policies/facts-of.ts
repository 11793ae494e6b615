/** What policies are told of a request: put together from what its rules know of it. */
import type { PersonFacts, PolicyFacts } from '../../access/policies/facts.ts';
import type { Need } from '../../access/policies/conditions/condition.ts';
import type { PreparedPolicy } from '../../access/policies/prepare.ts';
import type { Confirmation } from '../../domain/confirmation.ts';
import { RISK_LEVELS, type RiskLevel } from '../../domain/policy.ts';
import { ISSUER_RESOURCE_ID, type Resource } from '../../domain/resource.ts';
import type { Memberships } from '../../ports/memberships.ts';
import type { RiskSignals } from '../../ports/policies.ts';
import type { Resources } from '../../ports/resources.ts';
import { classesMet } from '../acr.ts';
import { audienceOf } from '../resource-indicators.ts';

export interface FactSources {
  readonly issuer: string;
  readonly resources: Resources;
  readonly memberships: Pick<Memberships, 'ofUser'>;
  readonly riskSignals: Pick<RiskSignals, 'ofUser'>;
}

/** How and when somebody signed in. */
export interface SignInFacts {
  readonly userId: string;
  readonly amr: readonly string[];
  /** Milliseconds. */
  readonly authTime: number;
}

export function personFacts({ userId, amr, authTime }: SignInFacts, allowedAt?: number): PersonFacts {
  return {
    userId,
    acrs: classesMet(amr),
    amr,
    authTime,
    ...(allowedAt === undefined ? {} : { allowedAt }),
  };
}

/** What a token under a resource's id is good for. @param resource where it is known already */
export async function apiFacts(
  resourceId: string | undefined,
  resource: Resource | undefined,
  { issuer, resources }: Pick<FactSources, 'issuer' | 'resources'>,
): Promise<Pick<PolicyFacts, 'audience' | 'apis'>> {
  if (resource !== undefined) return { audience: [resource.identifier], apis: [resource] };
  if (resourceId === ISSUER_RESOURCE_ID) return { audience: [issuer], apis: [] };
  const { audience, resources: apis } = await audienceOf(resourceId, issuer, resources);
  return { audience, apis };
}

export function bindingOf(confirmation: Confirmation | undefined): PolicyFacts['binding'] {
  if (confirmation === undefined) return 'none';
  return 'jkt' in confirmation ? 'dpop' : 'mtls';
}

/** Looks up what only some conditions ask for, and only where one of them does. */
export async function withNeeds(
  facts: PolicyFacts,
  policies: readonly PreparedPolicy[],
  { memberships, riskSignals }: Pick<FactSources, 'memberships' | 'riskSignals'>,
): Promise<PolicyFacts> {
  const { person, at } = facts;
  const needs = (need: Need): boolean =>
    policies.some(({ conditions }) => conditions.some((each) => each.needs === need));
  if (person === undefined) return facts;
  const [found, signals] = await Promise.all([
    needs('memberships') ? memberships.ofUser(person.userId) : undefined,
    needs('risk') ? riskSignals.ofUser(person.userId, at) : undefined,
  ]);
  return {
    ...facts,
    person: {
      ...person,
      ...(found === undefined ? {} : { memberships: found }),
      ...(signals === undefined ? {} : { risk: worstOf(signals.map(({ level }) => level)) }),
    },
  };
}

function worstOf(levels: readonly RiskLevel[]): RiskLevel | 'none' {
  return RISK_LEVELS.findLast((level) => levels.includes(level)) ?? 'none';
}
