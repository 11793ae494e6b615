/** `/admin/v1/cluster`: the nodes, who of them is on duty, and what was done there. */
import type { ClusterState, DutyAct, DutyTurn } from '../../domain/duty.ts';
import type { Cluster, DutyTimes } from '../../ports/cluster.ts';
import { type Static, Type } from '../../schema/type.ts';
import type { Api } from '../api.ts';
import { operation } from '../operation.ts';
import { Seconds, toSeconds } from '../seconds.ts';
import { DemoNodeList, type DemoNodeRouteDependencies, registerDemoNodeRoutes } from './demo-node-routes.ts';
import { registerSettingsRoute } from './settings-route.ts';

const TURNS_SHOWN = 20;

const ClusterSchema = Type.Object(
  {
    nodes: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        version: Type.String(),
        status: Type.Enum(['live', 'silent', 'left'], {
          description:
            'silent: it was not heard of for longer than duty_lease, has not said goodbye, and none of its name has joined since',
        }),
        on_duty: Type.Boolean(),
        joined_at: Seconds('When it joined'),
        seen_at: Seconds('When it was last heard of; on a database of one process: when it joined'),
      }),
      { description: 'In the order in which the duty goes round; those of the last day' },
    ),
    duty: Type.Object({
      number: Type.Integer({ description: 'The fencing number: higher with each turn, never given twice' }),
      holder: Type.String({ description: 'The id of the node on duty' }),
      since: Seconds('When the turn began'),
      passes_in: Type.Optional(
        Type.Integer({
          description: 'Seconds until it goes to the next node; absent where there is no other',
        }),
      ),
    }),
    did: Type.Array(
      Type.Object({
        chore: Type.String(),
        count: Type.Integer({ description: 'How many things were done, in all turns so far' }),
        last_at: Seconds('When it was last done'),
        last_number: Type.Integer({ description: 'In which turn' }),
      }),
    ),
    turns: Type.Array(
      Type.Object({
        number: Type.Integer(),
        node_id: Type.String(),
        node_name: Type.String(),
        since: Seconds('When it began'),
        how: Type.Enum(['passed', 'regenerated'], {
          description: 'passed on by the node before, or taken because that one was not heard of any more',
        }),
      }),
      { description: `The last ${TURNS_SHOWN}, newest first` },
    ),
    demo_nodes: Type.Optional(DemoNodeList),
  },
  {
    title: 'Cluster',
    description:
      'The node on duty does what must be done once: mail, sign-out notices, clean-up, key rotation. Being on duty grants no access to anything.',
  },
);

export interface ClusterRouteDependencies extends DemoNodeRouteDependencies {
  readonly cluster: Pick<Cluster, 'state' | 'turns' | 'acts' | 'alone' | 'settings'>;
  readonly dutyTimes: DutyTimes;
}

export function registerClusterRoutes(api: Api, dependencies: ClusterRouteDependencies): void {
  const { cluster, dutyTimes, demoNodes } = dependencies;
  registerSettingsRoute(api, dependencies);
  registerDemoNodeRoutes(api, dependencies);
  const get = operation({
    operationId: 'getCluster',
    summary: 'Show the nodes, and who is on duty',
    tag: 'cluster',
    answers: { 200: { description: 'As the database knows it now', schema: ClusterSchema } },
  });
  api.get('/cluster', { schema: get }, async () => {
    const [state, turns, acts] = await Promise.all([
      cluster.state(),
      cluster.turns(TURNS_SHOWN),
      cluster.acts(),
    ]);
    const wire = toWire({ state, turns, acts, times: dutyTimes, alone: cluster.alone });
    const others = demoNodes?.list() ?? [];
    return others.length === 0 ? wire : { ...wire, demo_nodes: [...others] };
  });
}

function toWire(cluster: {
  readonly state: ClusterState;
  readonly turns: readonly DutyTurn[];
  readonly acts: readonly DutyAct[];
  readonly times: DutyTimes;
  readonly alone: boolean;
}): Static<typeof ClusterSchema> {
  const { state, turns, acts, times, alone } = cluster;
  const { nodes, duty, now } = state;
  const statuses = nodes.map((node) => {
    if (node.leftAt !== undefined) return 'left' as const;
    // Alone on its database a node has nobody to report to.
    if (alone || now - node.seenAt < times.leaseMs) return 'live' as const;
    const isBack = nodes.some(({ name, joinedAt }) => name === node.name && joinedAt > node.joinedAt);
    return isBack ? ('left' as const) : ('silent' as const);
  });
  const passes = statuses.filter((status) => status === 'live').length > 1;
  return {
    nodes: nodes.map((node, index) => ({
      id: node.id,
      name: node.name,
      version: node.version,
      status: statuses[index] ?? 'silent',
      on_duty: node.id === duty.holder,
      joined_at: toSeconds(node.joinedAt),
      seen_at: toSeconds(node.seenAt),
    })),
    duty: {
      number: duty.number,
      holder: duty.holder,
      since: toSeconds(duty.takenAt),
      ...(passes && { passes_in: Math.max(0, Math.ceil((duty.takenAt + times.turnMs - now) / 1000)) }),
    },
    did: acts.map(({ chore, count, lastAt, number }) => ({
      chore,
      count,
      last_at: toSeconds(lastAt),
      last_number: number,
    })),
    turns: turns.map(({ number, nodeId, nodeName, takenAt, how }) => ({
      number,
      node_id: nodeId,
      node_name: nodeName,
      since: toSeconds(takenAt),
      how,
    })),
  };
}
