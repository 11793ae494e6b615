/**
 * What becomes of the duty when a node reports: kept, passed on, or taken from a holder that is gone. The database runs
 * it inside of the transaction that writes the outcome, so that no two nodes can come to different ones.
 */
import type { Duty, DutyChange } from '../domain/duty.ts';
import type { DutyTimes } from '../ports/cluster.ts';

export type DutyDecision =
  /** Nothing is this node's to change. */
  | { readonly change: 'none' }
  | { readonly change: 'renewed' }
  | { readonly change: DutyChange; readonly holder: string };

export interface DutyFacts {
  readonly duty: Duty;
  /** The node that reports. */
  readonly reporting: string;
  /** Ids of the nodes that are live, in the order of the circle; the reporting one is among them. */
  readonly live: readonly string[];
  /** Ids of all nodes that are known, in the same order. */
  readonly circle: readonly string[];
  /** The database's clock. */
  readonly now: number;
}

/** No setting makes it longer. */
export const LONGEST_LEASE_SECONDS = 300;

export function nextDuty(facts: DutyFacts, { turnMs, leaseMs }: DutyTimes): DutyDecision {
  const { duty, reporting, now } = facts;
  // One that ends later was given before the database's clock was put back: nobody waits until it is there again.
  const longestMs = Math.max(leaseMs, LONGEST_LEASE_SECONDS * 1000);
  const isOver = now >= duty.leaseUntil || duty.leaseUntil - now > longestMs;
  if (isOver) return { change: 'regenerated', holder: nextInCircle(facts) };
  if (duty.holder !== reporting) return { change: 'none' };
  if (now - duty.takenAt < turnMs) return { change: 'renewed' };
  const next = nextInCircle(facts);
  return next === reporting ? { change: 'renewed' } : { change: 'passed', holder: next };
}

/** The first live node after the holder, whether or not the holder is still known; the reporting one if there is no other. */
export function nextInCircle({ duty, circle, live, reporting }: Omit<DutyFacts, 'now'>): string {
  const at = circle.indexOf(duty.holder);
  const fromThere = [...circle.slice(at + 1), ...circle.slice(0, at + 1)];
  return fromThere.find((id) => id !== duty.holder && live.includes(id)) ?? reporting;
}
