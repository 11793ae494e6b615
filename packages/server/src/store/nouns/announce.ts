/**
 * What the verbs that end something write besides: an event for those who listen, and the places in the status lists
 * for those who look. In the same transaction, so that neither can be missing.
 */
import { LONGEST_TOKEN_LIFE_MS } from '../../domain/access-token.ts';
import { statement, step, throughAll } from '../statement.ts';
import type { Statement, Step } from '../statement.ts';
import { lookupOf, lookupStatement } from './lookup.ts';

/** For how long an event is kept for those who were away; whoever was away longer starts anew. */
const EVENT_RETENTION_MS = 3_600_000;

/** Whether an enforced policy looks at what people are in organizations; rather once too often than not. */
export const POLICY_ON_MEMBERSHIPS = `EXISTS (
  SELECT 1 FROM policies WHERE mode = 'enforce' AND settings LIKE '%"membership":%')`;

/** No node's clock is further ahead of another's; tokens from later than that are refused by whoever checks them. */
const CLOCKS_APART_MS = 300_000;

/** The values of a statement here: the subject, and the time of its end. */
const AT = 'CAST($2 AS bigint)';
const PURGE_AT = `${AT} + ${EVENT_RETENTION_MS}`;

/**
 * Tokens that no status list tells of (Common Access Tokens have no claim for it): their events are kept as long as
 * they would have lived, for those who begin to listen later.
 */
const PURGE_TOKEN_AT = `CASE WHEN access_tokens.format = 'cat' AND access_tokens.expires_at > ${PURGE_AT}
    THEN access_tokens.expires_at ELSE ${PURGE_AT} END`;
/**
 * Of a grant, a client and an API as well, where there may be such tokens under them: nobody else tells of those. They
 * are not looked for one by one, which would read all tokens.
 */
const HAS_UNLISTED = `EXISTS (SELECT 1 FROM resources WHERE token_format = 'cat')`;
const UNLISTED_FORMAT = `CASE WHEN ${HAS_UNLISTED} THEN 'cat' END`;
const purgeAtEnd = (end: string): string =>
  `CASE WHEN ${end} > ${PURGE_AT} AND ${HAS_UNLISTED} THEN ${end} ELSE ${PURGE_AT} END`;
const LONGEST_END = `${AT} + ${LONGEST_TOKEN_LIFE_MS}`;
const TOKEN_EVENTS = `INSERT INTO events (at, purge_at, kind, token_id, format, status_index, resource_id, grant_id,
     client_id, expires_at)
   SELECT ${AT}, ${PURGE_TOKEN_AT}, 'token', access_tokens.id, access_tokens.format, access_tokens.status_index,
     access_tokens.resource_id, access_tokens.grant_id, access_tokens.client_id, access_tokens.expires_at
   FROM access_tokens`;
const STATUSES = `INSERT INTO ended_statuses (status_index, expires_at)
   SELECT access_tokens.status_index, access_tokens.expires_at FROM access_tokens`;
const IS_NEW = 'ON CONFLICT (status_index) DO NOTHING';
const HAS_STATUS = `access_tokens.status_index IS NOT NULL AND access_tokens.expires_at > ${AT}`;

const isToken = (isFound: string): string => `${isFound} AND access_tokens.id = $1`;
const tokenEvent = lookupStatement(
  'announce_token',
  'access_tokens',
  '$3',
  (isFound) => `${TOKEN_EVENTS} WHERE ${isToken(isFound)} AND access_tokens.expires_at > ${AT}`,
);
const tokenStatus = lookupStatement(
  'announce_token_status',
  'access_tokens',
  '$3',
  (isFound) => `${STATUSES} WHERE ${isToken(isFound)} AND ${HAS_STATUS} ${IS_NEW}`,
);

/** One token was revoked. */
export function announceToken(id: Uint8Array, at: number): readonly Step[] {
  return [tokenEvent, tokenStatus].map((on) => step(on, id, at, lookupOf(id)));
}

