import type { Actor } from '../../domain/actor.ts';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Audit } from '../../ports/audit.ts';
import { fromJson, nullable, present, toJson } from '../columns.ts';
import type { Database } from '../database.ts';
import { insertion } from '../insertion.ts';
import { type ListCondition, listPage, ofOrganizations } from '../list-page.ts';
import { statement, step } from '../statement.ts';
import type { Step, Value } from '../statement.ts';

export interface AuditEventColumns {
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  readonly type: AuditEvent['type'];
  readonly outcome: AuditEvent['outcome'];
  readonly actor: string;
  readonly subject: string | null;
  readonly act: string | null;
  readonly reason: NonNullable<AuditEvent['reason']> | null;
  readonly organization_id: string | null;
  readonly user_id: string | null;
  readonly client_id: string | null;
  readonly grant_id: string | null;
  readonly resource_id: string | null;
  readonly request_id: string | null;
  readonly address: string | null;
  readonly personal: string | null;
  readonly detail: string | null;
}

/** A view: what is written to it is queued for its place in a chain, too. */
const auditEvents = insertion('audit_log', {
  id: 'text',
  at: 'integer',
  type: 'text',
  outcome: 'text',
  actor: 'text',
  subject: 'text',
  act: 'text',
  reason: 'text',
  organization_id: 'text',
  user_id: 'text',
  client_id: 'text',
  grant_id: 'text',
  resource_id: 'text',
  request_id: 'text',
  address: 'text',
  personal: 'text',
  detail: 'text',
});

/** The audit row of a verb, as one of its steps. */
export function recordAudit(event: AuditEvent): Step {
  return step(auditEvents.statement, ...values(event));
}

/** What a step of a verb puts into the audit log, if that is what it does. */
export function eventOfStep({
  statement: on,
  values: given,
}: Step): Pick<AuditEvent, 'type' | 'outcome'> | undefined {
  if (on !== auditEvents.statement) return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- given by `recordAudit`, in the order of the columns
  return { type: given[2] as AuditEvent['type'], outcome: given[3] as AuditEvent['outcome'] };
}

// The address is that of whoever acted; an event of somebody else about this person keeps it.
const HOLDS_FACTS_OF = `actor = $1 OR (user_id = $1 AND substr(actor, 1, 4) <> 'usr_')`;
const forgetSalts = statement(
  'audit_forget_salts',
  `UPDATE audit_links SET salt = NULL
   WHERE salt IS NOT NULL AND event_seq IN (SELECT seq FROM audit_events WHERE ${HOLDS_FACTS_OF})`,
);
const forgetFacts = statement(
  'audit_forget_facts',
  `UPDATE audit_events SET address = NULL, personal = NULL
   WHERE (address IS NOT NULL OR personal IS NOT NULL) AND (${HOLDS_FACTS_OF})`,
);

/** Erases what the log holds about a person beside the events themselves; they stay, and so does their chain. */
export function forgetPerson(userId: string): readonly Step[] {
  return [step(forgetSalts, userId), step(forgetFacts, userId)];
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
            ['subject = $', filter.subject],
            ['client_id = $', filter.clientId],
            ['user_id = $', filter.userId],
            ...ofOwners(filter.organizationIds),
            ['outcome = $', filter.outcome],
            ['at >= $', filter.since],
            ['at < $', filter.until],
          ],
          toItems: (rows) => rows.map(toAuditEvent),
        },
        page,
      ),
  };
}

/** Of one organization the index gives the newest first; both conditions have their place, whichever holds. */
function ofOwners(ids: readonly string[] | undefined): readonly ListCondition[] {
  const [only] = ids?.length === 1 ? ids : [];
  return [
    ['organization_id = $', only],
    ofOrganizations('organization_id', only === undefined ? ids : undefined),
  ];
}

function values(event: AuditEvent): readonly Value[] {
  return [
    event.id,
    event.at,
    event.type,
    event.outcome,
    event.actor,
    nullable(event.subject),
    event.act === undefined ? null : toJson(event.act),
    nullable(event.reason),
    nullable(event.organizationId),
    nullable(event.userId),
    nullable(event.clientId),
    nullable(event.grantId),
    nullable(event.resourceId),
    nullable(event.requestId),
    nullable(event.address),
    event.personal === undefined ? null : toJson(event.personal),
    event.detail === undefined ? null : toJson(event.detail),
  ];
}

export function toAuditEvent(columns: AuditEventColumns): AuditEvent {
  return present({
    id: columns.id,
    at: columns.at,
    type: columns.type,
    outcome: columns.outcome,
    actor: columns.actor,
    subject: columns.subject,
    act: columns.act === null ? null : fromJson<Actor>(columns.act),
    reason: columns.reason,
    organizationId: columns.organization_id,
    userId: columns.user_id,
    clientId: columns.client_id,
    grantId: columns.grant_id,
    resourceId: columns.resource_id,
    requestId: columns.request_id,
    address: columns.address,
    personal: columns.personal === null ? null : fromJson<Record<string, string>>(columns.personal),
    detail: columns.detail === null ? null : fromJson<NonNullable<AuditEvent['detail']>>(columns.detail),
  });
}
