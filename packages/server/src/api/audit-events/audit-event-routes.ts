/** `/admin/v1/audit-events`: what happened, newest first. */
import { type Static, Type } from '../../schema/type.ts';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Api } from '../api.ts';
import { Identifier } from '../identifier.ts';
import { operation } from '../operation.ts';
import { PageOf, pageRequest, pagingParameters, toPage } from '../paging.ts';
import { Seconds, toSeconds } from '../seconds.ts';

const AuditEventSchema = Type.Object(
  {
    id: Type.String(),
    at: Seconds('When it happened'),
    type: Type.String({ description: 'Such as sign_in or client.created' }),
    outcome: Type.Enum(['success', 'failure']),
    actor: Type.String({ description: 'A user id, a client id, or system' }),
    user_id: Type.Optional(Type.String()),
    client_id: Type.Optional(Type.String()),
    grant_id: Type.Optional(Type.String()),
    resource_id: Type.Optional(Type.String()),
    request_id: Type.Optional(Type.String()),
    address: Type.Optional(Type.String()),
    detail: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    ),
  },
  { title: 'AuditEvent' },
);

const AuditQuery = Type.Object(
  {
    ...pagingParameters,
    type: Type.Optional(Identifier),
    actor: Type.Optional(Identifier),
    client_id: Type.Optional(Identifier),
    user_id: Type.Optional(Identifier),
  },
  { additionalProperties: false },
);

function toAuditWire(event: AuditEvent): Static<typeof AuditEventSchema> {
  return {
    id: event.id,
    at: toSeconds(event.at),
    type: event.type,
    outcome: event.outcome,
    actor: event.actor,
    ...(event.userId !== undefined && { user_id: event.userId }),
    ...(event.clientId !== undefined && { client_id: event.clientId }),
    ...(event.grantId !== undefined && { grant_id: event.grantId }),
    ...(event.resourceId !== undefined && { resource_id: event.resourceId }),
    ...(event.requestId !== undefined && { request_id: event.requestId }),
    ...(event.address !== undefined && { address: event.address }),
    ...(event.detail !== undefined && { detail: { ...event.detail } }),
  };
}

export function registerAuditEventRoutes(api: Api, { audit }: { readonly audit: Pick<Audit, 'list'> }): void {
  const list = operation({
    operationId: 'listAuditEvents',
    summary: 'List audit events',
    tag: 'audit-events',
    answers: { 200: { description: 'A page of events', schema: PageOf(AuditEventSchema, 'AuditEvents') } },
    problems: ['invalid_cursor'],
  });
  api.get('/audit-events', { schema: { ...list, querystring: AuditQuery } }, async (request) => {
    const { type, actor, client_id, user_id } = request.query;
    const filter = {
      ...(type !== undefined && { type }),
      ...(actor !== undefined && { actor }),
      ...(client_id !== undefined && { clientId: client_id }),
      ...(user_id !== undefined && { userId: user_id }),
    };
    return toPage(await audit.list(filter, pageRequest(request.query)), toAuditWire);
  });
}