/** Grants that ended, with every token under them that is checked without asking. @param which by `$1`, and `$2` */
function grantStatements(name: string, which: string): readonly Statement[] {
  const grantsEnd = `CASE WHEN live_until < ${LONGEST_END} THEN live_until ELSE ${LONGEST_END} END`;
  return [
    statement(
      `announce_${name}`,
      `INSERT INTO events (at, purge_at, kind, format, grant_id, client_id, expires_at)
         SELECT ${AT}, ${purgeAtEnd(grantsEnd)}, 'grant', ${UNLISTED_FORMAT}, id, client_id, ${grantsEnd} FROM grants
         WHERE live_until > ${AT} AND ${which}`,
    ),
    underGrants(`announce_${name}_tokens`, which, (under) => `${TOKEN_EVENTS} WHERE ${under}`),
    underGrants(`announce_${name}_statuses`, which, (under) => `${STATUSES} WHERE ${under} ${IS_NEW}`),
  ];
}

/** PostgreSQL is given the grants as an array, which it can only look up one by one. */
function underGrants(name: string, which: string, sql: (under: string) => string): Statement {
  const grants = `SELECT id FROM grants WHERE ${which}`;
  const others = `access_tokens.grant_id IS NOT NULL AND access_tokens.revoked_at IS NULL AND ${HAS_STATUS}`;
  return statement(
    name,
    sql(`${others} AND access_tokens.grant_id IN (${grants})`),
    sql(`${others} AND access_tokens.grant_id = ANY (ARRAY(${grants}))`),
  );
}

const JUST_ENDED = `ended_at = ${AT}`;
const oneGrant = grantStatements('grant', 'id = $1');
const grantsOfSession = grantStatements('session', `session_id = $1 AND ${JUST_ENDED}`);
const grantsOfUser = grantStatements('user', `user_id = $1 AND ${JUST_ENDED}`);
const grantsOfIssuer = grantStatements('issuer', `particulars LIKE $1 AND ${JUST_ENDED}`).map(throughAll);

const announcement =
  (statements: readonly Statement[]) =>
  (subject: string, at: number): readonly Step[] =>
    statements.map((on) => step(on, subject, at));

/** One grant has ended. */
export const announceGrant = announcement(oneGrant);
/** Whatever of a session ended at this time. */
export const announceSession = announcement(grantsOfSession);
/** Whatever grants of a person ended at this time. */
export const announceGrantsOfUser = announcement(grantsOfUser);
/** Whatever grants ended at this time because of an issuer; the subject is a pattern for their particulars. */
export const announceGrantsOfIssuer = announcement(grantsOfIssuer);

const insertKeyEvent = statement(
  'announce_key',
  `INSERT INTO events (at, purge_at, kind, kid, expires_at)
   VALUES (${AT}, ${AT} + ${LONGEST_TOKEN_LIFE_MS}, 'key', $1, ${AT} + ${LONGEST_TOKEN_LIFE_MS})`,
);

/** A key left the published set before its time. Kept for those who begin to listen later. */
export function announceKey(kid: string, at: number): Step {
  return step(insertKeyEvent, kid, at);
}

/** Tokens that hang from no grant and were revoked at this time. */
const JUST_REVOKED = `access_tokens.revoked_at = ${AT} AND access_tokens.expires_at > ${AT}`;
const OF_USER = `access_tokens.user_id = $1 AND access_tokens.grant_id IS NULL AND ${JUST_REVOKED}`;
const OF_ISSUER = `access_tokens.particulars LIKE $1 AND access_tokens.grant_id IS NULL AND ${JUST_REVOKED}`;
const looseTokens = (name: string, which: string): readonly Statement[] => [
  statement(`announce_${name}`, `${TOKEN_EVENTS} WHERE ${which}`),
  statement(
    `announce_${name}_statuses`,
    `${STATUSES} WHERE ${which} AND access_tokens.status_index IS NOT NULL ${IS_NEW}`,
  ),
];
const OF_ACTOR = `access_tokens.particulars LIKE $1 ESCAPE '\\' AND ${JUST_REVOKED}`;
const tokensOfActor = looseTokens('acting', OF_ACTOR).map(throughAll);
const tokensOfUser = looseTokens('loose_of_user', OF_USER);
const tokensOfIssuer = looseTokens('loose_of_issuer', OF_ISSUER).map(throughAll);

