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
  /** Takes a key out of the published set at once. */
  retire(kid: string, at: number, audit: AuditEvent): Promise<boolean>;
}
