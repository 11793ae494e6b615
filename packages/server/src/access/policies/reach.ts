/** Which tokens a policy may concern: what a change of it has judged anew. Rather too many than too few. */
import type { Policy, PolicyReach } from '../../domain/policy.ts';
import type { Reach } from './conditions/condition.ts';
import { conditionNamed } from './conditions/index.ts';
import { hasForm } from './prepare.ts';

/** The narrowest first: ids of people are fewer tokens than those of apps, and those fewer than those of APIs. */
const NARROWEST: readonly Reach['by'][] = ['userId', 'clientId', 'resource'];

/**
 * @param resourceId finds the id of an API by its identifier; undefined: there is none, and so no tokens for it
 * @returns nothing for a policy that is not enforced
 */
export function reachOfPolicy(
  policy: Policy,
  resourceId: (identifier: string) => string | undefined,
): readonly PolicyReach[] {
  if (policy.mode === 'off' || policy.mode === 'report_only') return [];
  const named = Object.entries(policy.conditions).flatMap(([name, asked]) => reachNamed(name, asked));
  for (const by of NARROWEST) {
    const reach = named.find((each) => each.by === by);
    if (reach !== undefined) return reach.ids.flatMap((id) => reachById(by, id, resourceId));
  }
  return [policy.serverWide ? {} : { organizationId: policy.organizationId }];
}

function reachById(
  by: Reach['by'],
  id: string,
  resourceId: (identifier: string) => string | undefined,
): readonly PolicyReach[] {
  if (by !== 'resource') return [{ [by]: id }];
  const found = resourceId(id);
  return found === undefined ? [] : [{ resourceId: found }];
}

function reachNamed(name: string, asked: unknown): readonly Reach[] {
  const known = conditionNamed(name);
  if (known?.reach === undefined || !hasForm(known.schema, asked)) return [];
  const reach = known.reach(asked);
  return reach === undefined ? [] : [reach];
}

/** Whether a policy decides as it did: a new name or a new place in words changes nothing. */
export function decidesAlike(one: Policy, other: Policy): boolean {
  return decision(one) === decision(other);
}

function decision({ mode, conditions, outcome, serverWide, organizationId }: Policy): string {
  return JSON.stringify([mode, conditions, outcome, serverWide, organizationId]);
}
