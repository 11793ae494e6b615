import type { AuditEvent } from '../domain/audit-event.ts';

/** Who a person is at a trusted issuer. */
export interface LinkedIdentities {
  /** The user whom the issuer's subject is. */
  find(trustedIssuerId: string, subject: string): Promise<string | undefined>;
  /** False if the subject is linked already, to whomever. */
  link(
    link: {
      readonly trustedIssuerId: string;
      readonly subject: string;
      readonly userId: string;
      readonly at: number;
    },
    audit: AuditEvent,
  ): Promise<boolean>;
}
