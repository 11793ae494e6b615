import type { AuditEvent } from '../domain/audit-event.ts';
import type { SigningKey } from '../domain/signing-key.ts';

export interface SigningKeys {
  /** Every key that has not retired by `now`, oldest first. */
  list(now: number): Promise<readonly SigningKey[]>;
  /**
   * Adds a key and, in the same transaction, sets the end of its predecessor of the same algorithm.
   * False when another node has added a key of this algorithm since `predecessor` was read.
   */
  rotate(rotation: {
    readonly key: SigningKey;
    /** Absent for the first key of an algorithm. */
    readonly predecessor?: { readonly kid: string; readonly retiresAt: number };
    readonly audit: AuditEvent;
  }): Promise<boolean>;
  /** Takes a key out of the published set at once, and tells whoever listens. */
  retire(kid: string, at: number, audit: AuditEvent): Promise<boolean>;
  /**
   * Takes a key back for good: it leaves the published set at once, whoever listens is told, and another signs.
   * @param revocation `successor` is stored, from when it is to sign, if no other key can
   * @returns false for a key that is not published
   */
  revoke(revocation: {
    readonly kid: string;
    readonly at: number;
    readonly successor: Omit<SigningKey, 'activeFrom' | 'retiresAt'>;
    readonly audit: AuditEvent;
  }): Promise<boolean>;
}
