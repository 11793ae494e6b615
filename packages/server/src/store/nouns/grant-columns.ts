import type { Grant } from '../../domain/grant.ts';
import { fromJson, present, splitScopes, toJson } from '../columns.ts';

/** The columns of a grant in a SELECT that joins it; `toGrant` reads them. */
export const GRANT_COLUMNS = `grants.seq, grants.id AS grant_id, grants.user_id AS grant_user_id,
    grants.client_id AS grant_client_id, grants.organization_id AS grant_organization_id,
    grants.session_id AS grant_session_id, grants.scopes AS grant_scopes, grants.resource_id AS grant_resource_id,
    grants.auth_time AS grant_auth_time, grants.amr AS grant_amr, grants.created_at AS grant_created_at,
    grants.ended_at AS grant_ended_at, grants.end_reason AS grant_end_reason,
    grants.particulars AS grant_particulars`;

export interface GrantColumns {
  readonly seq: number;
  readonly grant_id: string;
  readonly grant_user_id: string;
  readonly grant_client_id: string;
  readonly grant_organization_id: string;
  readonly grant_session_id: string | null;
  readonly grant_scopes: string;
  readonly grant_resource_id: string | null;
  readonly grant_auth_time: number;
  readonly grant_amr: string;
  readonly grant_created_at: number;
  readonly grant_ended_at: number | null;
  readonly grant_end_reason: NonNullable<Grant['endReason']> | null;
  readonly grant_particulars: string | null;
}

/** What only some grants hold, as JSON. */
type Particulars = Pick<
  Grant,
  'resourceIds' | 'authorizationDetails' | 'claims' | 'redirectUri' | 'trustedIssuerId' | 'mayAct' | 'acr'
>;

/** NULL for a grant of scopes alone, which most are. */
export function particularsOf({
  resourceIds,
  authorizationDetails,
  claims,
  redirectUri,
  trustedIssuerId,
  mayAct,
  acr,
}: Grant): string | null {
  const none =
    resourceIds === undefined &&
    authorizationDetails === undefined &&
    claims === undefined &&
    redirectUri === undefined &&
    trustedIssuerId === undefined &&
    mayAct === undefined &&
    acr === undefined;
  // JSON leaves out what is absent.
  return none
    ? null
    : toJson({ resourceIds, authorizationDetails, claims, redirectUri, trustedIssuerId, mayAct, acr });
}

/**
 * True for a row of `grants` whose grant, user and client are all good. Sub-selects that give one value are look-ups
 * by key; a join might be read from the wrong end while the database does not yet know how large its tables are.
 */
export const GRANT_IS_LIVE = `grants.ended_at IS NULL
    AND (SELECT users.disabled_at IS NULL FROM users WHERE users.id = grants.user_id)
    AND (SELECT clients.disabled_at IS NULL FROM clients WHERE clients.id = grants.client_id)`;

export function toGrant(columns: GrantColumns): Grant {
  const plain: Grant = present({
    id: columns.grant_id,
    userId: columns.grant_user_id,
    clientId: columns.grant_client_id,
    organizationId: columns.grant_organization_id,
    sessionId: columns.grant_session_id,
    scopes: splitScopes(columns.grant_scopes),
    resourceId: columns.grant_resource_id,
    authTime: columns.grant_auth_time,
    amr: fromJson<string[]>(columns.grant_amr),
    createdAt: columns.grant_created_at,
    endedAt: columns.grant_ended_at,
    endReason: columns.grant_end_reason,
  });
  return columns.grant_particulars === null
    ? plain
    : { ...plain, ...fromJson<Particulars>(columns.grant_particulars) };
}
