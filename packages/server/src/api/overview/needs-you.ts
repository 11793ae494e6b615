/** What waits for somebody: keys that are old, apps that registered themselves, and whatever other rooms say. */
import type { Clock } from '../../ports/clock.ts';
import type { OwnedFilter } from '../../ports/page.ts';
import type { PersonalAccessTokens } from '../../ports/personal-access-tokens.ts';
import type { Usage } from '../../ports/usage.ts';
import type { KeyAdministration } from '../keys/key-routes.ts';
import { toSeconds } from '../seconds.ts';

export interface Waiting {
  readonly kind: 'key_due' | 'registration' | 'token_pending';
  readonly id: string;
  /** Seconds. */
  readonly at: number;
}

export interface NeedsYouDependencies {
  readonly usage: Pick<Usage, 'registrations'>;
  readonly keys: Pick<KeyAdministration, 'list'>;
  readonly personalAccessTokens: Pick<PersonalAccessTokens, 'list'>;
  readonly clock: Clock;
}

/** Who asks. */
export interface Asking {
  /** What their organizations own. */
  readonly owned: OwnedFilter;
  /** The organizations for which they decide about tokens; absent: every one. */
  readonly deciders: readonly string[] | undefined;
  readonly isOperator: boolean;
}

const DAY_MS = 24 * 3_600_000;
/** A key that has signed for so long should have got a successor, by itself or by hand. */
const KEY_DUE_MS = 91 * DAY_MS;
const REGISTRATIONS_OF_MS = 7 * DAY_MS;
const AT_MOST = 20;

export async function needsYou(
  { usage, keys, personalAccessTokens, clock }: NeedsYouDependencies,
  { owned, deciders, isOperator }: Asking,
): Promise<readonly Waiting[]> {
  const now = clock();
  const [registered, pending, all] = await Promise.all([
    usage.registrations({ ...owned, since: now - REGISTRATIONS_OF_MS }, AT_MOST),
    personalAccessTokens.list(
      { ...(deciders && { deciders }), status: { is: 'pending', at: now } },
      { limit: AT_MOST },
    ),
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
    ...pending.items.map(({ token: { id, createdAt } }) => ({
      kind: 'token_pending' as const,
      id,
      at: toSeconds(createdAt),
    })),
    ...registered.map(({ clientId, at }) => ({
      kind: 'registration' as const,
      id: clientId,
      at: toSeconds(at),
    })),
  ];
}
