import type { AccessTokenRow } from '../../domain/access-token.ts';
import { ISSUER_RESOURCE_ID } from '../../domain/resource.ts';
import type { AccessTokenState, AccessTokens } from '../../ports/access-tokens.ts';
import { StoreUnavailable } from '../../ports/store-errors.ts';
import type { OneTimeUse } from '../../ports/used-identifiers.ts';
import { fromJson, joinScopes, nullable, present, splitScopes, toJson } from '../columns.ts';
import type { Database } from '../database.ts';
import { insertion } from '../insertion.ts';
import { listPage, ofClientsOf } from '../list-page.ts';
import { change, lastly, statement, step } from '../statement.ts';
import type { Statement, Step, Value, Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';
import { announceToken } from './announce.ts';
import { createLiveTokens } from './live-tokens.ts';
import { createLikelyPartition } from './likely-partition.ts';
import { equalBytes, lookupOf, lookupStatement } from './lookup.ts';
import { tokenPartitions } from './token-partitions.ts';
import { rememberUse, usedIdentifierHash } from './used-identifiers.ts';

/** A token with the state of what it hangs from. */
interface AccessTokenColumns {
  readonly seq: number;
  readonly id: Uint8Array;
  readonly format: AccessTokenRow['format'];
  readonly grant_id: string | null;
  readonly client_id: string;
  readonly user_id: string | null;
  readonly resource_id: string | null;
  readonly scopes: string;
  readonly issued_at: number;
  readonly expires_at: number;
  readonly lifetime_reason: string;
  readonly revoked_at: number | null;
  /** JSON of what only some tokens carry. */
  readonly particulars: string | null;
  readonly status_index: number | null;
  /** For each thing that the token names: when it ended, ALIVE, or NULL when it is gone. */
  readonly grant_end: number | null;
  readonly grant_auth_time: number | null;
  readonly grant_amr: string | null;
  readonly client_end: number | null;
  readonly user_end: number | null;
  readonly resource_end: number | null;
}

/** In the place of the time of an end that has not come. */
const ALIVE = -1;

/** About 1 kB each. */
const CACHED_TOKENS = 8192;

const accessTokens = insertion('access_tokens', {
  lookup: 'integer',
  id: 'bytes',
  format: 'text',
  grant_id: 'text',
  client_id: 'text',
  user_id: 'text',
  resource_id: 'text',
  scopes: 'text',
  issued_at: 'integer',
  expires_at: 'integer',
  lifetime_reason: 'text',
  revoked_at: 'integer',
  particulars: 'text',
  status_index: 'integer',
});

// An exchanged token has another client than its grant; both have to be good. The others are not asked twice.
const GRANTED_CLIENT_END = `CASE WHEN grants.client_id <> access_tokens.client_id THEN
      (SELECT disabled_at FROM clients WHERE clients.id = grants.client_id) END`;
// Sub-selects rather than joins: they are four look-ups by key whatever the database believes about the tables' size.
// Tokens keep whole seconds: a client made after the second of issue is a later one of the same id.
const STATE_COLUMNS = `access_tokens.seq, access_tokens.id, access_tokens.format, access_tokens.grant_id,
    access_tokens.client_id, access_tokens.user_id, access_tokens.resource_id, access_tokens.scopes,
    access_tokens.issued_at, access_tokens.expires_at, access_tokens.lifetime_reason, access_tokens.revoked_at,
    access_tokens.particulars, access_tokens.status_index,
    (SELECT coalesce(ended_at, ${GRANTED_CLIENT_END}, ${ALIVE}) FROM grants
      WHERE grants.id = access_tokens.grant_id) AS grant_end,
    (SELECT auth_time FROM grants WHERE grants.id = access_tokens.grant_id) AS grant_auth_time,
    (SELECT amr FROM grants WHERE grants.id = access_tokens.grant_id) AS grant_amr,
    (SELECT coalesce(disabled_at, ${ALIVE}) FROM clients WHERE clients.id = access_tokens.client_id
      AND clients.created_at < access_tokens.issued_at + 1000) AS client_end,
    (SELECT coalesce(disabled_at, ${ALIVE}) FROM users WHERE users.id = access_tokens.user_id) AS user_end,
    CASE WHEN access_tokens.resource_id = '${ISSUER_RESOURCE_ID}' THEN ${ALIVE} ELSE
      (SELECT ${ALIVE} FROM resources WHERE resources.id = access_tokens.resource_id) END AS resource_end`;

const findToken = lookupStatement(
  'access_token_find',
  'access_tokens',
  '$1',
  (isFound) => `SELECT ${STATE_COLUMNS} FROM access_tokens WHERE ${isFound}`,
);
/** In one partition: asked for by name, it is found without a look at the others. */
const findTokenIn = (table: string): Statement =>
  statement(
    `access_token_find_${table}`,
    `SELECT ${STATE_COLUMNS} FROM ${table} AS access_tokens WHERE access_tokens.lookup = $1`,
  );
const revokeToken = lookupStatement(
  'access_token_revoke',
  'access_tokens',
  '$1',
  (isFound) => `UPDATE access_tokens SET revoked_at = $3 WHERE ${isFound} AND id = $2 AND revoked_at IS NULL`,
);
const extendGrant = statement(
  'grant_extend',
  'UPDATE grants SET live_until = $2 WHERE id = $1 AND live_until < $2',
);

/** The row of an issued token, as a step of a larger verb. */
export function insertAccessToken(row: AccessTokenRow): Step {
  return step(accessTokens.statement, ...values(row));
}

/** Keeps a grant at least as long as what was issued under it; as a step of a larger verb. */
export function keepGrantUntil(grantId: string, liveUntil: number): Step {
  return step(extendGrant, grantId, liveUntil);
}

/** Ends one token. @param others what is written with it @returns false if it was unknown or had been revoked before */
export function* revokeAccessToken(id: Uint8Array, at: number, ...others: readonly Step[]): Verb<boolean> {
  if ((yield* change(revokeToken, lookupOf(id), id, at)) === 0) return false;
  yield* lastly(...announceToken(id, at), ...others);
  return true;
}

export function createAccessTokens(database: Database): AccessTokens {
  const liveTokens = createLiveTokens(database, CACHED_TOKENS);
  const likely = database.hasPartitions && createLikelyPartition(() => tokenPartitions(database));

  async function findLikely(lookup: number): Promise<readonly AccessTokenColumns[] | undefined> {
    const table = likely?.name();
    if (table === undefined) return undefined;
    try {
      return await database.find<AccessTokenColumns>(findTokenIn(table), lookup);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      // It is gone, or whoever was to prepare the statement found it gone. Whatever it is: all of them are asked.
      likely?.forget();
      return undefined;
    }
  }
  return {
    issue(row) {
      const { grantId } = row;
      if (grantId === undefined) return database.append(accessTokens, values(row));
      return database.write(function* () {
        yield* lastly(insertAccessToken(row), keepGrantUntil(grantId, row.expiresAt));
      });
    },

    issueOnce: (row, uses, at) =>
      database.write(function* (): Verb<OneTimeUse | undefined> {
        for (const one of uses) {
          const hash = usedIdentifierHash(one.use, one.identifier);
          if (!(yield* rememberUse(hash, one.until, at))) return one;
        }
        yield* lastly(insertAccessToken(row));
        return undefined;
      }),

    find: (id) =>
      liveTokens.find(id, async () => {
        const lookup = lookupOf(id);
        const is = (each: AccessTokenColumns): boolean => equalBytes(each.id, id);
        const found =
          (await findLikely(lookup))?.find(is) ??
          (await database.find<AccessTokenColumns>(findToken, lookup)).find(is);
        return found === undefined ? undefined : toState(found);
      }),

    revoke: (id, at, audit) => database.write(() => revokeAccessToken(id, at, recordAudit(audit))),

    list: (filter, page) =>
      listPage<AccessTokenColumns, AccessTokenState>(
        database,
        {
          name: 'access_tokens',
          table: 'access_tokens',
          select: `SELECT ${STATE_COLUMNS} FROM {page} ORDER BY access_tokens.seq DESC`,
          where: [
            ['client_id = $', filter.clientId],
            ['user_id = $', filter.userId],
            ofClientsOf(filter.organizationIds),
            [`expires_at > $ AND ${NOT_ENDED}`, filter.liveAt],
          ],
          toItems: (rows) => rows.map(toState),
        },
        page,
      ),
  };
}

const NOT_ENDED = `revoked_at IS NULL
    AND (grant_id IS NULL OR (SELECT grants.ended_at IS NULL AND ${GRANTED_CLIENT_END} IS NULL
      FROM grants WHERE grants.id = grant_id))
    AND (SELECT clients.disabled_at IS NULL AND clients.created_at < issued_at + 1000
      FROM clients WHERE clients.id = client_id)
    AND (user_id IS NULL OR (SELECT users.disabled_at IS NULL FROM users WHERE users.id = user_id))
    AND (resource_id IS NULL OR resource_id = '${ISSUER_RESOURCE_ID}'
      OR EXISTS (SELECT 1 FROM resources WHERE resources.id = resource_id))`;

function values(row: AccessTokenRow): readonly Value[] {
  return [
    lookupOf(row.id),
    row.id,
    row.format,
    nullable(row.grantId),
    row.clientId,
    nullable(row.userId),
    nullable(row.resourceId),
    joinScopes(row.scopes),
    row.issuedAt,
    row.expiresAt,
    row.lifetimeReason,
    nullable(row.revokedAt),
    particularsOf(row),
    nullable(row.statusIndex),
  ];
}

type Particulars = Pick<
  AccessTokenRow,
  | 'confirmation'
  | 'actor'
  | 'mayAct'
  | 'subject'
  | 'authorizationDetails'
  | 'userinfoClaims'
  | 'trustedIssuerId'
  | 'policyEpoch'
>;

/** NULL for a plain bearer token, which most are. */
function particularsOf(row: AccessTokenRow): string | null {
  const { confirmation, actor, mayAct, subject, authorizationDetails, userinfoClaims } = row;
  const { trustedIssuerId, policyEpoch } = row;
  return confirmation === undefined &&
    actor === undefined &&
    mayAct === undefined &&
    subject === undefined &&
    authorizationDetails === undefined &&
    userinfoClaims === undefined &&
    trustedIssuerId === undefined &&
    policyEpoch === undefined
    ? null
    : toJson({
        confirmation,
        actor,
        mayAct,
        subject,
        authorizationDetails,
        userinfoClaims,
        trustedIssuerId,
        policyEpoch,
      });
}

function toState(columns: AccessTokenColumns): AccessTokenState {
  const plain: AccessTokenRow = present({
    id: columns.id,
    format: columns.format,
    grantId: columns.grant_id,
    clientId: columns.client_id,
    userId: columns.user_id,
    resourceId: columns.resource_id,
    scopes: splitScopes(columns.scopes),
    issuedAt: columns.issued_at,
    expiresAt: columns.expires_at,
    lifetimeReason: columns.lifetime_reason,
    revokedAt: columns.revoked_at,
    statusIndex: columns.status_index,
  });
  const row: AccessTokenRow =
    columns.particulars === null ? plain : { ...plain, ...fromJson<Particulars>(columns.particulars) };
  const endedAt = endOf(columns);
  const { grant_auth_time: authTime, grant_amr: amr } = columns;
  const state: AccessTokenState = endedAt === undefined ? { row } : { row, endedAt };
  return authTime === null || amr === null
    ? state
    : { ...state, signIn: { authTime, amr: fromJson<string[]>(amr) } };
}

/** The first of the ends that reached the token. When what it hangs from was deleted is known to the audit log only. */
function endOf(columns: AccessTokenColumns): number | undefined {
  let first = columns.revoked_at ?? Number.POSITIVE_INFINITY;
  for (const [named, end] of [
    [columns.grant_id, columns.grant_end],
    [columns.client_id, columns.client_end],
    [columns.user_id, columns.user_end],
    [columns.resource_id, columns.resource_end],
  ] as const) {
    if (named === null || end === ALIVE) continue;
    first = Math.min(first, end ?? columns.issued_at);
  }
  return first === Number.POSITIVE_INFINITY ? undefined : first;
}
