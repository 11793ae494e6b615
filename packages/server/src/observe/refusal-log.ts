/**
 * Keeps refused requests for whoever asks why. A request pays for it only by being refused; what is kept is written
 * by the batch. A flood must fill neither memory nor disk: of one address, of one client and in all only so many are
 * kept in a minute, and the store keeps only so many in all.
 */
import type { Refusal } from '../domain/refusal.ts';
import { countedAddress } from '../limits/counted-address.ts';
import type { AccessTokens } from '../ports/access-tokens.ts';
import type { Clients } from '../ports/clients.ts';
import type { Refusals } from '../ports/refusals.ts';

/** A refusal as it was seen: the client is what the request said, and may be anything. */
export interface SeenRefusal extends Omit<Refusal, 'clientId' | 'userId'> {
  readonly claimedClientId?: string;
}

export interface RefusalLog extends Pick<Refusals, 'list'> {
  note(seen: SeenRefusal): void;
  /** Writes down what was noted since the last time. */
  writeDown(): Promise<void>;
}

export interface RefusalLogDependencies {
  readonly refusals: Pick<Refusals, 'record' | 'list'>;
  readonly accessTokens: Pick<AccessTokens, 'find'>;
  readonly clients: Pick<Clients, 'find'>;
  /** Told of a minute with more refusals than are kept: how many were not. */
  readonly notKept: (count: number) => void;
}

const MINUTE_MS = 60_000;
/** Answers with which every request of a kind begins. */
const PART_OF_THE_WAY: ReadonlySet<string> = new Set(['authorization_pending', 'use_dpop_nonce']);
export const REFUSALS_A_MINUTE = { ofAddress: 30, ofClient: 60, inAll: 600 } as const;
/** A text that is public and constant is shorter; none may fill the disk. */
const LONGEST_TEXT = 400;

export function createRefusalLog(dependencies: RefusalLogDependencies): RefusalLog {
  const { refusals, notKept } = dependencies;
  const quota = createQuota(notKept);
  let noted: SeenRefusal[] = [];
  let writing: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    if (noted.length === 0) return;
    const batch = noted;
    noted = [];
    await refusals.record(await Promise.all(batch.map((seen) => identify(seen, dependencies))));
  };
  // One after the other, so that whoever asks meanwhile waits for what is being written, too.
  const writeDown = (): Promise<void> => {
    const next = writing.then(write);
    writing = next.catch(() => undefined);
    return next;
  };
  return {
    note(seen) {
      if (!PART_OF_THE_WAY.has(seen.error) && quota.takes(seen)) noted.push(seen);
    },
    writeDown,
    async list(filter, page) {
      // Who asks at once is to find what was refused just now.
      await writeDown();
      return refusals.list(filter, page);
    },
  };
}

/** With the client and the person that are known here; a name that nobody has may be a secret in the wrong place. */
async function identify(
  { claimedClientId, tokenId, ...seen }: SeenRefusal,
  { accessTokens, clients }: RefusalLogDependencies,
): Promise<Refusal> {
  const [token, client] = await Promise.all([
    tokenId === undefined ? undefined : accessTokens.find(tokenId),
    claimedClientId === undefined ? undefined : clients.find(claimedClientId),
  ]);
  const clientId = token?.row.clientId ?? client?.id;
  const userId = token?.row.userId;
  const { description, detail, redirectUri, ...known } = seen;
  return {
    ...known,
    description: description.slice(0, LONGEST_TEXT),
    ...(detail === undefined ? {} : { detail: detail.slice(0, LONGEST_TEXT) }),
    ...(clientId === undefined ? {} : { clientId }),
    // Kept for who may register it: without an app there is nobody.
    ...(client === undefined || redirectUri === undefined ? {} : { redirectUri }),
    ...(userId === undefined ? {} : { userId }),
    ...(tokenId === undefined || token === undefined ? {} : { tokenId }),
  };
}

/** Counts what was kept in this minute; what is not kept costs no memory. */
function createQuota(notKept: (count: number) => void): { takes(seen: SeenRefusal): boolean } {
  let minute = 0;
  let surplus = 0;
  let inAll = 0;
  const kept = new Map<string, number>();
  const isFull = (key: string, limit: number): boolean => (kept.get(key) ?? 0) >= limit;
  return {
    takes({ at, address, claimedClientId }) {
      const now = Math.floor(at / MINUTE_MS);
      if (now !== minute) {
        if (surplus > 0) notKept(surplus);
        [minute, surplus, inAll] = [now, 0, 0];
        kept.clear();
      }
      const from = `address ${countedAddress(address)}`;
      const of = claimedClientId === undefined ? undefined : `client ${claimedClientId}`;
      const { ofAddress, ofClient } = REFUSALS_A_MINUTE;
      const full =
        inAll >= REFUSALS_A_MINUTE.inAll ||
        isFull(from, ofAddress) ||
        (of !== undefined && isFull(of, ofClient));
      if (full) {
        surplus += 1;
        return false;
      }
      inAll += 1;
      for (const key of of === undefined ? [from] : [from, of]) kept.set(key, (kept.get(key) ?? 0) + 1);
      return true;
    },
  };
}
