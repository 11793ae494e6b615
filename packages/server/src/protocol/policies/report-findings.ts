/**
 * Writes down what policies did, and what those that only report would have done. The same thing over and over is
 * written once a minute: it may be said of every token.
 */
import type { Random } from '@tessera/tokens';
import type { PolicyFacts } from '../../access/policies/facts.ts';
import type { Finding } from '../../access/policies/judge.ts';
import type { Audit } from '../../ports/audit.ts';
import { auditEvent, type AuditDetails } from '../audit-event.ts';
import type { RequestContext } from '../request-context.ts';

export interface PolicyReports {
  readonly report: (
    findings: readonly Finding[],

    facts: PolicyFacts,
    context: RequestContext,
  ) => Promise<void>;
}

const ONCE_IN_MS = 60_000;
const REMEMBERED = 5000;

export function createPolicyReports(audit: Pick<Audit, 'record'>, random: Random): PolicyReports {
  const reported = new Map<string, number>();
  const isNew = (key: string, at: number): boolean => {
    const last = reported.get(key);
    if (last !== undefined && at >= last && at - last < ONCE_IN_MS) return false;
    reported.delete(key);
    reported.set(key, at);
    if (reported.size > REMEMBERED) {
      for (const oldest of reported.keys()) {
        reported.delete(oldest);
        break;
      }
    }
    return true;
  };
  return {
    async report(findings, facts, context) {
      const events = findings
        .map((finding) => eventOf(finding, facts))
        .filter((event) => event !== undefined)
        .filter(({ detail, clientId, userId, type }) =>
          isNew(JSON.stringify([type, detail, clientId, userId]), context.at),
        );
      await Promise.all(events.map((event) => audit.record(auditEvent(context, event, random))));
    },
  };
}

/** What an enforced policy let pass, or shortened, stands with the token. */
function eventOf({ policy, effect }: Finding, facts: PolicyFacts): AuditDetails | undefined {
  if (effect === undefined || effect.does === 'nothing') return undefined;
  const isReport = policy.mode === 'report_only';
  const refuses = effect.does === 'block' || effect.does === 'step_up' || effect.does === 'consent';
  if (!isReport && !refuses) return undefined;
  const { client, person, apis } = facts;
  const [api] = apis;
  return {
    type: isReport ? 'policy.reported' : 'policy.refused',
    outcome: refuses ? 'failure' : 'success',
    actor: person?.userId ?? client?.id ?? 'system',
    organizationId: policy.organizationId,
    ...(client === undefined ? {} : { clientId: client.id }),
    ...(person === undefined ? {} : { userId: person.userId }),
    ...(api === undefined ? {} : { resourceId: api.id }),
    detail: {
      policy: policy.id,
      policy_name: policy.name,
      does: effect.does,
      why: effect.why.slice(0, 200),
    },
  };
}
