/** What a change of a policy writes besides: a new epoch, which tokens it concerns, and an event for each of those. */
import type { PolicyReach } from '../../domain/policy.ts';
import { POLICY_CHANGE_COUNTS_MS } from '../../domain/policy.ts';
import { nullable } from '../columns.ts';
import { statement, step } from '../statement.ts';
import type { Statement, Step } from '../statement.ts';
import { announcePersonalTokensOfUser } from './announce.ts';

const AT = 'CAST($1 AS bigint)';
/** Told to whoever comes later, for as long as a token may live that was issued before: no status list tells of it. */
const UNTIL = `${AT} + ${POLICY_CHANGE_COUNTS_MS}`;

const newRevision = statement('policy_revision', 'UPDATE policy_epoch SET revision = revision + 1');
const newEpoch = statement(
  'policy_epoch_new',
  'UPDATE policy_epoch SET revision = revision + 1, epoch = epoch + 1',
);
const forgetChanges = statement('policy_changes_forget', 'DELETE FROM policy_changes WHERE at <= $1');
const insertChange = statement(
  'policy_change_insert',
  `INSERT INTO policy_changes (epoch, at, client_id, resource_id, organization_id, user_id)
   SELECT epoch, ${AT}, $2, $3, $4, $5 FROM policy_epoch`,
);

const event = (name: string, columns: string, values: string, from = ''): Statement =>
  statement(
    `announce_policy_${name}`,
    `INSERT INTO events (at, purge_at, kind, expires_at, policy_epoch${columns})
     SELECT ${AT}, ${UNTIL}, 'policy', ${UNTIL}, policy_epoch.epoch${values} FROM policy_epoch${from}`,
  );
const toAll = event('all', '', '');
const toClient = event('client', ', client_id', ', $2');
const toOrganization = event('organization', ', organization_id', ', $2');
const ofResource = ', resource_id, resource';
const resourceValues = ', resources.id, resources.identifier';
const toResource = event('resource', ofResource, resourceValues, ', resources WHERE resources.id = $2');
const toResources = event(
  'resources',
  ofResource,
  resourceValues,
  ', resources WHERE resources.organization_id = $2',
);
const LIVE_GRANTS = `grants WHERE grants.user_id = $2 AND grants.ended_at IS NULL AND grants.live_until > ${AT}`;
const toUser = event('user', ', grant_id, client_id', ', grants.id, NULL', `, ${LIVE_GRANTS}`);

/*
 * Of an organization, $3, and of somebody or something beside. An event names one thing: where that is not the
 * organization's, everything at its APIs is told of, or everything of its apps.
 */
const ITS_RESOURCES = ', resources WHERE resources.organization_id = $3';
const isIts = (table: string): string =>
  `(SELECT 1 FROM ${table} WHERE ${table}.id = $2 AND ${table}.organization_id = $3)`;
const within = {
  client: [
    event('its_client', ', client_id', ', $2', ` WHERE EXISTS ${isIts('clients')}`),
    event(
      'its_resources_by_client',
      ofResource,
      resourceValues,
      `${ITS_RESOURCES} AND NOT EXISTS ${isIts('clients')}`,
    ),
  ],
  resource: [
    event('its_resource', ofResource, resourceValues, `${ITS_RESOURCES} AND resources.id = $2`),
    event('its_clients', ', organization_id', ', $3', ` WHERE NOT EXISTS ${isIts('resources')}`),
  ],
  user: [
    event(
      'its_user',
      ', grant_id, client_id',
      ', grants.id, NULL',
      `, ${LIVE_GRANTS} AND grants.organization_id = $3`,
    ),
    event(
      'its_resources_by_user',
      ofResource,
      resourceValues,
      `${ITS_RESOURCES} AND EXISTS (SELECT 1 FROM ${LIVE_GRANTS} AND grants.organization_id <> $3)`,
    ),
  ],
} as const;

/** @param reach which tokens are to be judged anew; none: no token, and the epoch stays */
export function announcePolicyChange(reach: readonly PolicyReach[], at: number): readonly Step[] {
  if (reach.length === 0) return [step(newRevision)];
  return [
    step(newEpoch),
    step(forgetChanges, at - POLICY_CHANGE_COUNTS_MS),
    ...reach.flatMap((each) => [changeOf(each, at), ...eventsOf(each, at)]),
  ];
}

function changeOf({ clientId, resourceId, organizationId, userId }: PolicyReach, at: number): Step {
  return step(
    insertChange,
    at,
    nullable(clientId),
    nullable(resourceId),
    nullable(organizationId),
    nullable(userId),
  );
}

function eventsOf(
  { clientId, resourceId, organizationId, userId }: PolicyReach,
  at: number,
): readonly Step[] {
  const told = (any: Statement, its: readonly Statement[], id: string): readonly Step[] =>
    organizationId === undefined
      ? [step(any, at, id)]
      : its.map((each) => step(each, at, id, organizationId));
  if (clientId !== undefined) return told(toClient, within.client, clientId);
  if (resourceId !== undefined) return told(toResource, within.resource, resourceId);
  // Whoever remembers a personal access token asks anew: there may be no grant to tell of.
  if (userId !== undefined)
    return [...told(toUser, within.user, userId), announcePersonalTokensOfUser(userId, at)];
  if (organizationId !== undefined)
    return [step(toOrganization, at, organizationId), step(toResources, at, organizationId)];
  return [step(toAll, at)];
}
