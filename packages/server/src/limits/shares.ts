/**
 * Who asks more than others, in a table that never grows: askers share its places by chance, and nobody can foresee
 * with whom. Counted only while there is more to do than can be done.
 */

export interface Asking {
  readonly ip: string;
  readonly headers: { readonly authorization?: string | undefined };
}

export interface Shares {
  /** Counts a request. @returns whether this asker has lately sent more than its share */
  count(asking: Asking): boolean;
  /** To be called often. @param now milliseconds */
  beat(now: number): void;
}

const PLACES = 4096;
/** A share is taken from what came within this time, before. */
const WINDOW_MS = 250;
/** As much above the even share is nothing to speak of. */
const ABOVE = 1.25;

export function createShares(seed: number): Shares {
  let counted = new Uint32Array(PLACES);
  let before = new Uint32Array(PLACES);
  let evenShare = Infinity;
  let turnedAt = 0;
  let isEmpty = true;
  return {
    count({ ip, headers }) {
      isEmpty = false;
      const place = hashOf(ip, hashOf(headers.authorization ?? '', seed)) % PLACES;
      counted[place] = (counted[place] ?? 0) + 1;
      return (before[place] ?? 0) > evenShare * ABOVE;
    },
    beat(now) {
      if (now - turnedAt < WINDOW_MS || (isEmpty && evenShare === Infinity)) return;
      turnedAt = now;
      [before, counted] = [counted, before];
      counted.fill(0);
      let askers = 0;
      let all = 0;
      for (const count of before) {
        if (count === 0) continue;
        askers += 1;
        all += count;
      }
      isEmpty = true;
      evenShare = askers === 0 ? Infinity : all / askers;
    },
  };
}

/** FNV-1a, begun with a number that nobody knows. Not for secrets: only a place in the table comes of it. */
function hashOf(text: string, start: number): number {
  let hash = (start ^ 0x811c9dc5) >>> 0;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}
