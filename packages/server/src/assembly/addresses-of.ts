/** Whom to write to about what an organization owns. */
import type { OrganizationRole } from '../domain/membership.ts';
import type { Store } from '../ports/store.ts';

/** More would be told by nobody reading it. */
const MOST_TOLD = 20;
const PAGE = 200;

/**
 * The addresses of those with one of these roles; where it has nobody such, of whoever runs the deployment.
 * @param organizationId a personal one has its person
 */
export async function addressesOf(
  organizationId: string,
  roles: readonly OrganizationRole[],
  { users, memberships }: Pick<Store, 'users' | 'memberships'>,
): Promise<readonly string[]> {
  const person = await users.findByPersonalOrganization(organizationId);
  if (person !== undefined) return [person.email];
  const members = await memberships.list(organizationId, { limit: PAGE });
  const told = members.items.filter(({ role }) => roles.includes(role));
  if (told.length > 0) return told.slice(0, MOST_TOLD).map(({ email }) => email);
  const { items } = await users.list({ limit: PAGE });
  const operators = items.filter(({ role, status }) => role === 'admin' && status === 'active');
  return operators.slice(0, MOST_TOLD).map(({ email }) => email);
}
