import { expect, it } from 'vitest';
import { createTraffic } from './traffic.ts';

const LIMITS = {
  concurrent: 3,
  concurrentPerOrigin: 2,
  rate: { perMinute: 6, perMinuteAndOrigin: 4 },
};
const A = 'https://a.example';
const B = 'https://b.example';
const C = 'https://c.example';

it('holds an origin to its share of what is under way, and all of them to the whole', () => {
  const traffic = createTraffic(LIMITS, () => 0);
  const leave = traffic.enter(A);
  traffic.enter(A);
  expect(traffic.enter(A)).toBeUndefined();
  expect(traffic.enter(B)).toBeTypeOf('function');
  expect(traffic.enter(C)).toBeUndefined();
  leave?.();
  expect(traffic.enter(C)).toBeTypeOf('function');
});

it('counts the requests of the last minute, for an origin and for all', () => {
  let now = 0;
  const traffic = createTraffic(LIMITS, () => now);
  const one = (origin: string): boolean => {
    const leave = traffic.enter(origin);
    leave?.();
    return leave !== undefined;
  };
  expect([A, A, A, A].map(one)).toEqual([true, true, true, true]);
  expect(one(A)).toBe(false);
  expect([B, B].map(one)).toEqual([true, true]);
  expect(one(C)).toBe(false);
  now = 59_999;
  expect(one(C)).toBe(false);
  now = 60_000;
  expect(one(C)).toBe(true);
});

it('counts nothing of a minute where no rate is given, and what is under way all the same', () => {
  const traffic = createTraffic({ concurrent: 2, concurrentPerOrigin: 1 }, () => 0);
  for (let turn = 0; turn < 1000; turn += 1) traffic.enter(A)?.();
  expect(traffic.enter(A)).toBeTypeOf('function');
  expect(traffic.enter(A)).toBeUndefined();
});
