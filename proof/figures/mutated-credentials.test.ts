// A server that takes what was changed, breaks over it, or refuses everything, is noticed.
import { describe, expect, it } from 'vitest';
import { createDice } from '../../packages/tokens/testing/mutated-bytes.ts';
import { changeCredential, type Credential, tryGood, type Verdict } from './mutated/credential.ts';
import { tryAll } from './mutated-credentials.ts';

const GOODS = ['tsr_at_0123456789abcdef', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c3IifQ.c2lnbmF0dXJl'] as const;

const credential = (judge: (changed: string) => Verdict): Credential => ({
  name: 'ticket',
  goods: GOODS,
  by: 'form',
  present: async (changed) => judge(changed),
});
const refuses = (): Verdict => ({ accepted: false, status: 401 });
/** As a decoder that skips what it does not know. */
const forgives = (changed: string): Verdict =>
  GOODS.some((good) => good === changed.replaceAll(/[^\w.-]/g, ''))
    ? { accepted: true, status: 200 }
    : refuses();
const breaks = (changed: string): Verdict =>
  changed.includes('\0') ? { accepted: false, status: 500 } : refuses();

const tried = (of: Credential) => tryAll([of], { rounds: 2000, seed: 7, tell: () => {} });

describe('what was changed', () => {
  it('and is taken is a failure', async () => {
    const { failed, told } = await tried(credential(forgives));
    expect(failed).toBeGreaterThan(10);
    expect(told[0]).toMatch(/^ticket accepted: "/);
  });

  it('and is a 5xx is a failure', async () => {
    expect((await tried(credential(breaks))).told[0]).toMatch(/^ticket, 500: "/);
  });

  it('and is refused is none', async () => {
    expect((await tried(credential(refuses))).failed).toBe(0);
  });

  it.each(['header', 'form'] as const)('is never what was handed out: %s', (by) => {
    const dice = createDice(3);
    const changed = Array.from({ length: 5000 }, () => changeCredential({ goods: GOODS, by }, dice));
    expect(changed.filter((one) => GOODS.some((good) => good === one))).toEqual([]);
    expect(changed.filter((one) => /[ \t\r\n;]/.test(one)).length > 0).toBe(by === 'form');
  });
});

describe('the good one', () => {
  it('that is refused is a failure', async () => {
    expect(await tryGood(credential(refuses))).toEqual(['ticket is refused as it is: 401']);
    expect(await tryGood(credential(() => ({ accepted: true, status: 200 })))).toEqual([]);
  });
});
