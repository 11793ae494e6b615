/**
 * Who may do what. An organization decides about what it owns: what may be done is a matter of the role that the
 * caller has in the organization of the stored object. What stands nowhere here is for nobody but the operator.
 */
import type { Membership, OrganizationRole } from '../domain/membership.ts';
import type { User } from '../domain/user.ts';

const yes = true;
const no = false;

/** Role by role, from left to right: each may what those on its right may. */
const ROLES: readonly OrganizationRole[] = ['owner', 'admin', 'developer', 'member'];

// biome-ignore format: a table is read in columns
const MAY = {
  //                               owner  admin  developer member
  'organization.read':            [yes,   yes,   yes,      yes],
  'organization.update':          [yes,   yes,   no,       no],
  'organization.delete':          [yes,   no,    no,       no],
  'member.read':                  [yes,   yes,   yes,      yes],
  'member.manage':                [yes,   yes,   no,       no],
  'owner.manage':                 [yes,   no,    no,       no],
  'invitation.read':              [yes,   yes,   no,       no],
  'invitation.manage':            [yes,   yes,   no,       no],
  'client.read':                  [yes,   yes,   yes,      yes],
  'client.manage':                [yes,   yes,   yes,      no],
  'resource.read':                [yes,   yes,   yes,      yes],
  'resource.manage':              [yes,   yes,   yes,      no],
  'grant.read':                   [yes,   yes,   no,       no],
  'grant.manage':                 [yes,   yes,   no,       no],
  'token.read':                   [yes,   yes,   yes,      no],
  'token.manage':                 [yes,   yes,   yes,      no],
  'refusal.read':                 [yes,   yes,   yes,      no],
  'audit.read':                   [yes,   yes,   no,       no],
  'token_rules.read':             [yes,   yes,   yes,      yes],
  'token_rules.manage':           [yes,   yes,   no,       no],
  'policy.read':                  [yes,   yes,   yes,      no],
  'policy.manage':                [yes,   yes,   no,       no],
  'personal_access_token.read':   [yes,   yes,   no,       no],
  'personal_access_token.manage': [yes,   yes,   no,       no],
  'agent.read':                   [yes,   yes,   no,       no],
  'agent.manage':                 [yes,   yes,   no,       no],
} as const satisfies Record<string, readonly [boolean, boolean, boolean, boolean]>;

/** What can be done to something that an organization owns. */
export type Action = keyof typeof MAY;

/**
 * Alone in a personal organization, its person may what a developer may, and end what was given there. There are no
 * members to manage, it goes with its person, and it has no APIs: an API's name is for all, apps are for one.
 */
const IN_PERSONAL: readonly Action[] = [
  'organization.read',
  'member.read',
  'client.read',
  'client.manage',
  'grant.read',
  'grant.manage',
  'token.read',
  'token.manage',
  'refusal.read',
  'token_rules.read',
  'personal_access_token.read',
  'personal_access_token.manage',
  'agent.read',
  'agent.manage',
];

export const ACTIONS: readonly Action[] = Object.keys(MAY).filter(isAction);

function isAction(name: string): name is Action {
  return Object.hasOwn(MAY, name);
}

/** What of a person decides about their authority. */
export type Authorized = Pick<User, 'id' | 'role' | 'status' | 'organizationId'>;

/** Whether the person runs the whole deployment: its people, keys, trusted issuers and everything that is in it. */
export function isOperator(person: Authorized): boolean {
  return person.status === 'active' && person.role === 'admin';
}

/** Whether a role may do it, in an organization that is nobody's personal one. */
export function roleMay(role: OrganizationRole, action: Action): boolean {
  return Object.hasOwn(MAY, action) && MAY[action][ROLES.indexOf(role)] === true;
}

/**
 * Whether a person may do something to what an organization owns.
 * @param memberships the person's, read anew for this call; those of others count for nothing
 * @param organizationId of the stored object, never of the request
 */
export function may(
  person: Authorized,
  memberships: readonly Membership[],
  action: Action,
  organizationId: string,
): boolean {
  if (person.status !== 'active') return false;
  if (isOperator(person)) return true;
  if (organizationId === person.organizationId) return IN_PERSONAL.includes(action);
  return memberships.some(
    (membership) =>
      membership.userId === person.id &&
      membership.organizationId === organizationId &&
      roleMay(membership.role, action),
  );
}

/**
 * The organizations in which a person may do something, for lists that show no more than that.
 * @returns `every` for an operator
 */
export function organizationsOf(
  person: Authorized,
  memberships: readonly Membership[],
  action: Action,
): 'every' | readonly string[] {
  if (isOperator(person)) return 'every';
  const named = [person.organizationId, ...memberships.map(({ organizationId }) => organizationId)];
  return [...new Set(named)].filter((id) => may(person, memberships, action, id));
}
