import { describe, expect, it } from 'vitest';
import { readLimit } from './limit.ts';
import { attemptsInMemory, standardLimits } from './testing/attempts.ts';

const AT = 1_800_000_000_000;
const CODES = { codes_per_account: ['usr_ada'] };
const SECOND = 1000;

describe('a limit', () => {
  it.each([
    '',
    '5',
    '5/',
    '/5m',
    '0/5m',
    '05/5m',
    '5/0s',
    '5/5d',
    '5/5',
    '1000000/1m',
    '5/25h',
    '5/86401s',
    ' 5/5m',
  ])('is not %j', (text) => expect(readLimit(text)).toBeUndefined());
  it.each([
    ['5/30s', 5, 30],
    ['999999/15m', 999_999, 900],
    ['1/24h', 1, 86_400],
  ])('is %j', (text, count, seconds) => expect(readLimit(text)).toEqual({ count, seconds }));
});

describe('attempts', () => {
  it('lets no more through than the limit says, and says when the next one fits (RFC 9110 §10.2.3)', async () => {
    const { port, kept } = attemptsInMemory();
    const limits = standardLimits(port);
    for (const second of [0, 100, 200, 300, 400]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await limits.take(CODES, AT + second * SECOND)).toBeUndefined();
    }
    expect(await limits.take(CODES, AT + 500 * SECOND)).toBe(400);
    expect(await limits.take(CODES, AT + 899_001)).toBe(1);
    expect(kept).toHaveLength(5);
    expect(await limits.take(CODES, AT + 900 * SECOND)).toBeUndefined();
    expect(await limits.take(CODES, AT + 901 * SECOND)).toBe(99);
  });

  it('counts nothing under any name while one of them is full', async () => {
    const limits = standardLimits();
    const mail = { mails_per_recipient_and_address: ['a', 'b'], mails_per_recipient: ['a'] };
    const fill = async (): Promise<number | undefined> => limits.take(mail, AT);
    expect(await Promise.all([fill(), fill(), fill(), fill()])).toContain(900);
    const elsewhere = { mails_per_recipient: ['a'] };
    expect([await limits.take(elsewhere, AT), await limits.take(elsewhere, AT)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(await limits.take(elsewhere, AT)).toBeUndefined();
    expect(await limits.take(elsewhere, AT)).toBe(900);
  });

  it('waits for the last of those that are full, without counting', async () => {
    const limits = standardLimits();
    const counted = { sign_ins_per_account_and_address: ['a', 'b'], sign_ins_per_address: ['b'] };
    for (let failures = 0; failures < 10; failures++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await limits.record(counted, AT + failures * SECOND);
    }
    expect(await limits.wait(counted, AT + 10 * SECOND)).toBe(890);
    expect(await limits.wait({ sign_ins_per_address: ['b'] }, AT + 10 * SECOND)).toBeUndefined();
    await limits.forget({ sign_ins_per_account_and_address: ['a', 'b'] });
    expect(await limits.wait(counted, AT + 10 * SECOND)).toBeUndefined();
  });

  it('keeps only hashes, apart for each limit and each person', async () => {
    const { port, kept } = attemptsInMemory();
    const limits = standardLimits(port);
    await limits.record(
      { sign_ins_per_account: ['ada@example.test'], mails_per_recipient: ['ada@example.test'] },
      AT,
    );
    await limits.record({ sign_ins_per_account: ['grace@example.test'] }, AT);
    for (const { key } of kept) expect(key).toMatch(/^[\w-]{43}$/);
    expect(new Set(kept.map(({ key }) => key)).size).toBe(3);
  });
});
