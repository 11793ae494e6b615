/** A person's place in an organization, as far as personal access tokens are concerned. Read anew for each question. */
import { isOperator, may } from '../../access/authority.ts';
import type { OwnerRole } from '../../access/personal-token-rules.ts';
import type { User } from '../../domain/user.ts';
import type { Memberships } from '../../ports/memberships.ts';

export type TokenOwner = Pick<User, 'id' | 'organizationId' | 'role' | 'status'>;

export type RoleIn = (person: TokenOwner, organizationId: string) => Promise<OwnerRole>;

/** In their own organization everybody is the owner, and the operator is one everywhere. */
export function createRoleIn(memberships: Pick<Memberships, 'ofUser'>): RoleIn {
  return async (person, organizationId) => {
    if (person.organizationId === organizationId || isOperator(person)) return 'owner';
    const all = await memberships.ofUser(person.id);
    return all.find((membership) => membership.organizationId === organizationId)?.role ?? 'none';
  };
}

/** Whether a person could approve tokens for an organization. */
export type MayDecide = (person: TokenOwner, organizationId: string) => Promise<boolean>;

export function createMayDecide(memberships: Pick<Memberships, 'ofUser'>): MayDecide {
  return async (person, organizationId) =>
    may(person, await memberships.ofUser(person.id), 'personal_access_token.manage', organizationId);
}
