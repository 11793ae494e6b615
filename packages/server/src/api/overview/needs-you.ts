/** What waits for somebody: keys that are old, apps that registered themselves, and whatever other rooms say. */
import type { Clock } from '../../ports/clock.ts';
import type { OwnedFilter } from '../../ports/page.ts';
import type { Usage } from '../../ports/usage.ts';
import type { KeyAdministration } from '../keys/key-routes.ts';
import { toSeconds } from '../seconds.ts';

export interface Waiting {
  readonly kind: 'key_due' | 'registration' | 'token_pending';
  readonly id: string;
  /** Seconds. */
  readonly at: number;
}

/** What waits, of what these organizations own. */
export type NeedsYou = (owned: OwnedFilter) => Promise<readonly Waiting[]>;

export interface NeedsYouDependencies {
  readonly usage: Pick<Usage, 'registrations'>;
  readonly keys: Pick<KeyAdministration, 'list'>;
  readonly clock: Clock;
  readonly waiting?: NeedsYou;
}

const DAY_MS = 24 * 3_600_000;
/** A key that has signed for so long should have got a successor, by itself or by hand. */
const KEY_DUE_MS = 91 * DAY_MS;
const REGISTRATIONS_OF_MS = 7 * DAY_MS;
const REGISTRATIONS_AT_MOST = 20;

export async function needsYou(
  { usage, keys, clock, waiting }: NeedsYouDependencies,
  owned: OwnedFilter,
  isOperator: boolean,
): Promise<readonly Waiting[]> {
  const now = clock();
  const [registered, others, all] = await Promise.all([
    usage.registrations({ ...owned, since: now - REGISTRATIONS_OF_MS }, REGISTRATIONS_AT_MOST),
    waiting?.(owned) ?? [],
    // Keys are everybody's; operators look after them.
    isOperator ? keys.list() : [],
  ]);
  const due = all.filter(
    ({ activeFrom, retiresAt }) => retiresAt === undefined && activeFrom + KEY_DUE_MS <= now,
  );
  return [
    ...due.map(({ kid, activeFrom }) => ({
      kind: 'key_due' as const,
      id: kid,
      at: toSeconds(activeFrom + KEY_DUE_MS),
    })),
    ...others,
    ...registered.map(({ clientId, at }) => ({
      kind: 'registration' as const,
      id: clientId,
      at: toSeconds(at),
    })),
  ];
}