const allTokensOfUser = looseTokens('all_of_user', `access_tokens.user_id = $1 AND ${JUST_REVOKED}`);

/** Access tokens of a person that ended at this time while what they hang from stays. */
export function announceAccessTokensOfUser(userId: string, at: number): readonly Step[] {
  return allTokensOfUser.map((on) => step(on, userId, at));
}

export function announceTokensOfUser(userId: string, at: number): readonly Step[] {
  return tokensOfUser.map((on) => step(on, userId, at));
}

export function announceTokensOfIssuer(pattern: string, at: number): readonly Step[] {
  return tokensOfIssuer.map((on) => step(on, pattern, at));
}

/** Tokens that ended because of whom they name as an actor; the subject is a pattern for their particulars. */
export function announceActing(pattern: string, at: number): readonly Step[] {
  return tokensOfActor.map((on) => step(on, pattern, at));
}

const insertClientTokenEvents = statement(
  'announce_client_tokens',
  `INSERT INTO events (at, purge_at, kind, token_id, format, client_id, expires_at)
   SELECT ${AT}, ${PURGE_AT}, 'token', id, 'opaque', client_id, ${PURGE_AT} FROM client_tokens
   WHERE client_id = $1 AND ends_at = ${AT}`,
);

/** Public tokens of a client that ended at this time. */
export function announceClientTokens(clientId: string, at: number): readonly Step[] {
  return [step(insertClientTokenEvents, clientId, at)];
}

/**
 * An event that tells of tokens by when they were issued, the newest of them included: its node's clock may be ahead of
 * that of the node that ends them. To be said once they have been revoked.
 * @param told its columns and their values, and where those are from
 */
const eventOfAll = (name: string, column: string, told: readonly [string, string, string]): Statement => {
  const [columns, values, from] = told;
  const end = `issued.latest + ${LONGEST_TOKEN_LIFE_MS}`;
  return throughAll(
    statement(
      `announce_${name}`,
      `INSERT INTO events (at, purge_at, kind, format, ${columns}, expires_at)
       SELECT issued.latest, ${purgeAtEnd(end)}, '${name}', ${UNLISTED_FORMAT}, ${values}, ${end}
       FROM (SELECT CASE WHEN max(issued_at) > ${AT} THEN max(issued_at) ELSE ${AT} END AS latest
         FROM access_tokens
         WHERE ${column} = $1 AND ${JUST_REVOKED} AND issued_at < ${AT} + ${CLOCKS_APART_MS}) AS issued ${from}`,
    ),
  );
};
const insertClientEvent = eventOfAll('client', 'client_id', ['client_id', '$1', '']);
const insertResourceEvent = eventOfAll('resource', 'resource_id', [
  'resource_id, resource',
  'resources.id, resources.identifier',
  'JOIN resources ON resources.id = $1',
]);
const statusesRevoked = (name: string, column: string): Statement =>
  throughAll(
    statement(
      `announce_${name}_statuses`,
      `${STATUSES} WHERE access_tokens.${column} = $1 AND ${JUST_REVOKED} AND ${HAS_STATUS} ${IS_NEW}`,
    ),
  );
const statusesOfClient = statusesRevoked('client', 'client_id');
const statusesOfResource = statusesRevoked('resource', 'resource_id');

/**
 * Tokens under grants of the subject that do not name it themselves, so that nobody would know them by its event:
 * those that another client got in exchange, those for another API of the same grant.
 */
