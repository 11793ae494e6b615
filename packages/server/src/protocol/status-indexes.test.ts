import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { STATUS_BLOCK_LIFE_MS, STATUS_BLOCK_SIZE } from '../domain/status-list.ts';
import { createStatusIndexes } from './status-indexes.ts';

const NOW = 1_790_000_000_000;
const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size));

const blocks = (): { readonly reserved: number[]; reserveBlock: (at: number) => Promise<number> } => {
  const reserved: number[] = [];
  return { reserved, reserveBlock: async (at) => reserved.push(at) };
};

describe('places in status lists', () => {
  it('are each given once, in every order but that of the list', async () => {
    const indexes = createStatusIndexes(blocks(), random);
    const taken: number[] = [];
    for (let count = 0; count < STATUS_BLOCK_SIZE; count += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as tokens come
      taken.push(await indexes.take(NOW));
    }
    expect(new Set(taken).size).toBe(STATUS_BLOCK_SIZE);
    expect(Math.min(...taken)).toBe(0);
    expect(Math.max(...taken)).toBe(STATUS_BLOCK_SIZE - 1);
    const neighbours = taken.filter((index, turn) => Math.abs(index - (taken[turn - 1] ?? -9)) === 1);
    expect(neighbours.length).toBeLessThan(40);
  });
  it('wait for the first block only', async () => {
    const store = blocks();
    const indexes = createStatusIndexes(store, random);
    await indexes.take(NOW);
    for (let count = 0; count < 3 * STATUS_BLOCK_SIZE; count += 1) {
      const taken = indexes.take(NOW);
      expect(taken).not.toBeInstanceOf(Promise);
      // oxlint-disable-next-line no-await-in-loop -- the next block arrives meanwhile
      if (count % 100 === 0) await new Promise(setImmediate);
    }
    expect(store.reserved.length).toBeLessThanOrEqual(5);
  });
  it('are each given once to many who wait for the same block', async () => {
    const store = blocks();
    const indexes = createStatusIndexes(store, random);
    const many = Array.from({ length: 2.5 * STATUS_BLOCK_SIZE }, async () => indexes.take(NOW));
    const taken = await Promise.all(many);
    expect(new Set(taken).size).toBe(taken.length);
    expect(store.reserved).toHaveLength(3);
  });
  it('are not given from a block that is a day old', async () => {
    const store = blocks();
    const indexes = createStatusIndexes(store, random);
    expect(await indexes.take(NOW)).toBeLessThan(STATUS_BLOCK_SIZE);
    expect(await indexes.take(NOW + STATUS_BLOCK_LIFE_MS - 1)).toBeLessThan(STATUS_BLOCK_SIZE);
    expect(await indexes.take(NOW + STATUS_BLOCK_LIFE_MS)).toBeGreaterThanOrEqual(STATUS_BLOCK_SIZE);
    expect(store.reserved).toHaveLength(2);
  });
  it('fail with the database, and come back with it', async () => {
    let isDown = true;
    let next = 0;
    const indexes = createStatusIndexes(
      { reserveBlock: async () => (isDown ? Promise.reject(new Error('down')) : (next += 1)) },
      random,
    );
    await expect(indexes.take(NOW)).rejects.toThrow('down');
    await expect(indexes.take(NOW)).rejects.toThrow('down');
    isDown = false;
    expect(await indexes.take(NOW)).toBeLessThan(STATUS_BLOCK_SIZE);
  });
});
