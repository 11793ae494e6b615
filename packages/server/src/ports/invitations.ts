import type { AuditEvent } from '../domain/audit-event.ts';
import type { Invitation } from '../domain/invitation.ts';
import type { Membership } from '../domain/membership.ts';
import type { SealedMail } from '../domain/mail-message.ts';
import type { Page, PageRequest } from './page.ts';

export interface Invitations {
  /**
   * Writes an invitation and its mail; an older one for the same address in the organization ends.
   * @returns `gone`: the organization is, or is a personal one; `too_many`: as many wait as may
   */
  create(
    invitation: Invitation,
    mail: SealedMail,
    audit: AuditEvent,
  ): Promise<'created' | 'too_many' | 'gone'>;
  /** Those that are good at `now`. */
  list(organizationId: string, now: number, page: PageRequest): Promise<Page<Invitation>>;
  findByHash(hash: Uint8Array, now: number): Promise<Invitation | undefined>;
  find(id: string, now: number): Promise<Invitation | undefined>;
  /** Declined, or taken back. False if it was over before. */
  end(id: string, audit: AuditEvent): Promise<boolean>;
  /**
   * Uses the invitation up and makes the person a member, in one conditional write: of any number of calls at once one
   * answers `added`.
   * @returns `gone`: it was over before, and nobody is a member by it; `member_already`: it is over now
   */
  accept(id: string, membership: Membership, audit: AuditEvent): Promise<'added' | 'member_already' | 'gone'>;
}
