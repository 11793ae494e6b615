/** How much goes out: so that nobody can make this server flood another, or wait for one that is slow. */
import type { Clock } from '../ports/clock.ts';

export interface TrafficLimits {
  readonly concurrent: number;
  readonly concurrentPerOrigin: number;
  /** Absent: as many as are taken. */
  readonly rate?: { readonly perMinute: number; readonly perMinuteAndOrigin: number };
}

/** To addresses that a stranger may have chosen. */
export const TRAFFIC_LIMITS: TrafficLimits = {
  concurrent: 16,
  concurrentPerOrigin: 4,
  rate: { perMinute: 120, perMinuteAndOrigin: 30 },
};

/** For the keys of apps that somebody here registered. Hundreds of them may be asked for anew once a node starts. */
export const REGISTERED_TRAFFIC: TrafficLimits = {
  concurrent: 64,
  concurrentPerOrigin: 16,
  rate: { perMinute: 6000, perMinuteAndOrigin: 600 },
};

/** For what follows from what people do here, a request or two each: sign-ins at providers, sign-outs of apps. */
export const EXPECTED_TRAFFIC: TrafficLimits = { concurrent: 256, concurrentPerOrigin: 64 };

const MINUTE_MS = 60_000;

export interface Traffic {
  /** @returns what to call when the request is over; undefined: not now */
  enter(origin: string): (() => void) | undefined;
}

export function createTraffic(limits: TrafficLimits, clock: Clock): Traffic {
  /** Those of the last minute, oldest first. */
  let recent: { readonly origin: string; readonly at: number }[] = [];
  const underWay: string[] = [];
  const isTooOften = (origin: string, now: number): boolean => {
    if (limits.rate === undefined) return false;
    recent = recent.filter(({ at }) => at > now - MINUTE_MS);
    return (
      recent.length >= limits.rate.perMinute ||
      recent.filter((other) => other.origin === origin).length >= limits.rate.perMinuteAndOrigin
    );
  };
  return {
    enter(origin) {
      const now = clock();
      const isFull =
        underWay.length >= limits.concurrent ||
        underWay.filter((other) => other === origin).length >= limits.concurrentPerOrigin;
      if (isFull || isTooOften(origin, now)) return undefined;
      if (limits.rate !== undefined) recent.push({ origin, at: now });
      underWay.push(origin);
      return () => void underWay.splice(underWay.indexOf(origin), 1);
    },
  };
}
