/**
 * Rates of requests, counted by each node for itself in memory, because nobody who asks for a token should wait for a
 * count. A bucket for each key that refills evenly; one number tells its state: the moment when it is full again.
 * @spec RFC 6585 §4; RFC 9110 §10.2.3
 */
import type { Limit } from './limit.ts';

export interface RequestRate {
  /** Takes one. @returns seconds until one more fits, or undefined when it was taken */
  take(key: string): number | undefined;
}

/** So many are kept: about ten megabytes. Who would need more is a flood, and the oldest go first. */
const MOST_BUCKETS = 50_000;

/** @param monotonic milliseconds that never go back */
export function createRequestRate(
  { count, seconds }: Limit,
  monotonic: () => number,
  mostBuckets = MOST_BUCKETS,
): RequestRate {
  const refillMs = (seconds * 1000) / count;
  const spanMs = seconds * 1000;
  /** In the order of their last use. */
  const fullAt = new Map<string, number>();
  return {
    take(key) {
      const now = monotonic();
      const next = Math.max(fullAt.get(key) ?? now, now) + refillMs;
      // A little more than nothing: sums of fractions are not exact.
      const waitMs = next - now - spanMs;
      if (waitMs > 1e-6) return Math.max(1, Math.ceil(waitMs / 1000));
      if (!fullAt.delete(key) && fullAt.size >= mostBuckets) forgetOldest(fullAt);
      fullAt.set(key, next);
      return undefined;
    },
  };
}

function forgetOldest(buckets: Map<string, number>): void {
  const [oldest] = buckets.keys();
  if (oldest !== undefined) buckets.delete(oldest);
}
