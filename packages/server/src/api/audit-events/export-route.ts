/** `/admin/v1/audit-events/export`: all events that match, as a file; read and sent page by page. */
import { Readable } from 'node:stream';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Audit, AuditFilter } from '../../ports/audit.ts';
import { Type } from '../../schema/type.ts';
import type { Api } from '../api.ts';
import { callerIsOperator } from '../authority-of-caller.ts';
import { operation } from '../operation.ts';
import { type AuditEventWire, auditParameters, toAuditFilter, toAuditWire } from './audit-event-wire.ts';
import { csvLine } from './csv.ts';

const COLUMNS = [
  'id',
  'at',
  'type',
  'outcome',
  'reason',
  'actor',
  'subject',
  'act',
  'organization_id',
  'user_id',
  'client_id',
  'grant_id',
  'resource_id',
  'request_id',
  'address',
  'personal',
  'detail',
] as const;

const PAGE = 200;

interface ExportFormat {
  readonly type: string;
  readonly extension: string;
  readonly head: string;
  readonly line: (event: AuditEventWire) => string;
}

const FORMATS: Readonly<Record<'csv' | 'jsonl', ExportFormat>> = {
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    extension: 'csv',
    head: csvLine(COLUMNS),
    line(event) {
      const wire = { ...event, at: new Date(event.at * 1000).toISOString() };
      return csvLine(COLUMNS.map((column) => wire[column]));
    },
  },
  jsonl: {
    type: 'application/jsonl; charset=utf-8',
    extension: 'jsonl',
    head: '',
    line: (event) => `${JSON.stringify(event)}\n`,
  },
};

const ExportQuery = Type.Object(
  { ...auditParameters, format: Type.Optional(Type.Enum(['csv', 'jsonl'])) },
  { additionalProperties: false },
);

export function registerExportRoute(api: Api, { audit }: { readonly audit: Pick<Audit, 'list'> }): void {
  const exporting = operation({
    operationId: 'exportAuditEvents',
    summary: 'Export audit events',
    description:
      'All that match, newest first, as JSON Lines or CSV. In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe.',
    tag: 'audit-events',
    asks: ['audit.read'],
    answers: { 200: { description: 'A file, `text/csv` or `application/jsonl`', schema: null } },
  });
  api.get(
    '/audit-events/export',
    { schema: { ...exporting, querystring: ExportQuery } },
    async (request, reply) => {
      const { type, extension, head, line } = FORMATS[request.query.format ?? 'jsonl'];
      const isOperator = callerIsOperator(request);
      const pages = linesOf(audit, toAuditFilter(request), (event) => line(toAuditWire(event, isOperator)));
      // The first page is read before the answer begins, so that what goes wrong at once is told as an error.
      const first = await pages.next();
      void reply.type(type).header('content-disposition', `attachment; filename="audit-events.${extension}"`);
      return reply.send(
        Readable.from(
          (async function* () {
            yield head + (first.value ?? '');
            yield* pages;
          })(),
          { objectMode: false },
        ),
      );
    },
  );
}

async function* linesOf(
  audit: Pick<Audit, 'list'>,
  filter: AuditFilter,
  line: (event: AuditEvent) => string,
): AsyncGenerator<string, undefined> {
  let cursor: string | undefined;
  do {
    const page = await audit.list(filter, { limit: PAGE, ...(cursor !== undefined && { cursor }) });
    if (page.items.length > 0) yield page.items.map(line).join('');
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return undefined;
}
