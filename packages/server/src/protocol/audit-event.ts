/** Makes audit events: an id, the time and the request they belong to. */
import type { Random } from '@tessera/tokens';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { RequestContext } from './request-context.ts';

export type AuditDetails = Omit<AuditEvent, 'id' | 'at' | 'requestId' | 'address'>;

export function auditEvent(context: RequestContext, details: AuditDetails, random: Random): AuditEvent {
  return {
    id: `evt_${Buffer.from(random(16)).toString('base64url')}`,
    at: context.at,
    requestId: context.requestId,
    address: context.address,
    ...details,
  };
}
