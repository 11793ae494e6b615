import type { Grant } from '../../domain/grant.ts';
import { joinScopes, nullable, toJson } from '../columns.ts';
import { statement, step } from '../statement.ts';
import type { Step } from '../statement.ts';
import { particularsOf } from './grant-columns.ts';

const insertStatement = statement(
  'grant_insert',
  `INSERT INTO grants (id, user_id, client_id, organization_id, session_id, scopes, resource_id, auth_time, amr,
     created_at, ended_at, end_reason, live_until, particulars)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
);

/** A new grant, as a step of a larger verb. @param liveUntil the end of what was issued under it so far */
export function insertGrant(grant: Grant, liveUntil: number): Step {
  return step(
    insertStatement,
    grant.id,
    grant.userId,
    grant.clientId,
    grant.organizationId,
    nullable(grant.sessionId),
    joinScopes(grant.scopes),
    nullable(grant.resourceId),
    grant.authTime,
    toJson(grant.amr),
    grant.createdAt,
    nullable(grant.endedAt),
    nullable(grant.endReason),
    liveUntil,
    particularsOf(grant),
  );
}
