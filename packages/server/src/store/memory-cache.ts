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
  const underWay = new Map<string, Promise<Value | undefined>>();
  let forgotten = 0;
  let hits = 0;
  let misses = 0;

  async function renew(key: string, read: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const startedAt = options.monotonic();
    const forgottenBefore = forgotten;
    const fresh = await read();
    if (forgotten !== forgottenBefore) return fresh;
    const before = entries.get(key)?.value;
    entries.delete(key);
    if (fresh === undefined) return undefined;
    // The same object as long as it says the same, so that callers can hang derived data on it.
    const value = before !== undefined && isDeepStrictEqual(before, fresh) ? before : fresh;
    entries.set(key, { value, until: startedAt + options.maxAgeMs });
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
      const entry = entries.get(key);
      if (entry !== undefined && options.monotonic() < entry.until) {
        hits += 1;
        return Promise.resolve(entry.value);
      }
      misses += 1;
      const running = underWay.get(key);
      if (running !== undefined) return running;
      const reading = renew(key, read).finally(() => {
        if (underWay.get(key) === reading) underWay.delete(key);
      });
      underWay.set(key, reading);
      return reading;
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
