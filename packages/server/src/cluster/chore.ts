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
   * Starts what is due and not under way, none waiting for another: a mail server that hangs holds up the mail alone.
   * Resolves when all of it is done. Never rejects: a chore that fails is due again at its next time.
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
  /** Told how many things it did. */
  readonly done?: (chore: string, count: number) => void;
}

export function createChoreRunner(dependencies: ChoreRunnerDependencies): ChoreRunner {
  const { chores, cluster, onDuty, clock, failed, done } = dependencies;
  const underWay = new Map<string, Promise<void>>();
  let turn: number | undefined;
  let doneAt = new Map<string, number>();
  async function runOne(chore: Chore, fence: Fence): Promise<void> {
    try {
      const count = await chore.run(onDuty(fence));
      done?.(chore.name, count);
      if (count > 0) await cluster.noteAct(fence, chore.name, count);
    } catch (error) {
      // Another node has the duty now, and does it.
      if (!(error instanceof NotOnDuty)) failed(chore.name, error);
    } finally {
      underWay.delete(chore.name);
    }
  }
  async function startDue(fence: Fence): Promise<void> {
    if (turn !== fence.number) {
      const times = lastTimes(await cluster.acts());
      // Of two reports that found a new turn, one begins it.
      if (turn !== fence.number) {
        doneAt = times;
        turn = fence.number;
      }
    }
    const now = clock();
    for (const chore of chores) {
      if (underWay.has(chore.name) || !isDue(chore, doneAt.get(chore.name), now)) continue;
      doneAt.set(chore.name, now);
      underWay.set(chore.name, runOne(chore, fence));
    }
  }
  return {
    async run(fence) {
      try {
        await startDue(fence);
      } catch (error) {
        failed('duty', error);
      }
      await Promise.all(underWay.values());
    },
  };
}

/** Also where it was done at a time that has yet to come: a clock was put back, and nobody waits until it is there again. */
function isDue({ everyMs }: Chore, lastAt: number | undefined, now: number): boolean {
  return lastAt === undefined || lastAt > now || now - lastAt >= everyMs;
}

function lastTimes(acts: readonly DutyAct[]): Map<string, number> {
  return new Map(acts.map(({ chore, lastAt }) => [chore, lastAt]));
}
