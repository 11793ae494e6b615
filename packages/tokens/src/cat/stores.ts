/**
 * What recipients remember between requests: used tokens and blocked ones. Interfaces, and one of each for a single
 * process.
 * @spec CTA-5007-B §4.6.6, §4.6.7
 */
import { toHex } from './json-value.ts';

/** Used tokens. */
export interface ReplayStore {
  /**
   * Notes a use. Of any number of parallel calls for one token exactly one may be told `first`.
   * @param issuer of the token, empty where it names none @param until milliseconds: then it may be forgotten
   * @returns `full` where nothing more can be remembered: the token is then refused
   */
  remember(issuer: string, cti: Uint8Array, until: number): ReplayAnswer | Promise<ReplayAnswer>;
}

export type ReplayAnswer = 'first' | 'again' | 'full';

/** A token that may be used again, as long as it does not look stolen. */
export interface TokenUse {
  readonly issuer: string;
  readonly cti: Uint8Array;
  /** Whether this is the first use that is known. */
  readonly isFirst: boolean;
}

export type ReuseDetector = (use: TokenUse) => boolean | Promise<boolean>;

/** Identifiers that `catpor` drew: refused until they may be forgotten. */
export interface BlockList {
  isBlocked(id: string): boolean | Promise<boolean>;
  /** @param until milliseconds; Infinity where the claim names no end */
  block(id: string, until: number): void | Promise<void>;
}

const USUAL_ROOM = 1_000_000;
/** How often what has ended is looked for, in milliseconds. */
const SWEEP_MS = 1000;

/**
 * A replay store for one process. Nothing that still counts is dropped for something newer: when it is full, tokens
 * that ask for it are refused.
 * @param clock milliseconds @param room how many uses are remembered
 */
export function createReplayMemory(clock: () => number, room = USUAL_ROOM): ReplayStore {
  const used = createEndings(room);
  return {
    remember(issuer, cti, until) {
      const now = clock();
      // The length keeps apart an issuer that ends in digits from one that does not.
      const key = `${issuer.length}:${issuer}${toHex(cti)}`;
      if (used.has(key, now)) return 'again';
      return used.add(key, until, now) ? 'first' : 'full';
    },
  };
}

/** A block list for one process. While it is full, everything counts as blocked. */
export function createBlockMemory(clock: () => number, room = USUAL_ROOM): BlockList {
  const blocked = createEndings(room);
  return {
    isBlocked: (id) => blocked.has(id, clock()) || blocked.isFull(clock()),
    block(id, until) {
      blocked.add(id, until, clock());
    },
  };
}

interface Endings {
  has(key: string, now: number): boolean;
  /** @returns whether there was room */
  add(key: string, until: number, now: number): boolean;
  isFull(now: number): boolean;
}

/** Keys that count until a time of their own. */
function createEndings(room: number): Endings {
  const endings = new Map<string, number>();
  let sweptAt = Number.NEGATIVE_INFINITY;
  const isFull = (now: number): boolean => {
    if (endings.size < room) return false;
    if (now - sweptAt >= SWEEP_MS) {
      sweptAt = now;
      for (const [key, until] of endings) if (until <= now) endings.delete(key);
    }
    return endings.size >= room;
  };
  return {
    has(key, now) {
      const until = endings.get(key);
      return until !== undefined && now < until;
    },
    add(key, until, now) {
      if (!endings.has(key) && isFull(now)) return false;
      endings.set(key, until);
      return true;
    },
    isFull,
  };
}
