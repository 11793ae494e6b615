/** Audit events of what people do with their own accounts. */
import type { AuditEvent } from '../domain/audit-event.ts';
import type { Random } from '../ports/random.ts';
import { createAuditEventId } from './audit-event-id.ts';

/** The request in which something is done. */
export interface Occasion {
  /** Milliseconds. */
  readonly at: number;
  readonly address: string;
  readonly requestId?: string | undefined;
}

export function accountEvent(
  { at, address, requestId }: Occasion,
  details: Omit<AuditEvent, 'id' | 'at' | 'requestId' | 'address'>,
  random: Random,
): AuditEvent {
  return {
    id: createAuditEventId(random),
    at,
    address,
    ...(requestId !== undefined && { requestId }),
    ...details,
  };
}
