import { isDeepStrictEqual } from 'node:util';

/** A bounded memory of what was read, so that the token path need not ask the database for what rarely changes. */
export interface MemoryCache<Value extends object> {
  /** The value under the key, read if it is not known or too old. What was not found is not kept. */
  get(key: string, read: () => Promise<Value | undefined>): Promise<Value | undefined>;
  /** Forgets one key, or all; a read that is under way will not be kept either. */
  forget(key?: string): void;
  /** How often a value was known, and how often it had to be read. */
  figures(): { readonly hits: number; readonly misses: number };
}

interface Entry<Value> {
  readonly value: Value;
  readonly until: number;
}

/**
 * @param options.capacity at most so many values; the one added or renewed longest ago goes first
 * @param options.maxAgeMs counted from the start of the read
 * @param options.monotonic milliseconds that never run backwards
 */
export function createMemoryCache<Value extends object>(options: {
  readonly capacity: number;
  readonly maxAgeMs: number;
  readonly monotonic: () => number;
}): MemoryCache<Value> {
  const entries = new Map<string, Entry<Value>>();
  /** Shared by those who ask while what it finds is good for them: it may be told long after it was found. */
  const underWay = new Map<string, { readonly value: Promise<Value | undefined>; readonly until: number }>();
  let forgotten = 0;
  let hits = 0;
  let misses = 0;

  async function renew(
    key: string,
    read: () => Promise<Value | undefined>,
    until: number,
  ): Promise<Value | undefined> {
    const forgottenBefore = forgotten;
    const fresh = await read();
    const before = entries.get(key);
    // What was read later may be there already.
    if (forgotten !== forgottenBefore || (before !== undefined && before.until > until)) return fresh;
    entries.delete(key);
    if (fresh === undefined) return undefined;
    // The same object as long as it says the same, so that callers can hang derived data on it.
    const value = before !== undefined && isDeepStrictEqual(before.value, fresh) ? before.value : fresh;
    entries.set(key, { value, until });
    if (entries.size > options.capacity) {
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        break;
      }
    }
    return value;
  }

  return {
    get(key, read) {
      const now = options.monotonic();
      const entry = entries.get(key);
      if (entry !== undefined && now < entry.until) {
        hits += 1;
        return Promise.resolve(entry.value);
      }
      misses += 1;
      const running = underWay.get(key);
      if (running !== undefined && now < running.until) return running.value;
      const until = now + options.maxAgeMs;
      const value = renew(key, read, until).finally(() => {
        if (underWay.get(key) === reading) underWay.delete(key);
      });
      const reading = { value, until };
      underWay.set(key, reading);
      return value;
    },
    figures: () => ({ hits, misses }),
    forget(key) {
      forgotten += 1;
      if (key === undefined) {
        entries.clear();
        underWay.clear();
      } else {
        entries.delete(key);
        underWay.delete(key);
      }
    },
  };
}
