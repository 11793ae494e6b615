import type { Usage, UsageAt, UsageCount, UsageKind, UsageOf } from '../../ports/usage.ts';
import type { Database } from '../database.ts';
import { change, lastly, statement, step } from '../statement.ts';
import type { Statement, Step } from '../statement.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MINUTES_RETENTION_MS = 25 * HOUR_MS;
const HOURS_RETENTION_MS = 31 * DAY_MS;

// Minutes are counted for each organization, hours for each app: neither grows with the number of requests.
const add = statement(
  'usage_add',
  `INSERT INTO usage_counts (grain, at, owner, kind, reason, count) VALUES ($1, $2, $3, $4, $5, $6)
   ON CONFLICT (grain, at, owner, kind, reason) DO UPDATE SET count = usage_counts.count + excluded.count`,
);
const purge = statement('usage_purge', 'DELETE FROM usage_counts WHERE grain = $1 AND at < $2');

/** `$1` the grain, `$2` since, `$3` whose: an app, or organizations as JSON. */
interface Reading {
  readonly name: string;
  readonly select: string;
  readonly group: string;
}

const OWNERS = {
  every: ['TRUE', 'TRUE'],
  client: ['owner = $3', 'owner = $3'],
  organizations: [
    'owner IN (SELECT value FROM json_each($3))',
    'owner IN (SELECT jsonb_array_elements_text(CAST($3 AS jsonb)))',
  ],
  clientsOf: [
    'owner IN (SELECT id FROM clients WHERE organization_id IN (SELECT value FROM json_each($3)))',
    `owner IN (SELECT id FROM clients WHERE organization_id IN (
       SELECT jsonb_array_elements_text(CAST($3 AS jsonb))))`,
  ],
} as const;

function reading({ name, select, group }: Reading): Readonly<Record<keyof typeof OWNERS, Statement>> {
  const sql = (condition: string): string =>
    `SELECT ${select} FROM usage_counts WHERE grain = $1 AND at >= $2 AND ${condition} ${group}`;
  const of = (owner: keyof typeof OWNERS): Statement => {
    const [sqlite, postgres] = OWNERS[owner];
    return statement(`usage_${name}_${owner}`, sql(sqlite), sql(postgres));
  };
  return {
    every: of('every'),
    client: of('client'),
    organizations: of('organizations'),
    clientsOf: of('clientsOf'),
  };
}

const SUM = 'CAST(sum(count) AS bigint) AS count';
const readCounts = reading({
  name: 'counts',
  select: `at, kind, ${SUM}`,
  group: 'GROUP BY at, kind ORDER BY at, kind',
});
const readReasons = reading({
  name: 'reasons',
  select: `reason, ${SUM}`,
  group: "AND kind = 'refused' GROUP BY reason ORDER BY sum(count) DESC, reason",
});
const SELF_REGISTERED = `SELECT id AS client_id, created_at AS at FROM clients
  WHERE created_at >= $1 AND registered_by IN ('registration', 'metadata_document')`;
const NEWEST = 'ORDER BY created_at DESC LIMIT $2';
const readRegistrations = statement('usage_registrations', `${SELF_REGISTERED} ${NEWEST}`);
const readRegistrationsOf = statement(
  'usage_registrations_of',
  `${SELF_REGISTERED} AND organization_id IN (SELECT value FROM json_each($3)) ${NEWEST}`,
  `${SELF_REGISTERED} AND organization_id IN (SELECT jsonb_array_elements_text(CAST($3 AS jsonb))) ${NEWEST}`,
);

export function createUsage(database: Database): Usage {
  return {
    async add(counts, at) {
      if (counts.length === 0) return;
      await database.write(function* () {
        yield* lastly(...stepsOf(counts, at));
      });
    },
    async counts(of, per) {
      const owner = ownerOf(of, per);
      return database.scan<UsageAt & { kind: UsageKind }>(
        readCounts[owner],
        per === 'minute' ? MINUTE_MS : HOUR_MS,
        of.since,
        ...valuesOf(of),
      );
    },
    reasons: (of) =>
      database.scan<{ reason: string; count: number }>(
        readReasons[ownerOf(of, 'hour')],
        HOUR_MS,
        of.since,
        ...valuesOf(of),
      ),
    async registrations({ organizationIds: ids, since }, limit) {
      const found =
        ids === undefined
          ? await database.scan<{ client_id: string; at: number }>(readRegistrations, since, limit)
          : await database.scan<{ client_id: string; at: number }>(
              readRegistrationsOf,
              since,
              limit,
              JSON.stringify(ids),
            );
      return found.map(({ client_id: clientId, at }) => ({ clientId, at }));
    },
    async purge(now) {
      const minutes = await database.write(() => change(purge, MINUTE_MS, now - MINUTES_RETENTION_MS));
      return minutes + (await database.write(() => change(purge, HOUR_MS, now - HOURS_RETENTION_MS)));
    },
  };
}

function ownerOf({ clientId, organizationIds }: UsageOf, per: 'minute' | 'hour'): keyof typeof OWNERS {
  if (clientId !== undefined) return 'client';
  if (organizationIds === undefined) return 'every';
  return per === 'minute' ? 'organizations' : 'clientsOf';
}

function valuesOf({ clientId, organizationIds }: UsageOf): readonly string[] {
  if (clientId !== undefined) return [clientId];
  return organizationIds === undefined ? [] : [JSON.stringify(organizationIds)];
}

/** In one order on every node, so that none waits for another in a circle. */
function stepsOf(counts: readonly UsageCount[], at: number): readonly Step[] {
  const sums = new Map<string, { readonly values: readonly (string | number)[]; count: number }>();
  const sum = (count: number, ...values: readonly (string | number)[]): void => {
    const key = values.join('\n');
    const known = sums.get(key);
    if (known === undefined) sums.set(key, { values, count });
    else known.count += count;
  };
  const begin = (grain: number): number => at - (at % grain);
  for (const { kind, clientId = '', organizationId = '', reason = '', count } of counts) {
    sum(count, MINUTE_MS, begin(MINUTE_MS), organizationId, kind, '');
    sum(count, HOUR_MS, begin(HOUR_MS), clientId, kind, reason);
  }
  return [...sums]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { values, count }]) => step(add, ...values, count));
}
