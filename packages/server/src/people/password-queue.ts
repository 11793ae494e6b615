/** Runs costly password work a few at a time, keeps a bounded line waiting, and turns the rest away. */
export interface PasswordQueue {
  /** Runs `work` when its turn comes. @throws PasswordQueueFull at once, when the line is full. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  length(): { readonly running: number; readonly waiting: number };
}

export interface PasswordQueueLimits {
  /** How many run side by side. Each holds 19 MiB and one thread of the pool. */
  readonly atOnce: number;
  /** How many may wait beyond those. */
  readonly waiting: number;
}

const PASSWORD_QUEUE_LIMITS: PasswordQueueLimits = { atOnce: 2, waiting: 64 };

/** More sign-ins at once than this node takes. Nothing was checked; trying again in a moment works (503). */
export class PasswordQueueFull extends Error {
  override readonly name = 'PasswordQueueFull';

  constructor() {
    super('too many passwords are waiting to be checked');
  }
}

export function createPasswordQueue(limits: PasswordQueueLimits = PASSWORD_QUEUE_LIMITS): PasswordQueue {
  const line: (() => void)[] = [];
  let running = 0;

  function takeTurn(): Promise<void> {
    if (running < limits.atOnce) {
      running += 1;
      return Promise.resolve();
    }
    if (line.length >= limits.waiting) return Promise.reject(new PasswordQueueFull());
    return new Promise((resolve) => line.push(resolve));
  }

  /** Hands the place to the next in line, so that a newcomer cannot slip in between. */
  function giveTurn(): void {
    const next = line.shift();
    if (next) next();
    else running -= 1;
  }

  return {
    length: () => ({ running, waiting: line.length }),
    async run(work) {
      await takeTurn();
      try {
        return await work();
      } finally {
        giveTurn();
      }
    },
  };
}
