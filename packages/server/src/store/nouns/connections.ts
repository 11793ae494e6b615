import type { ConnectedApi, Connection, Disconnection } from '../../domain/connection.ts';
import type { Grant } from '../../domain/grant.ts';
import type { BlockedClient, Connections } from '../../ports/connections.ts';
import { splitScopes } from '../columns.ts';
import type { Database } from '../database.ts';
import { change, lastly, rows, statement, step } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { announceGrant } from './announce.ts';
import { recordAudit } from './audit.ts';
import { GRANT_COLUMNS, type GrantColumns, toGrant } from './grant-columns.ts';

interface LiveGrantColumns extends GrantColumns {
  readonly live_until: number;
  readonly last_used_at: number | null;
}

interface ConsentColumns {
  readonly client_id: string;
  readonly resource_id: string;
  readonly scopes: string;
  readonly updated_at: number;
}

interface LiveTokens {
  readonly client_id: string;
  readonly tokens: number;
  readonly issued_at: number;
  readonly used_at: number | null;
}

const findGrants = statement(
  'connection_grants',
  `SELECT ${GRANT_COLUMNS}, grants.live_until, grants.last_used_at FROM grants
   WHERE grants.user_id = $1 AND grants.ended_at IS NULL AND grants.live_until > $2 ORDER BY grants.seq DESC`,
);
const findConsents = statement(
  'connection_consents',
  'SELECT client_id, resource_id, scopes, updated_at FROM consents WHERE user_id = $1 ORDER BY updated_at DESC',
);
const findBounds = statement(
  'connection_token_bounds',
  'SELECT coalesce(min(seq), 0) AS oldest, coalesce(max(seq), -1) AS newest FROM access_tokens',
);
const IS_LIVE = 'access_tokens.expires_at > $2 AND access_tokens.revoked_at IS NULL';
/** Of grants that have not ended. What has expired counts for its last use alone. */
const IS_THEIRS = `access_tokens.user_id = $1
    AND (SELECT grants.ended_at IS NULL FROM grants WHERE grants.id = access_tokens.grant_id)`;
const countTokens = statement(
  'connection_tokens',
  `SELECT access_tokens.client_id, count(CASE WHEN ${IS_LIVE} THEN 1 END) AS tokens,
     max(access_tokens.issued_at) AS issued_at, max(token_uses.used_at) AS used_at
   FROM access_tokens LEFT JOIN token_uses ON token_uses.token_id = access_tokens.id
   WHERE ${IS_THEIRS} AND access_tokens.seq >= $3 AND access_tokens.seq <= $4
   GROUP BY access_tokens.client_id`,
);
const endGrants = statement(
  'connection_end_grants',
  `UPDATE grants SET ended_at = $3, end_reason = 'disconnected'
   WHERE user_id = $1 AND client_id = $2 AND ended_at IS NULL RETURNING id`,
);
const endFamilies = statement(
  'connection_end_families',
  'UPDATE refresh_families SET ended_at = $2 WHERE grant_id = $1 AND ended_at IS NULL',
);
const countFamilies = statement(
  'connection_count_families',
  `SELECT count(*) AS families FROM refresh_families JOIN grants ON grants.id = refresh_families.grant_id
   WHERE grants.user_id = $1 AND grants.client_id = $2 AND grants.ended_at IS NULL
     AND refresh_families.ended_at IS NULL AND refresh_families.expires_at > $3`,
);
const forgetConsents = statement(
  'connection_forget_consents',
  'DELETE FROM consents WHERE user_id = $1 AND client_id = $2',
);
const recordUse = statement(
  'grant_use',
  `UPDATE grants SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)`,
);
const blockClient = statement(
  'client_block',
  `INSERT INTO blocked_clients (user_id, client_id, at) VALUES ($1, $2, $3)
   ON CONFLICT (user_id, client_id) DO NOTHING`,
);
const unblockClient = statement(
  'client_unblock',
  'DELETE FROM blocked_clients WHERE user_id = $1 AND client_id = $2',
);
const findOneBlocked = statement(
  'client_is_blocked',
  'SELECT at FROM blocked_clients WHERE user_id = $1 AND client_id = $2',
);
const findBlocked = statement(
  'client_blocked',
  'SELECT client_id, at FROM blocked_clients WHERE user_id = $1 ORDER BY at DESC, client_id',
);

