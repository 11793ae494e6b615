import { describe, expect, it } from 'vitest';
import { createMemoryCache } from './memory-cache.ts';
import type { MemoryCache } from './memory-cache.ts';

interface Thing {
  readonly name: string;
}

const thing =
  (name: string): (() => Promise<Thing>) =>
  () =>
    Promise.resolve({ name });
const never = (): Promise<Thing> => Promise.reject(new Error('read again'));

describe('memory cache', () => {
  let time = 0;
  const cacheOf = (capacity = 10, maxAgeMs = 1000): MemoryCache<Thing> =>
    createMemoryCache<Thing>({ capacity, maxAgeMs, monotonic: () => time });

  it('does not keep what was not found', async () => {
    const cache = cacheOf();
    expect(await cache.get('a', () => Promise.resolve(undefined))).toBeUndefined();
    expect(await cache.get('a', thing('a'))).toEqual({ name: 'a' });
  });
  it('does not keep a failure', async () => {
    const cache = cacheOf();
    await expect(cache.get('a', never)).rejects.toThrow('read again');
    expect(await cache.get('a', thing('a'))).toEqual({ name: 'a' });
  });
  it('does not keep a read that was under way when the key was forgotten', async () => {
    const cache = cacheOf();
    const reading = Promise.withResolvers<Thing>();
    const stale = cache.get('a', () => reading.promise);
    cache.forget('a');
    const fresh = cache.get('a', thing('new'));
    reading.resolve({ name: 'old' });
    expect(await stale).toEqual({ name: 'old' });
    expect(await fresh).toEqual({ name: 'new' });
    expect(await cache.get('a', never)).toEqual({ name: 'new' });
  });
  it('reads anew from its age on, counted from the start of the read', async () => {
    const cache = cacheOf();
    await cache.get('a', () => {
      time += 400;
      return Promise.resolve({ name: 'old' });
    });
    time += 599;
    expect(await cache.get('a', never)).toEqual({ name: 'old' });
    time += 1;
    expect(await cache.get('a', thing('new'))).toEqual({ name: 'new' });
  });
  it('gives nobody what may have been read longer ago than its age, though the read is still under way', async () => {
    const cache = cacheOf();
    const slow = Promise.withResolvers<Thing>();
    const early = [cache.get('a', () => slow.promise)];
    time += 999;
    early.push(cache.get('a', never));
    time += 1;
    let reads = 0;
    const late = cache.get('a', () => {
      reads += 1;
      return Promise.resolve({ name: 'new' });
    });
    expect(reads).toBe(1);
    expect(await late).toEqual({ name: 'new' });
    slow.resolve({ name: 'old' });
    expect(await Promise.all(early)).toEqual([{ name: 'old' }, { name: 'old' }]);
    expect(await cache.get('a', never)).toEqual({ name: 'new' });
  });
  it('gives the same object while what is read says the same', async () => {
    const cache = cacheOf();
    const first = await cache.get('a', thing('a'));
    time += 5000;
    expect(await cache.get('a', thing('a'))).toBe(first);
  });
  it('reads once for many who ask at once', async () => {
    const cache = cacheOf();
    let reads = 0;
    const read = (): Promise<Thing> => {
      reads += 1;
      return Promise.resolve({ name: 'a' });
    };
    const all = await Promise.all([1, 2, 3].map(() => cache.get('a', read)));
    expect(reads).toBe(1);
    expect(new Set(all).size).toBe(1);
  });
  it('keeps no more than it may', async () => {
    const cache = cacheOf(2);
    for (const key of ['a', 'b', 'c']) {
      // oxlint-disable-next-line no-await-in-loop -- their order is what is looked at
      await cache.get(key, thing(key));
    }
    expect(await cache.get('b', never)).toEqual({ name: 'b' });
    await expect(cache.get('a', never)).rejects.toThrow('read again');
  });
  it('forgets everything at once', async () => {
    const cache = cacheOf();
    await cache.get('a', thing('a'));
    cache.forget();
    await expect(cache.get('a', never)).rejects.toThrow('read again');
  });
});
