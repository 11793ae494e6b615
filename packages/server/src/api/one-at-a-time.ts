/** Changes that read, decide and write: on this node one after the other, among nodes by looking before they write. */
import { StoreUnavailable } from '../ports/store-errors.ts';

/** Runs the task when its turn comes; anew where it throws `ChangedMeanwhile`. @throws StoreUnavailable */
export type OneAtATime = <Result>(task: () => Promise<Result>) => Promise<Result>;

/** Another node wrote between the reading and the writing of a task. */
class ChangedMeanwhile extends Error {
  override readonly name = 'ChangedMeanwhile';
}

const ATTEMPTS = 5;

export function createQueue(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const turn = last.then(() => untilUnchanged(task));
    // The next task waits for this one whether or not it succeeds; its outcome goes to its own caller.
    last = turn.catch(() => undefined);
    return turn;
  };
}

/**
 * For a task that waits for somebody outside, and must not hold up others meanwhile: out of turn, and anew where it
 * throws `ChangedMeanwhile`. @throws StoreUnavailable
 */
export async function untilUnchanged<Result>(task: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- an attempt follows the failure of the one before
      return await task();
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error;
    }
  }
  throw new StoreUnavailable('others keep changing the same thing');
}

/** @param written what the store said of a write that was bound to what the task had read */
export function requireWritten(written: boolean): void {
  if (!written) throw new ChangedMeanwhile();
}

/** The time of a change, always later than the one before it: two changes within a millisecond are two. */
export function changeTime(now: number, before: { readonly updatedAt: number }): number {
  return Math.max(now, before.updatedAt + 1);
}
