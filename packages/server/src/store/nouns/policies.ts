import {
  type Policy,
  POLICY_CHANGE_COUNTS_MS,
  type PolicyChange,
  type PolicyVersion,
} from '../../domain/policy.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import type { Policies, PolicyFilter, PolicySnapshot } from '../../ports/policies.ts';
import type { Clock } from '../../ports/clock.ts';
import { deepFreeze, fromJson, present, toFlag, toJson } from '../columns.ts';
import type { Database } from '../database.ts';
import { listPage, ofOrganizations } from '../list-page.ts';
import { change, lastly, statement, step } from '../statement.ts';
import type { Step, Value, Verb } from '../statement.ts';
import { announcePolicyChange } from './announce-policies.ts';
import { recordAudit } from './audit.ts';

interface PolicyColumns {
  readonly seq: number;
  readonly id: string;
  readonly organization_id: string;
  readonly server_wide: number;
  readonly name: string;
  readonly mode: Policy['mode'];
  readonly settings: string;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly decides_from: number;
}

/** What is kept as JSON. */
type Settings = Pick<Policy, 'description' | 'conditions' | 'outcome'>;

interface VersionColumns {
  readonly seq: number;
  readonly version: number;
  readonly what: PolicyVersion['what'];
  readonly at: number;
  readonly actor: string;
  readonly policy: string;
}

interface ChangeColumns {
  readonly epoch: number;
  readonly at: number;
  readonly client_id: string | null;
  readonly resource_id: string | null;
  readonly organization_id: string | null;
  readonly user_id: string | null;
}

