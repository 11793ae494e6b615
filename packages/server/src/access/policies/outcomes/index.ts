/** Everything that policies may do. */
import { block } from './block.ts';
import { lengthenLifetime } from './lengthen-lifetime.ts';
import type { Outcome } from './outcome.ts';
import { requireConsent } from './require-consent.ts';
import { shortenLifetime } from './shorten-lifetime.ts';
import { stepUp } from './step-up.ts';

export const OUTCOMES: readonly Outcome[] = [
  block,
  stepUp,
  requireConsent,
  shortenLifetime,
  lengthenLifetime,
];

const BY_KIND = new Map(OUTCOMES.map((each) => [each.kind, each]));

export function outcomeOf(kind: string): Outcome | undefined {
  return BY_KIND.get(kind);
}
