import type { AccessTokenState } from '../../ports/access-tokens.ts';
import { deepFreeze } from '../columns.ts';
import type { Database } from '../database.ts';
import { equalBytes, lookupOf } from './lookup.ts';

/** Access tokens that were found good, kept in memory until a write may have ended them. */
export interface LiveTokens {
  /** @param read asked when the token is not in memory; what it gives is kept if the token is good */
  find(
    id: Uint8Array,
    read: () => Promise<AccessTokenState | undefined>,
  ): Promise<AccessTokenState | undefined>;
}

/**
 * Exact: the database tells of every write that may end a token before that write is done, and what was read before
 * such a write is not kept after it. Without a database that tells (other processes write too), nothing is kept.
 * @param capacity at most so many tokens; the one kept longest goes first
 */
export function createLiveTokens(database: Pick<Database, 'onTokenEnd'>, capacity: number): LiveTokens {
  if (database.onTokenEnd === undefined) return { find: (_id, read) => read() };
  const states = new Map<number, AccessTokenState>();
  let ends = 0;
  database.onTokenEnd((lookup) => {
    ends += 1;
    if (lookup === undefined) states.clear();
    else states.delete(lookup);
  });
  return {
    async find(id, read) {
      const lookup = lookupOf(id);
      const known = states.get(lookup);
      if (known !== undefined && equalBytes(known.row.id, id)) return known;
      const endsBefore = ends;
      const state = await read();
      if (state === undefined || state.endedAt !== undefined || ends !== endsBefore) return state;
      if (states.size >= capacity) forgetFirst(states);
      states.set(lookup, deepFreeze(state));
      return state;
    },
  };
}

function forgetFirst(states: Map<number, AccessTokenState>): void {
  for (const first of states.keys()) {
    states.delete(first);
    return;
  }
}
