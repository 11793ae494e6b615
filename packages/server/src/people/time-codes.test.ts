import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import vectors from '../../../../test/vectors/rfc-6238.json' with { type: 'json' };
import { base32, matchingStep, newSeed, otpauthUri, timeCode, timeStepAt } from './time-codes.ts';

const SEED = Buffer.from('12345678901234567890');
const AT = 1_111_111_109_000;

describe('matchingStep refuses', () => {
  const now = timeStepAt(AT);
  it.each([
    ['two steps before', timeCode(SEED, now - 2)],
    ['two steps after', timeCode(SEED, now + 2)],
    ['another seed', timeCode(Buffer.from('another seed, 20 long'), now)],
    ['eight digits', timeCode(SEED, now, 8)],
    ['five digits', timeCode(SEED, now).slice(1)],
    ['nothing', ''],
    ['letters', 'abcdef'],
    ['digits of another script', '٠٨١٨٠٤'],
  ])('%s', (_what, typed) => {
    expect(matchingStep(SEED, typed, AT)).toBeUndefined();
  });
});

describe('matchingStep', () => {
  it.each([-1, 0, 1])('takes the code of step %i, and says which it was', (skew) => {
    const step = timeStepAt(AT) + skew;
    expect(matchingStep(SEED, timeCode(SEED, step), AT)).toBe(step);
  });
  it('takes a code typed in two halves', () => {
    const code = timeCode(SEED, timeStepAt(AT));
    expect(matchingStep(SEED, ` ${code.slice(0, 3)} ${code.slice(3)}\n`, AT)).toBe(timeStepAt(AT));
  });
});

describe('timeCode (RFC 6238, appendix B)', () => {
  it.each(vectors as [number, string][])('at %i s is %s', (seconds, code) => {
    expect(timeCode(SEED, timeStepAt(seconds * 1000), 8)).toBe(code);
  });
});

describe('base32 (RFC 4648 §10)', () => {
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('%s', (text, expected) => {
    expect(base32(Buffer.from(text))).toBe(expected);
  });
});

describe('otpauthUri', () => {
  it('names issuer and account, however they are spelled', () => {
    const uri = new URL(otpauthUri('My Tessera', 'ada+x@example.test', SEED));
    expect(decodeURIComponent(uri.pathname)).toMatch(/My Tessera:ada\+x@example\.test$/);
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      secret: base32(SEED),
      issuer: 'My Tessera',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    expect(uri.search).not.toContain('+');
  });
});

it('a new seed is as long as the hash', () => {
  expect(newSeed((size) => createHash('sha1').update(String(size)).digest())).toHaveLength(20);
});