export function createConnections(database: Database): Connections {
  return {
    list: (userId, now) => listConnections(database, userId, now),

    async disconnect(userId, clientId, at, audit) {
      const accessTokens = (await liveTokens(database, userId, at)).get(clientId)?.tokens ?? 0;
      return database.write(function* (): Verb<Disconnection | undefined> {
        const [families] = yield* rows<{ readonly families: number }>(countFamilies, userId, clientId, at);
        const grants = yield* rows<{ readonly id: string }>(endGrants, userId, clientId, at);
        const consents = yield* change(forgetConsents, userId, clientId);
        if (grants.length === 0 && consents === 0) return undefined;
        const ended = {
          grants: grants.length,
          refreshTokens: families?.families ?? 0,
          accessTokens: grants.length === 0 ? 0 : accessTokens,
        };
        const endings = grants.flatMap(({ id }) => [step(endFamilies, id, at), ...announceGrant(id, at)]);
        yield* lastly(...endings, recordAudit(audit(ended)));
        return ended;
      });
    },

    recordUses: (uses) =>
      database.write(function* () {
        yield* lastly(...uses.map(({ grantId, at }) => step(recordUse, grantId, at)));
      }),

    block: (userId, clientId, at, audit) =>
      database.write(function* () {
        yield* lastly(step(blockClient, userId, clientId, at), recordAudit(audit));
      }),
    unblock: (userId, clientId, audit) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(unblockClient, userId, clientId)) === 0) return false;
        yield* lastly(recordAudit(audit));
        return true;
      }),
    isBlocked: async (userId, clientId) => (await database.find(findOneBlocked, userId, clientId)).length > 0,
    async blocked(userId) {
      const found = await database.find<{ client_id: string; at: number }>(findBlocked, userId);
      return found.map(({ client_id, at }): BlockedClient => ({ clientId: client_id, at }));
    },
  };
}

async function listConnections(
  database: Database,
  userId: string,
  now: number,
): Promise<readonly Connection[]> {
  const grants = await database.scan<LiveGrantColumns>(findGrants, userId, now);
  const consents = await database.scan<ConsentColumns>(findConsents, userId);
  const tokens = await liveTokens(database, userId, now);
  const grantsOf = Map.groupBy(grants, (each) => each.grant_client_id);
  const consentsOf = Map.groupBy(consents, (each) => each.client_id);
  return [...new Set([...grantsOf.keys(), ...consentsOf.keys()])]
    .map((clientId) =>
      toConnection(
        clientId,
        grantsOf.get(clientId) ?? [],
        consentsOf.get(clientId) ?? [],
        tokens.get(clientId),
      ),
    )
    .toSorted((one, other) => other.since - one.since || (one.clientId < other.clientId ? -1 : 1));
}

/** Per app, in windows: the table may be large, and a person has no index of their own on every database. */
async function liveTokens(
  database: Database,
  userId: string,
  now: number,
): Promise<ReadonlyMap<string, LiveTokens>> {
  const [bounds] = await database.scan<{ oldest: number; newest: number }>(findBounds);
  const { oldest, newest } = bounds ?? { oldest: 0, newest: -1 };
  const found = new Map<string, LiveTokens>();
  for (let from = oldest; from <= newest; from += database.scanWindow) {
    const until = from + database.scanWindow - 1;
    // oxlint-disable-next-line no-await-in-loop -- a window at a time, so that others get their turn
    for (const each of await database.scan<LiveTokens>(countTokens, userId, now, from, until)) {
      const before = found.get(each.client_id);
      found.set(each.client_id, {
        client_id: each.client_id,
        tokens: each.tokens + (before?.tokens ?? 0),
        issued_at: Math.max(each.issued_at, before?.issued_at ?? 0),
        used_at: Math.max(each.used_at ?? 0, before?.used_at ?? 0) || null,
      });
    }
  }
  return found;
}

function toConnection(
  clientId: string,
  columns: readonly LiveGrantColumns[],
  consents: readonly ConsentColumns[],
  tokens: LiveTokens | undefined,
): Connection {
  const grants = columns.map(toGrant);
  const issues = [
    ...columns.flatMap((each) => each.last_used_at ?? []),
    ...(tokens === undefined ? [] : [tokens.issued_at]),
  ];
  return {
    clientId,
    apis: apisOf(grants, consents),
    authorizationDetails: grants.flatMap((grant) => grant.authorizationDetails ?? []),
    grants: grants.length,
    liveTokens: tokens?.tokens ?? 0,
    since: Math.min(...grants.map((grant) => grant.createdAt), ...consents.map((each) => each.updated_at)),
    ...(issues.length === 0 ? {} : { lastIssuedAt: Math.max(...issues) }),
    ...(typeof tokens?.used_at === 'number' && { lastUsedAt: tokens.used_at }),
    ...(columns.length === 0 ? {} : { endsAt: Math.max(...columns.map((each) => each.live_until)) }),
  };
}

/** What its grants hold; where there is none any more, what it would get without being asked about. */
function apisOf(grants: readonly Grant[], consents: readonly ConsentColumns[]): readonly ConnectedApi[] {
  const scopesOf = new Map<string | undefined, Set<string>>();
  const add = (resourceId: string | undefined, scopes: readonly string[]): void => {
    const known = scopesOf.get(resourceId) ?? new Set<string>();
    for (const scope of scopes) known.add(scope);
    scopesOf.set(resourceId, known);
  };
  for (const { resourceId, resourceIds, scopes } of grants) {
    for (const id of resourceIds ?? [resourceId]) add(id, scopes);
  }
  for (const { resource_id: id, scopes } of consents) add(id === '' ? undefined : id, splitScopes(scopes));
  return [...scopesOf].map(([resourceId, scopes]) => ({
    ...(resourceId === undefined ? {} : { resourceId }),
    scopes: [...scopes].toSorted(),
  }));
}
