/**
 * How many tokens were issued, verified and refused, app by app. A request pays with one addition; now and then a batch
 * is added to the table, whose size follows the number of apps and not that of requests.
 */
import type { Clients } from '../ports/clients.ts';
import type { Clock } from '../ports/clock.ts';
import type { Usage, UsageCount, UsageCounter } from '../ports/usage.ts';

export interface UsageCounts extends UsageCounter {
  /** Adds what was counted since the last time. */
  writeDown(): Promise<void>;
}

export interface UsageCountsDependencies {
  readonly usage: Pick<Usage, 'add'>;
  readonly clients: Pick<Clients, 'find'>;
  readonly clock: Clock;
}

interface Counted {
  issued: number;
  verified: number;
  /** By reason. */
  readonly refused: Map<string, number>;
}

/** Answers with which every request of a kind begins. */
const PART_OF_THE_WAY: ReadonlySet<string> = new Set(['authorization_pending', 'use_dpop_nonce']);
/** Requests may call themselves anything; of more names than these nobody is told apart. */
const NAMES_AT_MOST = 10_000;
/** No client's id is longer, the URL of a document included. */
const LONGEST_NAME = 255;
const NOBODY = '';

export function createUsageCounts({ usage, clients, clock }: UsageCountsDependencies): UsageCounts {
  let counted = new Map<string, Counted>();
  const of = (clientId: string): Counted => {
    let known = counted.get(clientId);
    if (known === undefined) {
      if (counted.size >= NAMES_AT_MOST && clientId !== NOBODY) return of(NOBODY);
      known = { issued: 0, verified: 0, refused: new Map() };
      counted.set(clientId, known);
    }
    return known;
  };
  return {
    issued(clientId) {
      of(clientId).issued += 1;
    },
    verified(clientId) {
      of(clientId).verified += 1;
    },
    refused(reason, claimedClientId = NOBODY) {
      if (PART_OF_THE_WAY.has(reason)) return;
      const { refused } = of(claimedClientId.length > LONGEST_NAME ? NOBODY : claimedClientId);
      refused.set(reason, (refused.get(reason) ?? 0) + 1);
    },
    async writeDown() {
      if (counted.size === 0) return;
      const batch = counted;
      counted = new Map();
      // What cannot be written is lost: these are figures to look at, and memory must not grow for them.
      const counts = await Promise.all(
        [...batch].map(async ([name, each]) =>
          countsOf(each, name === NOBODY ? undefined : await clients.find(name)),
        ),
      );
      await usage.add(counts.flat(), clock());
    },
  };
}

function countsOf(
  { issued, verified, refused }: Counted,
  client: { readonly id: string; readonly organizationId: string } | undefined,
): readonly UsageCount[] {
  const of = client === undefined ? {} : { clientId: client.id, organizationId: client.organizationId };
  return [
    ...(issued > 0 ? [{ kind: 'issued', count: issued, ...of } as const] : []),
    ...(verified > 0 ? [{ kind: 'verified', count: verified, ...of } as const] : []),
    ...[...refused].map(([reason, count]) => ({ kind: 'refused', reason, count, ...of }) as const),
  ];
}
