import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNumberTable } from './number-table.ts';

describe('a table of numbers', () => {
  it('knows nothing at first', () => {
    const table = createNumberTable();
    expect(table.get(0)).toBeUndefined();
    expect(table.sortedKeys()).toHaveLength(0);
  });

  it('is a map', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(fc.nat(2000), fc.maxSafeNat()), { maxLength: 5000, size: 'max' }),
        fc.maxSafeNat(),
        (keys, other) => {
          const table = createNumberTable();
          const map = new Map<number, number>();
          for (const [index, key] of keys.entries()) {
            table.add(key, index + 2 ** 40);
            map.set(key, index + 2 ** 40);
          }
          expect(table.size).toBe(map.size);
          for (const key of [...keys, other]) expect(table.get(key)).toBe(map.get(key));
          expect([...table.sortedKeys()]).toEqual([...map.keys()].toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('takes keys that share their slot', () => {
    const table = createNumberTable();
    const keys = Array.from({ length: 40 }, (_, index) => index * 2 ** 32 + 7);
    for (const key of keys) table.add(key, key + 1);
    expect(keys.map((key) => table.get(key))).toEqual(keys.map((key) => key + 1));
    expect(table.get(41 * 2 ** 32 + 7)).toBeUndefined();
  });
});
