/** Attempts in memory, with the limits that hold unless a setting says otherwise. */
import type { CountedAttempts, FailedAttempts } from '../../ports/failed-attempts.ts';
import {
  ATTEMPT_LIMITS,
  type AttemptLimitName,
  type AttemptLimits,
  createAttemptLimits,
} from '../attempt-limits.ts';
import { type Limit, readLimit } from '../limit.ts';

export interface Attempt {
  readonly key: string;
  readonly at: number;
}

export function attemptsInMemory(): { readonly port: FailedAttempts; readonly kept: readonly Attempt[] } {
  let kept: Attempt[] = [];
  const freeAt = (counted: readonly CountedAttempts[], at: number): number | undefined => {
    const ends = counted.flatMap(({ key, limit, windowMs }) => {
      const within = kept.filter((one) => one.key === key && one.at > at - windowMs);
      const blocking = within.toSorted((one, other) => other.at - one.at)[limit - 1];
      return blocking === undefined ? [] : [blocking.at + windowMs];
    });
    return ends.length === 0 ? undefined : Math.max(...ends);
  };
  const record = (keys: readonly string[], at: number): void =>
    void kept.push(...keys.map((key) => ({ key, at })));
  const port: FailedAttempts = {
    async take(counted, at) {
      const end = freeAt(counted, at);
      if (end === undefined)
        record(
          counted.map(({ key }) => key),
          at,
        );
      return end;
    },
    freeAt: async (counted, at) => freeAt(counted, at),
    record: async (keys, at) => record(keys, at),
    clear: async (keys) => {
      kept = kept.filter(({ key }) => !keys.includes(key));
    },
  };
  return {
    port,
    get kept() {
      return kept;
    },
  };
}

export function standardLimits(attempts: FailedAttempts = attemptsInMemory().port): AttemptLimits {
  const limits = Object.entries(ATTEMPT_LIMITS).map(([name, [standard]]) => [name, readLimit(standard)]);
  return createAttemptLimits(attempts, Object.fromEntries(limits) as Record<AttemptLimitName, Limit>);
}
