import type { AuditEvent } from '../domain/audit-event.ts';
import type { Member, Membership, OrganizationRole } from '../domain/membership.ts';
import type { Page, PageRequest } from './page.ts';

/** Who is in which organization, and as what. Personal organizations have no memberships. */
export interface Memberships {
  /** The person's own; their personal organization is not among them. Never from memory: a demotion counts at once. */
  ofUser(userId: string): Promise<readonly Membership[]>;
  find(organizationId: string, userId: string): Promise<Member | undefined>;
  /** @param roles only those; absent: all */
  list(organizationId: string, page: PageRequest, roles?: readonly OrganizationRole[]): Promise<Page<Member>>;
  /**
   * Makes a person a member.
   * @returns `gone` where there is no such person, or no such organization that is nobody's personal one
   */
  add(membership: Membership, audit: AuditEvent): Promise<'added' | 'member_already' | 'gone'>;
  /**
   * Gives a member another role.
   * @param before the membership that the change was made from; it is made only if nobody else has changed it since
   * @returns false if it is gone, or is not `before` any more
   * @throws LastOwner
   */
  changeRole(membership: Membership, audit: AuditEvent, before: Membership): Promise<boolean>;
  /** As `changeRole`; the personal access tokens that they made in the organization end. @throws LastOwner */
  remove(membership: Membership, audit: AuditEvent): Promise<boolean>;
}
