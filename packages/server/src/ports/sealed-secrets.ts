import type { AuditEvent } from '../domain/audit-event.ts';

/** Secrets of the deployment that all nodes share and that must outlive a change of the master key. */
export interface SealedSecrets {
  /** The secret of this name, sealed; `candidate` becomes it where there is none yet. */
  ensure(name: string, candidate: Uint8Array): Promise<Uint8Array>;
  /** Takes a name that nobody took before, and says so in the audit. False if it was taken. */
  claim(name: string, audit: AuditEvent): Promise<boolean>;
}
