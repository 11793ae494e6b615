import type { Member } from '../../api/described.ts';

export type OrganizationRole = Member['role'];

/** What a member may do, from the most to the least. */
export const ROLES: readonly {
  readonly value: OrganizationRole;
  readonly text: string;
  readonly hint: string;
}[] = [
  { value: 'owner', text: 'Owner', hint: 'May do everything there, and decides who else is an owner.' },
  { value: 'admin', text: 'Admin', hint: 'Looks after members, apps, APIs and token rules.' },
  { value: 'developer', text: 'Developer', hint: 'Makes apps and APIs, and looks after them.' },
  { value: 'member', text: 'Member', hint: 'Sees its apps and APIs.' },
];

/** @param may what the person who chooses may do there: only owners make owners */
export function rolesToGive(may: readonly string[]): typeof ROLES {
  return ROLES.filter(({ value }) => may.includes(value === 'owner' ? 'owner.manage' : 'member.manage'));
}
