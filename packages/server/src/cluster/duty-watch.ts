/** What a node knows of the duty: whether it is on it now, and for how long it may believe so. */
import type { NodeSetting } from '../domain/node-setting.ts';
import type { ClusterState, Fence } from '../domain/duty.ts';
import type { Cluster, DutyTimes } from '../ports/cluster.ts';

export interface DutyWatch {
  /** Joins with the first call, and says afterwards that the node is there. @throws StoreUnavailable */
  report(): Promise<void>;
  /** What to show with everything done on duty; undefined while another node is on duty, or none that is known. */
  fence(): Fence | undefined;
  leave(): Promise<void>;
}

export interface DutyWatchDependencies {
  readonly cluster: Cluster;
  readonly id: string;
  readonly name: string | undefined;
  readonly version: string;
  readonly times: DutyTimes;
  readonly settings: readonly NodeSetting[] | undefined;
  /** Milliseconds that no change of the time touches. */
  readonly monotonic: () => number;
}

export function createDutyWatch(dependencies: DutyWatchDependencies): DutyWatch {
  const { cluster, id, name, version, times, settings, monotonic } = dependencies;
  let joined = false;
  let fence: Fence | undefined;
  /** When this node stops believing that it is on duty; the database would refuse it anyway. */
  let believedUntil = 0;
  const take = ({ duty }: ClusterState, askedAt: number): void => {
    fence = duty.holder === id ? { number: duty.number, holder: id } : undefined;
    believedUntil = cluster.alone ? Number.POSITIVE_INFINITY : askedAt + times.leaseMs;
  };
  return {
    async report() {
      if (joined && cluster.alone) return;
      const askedAt = monotonic();
      const state = joined
        ? await cluster.beat(id, times)
        : await cluster.join({
            id,
            version,
            times,
            ...(name === undefined ? {} : { name }),
            ...(settings === undefined ? {} : { settings }),
          });
      // Whoever is not heard of for a day is forgotten, and joins anew.
      joined = state.nodes.some((node) => node.id === id);
      take(state, askedAt);
    },
    fence: () => (monotonic() < believedUntil ? fence : undefined),
    async leave() {
      fence = undefined;
      if (joined) await cluster.leave(id, times);
    },
  };
}
