// What was recorded of each server, and the order in which checks run.
import type { Check } from './harness/check.ts';

/** Outcome by the id of the check. */
export interface Results {
  readonly tessera: Readonly<Record<string, string>>;
  readonly 'oidc-provider': Readonly<Record<string, string>>;
}

/** Checks that move the clock come last: what ends in the future ends for all. */
export function inOrder(checks: readonly Check[]): readonly Check[] {
  return checks.toSorted(
    (one, other) => Number(one.needs.includes('clock')) - Number(other.needs.includes('clock')),
  );
}
