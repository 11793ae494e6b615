import type { AccessToken } from '@tessera/verifier';
import { describe, expect, it } from 'vitest';
import { createAllowances } from './quota.ts';

const of = (clientId: string): AccessToken => ({ clientId }) as AccessToken;

describe('an allowance', () => {
  it('is full at first, refills evenly, and never holds more than it is', () => {
    let now = 1_000_000;
    const take = createAllowances([{ per: 'client', requests: 3, seconds: 30 }], () => now)!;
    const tries = (count: number): number => {
      let passed = 0;
      for (let index = 0; index < count; index++) {
        try {
          take(of('a'), 't');
          passed++;
        } catch {
          // Counted by what passed.
        }
      }
      return passed;
    };
    expect(tries(5)).toBe(3);
    now += 9_999;
    expect(tries(1)).toBe(0);
    now += 1;
    expect(tries(2)).toBe(1);
    now += 3_600_000;
    expect(tries(9)).toBe(3);
  });

  it('is not gone for longer than it takes to refill when the clock is set back', () => {
    let now = 10_000_000;
    const take = createAllowances([{ per: 'client', requests: 1, seconds: 10 }], () => now)!;
    take(of('a'), 't');
    now -= 3_600_000;
    expect(() => take(of('a'), 't')).toThrow(expect.objectContaining({ headers: { 'retry-after': '10' } }));
    now += 10_000;
    expect(() => take(of('a'), 't')).not.toThrow();
  });

  it('says how long to wait, in whole seconds', () => {
    const take = createAllowances([{ per: 'token', requests: 2, seconds: 5 }], () => 0)!;
    take(of('a'), 't');
    take(of('a'), 't');
    expect(() => take(of('a'), 't')).toThrow(expect.objectContaining({ headers: { 'retry-after': '3' } }));
    expect(() => take(of('a'), 'another')).not.toThrow();
  });

  it('that is refused takes nothing of the others', () => {
    let now = 0;
    const take = createAllowances(
      [
        { per: 'client', requests: 2, seconds: 1000 },
        { per: 'token', requests: 1, seconds: 10 },
      ],
      () => now,
    )!;
    take(of('a'), 't');
    for (let index = 0; index < 5; index++) expect(() => take(of('a'), 't')).toThrow();
    now = 10_000;
    expect(() => take(of('a'), 't')).not.toThrow();
  });

  it('is there for a token that nobody has seen, however many others are in use', () => {
    const take = createAllowances([{ per: 'token', requests: 2, seconds: 86_400 }], () => 0)!;
    for (let index = 0; index < 100_000; index++) take(of('a'), `t${index}`);
    expect(() => take(of('a'), 'another')).not.toThrow();
    // Nor are those forgotten that have been used lately.
    take(of('a'), 'another');
    take(of('a'), 't99999');
    for (const token of ['another', 't99999']) expect(() => take(of('a'), token)).toThrow();
  });

  it('without any there is nothing to take', () => {
    expect(createAllowances([], () => 0)).toBeUndefined();
  });
});
