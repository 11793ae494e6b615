/**
 * What an agent may have at a moment: never more than its owner lets it, never more than its owner may give, and
 * nothing while nobody stands for it.
 */
import type { AgentDetails, AgentStanding } from '../domain/agent.ts';
import type { Membership } from '../domain/membership.ts';
import type { Resource } from '../domain/resource.ts';
import { may } from './authority.ts';

/** Why the agent gets nothing now, for its owner to read; undefined: it may. @param at milliseconds */
export function whyNothing(standing: AgentStanding | undefined, at: number): string | undefined {
  if (standing === undefined) return 'The agent has no owner';
  if (standing.clientStatus !== 'active') return 'The agent is stopped';
  if (standing.owner.status !== 'active') return 'The account of its owner is closed';
  if (at >= standing.details.reviewAt) return 'The agent is due for review: its owner has to confirm it';
  return undefined;
}

/** Whether the owner let the agent have a scope of an API. */
export function isPermitted(
  { permissions }: Pick<AgentDetails, 'permissions'>,
  scope: string,
  resource: Pick<Resource, 'id'> | undefined,
): boolean {
  return permissions.some(({ resourceId, scopes }) => resourceId === resource?.id && scopes.includes(scope));
}

/** Every scope of an API that the owner let the agent have. */
export function permittedScopes(
  { permissions }: Pick<AgentDetails, 'permissions'>,
  resource: Pick<Resource, 'id'> | undefined,
): readonly string[] {
  return permissions.find(({ resourceId }) => resourceId === resource?.id)?.scopes ?? [];
}

/**
 * Whether an owner can give a program a scope to use in its own name. Such a token opens what an API gives to apps, not
 * what is the owner's: everybody can give what the API gives to every app, and who manages the API whatever it has.
 */
export function mayGive(
  owner: AgentStanding['owner'],
  memberships: readonly Membership[],
  scope: string,
  resource: Pick<Resource, 'defaultScopes' | 'builtIn' | 'organizationId'>,
): boolean {
  if (resource.builtIn) return false;
  if (resource.defaultScopes.includes(scope)) return true;
  return may(owner, memberships, 'resource.manage', resource.organizationId);
}

/** Whether the agent has less than before in anything, so that what it holds must not stay. */
export function isNarrower(after: AgentDetails, before: AgentDetails): boolean {
  const losesScope = before.permissions.some(({ resourceId, scopes }) =>
    scopes.some((scope) => !isPermitted(after, scope, { id: resourceId })),
  );
  return losesScope || before.actsWith.some((clientId) => !after.actsWith.includes(clientId));
}
