import { nextDuty, nextInCircle } from '../../cluster/next-duty.ts';
import type { ClusterNode, ClusterState, Duty, DutyAct, DutyChange, DutyTurn } from '../../domain/duty.ts';
import type { NodeSetting } from '../../domain/node-setting.ts';
import type { Cluster, DutyTimes } from '../../ports/cluster.ts';
import { fromJson, present, toJson } from '../columns.ts';
import type { Database } from '../database.ts';
import { change, lockingStatement, row, rows, statement } from '../statement.ts';
import type { Statement, Verb } from '../statement.ts';
import { DATABASE_TIME } from './database-time.ts';
import { requireDuty } from './fence.ts';

interface NodeColumns {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly joined_at: number;
  readonly seen_at: number;
  readonly left_at: number | null;
}

interface SettingsColumns {
  readonly id: string;
  readonly name: string;
  readonly settings: string;
  readonly seen_at: number;
  readonly now: number;
}

interface DutyColumns {
  readonly number: number;
  readonly holder: string;
  readonly taken_at: number;
  readonly lease_until: number;
  readonly now: number;
}

/** Nodes that left, or fell silent, are shown for so long. */
const SHOWN_MS = 24 * 3600_000;
const TURNS_KEPT = 1000;
/** Of a node that nobody can take it from. */
const FOR_GOOD = Number.MAX_SAFE_INTEGER;

/** A statement in which `NOW` is the database's time. */
function timed(name: string, sql: string, make = statement): Statement {
  const { sql: sqlite } = make(`${name}_sqlite`, sql.replaceAll('NOW', DATABASE_TIME.sqlite));
  const { postgres } = make(`${name}_postgres`, sql.replaceAll('NOW', DATABASE_TIME.postgres));
  return statement(name, sqlite, postgres);
}

const READ_DUTY = 'SELECT number, holder, taken_at, lease_until, NOW AS now FROM duty';
const readDuty = timed('duty_read', READ_DUTY);
const lockDuty = timed('duty_lock', READ_DUTY, lockingStatement);
const nodesSince = (time: string): string =>
  `SELECT id, name, version, joined_at, seen_at, left_at FROM cluster_nodes
   WHERE seen_at > ${time} - ${SHOWN_MS}`;
// A node alone on its database reports once, when it joins.
const listNodes = statement(
  'cluster_nodes',
  `${nodesSince(DATABASE_TIME.sqlite)} OR left_at IS NULL ORDER BY seq`,
  `${nodesSince(DATABASE_TIME.postgres)} ORDER BY seq`,
);
// One that was not told that it had joined joins again.
const insertNode = timed(
  'cluster_node_insert',
  `INSERT INTO cluster_nodes (id, name, version, settings, joined_at, seen_at) VALUES ($1, $2, $3, $4, NOW, NOW)
   ON CONFLICT (id) DO NOTHING`,
);
const listSettings = timed(
  'cluster_settings',
  `SELECT id, name, settings, seen_at, NOW AS now FROM cluster_nodes
   WHERE left_at IS NULL AND settings IS NOT NULL ORDER BY seq`,
);
const seeNode = timed(
  'cluster_node_see',
  'UPDATE cluster_nodes SET seen_at = NOW, left_at = NULL WHERE id = $1',
);
const partNode = timed('cluster_node_part', 'UPDATE cluster_nodes SET left_at = NOW WHERE id = $1');
const partOthers = timed(
  'cluster_nodes_part',
  'UPDATE cluster_nodes SET left_at = NOW WHERE id <> $1 AND left_at IS NULL',
);
const forgetNodes = timed(
  'cluster_nodes_forget',
  `DELETE FROM cluster_nodes WHERE seen_at <= NOW - ${SHOWN_MS}`,
);
const renewDuty = statement('duty_renew', 'UPDATE duty SET lease_until = $2 WHERE number = $1');
const moveDuty = statement(
  'duty_move',
  'UPDATE duty SET number = $1 + 1, holder = $2, taken_at = $3, lease_until = $4 WHERE number = $1',
);
const insertTurn = statement(
  'duty_turn_insert',
  'INSERT INTO duty_turns (number, node_id, node_name, taken_at, how) VALUES ($1, $2, $3, $4, $5)',
);
const forgetTurns = statement('duty_turns_forget', 'DELETE FROM duty_turns WHERE number <= $1');
const listTurns = statement(
  'duty_turns',
  'SELECT number, node_id, node_name, taken_at, how FROM duty_turns ORDER BY number DESC LIMIT $1',
);
const listActs = statement('duty_acts', 'SELECT chore, count, last_at, number FROM duty_acts ORDER BY chore');
const noteAct = timed(
  'duty_act_note',
  `INSERT INTO duty_acts (chore, count, last_at, number) VALUES ($1, $2, NOW, $3)
   ON CONFLICT (chore) DO UPDATE SET count = duty_acts.count + excluded.count, last_at = excluded.last_at,
     number = excluded.number`,
);

