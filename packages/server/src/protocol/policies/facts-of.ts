/** What policies are told of a request: put together from what its rules know of it. */
import type { PersonFacts, PolicyFacts } from '../../access/policies/facts.ts';
import type { Need } from '../../access/policies/conditions/condition.ts';
import type { PreparedPolicy } from '../../access/policies/prepare.ts';
import type { Confirmation } from '../../domain/confirmation.ts';
import type { Grant } from '../../domain/grant.ts';
import { RISK_LEVELS, type RiskLevel } from '../../domain/policy.ts';
import { ISSUER_RESOURCE_ID, type Resource } from '../../domain/resource.ts';
import type { Consents } from '../../ports/consents.ts';
import type { Memberships } from '../../ports/memberships.ts';
import type { RiskSignals } from '../../ports/policies.ts';
import type { Resources } from '../../ports/resources.ts';
import { classesMet } from '../acr.ts';
import { audienceOf, grantedResourceIds } from '../resource-indicators.ts';

export interface FactSources {
  readonly issuer: string;
  readonly resources: Resources;
  readonly memberships: Pick<Memberships, 'ofUser'>;
  readonly riskSignals: Pick<RiskSignals, 'ofUser'>;
}

/** What a token is asked for under, and what is remembered of that. */
export interface GrantFacts {
  readonly grant: Grant;
  readonly consents: Pick<Consents, 'find'>;
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

/**
 * When the person themselves allowed what a grant holds; undefined: nobody has asked them. A grant that was made without
 * a page rests on the consent that was remembered.
 */
async function timeAllowed({ grant, consents }: GrantFacts): Promise<number | undefined> {
  const { userId, clientId, sessionId, trustedIssuerId, createdAt } = grant;
  if (trustedIssuerId !== undefined) return undefined;
  // Each device is asked about, and belongs to no session.
  if (sessionId === undefined) return createdAt;
  const remembered = await Promise.all(
    grantedResourceIds(grant).map((resourceId) => consents.find(userId, clientId, resourceId)),
  );
  const times = remembered.map((each) => each?.updatedAt).filter((at) => at !== undefined);
  return times.length < remembered.length ? undefined : Math.min(createdAt, ...times);
}

/** Whether anything that is looked up for these policies may be otherwise a moment later. */
export function haveNeeds(policies: readonly PreparedPolicy[]): boolean {
  return policies.some(({ conditions }) => conditions.some(({ needs }) => needs !== undefined));
}

/**
 * Looks up what only some policies ask for, and only where one of them does.
 * @param under the grant, where a token is asked for
 */
export async function withNeeds(
  facts: PolicyFacts,
  policies: readonly PreparedPolicy[],
  { memberships, riskSignals }: Pick<FactSources, 'memberships' | 'riskSignals'>,
  under?: GrantFacts,
): Promise<PolicyFacts> {
  const { person, at } = facts;
  const needs = (need: Need): boolean =>
    policies.some(({ conditions }) => conditions.some((each) => each.needs === need));
  if (person === undefined) return facts;
  const asksForConsent = policies.some(({ policy }) => policy.outcome.kind === 'require_consent');
  const [found, signals, allowed] = await Promise.all([
    needs('memberships') ? memberships.ofUser(person.userId) : undefined,
    needs('risk') ? riskSignals.ofUser(person.userId, at) : undefined,
    under !== undefined && asksForConsent ? timeAllowed(under) : undefined,
  ]);
  return {
    ...facts,
    person: {
      ...person,
      ...(allowed === undefined ? {} : { allowedAt: allowed }),
      ...(found === undefined ? {} : { memberships: found }),
      ...(signals === undefined ? {} : { risk: worstOf(signals.map(({ level }) => level)) }),
    },
  };
}

function worstOf(levels: readonly RiskLevel[]): RiskLevel | 'none' {
  return RISK_LEVELS.findLast((level) => levels.includes(level)) ?? 'none';
}
