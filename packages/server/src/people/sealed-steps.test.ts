import { describe, expect, it } from 'vitest';
import { createSealedSteps } from './sealed-steps.ts';

const steps = createSealedSteps<{ readonly userId: string; readonly expiresAt: number }>(
  'sign-in-step',
  new Uint8Array(32).fill(7),
  (size) => new Uint8Array(size).fill(1),
);
const NOW = 1_800_000_000_000;
const step = { userId: 'usr_1', expiresAt: NOW + 1000 };

describe('a step is refused', () => {
  const sealed = steps.seal(step, 'browser');

  it.each([
    ['with a space', `${sealed.slice(0, 9)} ${sealed.slice(9)}`],
    ['with a line end', `${sealed}\n`],
    ['with padding', `${sealed}=`],
    ['with a character of no alphabet', `${sealed.slice(0, 9)}~${sealed.slice(9)}`],
    ['with a character too many', `${sealed}A`],
    ['in standard base64', Buffer.from(sealed, 'base64url').toString('base64')],
    ['cut', sealed.slice(0, -4)],
    ['empty', ''],
    ['absent', undefined],
  ])('%s', (_how, changed) => {
    expect(changed).not.toBe(sealed);
    expect(steps.open(changed, 'browser', NOW)).toBeUndefined();
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
