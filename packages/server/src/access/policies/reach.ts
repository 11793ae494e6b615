/**
 * Which tokens a policy may concern: what a change of it has judged anew. Rather too many than too few; but none that are
 * neither of the apps nor of the APIs of its organization, and for Tessera's own API none that do not have to be.
 */
import { TESSERA_API_IDENTIFIER } from '../../domain/resource.ts';
import type { Policy, PolicyReach } from '../../domain/policy.ts';
import type { Reach } from './conditions/condition.ts';
import { conditionNamed } from './conditions/index.ts';
import { hasForm } from './prepare.ts';

/** The narrowest first: ids of people are fewer tokens than those of apps, and those fewer than those of APIs. */
const NARROWEST: readonly Reach['by'][] = ['userId', 'clientId', 'resource'];

/**
 * @param apiNamed what an identifier names: the id of an API; nothing but the server itself, whose tokens name no API; or
 *   undefined: nothing, and so no tokens
 * @returns nothing for a policy that is not enforced
 */
export function reachOfPolicy(
  policy: Policy,
  apiNamed: (identifier: string) => Pick<PolicyReach, 'resourceId'> | undefined,
): readonly PolicyReach[] {
  if (policy.mode === 'off' || policy.mode === 'report_only') return [];
  const within = policy.serverWide ? {} : { organizationId: policy.organizationId };
  const named = Object.entries(policy.conditions).flatMap(([name, asked]) => reachNamed(name, asked));
  for (const by of NARROWEST) {
    const reach = named.find((each) => each.by === by);
    if (reach === undefined) continue;
    if (by === 'resource') return reach.ids.flatMap((id) => reachByApi(id, apiNamed, within));
    // By people and apps tokens for Tessera's own API are not reached: it has to be named.
    const isOwnNamed = named.some(
      (each) => each.by === 'resource' && each.ids.includes(TESSERA_API_IDENTIFIER),
    );
    const own = isOwnNamed ? reachByApi(TESSERA_API_IDENTIFIER, apiNamed, within) : [];
    return [...reach.ids.map((id) => ({ [by]: id, ...within })), ...own];
  }
  return [within];
}

function reachByApi(
  identifier: string,
  apiNamed: (identifier: string) => Pick<PolicyReach, 'resourceId'> | undefined,
  within: Pick<PolicyReach, 'organizationId'>,
): readonly PolicyReach[] {
  const found = apiNamed(identifier);
  return found === undefined ? [] : [{ ...found, ...within }];
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
