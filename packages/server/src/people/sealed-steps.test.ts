import { describe, expect, it } from 'vitest';
import { createSealedSteps } from './sealed-steps.ts';
import { otherSpellings } from './testing/other-spellings.ts';

const steps = createSealedSteps<{ readonly userId: string; readonly expiresAt: number }>(
  'sign-in-step',
  new Uint8Array(32).fill(7),
  (size) => new Uint8Array(size).fill(1),
);
const NOW = 1_800_000_000_000;
const step = { userId: 'usr_1', expiresAt: NOW + 1000 };

describe('a step is refused', () => {
  const sealed = steps.seal(step, 'browser');

  it.each(otherSpellings(sealed))('%s', (_how, changed) => {
    expect(changed).not.toBe(sealed);
    expect(steps.open(changed, 'browser', NOW)).toBeUndefined();
  });

  it('absent', () => {
    expect(steps.open(undefined, 'browser', NOW)).toBeUndefined();
  });

  it('in another browser, or in none', () => {
    expect(steps.open(sealed, 'other', NOW)).toBeUndefined();
    expect(steps.open(sealed, undefined, NOW)).toBeUndefined();
  });

  it('at its end', () => {
    expect(steps.open(sealed, 'browser', step.expiresAt - 1)).toEqual(step);
    expect(steps.open(sealed, 'browser', step.expiresAt)).toBeUndefined();
  });
});