const strangers = (name: string, column: string): readonly Statement[] => {
  const which = `access_tokens.grant_id IS NOT NULL AND access_tokens.revoked_at IS NULL
     AND access_tokens.expires_at > ${AT} AND coalesce(access_tokens.${column}, '') <> $1
     AND (SELECT grants.${column} FROM grants WHERE grants.id = access_tokens.grant_id) = $1`;
  return [
    statement(`announce_${name}_strangers`, `${TOKEN_EVENTS} WHERE ${which}`),
    statement(
      `announce_${name}_stranger_statuses`,
      `${STATUSES} WHERE ${which} AND access_tokens.status_index IS NOT NULL ${IS_NEW}`,
    ),
  ];
};
const strangersOfClient = strangers('client', 'client_id').map(throughAll);
const strangersOfResource = strangers('resource', 'resource_id').map(throughAll);

/** A client and its tokens ended. Its tokens name it, so that one event does for all of them. */
export function announceClient(clientId: string, at: number): readonly Step[] {
  return [insertClientEvent, statusesOfClient, ...strangersOfClient].map((on) => step(on, clientId, at));
}

/** To be called while the API and its grants are still there. */
export function announceResource(resourceId: string, at: number): readonly Step[] {
  return [insertResourceEvent, statusesOfResource, ...strangersOfResource].map((on) =>
    step(on, resourceId, at),
  );
}

/**
 * Personal access tokens are opaque: whoever remembers one asks anew. So the same word serves for one that ended and
 * for one of which something else has changed.
 */
const PERSONAL_TOKEN_EVENTS = `INSERT INTO events (at, purge_at, kind, token_id, format, resource_id, client_id, expires_at)
   SELECT ${AT}, ${PURGE_AT}, 'token', hash, 'opaque', resource_id, id,
     coalesce(expires_at, ${AT} + ${LONGEST_TOKEN_LIFE_MS}) FROM personal_access_tokens
   WHERE (expires_at IS NULL OR expires_at > ${AT})`;
const personalToken = statement('announce_personal_token', `${PERSONAL_TOKEN_EVENTS} AND id = $1`);
const personalTokensOfOrganization = statement(
  'announce_personal_tokens_ruled_by',
  `${PERSONAL_TOKEN_EVENTS} AND revoked_at IS NULL AND (organization_id = $1
     OR resource_id IN (SELECT resources.id FROM resources WHERE resources.organization_id = $1))`,
);

const personalTokensOfMember = statement(
  'announce_personal_tokens_of_role',
  `${PERSONAL_TOKEN_EVENTS} AND revoked_at IS NULL AND user_id || ' ' || organization_id = $1`,
);

/** One personal access token ended or changed. */
export function announcePersonalToken(id: string, at: number): Step {
  return step(personalToken, id, at);
}

/** A person may do something else in an organization now. */
export function announcePersonalTokensOfMember(userId: string, organizationId: string, at: number): Step {
  return step(personalTokensOfMember, `${userId} ${organizationId}`, at);
}

const personalTokensOfUser = statement(
  'announce_personal_tokens_of_person',
  `${PERSONAL_TOKEN_EVENTS} AND revoked_at IS NULL AND user_id = $1`,
);

/** What a person's tokens are judged by has changed. */
export function announcePersonalTokensOfUser(userId: string, at: number): Step {
  return step(personalTokensOfUser, userId, at);
}

const personalTokensOfMembers = statement(
  'announce_personal_tokens_of_members',
  `${PERSONAL_TOKEN_EVENTS} AND revoked_at IS NULL AND user_id = $1 AND ${POLICY_ON_MEMBERSHIPS}`,
);

/** What a person is in organizations has changed: their tokens for others are judged by it, too. */
export function announceAfterMembership(userId: string, at: number): readonly Step[] {
  return [...announceAccessTokensOfUser(userId, at), step(personalTokensOfMembers, userId, at)];
}

/** What an organization allows has changed. */
export function announcePersonalTokensOfOrganization(organizationId: string, at: number): readonly Step[] {
  return [step(personalTokensOfOrganization, organizationId, at)];
}

/** Of those that ended at this time. @param which by `$1` */
export function announceEndedPersonalTokens(name: string, which: string): Statement {
  return statement(
    `announce_personal_tokens_${name}`,
    `${PERSONAL_TOKEN_EVENTS} AND ${which} AND revoked_at = ${AT}`,
  );
}
