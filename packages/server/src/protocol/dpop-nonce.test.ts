import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createDpopNonces } from './dpop-nonce.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const masterKey = randomBytes(32);
const nonces = createDpopNonces(masterKey);

describe('nonces that are not good (RFC 9449 §8)', () => {
  it.each([
    ['none of ours', 'made-up', NOW],
    ['nothing', '', NOW],
    ['one of five minutes ago', nonces.current(NOW - 5 * MINUTE), NOW],
    ['one of a time far ahead', nonces.current(NOW + 6 * MINUTE), NOW],
    ['one of another master key', createDpopNonces(randomBytes(32)).current(NOW), NOW],
  ])('%s', (_what, nonce, at) => {
    expect(nonces.isGood(nonce, at)).toBe(false);
  });
});

describe('nonces that are good', () => {
  it('are those of the last minutes', () => {
    for (const ago of [0, 1, 2]) expect(nonces.isGood(nonces.current(NOW - ago * MINUTE), NOW)).toBe(true);
  });

  it('are those of another node with the same master key, its clock a little ahead', () => {
    const other = createDpopNonces(masterKey);
    expect(nonces.isGood(other.current(NOW + 2 * MINUTE), NOW)).toBe(true);
  });

  it('change', () => {
    expect(nonces.current(NOW + 3 * MINUTE)).not.toBe(nonces.current(NOW));
    expect(nonces.current(NOW)).toMatch(/^[\w-]{24}$/);
  });
});
