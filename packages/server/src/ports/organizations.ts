import type { AuditEvent } from '../domain/audit-event.ts';
import type { Membership } from '../domain/membership.ts';
import type { Organization } from '../domain/organization.ts';
import type { OwnedFilter, Page, PageRequest } from './page.ts';

export interface Organizations {
  find(id: string): Promise<Organization | undefined>;
  /** Makes the organization and its first owner. */
  create(organization: Organization, owner: Membership, audit: AuditEvent): Promise<void>;
  /** Writes its name and its lifetime. False if it is gone, or is a personal one. */
  update(organization: Organization, audit: AuditEvent): Promise<boolean>;
  /**
   * Deletes a team with its members, invitations, apps and APIs; what they held ends, and is announced. False if there is
   * no such team.
   */
  delete(id: string, audit: AuditEvent): Promise<boolean>;
  /** @param filter `organizationIds`: only these */
  list(
    filter: OwnedFilter & { readonly kind?: Organization['kind'] },
    page: PageRequest,
  ): Promise<Page<Organization>>;
}
