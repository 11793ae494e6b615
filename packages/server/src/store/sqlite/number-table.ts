/**
 * A map from random whole numbers to whole numbers, in two flat arrays: a `Map` of as many entries takes five times
 * the memory, and each of its keys is an object for the garbage collector.
 */
export interface NumberTable {
  readonly size: number;
  get(key: number): number | undefined;
  /** Keys are whole numbers whose low bits are random; a key is set once. */
  add(key: number, value: number): void;
  /** All keys, in ascending order. */
  sortedKeys(): Float64Array;
}

const FIRST_SLOTS = 1024;

export function createNumberTable(): NumberTable {
  return new OpenTable();
}

/** Open addressing: a key stands in the slot of its low bits, or in the next free one. */
class OpenTable implements NumberTable {
  size = 0;
  #keys = emptySlots(FIRST_SLOTS);
  #values = new Float64Array(FIRST_SLOTS);

  get(key: number): number | undefined {
    const slot = this.#slotOf(key);
    return this.#keys[slot] === key ? this.#values[slot] : undefined;
  }

  add(key: number, value: number): void {
    if (this.size * 2 >= this.#keys.length) this.#grow();
    const slot = this.#slotOf(key);
    this.#keys[slot] = key;
    this.#values[slot] = value;
    this.size += 1;
  }

  sortedKeys(): Float64Array {
    return this.#keys.filter((key) => key >= 0).toSorted();
  }

  /** Where the key stands, or the free slot it would stand in; there is always one. */
  #slotOf(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = key & mask;
    for (;;) {
      const there = this.#keys[slot];
      if (there === key || there === EMPTY) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = emptySlots(keys.length * 2);
    this.#values = new Float64Array(keys.length * 2);
    for (const [from, key] of keys.entries()) {
      if (key === EMPTY) continue;
      const slot = this.#slotOf(key);
      this.#keys[slot] = key;
      this.#values[slot] = values[from] ?? 0;
    }
  }
}

/** No key: they are not negative. */
const EMPTY = -1;

function emptySlots(count: number): Float64Array {
  return new Float64Array(count).fill(EMPTY);
}
