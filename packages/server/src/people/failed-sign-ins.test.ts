import { describe, expect, it } from 'vitest';
import { countedAddress, FAILED_SIGN_IN_WINDOW_MS, signInKeys, tooManyFailures } from './failed-sign-ins.ts';

const AT = 1_800_000_000_000;
const keys = signInKeys('ada@example.test', '192.0.2.7');

/** Failures of one kind, given by how long ago each happened. */
function counted(...agesMs: readonly (readonly number[])[]) {
  return {
    count: async (asked: readonly string[], since: number) =>
      asked.map((_, index) => (agesMs[index] ?? []).filter((age) => AT - age >= since).length),
  };
}
const times = (count: number, ageMs: number) => Array.from({ length: count }, () => ageMs);

describe('tooManyFailures', () => {
  it.each([
    ['ten from one place on one account', counted(times(10, 0)), 900],
    ['a hundred on one account', counted([], times(100, 0)), 900],
    ['a hundred from one address', counted([], [], times(100, 0)), 900],
    [
      'ten, the oldest about to leave the window',
      counted([...times(9, 0), FAILED_SIGN_IN_WINDOW_MS - 30_000]),
      60,
    ],
    ['ten, five minutes left', counted([...times(9, 0), FAILED_SIGN_IN_WINDOW_MS - 250_000]), 300],
    ['nine', counted(times(9, 0), times(99, 0), times(99, 0)), undefined],
    [
      'ten, one of them older than the window',
      counted([...times(9, 0), FAILED_SIGN_IN_WINDOW_MS + 1]),
      undefined,
    ],
    ['none', counted(), undefined],
  ])('%s', async (_what, failedAttempts, seconds) => {
    expect(await tooManyFailures(keys, AT, failedAttempts)).toBe(seconds);
  });

  it('refuses when a count is missing', async () => {
    expect(await tooManyFailures(keys, AT, { count: async () => [0, 0] })).toBe(900);
  });
});

describe('signInKeys', () => {
  it('holds neither the email nor the address', () => {
    for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/);
    expect(new Set(keys).size).toBe(3);
  });

  it('changes the first key with either, the others with their own', () => {
    const other = signInKeys('ada@example.test', '192.0.2.8');
    expect(other[0]).not.toBe(keys[0]);
    expect(other[1]).toBe(keys[1]);
    expect(other[2]).not.toBe(keys[2]);
  });
});

describe('countedAddress', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
    ['2001:DB8:1:3::1', '2001:db8:1:3::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['not an address', 'not an address'],
  ])('%s → %s', (address, expected) => {
    expect(countedAddress(address)).toBe(expected);
  });
});
