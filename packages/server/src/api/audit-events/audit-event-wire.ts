/** Audit events on the wire, and what a list or an export of them may be narrowed to. */
import { AUDIT_REASONS, type AuditEvent } from '../../domain/audit-event.ts';
import type { Actor } from '../../domain/actor.ts';
import type { AuditFilter } from '../../ports/audit.ts';
import { type Static, Type } from '../../schema/type.ts';
import type { FastifyRequest } from 'fastify';
import { ownedBy } from '../authority-of-caller.ts';
import { Identifier } from '../identifier.ts';
import { Seconds, toSeconds } from '../seconds.ts';

export const AuditEventSchema = Type.Object(
  {
    id: Type.String(),
    at: Seconds('When it happened'),
    type: Type.String({ description: 'Such as sign_in or client.created' }),
    outcome: Type.Enum(['success', 'failure']),
    reason: Type.Optional(Type.Enum([...AUDIT_REASONS])),
    actor: Type.String({ description: 'Who did it: a user id, a client id, `anonymous` or `system`' }),
    subject: Type.Optional(Type.String({ description: 'Whom or what it is about' })),
    act: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Who acted for the subject, as in a token (RFC 8693 §4.1)',
      }),
    ),
    organization_id: Type.Optional(Type.String()),
    user_id: Type.Optional(Type.String()),
    client_id: Type.Optional(Type.String()),
    grant_id: Type.Optional(Type.String()),
    resource_id: Type.Optional(Type.String()),
    request_id: Type.Optional(Type.String()),
    address: Type.Optional(
      Type.String({ description: 'Of the actor; for operators; erased with the account' }),
    ),
    personal: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'For operators; erased with the account' }),
    ),
    detail: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    ),
  },
  { title: 'AuditEvent' },
);

export type AuditEventWire = Static<typeof AuditEventSchema>;

/** The members of a query that narrow events; each that is there must hold. */
export const auditParameters = {
  type: Type.Optional(Identifier),
  outcome: Type.Optional(Type.Enum(['success', 'failure'])),
  actor: Type.Optional(Identifier),
  subject: Type.Optional(Identifier),
  client_id: Type.Optional(Identifier),
  user_id: Type.Optional(Identifier),
  organization_id: Type.Optional(Identifier),
  since: Type.Optional(Seconds('From this time on')),
  until: Type.Optional(Seconds('Before this time')),
};

const AuditParameters = Type.Object(auditParameters);

/** What the caller may see, and of that what the query asks for. */
export function toAuditFilter(
  request: FastifyRequest & { query: Static<typeof AuditParameters> },
): AuditFilter {
  const { type, outcome, actor, subject, client_id, user_id, organization_id, since, until } = request.query;
  const owned = ownedBy(request, 'audit.read', organization_id);
  return {
    ...(type !== undefined && { type }),
    ...(outcome !== undefined && { outcome }),
    ...(actor !== undefined && { actor }),
    ...(subject !== undefined && { subject }),
    ...(client_id !== undefined && { clientId: client_id }),
    ...(user_id !== undefined && { userId: user_id }),
    ...owned,
    ...(since !== undefined && { since: since * 1000 }),
    ...(until !== undefined && { until: until * 1000 }),
  };
}

/** @param isOperator others are not told where people were, nor what else is theirs */
export function toAuditWire(event: AuditEvent, isOperator: boolean): AuditEventWire {
  return {
    id: event.id,
    at: toSeconds(event.at),
    type: event.type,
    outcome: event.outcome,
    ...(event.reason !== undefined && { reason: event.reason }),
    actor: event.actor,
    ...(event.subject !== undefined && { subject: event.subject }),
    ...(event.act !== undefined && { act: toAct(event.act) }),
    ...(event.organizationId !== undefined && { organization_id: event.organizationId }),
    ...(event.userId !== undefined && { user_id: event.userId }),
    ...(event.clientId !== undefined && { client_id: event.clientId }),
    ...(event.grantId !== undefined && { grant_id: event.grantId }),
    ...(event.resourceId !== undefined && { resource_id: event.resourceId }),
    ...(event.requestId !== undefined && { request_id: event.requestId }),
    ...(isOperator && event.address !== undefined && { address: event.address }),
    ...(isOperator && event.personal !== undefined && { personal: { ...event.personal } }),
    ...(event.detail !== undefined && { detail: { ...event.detail } }),
  };
}

function toAct({ act, ...actor }: Actor): Record<string, unknown> {
  return { ...actor, ...(act !== undefined && { act: toAct(act) }) };
}
