import type { AuditEvent } from '../domain/audit-event.ts';
import type { Random } from '../ports/random.ts';
import { createAuditEventId } from './audit-event-id.ts';
import type { FactorContext } from './factor-ports.ts';

/** The audit event of something that happened to a person's factors, or with them. */
export function factorEvent(
  event: Pick<AuditEvent, 'type' | 'outcome' | 'reason' | 'detail'>,
  userId: string,
  { at, address, requestId, actor = userId }: FactorContext,
  random: Random,
): AuditEvent {
  return {
    id: createAuditEventId(random),
    at,
    ...event,
    actor,
    userId,
    address,
    ...(requestId !== undefined && { requestId }),
  };
}
