import { describe, expect, it } from 'vitest';
import { quantile, upperBound } from './bounds.ts';

describe('the upper bound of a rate', () => {
  it.each([
    [-1, 10],
    [11, 10],
    [0, 0],
    [Number.NaN, 10],
  ])('there is none of %d failures in %d trials', (failures, trials) => {
    expect(() => upperBound(failures, trials)).toThrow(RangeError);
  });

  // By hand: without failures (1 - rate)^n = 0.05; with one in two, 1 - rate² = 0.05.
  it.each([
    [0, 1, 0.95],
    [0, 200, 1 - 0.05 ** (1 / 200)],
    [0, 200_000, 1 - 0.05 ** (1 / 200_000)],
    [1, 2, Math.sqrt(0.95)],
    [10, 10, 1],
  ])('of %d failures in %d trials', (failures, trials, bound) => {
    expect(upperBound(failures, trials)).toBeCloseTo(bound, 8);
  });

  it('is about three in the number of trials where none failed', () => {
    expect(upperBound(0, 1000) * 1000).toBeCloseTo(3, 1);
  });
});

describe('a quantile', () => {
  it('of nothing is an error', () => {
    expect(() => quantile([], 0.5)).toThrow('no values');
  });

  it('is one of the values', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0, 0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([1, 50, 99, 100]);
  });
});
