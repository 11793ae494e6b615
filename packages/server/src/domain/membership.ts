/** A person's place in an organization. Of a personal organization there is none: it has its person, and nobody else. */
export interface Membership {
  readonly organizationId: string;
  readonly userId: string;
  readonly role: OrganizationRole;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What each may do stands in access/authority.ts. */
export type OrganizationRole = 'owner' | 'admin' | 'developer' | 'member';

export const ORGANIZATION_ROLES: readonly OrganizationRole[] = ['owner', 'admin', 'developer', 'member'];

/** A membership with what others in the organization see of the person. */
export interface Member extends Membership {
  readonly email: string;
  readonly displayName: string;
}
