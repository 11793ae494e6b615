/** Keeps in mind when and where tokens were last used, and writes it down now and then: no request waits for it. */
import type { TokenUse } from '../domain/token-use.ts';
import type { RecordedUse, TokenUses } from '../ports/token-uses.ts';

/** A use that may be noted, and noted over: every request with a token passes here. */
type Noted = { -readonly [Member in keyof RecordedUse]: RecordedUse[Member] };

/** Who sent the token to the API, where the API says so. */
export type Caller = Pick<TokenUse, 'address' | 'userAgent'>;

export interface LastUses {
  /**
   * @param key names the token here, and costs nothing to make
   * @param at milliseconds
   * @param forgetAt milliseconds; after that nobody asks
   */
  note(key: string, tokenId: Uint8Array, by: string, at: number, forgetAt: number, caller?: Caller): void;
  /** The later of what is known here and what is written down. */
  latest(key: string, written: TokenUse | undefined): TokenUse | undefined;
  /** Everything that was noted since the last time, in writes of some hundreds. */
  writeDown(): Promise<void>;
}

/** Beyond it, tokens that were not yet noted are left out until the next writing. */
const MOST_NOTED = 5000;
/** One write may not hold up others for long. */
const BATCH = 250;

export function createLastUses(store: Pick<TokenUses, 'record'>): LastUses {
  let noted = new Map<string, Noted>();
  return {
    note(key, tokenId, by, at, forgetAt, caller) {
      const before = noted.get(key);
      if (caller !== undefined || before?.address !== undefined || before?.userAgent !== undefined) {
        if (before !== undefined || noted.size < MOST_NOTED) {
          noted.set(key, { tokenId, by, at, forgetAt, ...caller });
        }
      } else if (before !== undefined) {
        before.at = at;
        before.by = by;
        before.forgetAt = forgetAt;
      } else if (noted.size < MOST_NOTED) noted.set(key, { tokenId, by, at, forgetAt });
    },
    latest(key, written) {
      const known = noted.get(key);
      if (known === undefined || (written !== undefined && written.at >= known.at)) return written;
      const { tokenId: _tokenId, forgetAt: _forgetAt, ...use } = known;
      return use;
    },
    async writeDown() {
      const uses = [...noted];
      noted = new Map();
      for (let start = 0; start < uses.length; start += BATCH) {
        try {
          // oxlint-disable-next-line no-await-in-loop -- others get their turn between two batches
          await store.record(uses.slice(start, start + BATCH).map(([, use]) => use));
        } catch (error) {
          for (const [key, use] of uses.slice(start)) if (!noted.has(key)) noted.set(key, use);
          throw error;
        }
      }
    },
  };
}