export function createCluster(database: Database): Cluster {
  const alone = database.foreignWriteAgeMs === 0;
  const beat = function* (nodeId: string, times: DutyTimes): Verb<ClusterState> {
    yield* change(seeNode, nodeId);
    const duty = yield* theDuty(lockDuty);
    const nodes = yield* theNodes();
    return yield* settle({ nodeId, duty, nodes, times, alone });
  };
  return {
    alone,
    join: ({ id, name, version, times, settings }) =>
      database.write(function* (): Verb<ClusterState> {
        // Locked before names are looked at: two that join at once must not take the same.
        yield* theDuty(lockDuty);
        yield* change(forgetNodes);
        if (alone) yield* change(partOthers, id);
        const nodes = yield* theNodes();
        const taken = new Set(nodes.filter((node) => node.leftAt === undefined).map((node) => node.name));
        const told = settings === undefined ? null : toJson(settings);
        yield* change(insertNode, id, name ?? freeName(taken), version, told);
        return yield* beat(id, times);
      }),
    beat: (nodeId, times) => database.write(() => beat(nodeId, times)),
    leave: (nodeId, times) =>
      database.write(function* (): Verb<void> {
        const duty = yield* theDuty(lockDuty);
        yield* change(partNode, nodeId);
        if (duty.holder !== nodeId) return;
        const nodes = yield* theNodes();
        const facts = circleOf({ duty, nodes, times, reporting: nodeId });
        const next = nextInCircle(facts);
        // With nobody to pass it to, the lease is let go: whoever comes next takes it without waiting.
        if (next === nodeId) yield* change(renewDuty, duty.number, duty.now);
        else yield* move({ duty, nodes, holder: next, how: 'passed', leaseUntil: duty.now + times.leaseMs });
      }),
    ...readingOf(database),
    noteAct: (fence, chore, count) =>
      database.write(function* () {
        yield* requireDuty(fence);
        yield* change(noteAct, chore, count, fence.number);
      }),
  };
}

function readingOf(database: Database): Pick<Cluster, 'state' | 'turns' | 'acts' | 'settings'> {
  return {
    async state() {
      const [[duty], nodes] = await Promise.all([
        database.find<DutyColumns>(readDuty),
        database.find<NodeColumns>(listNodes),
      ]);
      if (duty === undefined) throw new Error('the row of the duty is gone');
      return { nodes: nodes.map(toNode), duty: toDuty(duty), now: duty.now };
    },
    async turns(limit) {
      const found = await database.find<{
        number: number;
        node_id: string;
        node_name: string;
        taken_at: number;
        how: DutyChange;
      }>(listTurns, limit);
      return found.map(
        ({ number, node_id: nodeId, node_name: nodeName, taken_at: takenAt, how }): DutyTurn => ({
          number,
          nodeId,
          nodeName,
          takenAt,
          how,
        }),
      );
    },
    async settings({ leaseMs }) {
      const alone = database.foreignWriteAgeMs === 0;
      const found = await database.find<SettingsColumns>(listSettings);
      return found
        .filter(({ seen_at: seenAt, now }) => alone || now - seenAt < leaseMs)
        .map(({ id, name, settings }) => ({
          nodeId: id,
          nodeName: name,
          settings: fromJson<readonly NodeSetting[]>(settings),
        }));
    },
    async acts() {
      const found = await database.find<{ chore: string; count: number; last_at: number; number: number }>(
        listActs,
      );
      return found.map(
        ({ chore, count, last_at: lastAt, number }): DutyAct => ({ chore, count, lastAt, number }),
      );
    },
  };
}

