/** How much goes out: so that nobody can make this server flood another, or wait for one that is slow. */
import type { Clock } from '../ports/clock.ts';

export interface TrafficLimits {
  readonly concurrent: number;
  readonly concurrentPerOrigin: number;
  readonly perMinute: number;
  readonly perMinuteAndOrigin: number;
}

export const TRAFFIC_LIMITS: TrafficLimits = {
  concurrent: 16,
  concurrentPerOrigin: 4,
  perMinute: 120,
  perMinuteAndOrigin: 30,
};

const MINUTE_MS = 60_000;

export interface Traffic {
  /** @returns what to call when the request is over; undefined: not now */
  enter(origin: string): (() => void) | undefined;
}

export function createTraffic(limits: TrafficLimits, clock: Clock): Traffic {
  /** Those of the last minute, oldest first. */
  let recent: { readonly origin: string; readonly at: number }[] = [];
  const underWay: string[] = [];
  return {
    enter(origin) {
      const now = clock();
      recent = recent.filter(({ at }) => at > now - MINUTE_MS);
      const full =
        underWay.length >= limits.concurrent ||
        underWay.filter((other) => other === origin).length >= limits.concurrentPerOrigin ||
        recent.length >= limits.perMinute ||
        recent.filter((other) => other.origin === origin).length >= limits.perMinuteAndOrigin;
      if (full) return undefined;
      recent.push({ origin, at: now });
      underWay.push(origin);
      return () => void underWay.splice(underWay.indexOf(origin), 1);
    },
  };
}