const findPolicy = statement('policy_find', 'SELECT * FROM policies WHERE id = $1');
const findJudging = statement('policies_judging', "SELECT * FROM policies WHERE mode <> 'off' ORDER BY seq");
const findEpoch = statement('policy_epoch', 'SELECT epoch, revision FROM policy_epoch');
const findChanges = statement(
  'policy_changes',
  'SELECT epoch, at, client_id, resource_id, organization_id, user_id FROM policy_changes WHERE at > $1 ORDER BY seq',
);
const insertPolicy = statement(
  'policy_insert',
  `INSERT INTO policies (id, organization_id, server_wide, name, mode, settings, version, created_at, updated_at,
     decides_from) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
);
const updatePolicy = statement(
  'policy_update',
  `UPDATE policies SET organization_id = $2, server_wide = $3, name = $4, mode = $5, settings = $6, version = $7,
     created_at = $8, updated_at = $9, decides_from = $10 WHERE id = $1 AND version = $11`,
);
const deletePolicy = statement('policy_delete', 'DELETE FROM policies WHERE id = $1 AND version = $2');
const insertVersion = statement(
  'policy_version_insert',
  'INSERT INTO policy_versions (policy_id, version, what, at, actor, policy) VALUES ($1, $2, $3, $4, $5, $6)',
);

export function createPolicies(database: Database, clock: Clock): Policies {
  const known = createSnapshots(database, clock);
  const write = async <Result>(verb: () => Verb<Result>): Promise<Result> => {
    try {
      return await database.write(verb);
    } finally {
      known.forget();
    }
  };
  return {
    snapshot: () => known.snapshot(),
    async find(id) {
      const [columns] = await database.find<PolicyColumns>(findPolicy, id);
      return columns === undefined ? undefined : toPolicy(columns);
    },
    create: (policy, reach, audit) =>
      write(function* () {
        yield* change(insertPolicy, ...values(policy));
        yield* lastly(
          keepVersion(policy, 'created', audit.at, audit.actor),
          ...announcePolicyChange(reach, audit.at),
          recordAudit(audit),
        );
      }),
    update: (policy, reach, audit, before) =>
      write(function* (): Verb<boolean> {
        if ((yield* change(updatePolicy, ...values(policy), before.version)) === 0) return false;
        yield* lastly(
          keepVersion(policy, 'updated', audit.at, audit.actor),
          ...announcePolicyChange(reach, audit.at),
          recordAudit(audit),
        );
        return true;
      }),
    delete: (before, reach, audit) =>
      write(function* (): Verb<boolean> {
        if ((yield* change(deletePolicy, before.id, before.version)) === 0) return false;
        const last = { ...before, version: before.version + 1 };
        yield* lastly(
          keepVersion(last, 'deleted', audit.at, audit.actor),
          ...announcePolicyChange(reach, audit.at),
          recordAudit(audit),
        );
        return true;
      }),
    list: (filter, page) => listPolicies(database, filter, page),
    history: (id, page) => listVersions(database, id, page),
  };
}

function listPolicies(database: Database, filter: PolicyFilter, page: PageRequest): Promise<Page<Policy>> {
  return listPage<PolicyColumns, Policy>(
    database,
    {
      name: 'policies',
      table: 'policies',
      select: 'SELECT * FROM {page} ORDER BY seq DESC',
      where: [
        ofOrganizations('organization_id', filter.organizationIds),
        ['server_wide <> $', filter.withServerWide ? undefined : 1],
      ],
      toItems: (rows) => rows.map(toPolicy),
    },
    page,
  );
}

function listVersions(database: Database, id: string, page: PageRequest): Promise<Page<PolicyVersion>> {
  return listPage<VersionColumns, PolicyVersion>(
    database,
    {
      name: 'policy_versions',
      table: 'policy_versions',
      select: 'SELECT * FROM {page} ORDER BY seq DESC',
      where: [['policy_id = $', id]],
      toItems: (rows) => rows.map(toVersion),
    },
    page,
  );
}

interface Snapshots {
  snapshot(): PolicySnapshot | Promise<PolicySnapshot>;
  forget(): void;
}

/**
 * What tokens are judged by, in memory: for good where nobody else writes, else for as long as another process's write may
 * go unnoticed; then one look at a number says whether anything is new.
 */
function createSnapshots(database: Database, clock: Clock): Snapshots {
  const maxAgeMs = database.foreignWriteAgeMs === 0 ? Number.POSITIVE_INFINITY : database.foreignWriteAgeMs;
  let known: { readonly snapshot: PolicySnapshot; readonly revision: number } | undefined;
  let until = 0;
  let reading: Promise<PolicySnapshot> | undefined;
  let forgotten = 0;

  async function read(): Promise<PolicySnapshot> {
    const startedAt = performance.now();
    const forgottenBefore = forgotten;
    const [count] = await database.find<{ epoch: number; revision: number }>(findEpoch);
    // The migration wrote it, and nothing deletes it.
    if (count === undefined) throw new Error('the epoch of the policies is gone');
    const { epoch, revision } = count;
    let snapshot = known?.revision === revision ? known.snapshot : undefined;
    if (snapshot === undefined) {
      const policies = await database.find<PolicyColumns>(findJudging);
      const changes = await database.find<ChangeColumns>(findChanges, clock() - POLICY_CHANGE_COUNTS_MS);
      snapshot = deepFreeze({ epoch, policies: policies.map(toPolicy), changes: changes.map(toChange) });
    }
    if (forgotten !== forgottenBefore) return snapshot;
    known = { snapshot, revision };
    until = startedAt + maxAgeMs;
    return snapshot;
  }

  return {
    snapshot() {
      if (known !== undefined && performance.now() < until) return known.snapshot;
      if (reading !== undefined) return reading;
      const now = read().finally(() => {
        if (reading === now) reading = undefined;
      });
      reading = now;
      return now;
    },
    forget() {
      forgotten += 1;
      until = 0;
      reading = undefined;
    },
  };
}

function keepVersion(policy: Policy, what: PolicyVersion['what'], at: number, actor: string): Step {
  return step(insertVersion, policy.id, policy.version, what, at, actor, toJson(policy));
}

function values(policy: Policy): readonly Value[] {
  const { id, organizationId, serverWide, name, mode, version, createdAt, updatedAt, decidesFrom } = policy;
  const { description, conditions, outcome } = policy;
  const settings = toJson({ description, conditions, outcome });
  return [
    id,
    organizationId,
    toFlag(serverWide),
    name,
    mode,
    settings,
    version,
    createdAt,
    updatedAt,
    decidesFrom,
  ];
}

function toPolicy(columns: PolicyColumns): Policy {
  return {
    id: columns.id,
    organizationId: columns.organization_id,
    serverWide: columns.server_wide !== 0,
    name: columns.name,
    mode: columns.mode,
    ...fromJson<Settings>(columns.settings),
    version: columns.version,
    createdAt: columns.created_at,
    updatedAt: columns.updated_at,
    decidesFrom: columns.decides_from,
  };
}

function toVersion({ version, what, at, actor, policy }: VersionColumns): PolicyVersion {
  return { version, what, at, actor, policy: fromJson<Policy>(policy) };
}

function toChange(columns: ChangeColumns): PolicyChange {
  return present({
    epoch: columns.epoch,
    at: columns.at,
    clientId: columns.client_id,
    resourceId: columns.resource_id,
    organizationId: columns.organization_id,
    userId: columns.user_id,
  });
}
