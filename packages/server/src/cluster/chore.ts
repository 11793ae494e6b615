/** Work that one node does for all, while it is on duty. */
import type { DutyAct, Fence } from '../domain/duty.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { DutyStore } from '../ports/store.ts';
import { NotOnDuty } from '../ports/store-errors.ts';

export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  /** @returns how many things it did; 0 is not written down */
  run(store: DutyStore): Promise<number>;
}

export interface ChoreRunner {
  /**
   * Does what is due, one after the other; resolves when that, or what is still under way, is done. Never rejects: a
   * chore that fails is due again at its next time.
   */
  run(fence: Fence): Promise<void>;
}

export interface ChoreRunnerDependencies {
  readonly chores: readonly Chore[];
  readonly cluster: Pick<Cluster, 'acts' | 'noteAct'>;
  readonly onDuty: (fence: Fence) => DutyStore;
  /** Milliseconds since the epoch, as the database counts them; a chore a little early or late harms nobody. */
  readonly clock: () => number;
  readonly failed: (chore: string, error: unknown) => void;
}

export function createChoreRunner(dependencies: ChoreRunnerDependencies): ChoreRunner {
  const { chores, cluster, onDuty, clock, failed } = dependencies;
  let turn: number | undefined;
  let doneAt = new Map<string, number>();
  let running: Promise<void> | undefined;
  async function runDue(fence: Fence): Promise<void> {
    if (turn !== fence.number) {
      doneAt = lastTimes(await cluster.acts());
      turn = fence.number;
    }
    const store = onDuty(fence);
    for (const chore of chores) {
      if (clock() - (doneAt.get(chore.name) ?? Number.NEGATIVE_INFINITY) < chore.everyMs) continue;
      doneAt.set(chore.name, clock());
      // oxlint-disable-next-line no-await-in-loop -- in the background, so one at a time
      if (!(await runOne(chore, store, fence))) return;
    }
  }
  /** False when another node has the duty now. */
  async function runOne(chore: Chore, store: DutyStore, fence: Fence): Promise<boolean> {
    try {
      const count = await chore.run(store);
      if (count > 0) await cluster.noteAct(fence, chore.name, count);
      return true;
    } catch (error) {
      if (error instanceof NotOnDuty) return false;
      failed(chore.name, error);
      return true;
    }
  }
  return {
    run(fence) {
      running ??= runDue(fence)
        .catch((error: unknown) => failed('duty', error))
        .finally(() => {
          running = undefined;
        });
      return running;
    },
  };
}

function lastTimes(acts: readonly DutyAct[]): Map<string, number> {
  return new Map(acts.map(({ chore, lastAt }) => [chore, lastAt]));
}
