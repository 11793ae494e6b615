import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Audit } from '../../ports/audit.ts';
import { fromJson, nullable, present, toJson } from '../columns.ts';
import type { Database } from '../database.ts';
import { insertion } from '../insertion.ts';
import { listPage } from '../list-page.ts';
import { step } from '../statement.ts';
import type { Step, Value } from '../statement.ts';

interface AuditEventColumns {
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  readonly type: AuditEvent['type'];
  readonly outcome: AuditEvent['outcome'];
  readonly actor: string;
  readonly user_id: string | null;
  readonly client_id: string | null;
  readonly grant_id: string | null;
  readonly resource_id: string | null;
  readonly request_id: string | null;
  readonly address: string | null;
  readonly detail: string | null;
}

const auditEvents = insertion('audit_events', {
  id: 'text',
  at: 'integer',
  type: 'text',
  outcome: 'text',
  actor: 'text',
  user_id: 'text',
  client_id: 'text',
  grant_id: 'text',
  resource_id: 'text',
  request_id: 'text',
  address: 'text',
  detail: 'text',
});

/** The audit row of a verb, as one of its steps. */
export function recordAudit(event: AuditEvent): Step {
  return step(auditEvents.statement, ...values(event));
}

export function createAudit(database: Database): Audit {
  return {
    record: (event) => database.append(auditEvents, values(event)),
    list: (filter, page) =>
      listPage<AuditEventColumns, AuditEvent>(
        database,
        {
          name: 'audit_events',
          table: 'audit_events',
          select: 'SELECT * FROM {page} ORDER BY seq DESC',
          where: [
            ['type = $', filter.type],
            ['actor = $', filter.actor],
            ['client_id = $', filter.clientId],
            ['user_id = $', filter.userId],
          ],
          toItems: (rows) => rows.map(toAuditEvent),
        },
        page,
      ),
  };
}

function values(event: AuditEvent): readonly Value[] {
  return [
    event.id,
    event.at,
    event.type,
    event.outcome,
    event.actor,
    nullable(event.userId),
    nullable(event.clientId),
    nullable(event.grantId),
    nullable(event.resourceId),
    nullable(event.requestId),
    nullable(event.address),
    event.detail === undefined ? null : toJson(event.detail),
  ];
}

function toAuditEvent(columns: AuditEventColumns): AuditEvent {
  return present({
    id: columns.id,
    at: columns.at,
    type: columns.type,
    outcome: columns.outcome,
    actor: columns.actor,
    userId: columns.user_id,
    clientId: columns.client_id,
    grantId: columns.grant_id,
    resourceId: columns.resource_id,
    requestId: columns.request_id,
    address: columns.address,
    detail: columns.detail === null ? null : fromJson<NonNullable<AuditEvent['detail']>>(columns.detail),
  });
}
