import type { AuditEvent } from '../domain/audit-event.ts';
import type { TrustedIssuer } from '../domain/trusted-issuer.ts';
import type { Page, PageRequest } from './page.ts';

export interface TrustedIssuers {
  find(id: string): Promise<TrustedIssuer | undefined>;
  /** By the exact `iss` of a JWT. */
  findByIssuer(issuer: string): Promise<TrustedIssuer | undefined>;
  /** @throws AlreadyExists */
  create(issuer: TrustedIssuer, audit: AuditEvent): Promise<void>;
  /**
   * Replaces the trusted issuer.
   * @param before what the change was made from; it is made only if nobody else has changed it since
   * @returns false if it is gone, or is not `before` any more
   * @throws AlreadyExists
   */
  update(issuer: TrustedIssuer, audit: AuditEvent, before: TrustedIssuer): Promise<boolean>;
  /** Deletes it with the links to people that it made. */
  delete(id: string, audit: AuditEvent): Promise<boolean>;
  list(page: PageRequest): Promise<Page<TrustedIssuer>>;
}
