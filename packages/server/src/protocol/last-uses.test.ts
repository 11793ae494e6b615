import { describe, expect, it } from 'vitest';
import type { RecordedUse } from '../ports/token-uses.ts';
import { createLastUses } from './last-uses.ts';

const ID = new Uint8Array(32);

describe('last uses', () => {
  it('are one write for many, with the latest of each', async () => {
    const written: (readonly RecordedUse[])[] = [];
    const uses = createLastUses({ record: async (batch) => void written.push(batch) });
    await uses.writeDown();
    for (let at = 1; at <= 1000; at++) uses.note(`t${at % 2}`, ID, 'music', at, 5000);
    await uses.writeDown();
    await uses.writeDown();
    expect(written).toEqual([
      [
        { tokenId: ID, at: 999, by: 'music', forgetAt: 5000 },
        { tokenId: ID, at: 1000, by: 'music', forgetAt: 5000 },
      ],
    ]);
  });

  it('are bounded, and so is each write', async () => {
    const sizes: number[] = [];
    const uses = createLastUses({ record: async (batch) => void sizes.push(batch.length) });
    for (let token = 0; token < 6000; token++) uses.note(`t${token}`, ID, 'music', 1, 2);
    expect(uses.latest('t4999', undefined)).toEqual({ at: 1, by: 'music' });
    expect(uses.latest('t5000', undefined)).toBeUndefined();
    await uses.writeDown();
    expect(sizes.reduce((sum, size) => sum + size)).toBe(5000);
    expect(Math.max(...sizes)).toBe(250);
  });

  it('are kept for later where they could not be written, but not over newer ones', async () => {
    let fails = true;
    const written: RecordedUse[] = [];
    const uses = createLastUses({
      record: async (batch) => {
        if (fails) {
          uses.note('a', ID, 'music', 2, 9);
          throw new Error('the disk is full');
        }
        written.push(...batch);
      },
    });
    uses.note('a', ID, 'music', 1, 9);
    uses.note('b', ID, 'music', 1, 9);
    await expect(uses.writeDown()).rejects.toThrow('full');
    fails = false;
    await uses.writeDown();
    expect(written.map(({ at }) => at).toSorted((one, other) => one - other)).toEqual([1, 2]);
  });

  it('tell the later of what is here and what is written down', () => {
    const uses = createLastUses({ record: async () => undefined });
    uses.note('a', ID, 'music', 5, 9, { address: '192.0.2.1' });
    expect(uses.latest('a', { at: 4, by: 'video' })).toEqual({ at: 5, by: 'music', address: '192.0.2.1' });
    expect(uses.latest('a', { at: 6, by: 'video' })).toEqual({ at: 6, by: 'video' });
    expect(uses.latest('b', undefined)).toBeUndefined();
    uses.note('a', ID, 'video', 7, 9);
    expect(uses.latest('a', undefined)).toEqual({ at: 7, by: 'video' });
  });
});
