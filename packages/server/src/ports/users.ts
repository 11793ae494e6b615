import type { AuditEvent } from '../domain/audit-event.ts';
import type { User } from '../domain/user.ts';
import type { ByMail } from './mail-links.ts';
import type { Page, PageRequest } from './page.ts';

/** What a change of a person goes with. */
export interface GoesWith extends ByMail {
  /** With another password: their personal access tokens end, too. */
  readonly endsPersonalTokens?: boolean;
}

export interface Users {
  find(id: string): Promise<User | undefined>;
  /** `email` in its normal form (domain/user). */
  findByEmail(email: string): Promise<User | undefined>;
  /** Whose own, personal organization it is. */
  findByPersonalOrganization(organizationId: string): Promise<User | undefined>;
  /**
   * Makes the user and their personal organization.
   * @returns false if the link that allowed it is not good any more
   * @throws AlreadyExists
   */
  create(user: User, audit: AuditEvent, by?: ByMail): Promise<boolean>;
  /**
   * Replaces the user; disabling, and another password, end their sessions and grants in the same transaction, and
   * with another address or password the links end that were mailed to them.
   * @param before the user that the change was made from; it is made only if nobody else has changed them since
   * @returns false if the user is gone, or is not `before` any more, or the link is not good any more
   * @throws AlreadyExists, LastAdministrator
   */
  update(user: User, audit: AuditEvent, before?: User, by?: GoesWith): Promise<boolean>;
  /**
   * Deletes the user with their sessions, consents, grants, tokens and mailed links, their personal organization and its
   * apps. @throws LastAdministrator, LastOwner
   */
  delete(id: string, audit: AuditEvent, by?: ByMail): Promise<boolean>;
  list(page: PageRequest, filter?: Partial<Pick<User, 'role' | 'status'>>): Promise<Page<User>>;
  /** Administrators whose account is active. */
  countAdmins(): Promise<number>;
}
