/** Whom to write to about what an organization owns. */
import type { OrganizationRole } from '../domain/membership.ts';
import type { Store } from '../ports/store.ts';

/** More would be told by nobody reading it. */
const MOST_TOLD = 20;

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
  const page = { limit: MOST_TOLD };
  const { items: members } = await memberships.list(organizationId, page, roles);
  if (members.length > 0) return members.map(({ email }) => email);
  const { items: operators } = await users.list(page, { role: 'admin', status: 'active' });
  return operators.map(({ email }) => email);
}
