/** `/admin/v1/audit-events/verify`: reads the whole log again, and says whether it is as it was written. */
import { readAnchorText } from '../../audit/anchor.ts';
import type { AuditReport, VerifyLog } from '../../audit/verify-log.ts';
import { Type } from '../../schema/type.ts';
import type { Api } from '../api.ts';
import { operation } from '../operation.ts';
import { Problem } from '../problem.ts';

/** Reads the log again; with an anchor that was kept elsewhere, says too whether the log still has it. */
export type VerifyAuditLog = (known?: VerifyLog['known']) => Promise<AuditReport>;

const ReportSchema = Type.Object(
  {
    intact: Type.Boolean({ description: 'Whether nothing was found' }),
    events: Type.Integer({ description: 'Events in the chains' }),
    erased: Type.Integer({ description: 'Those whose personal facts went with an account' }),
    anchors: Type.Integer(),
    newest_anchor: Type.Optional(
      Type.String({
        description: 'Keep it elsewhere: given to a later call, it shows whether the end was cut',
      }),
    ),
    findings: Type.Array(
      Type.Object({
        kind: Type.Enum(['changed', 'removed', 'inserted', 'reordered', 'cut', 'anchor']),
        where: Type.String(),
      }),
      { description: 'At most 100' },
    ),
  },
  { title: 'AuditReport' },
);

const VerifyBody = Type.Object(
  {
    anchor: Type.Optional(
      Type.String({ maxLength: 100, description: 'A `newest_anchor` of an earlier call' }),
    ),
  },
  { additionalProperties: false },
);

export function registerVerifyRoute(api: Api, verify: VerifyAuditLog): void {
  const verifying = operation({
    operationId: 'verifyAuditEvents',
    summary: 'Verify the audit log',
    description: 'Reads every event again: was one changed, removed, inserted, moved, or the end cut off?',
    tag: 'audit-events',
    answers: { 200: { description: 'What was found', schema: ReportSchema } },
  });
  let running: Promise<unknown> = Promise.resolve();
  api.post('/audit-events/verify', { schema: { ...verifying, body: VerifyBody } }, async (request) => {
    const { anchor } = request.body;
    const known = anchor === undefined ? undefined : readAnchorText(anchor);
    if (anchor !== undefined && known === undefined) {
      const errors = [{ pointer: '/anchor', detail: 'is not an anchor of an audit log' }];
      throw new Problem('invalid_request', 'The anchor is not one of an audit log', errors);
    }
    // One after the other: each reads everything.
    const next = running.then(() => verify(known));
    running = next.catch(() => undefined);
    const { events, erased, anchors, newestAnchor, findings } = await next;
    return {
      intact: findings.length === 0,
      events,
      erased,
      anchors,
      ...(newestAnchor !== undefined && { newest_anchor: newestAnchor }),
      findings: findings.map(({ kind, where }) => ({ kind, where })),
    };
  });
}
