// A clock for tests: runs like the real one until it is moved or stopped.

export interface MovableClock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Moves the clock on, or back. It keeps running, or standing, as before. */
  advance(milliseconds: number): void;
  /** Stops the clock at a moment. */
  stopAt(milliseconds: number): void;
  /** Back to the real time. */
  reset(): void;
}

export function createMovableClock(): MovableClock {
  let offset = 0;
  let stopped: number | undefined;
  return {
    now: () => stopped ?? Date.now() + offset,
    advance(milliseconds) {
      if (stopped === undefined) offset += milliseconds;
      else stopped += milliseconds;
    },
    stopAt(milliseconds) {
      stopped = milliseconds;
    },
    reset() {
      offset = 0;
      stopped = undefined;
    },
  };
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
