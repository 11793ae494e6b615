/** `/admin/v1/audit-events`: what happened, newest first. */
import type { Audit } from '../../ports/audit.ts';
import { Type } from '../../schema/type.ts';
import type { Api } from '../api.ts';
import { callerIsOperator } from '../authority-of-caller.ts';
import { operation } from '../operation.ts';
import { PageOf, pageRequest, pagingParameters, toPage } from '../paging.ts';
import { AuditEventSchema, auditParameters, toAuditFilter, toAuditWire } from './audit-event-wire.ts';
import { registerExportRoute } from './export-route.ts';
import { registerVerifyRoute, type VerifyAuditLog } from './verify-route.ts';

export interface AuditEventRouteDependencies {
  readonly audit: Pick<Audit, 'list'>;
  readonly verifyAuditLog: VerifyAuditLog;
}

const AuditQuery = Type.Object({ ...pagingParameters, ...auditParameters }, { additionalProperties: false });

export function registerAuditEventRoutes(api: Api, dependencies: AuditEventRouteDependencies): void {
  const { audit, verifyAuditLog } = dependencies;
  const list = operation({
    operationId: 'listAuditEvents',
    summary: 'List audit events',
    tag: 'audit-events',
    asks: ['audit.read'],
    answers: { 200: { description: 'A page of events', schema: PageOf(AuditEventSchema, 'AuditEvents') } },
    problems: ['invalid_cursor'],
  });
  api.get('/audit-events', { schema: { ...list, querystring: AuditQuery } }, async (request) => {
    const isOperator = callerIsOperator(request);
    const page = await audit.list(toAuditFilter(request), pageRequest(request.query));
    return toPage(page, (event) => toAuditWire(event, isOperator));
  });
  registerExportRoute(api, dependencies);
  registerVerifyRoute(api, verifyAuditLog);
}
