import type { AuditEvent } from '../../domain/audit-event.ts';
import type { GrantEndReason } from '../../domain/grant.ts';
import { change, lastly, statement, step } from '../statement.ts';
import type { Step, Verb } from '../statement.ts';
import { announceGrant } from './announce.ts';
import { recordAudit } from './audit.ts';

const endOneGrant = statement(
  'grant_end',
  'UPDATE grants SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL',
);
const endFamilies = statement(
  'grant_end_families',
  'UPDATE refresh_families SET ended_at = $2 WHERE grant_id = $1 AND ended_at IS NULL',
);

/**
 * Ends a grant and with it everything that hangs from it: codes and access tokens look at the grant whenever they
 * are used. Only the call that ends it writes the audit row.
 * @param others what is written with it
 * @returns false if it had ended before or never was
 */
export function* endGrant(
  end: {
    readonly id: string;
    readonly reason: GrantEndReason;
    readonly at: number;
    readonly audit: AuditEvent;
  },
  ...others: readonly Step[]
): Verb<boolean> {
  if ((yield* change(endOneGrant, end.id, end.at, end.reason)) === 0) return false;
  yield* lastly(
    step(endFamilies, end.id, end.at),
    ...announceGrant(end.id, end.at),
    recordAudit(end.audit),
    ...others,
  );
  return true;
}