interface ReadDuty extends Duty {
  readonly now: number;
}

function* theDuty(how: Statement): Verb<ReadDuty> {
  const found = yield* row<DutyColumns>(how);
  if (found === undefined) throw new Error('the row of the duty is gone');
  return { ...toDuty(found), now: found.now };
}

function* theNodes(): Verb<readonly ClusterNode[]> {
  return (yield* rows<NodeColumns>(listNodes)).map(toNode);
}

interface Settlement {
  readonly nodeId: string;
  readonly duty: ReadDuty;
  readonly nodes: readonly ClusterNode[];
  readonly times: DutyTimes;
  readonly alone: boolean;
}

/** Writes what the rule decides for the node that reports. */
function* settle({ nodeId, duty, nodes, times, alone }: Settlement): Verb<ClusterState> {
  const { now } = duty;
  const facts = { ...circleOf({ duty, nodes, times, reporting: nodeId }), now };
  const decision = alone ? takenAlone(duty, nodeId) : nextDuty(facts, times);
  const leaseUntil = alone ? FOR_GOOD : now + times.leaseMs;
  if (decision.change === 'none') return { nodes, duty, now };
  if (decision.change === 'renewed') {
    if (duty.leaseUntil !== leaseUntil) yield* change(renewDuty, duty.number, leaseUntil);
    return { nodes, duty: { ...duty, leaseUntil }, now };
  }
  const { holder, change: how } = decision;
  return { nodes, duty: yield* move({ duty, nodes, holder, how, leaseUntil }), now };
}

/** Nobody else can be on this database: whoever held the duty before is no more. */
function takenAlone(duty: Duty, nodeId: string): ReturnType<typeof nextDuty> {
  return duty.holder === nodeId ? { change: 'renewed' } : { change: 'regenerated', holder: nodeId };
}

function circleOf(of: {
  readonly duty: ReadDuty;
  readonly nodes: readonly ClusterNode[];
  readonly times: DutyTimes;
  readonly reporting: string;
}): Parameters<typeof nextInCircle>[0] {
  const { duty, nodes, times, reporting } = of;
  const live = nodes.filter((node) => isLive(node, duty.now, times)).map(({ id }) => id);
  return { duty, reporting, live, circle: nodes.map(({ id }) => id) };
}

function isLive({ leftAt, seenAt }: ClusterNode, now: number, { leaseMs }: DutyTimes): boolean {
  return leftAt === undefined && Math.abs(now - seenAt) < leaseMs;
}

function* move(to: {
  readonly duty: ReadDuty;
  readonly nodes: readonly ClusterNode[];
  readonly holder: string;
  readonly how: DutyChange;
  readonly leaseUntil: number;
}): Verb<Duty> {
  const { duty, nodes, holder, how, leaseUntil } = to;
  const number = duty.number + 1;
  yield* change(moveDuty, duty.number, holder, duty.now, leaseUntil);
  const name = nodes.find(({ id }) => id === holder)?.name ?? holder;
  yield* change(insertTurn, number, holder, name, duty.now, how);
  yield* change(forgetTurns, number - TURNS_KEPT);
  return { number, holder, takenAt: duty.now, leaseUntil };
}

function freeName(taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    if (!taken.has(`n${number}`)) return `n${number}`;
  }
}

function toDuty({ number, holder, taken_at: takenAt, lease_until: leaseUntil }: DutyColumns): Duty {
  return { number, holder, takenAt, leaseUntil };
}

function toNode(columns: NodeColumns): ClusterNode {
  return present({
    id: columns.id,
    name: columns.name,
    version: columns.version,
    joinedAt: columns.joined_at,
    seenAt: columns.seen_at,
    leftAt: columns.left_at,
  });
}
