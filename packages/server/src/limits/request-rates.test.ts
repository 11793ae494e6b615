import { describe, expect, it } from 'vitest';
import { createRequestRate } from './request-rates.ts';

function rate(count: number, seconds: number, mostBuckets?: number) {
  const time = { now: 1000 };
  const made = createRequestRate({ count, seconds }, () => time.now, mostBuckets);
  return { time, take: (key: string) => made.take(key) };
}

describe('a rate of requests', () => {
  it('refuses the one that is too many, and says when it fits (RFC 6585 §4)', () => {
    const { take, time } = rate(10, 60);
    expect(Array.from({ length: 11 }, () => take('a')).at(-1)).toBe(6);
    expect(take('b')).toBeUndefined();
    time.now += 5999;
    expect(take('a')).toBe(1);
    time.now += 1;
    expect(take('a')).toBeUndefined();
    expect(take('a')).toBe(6);
  });

  it('takes nothing where it refuses', () => {
    const { take, time } = rate(2, 2);
    for (let asked = 0; asked < 100; asked++) take('a');
    time.now += 2000;
    expect([take('a'), take('a'), take('a')]).toEqual([undefined, undefined, 1]);
  });

  it('lets the whole count through at once, however it divides', () => {
    for (const count of [3, 7, 1000, 6000]) {
      const { take } = rate(count, 1);
      expect(Array.from({ length: count }, () => take('a')).filter((wait) => wait !== undefined)).toEqual([]);
      expect(take('a')).toBe(1);
    }
  });

  it('does not grow with a flood of keys, and keeps those in use', () => {
    const { take } = rate(2, 60, 100);
    take('kept');
    for (let flood = 0; flood < 10_000; flood++) {
      take(`flood ${flood}`);
      if (flood === 50) take('kept');
      if (flood === 120) expect(take('kept')).toBe(30);
    }
    // Forgotten in the flood, so it begins anew.
    expect([take('kept'), take('kept'), take('kept')]).toEqual([undefined, undefined, 30]);
  });
});
