import { describe, expect, it } from 'vitest';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import { name, NOW } from './samples.ts';

/** Attempts, counted for all nodes together. */
export function attemptsContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));
  const five = (key: string) => ({ key, limit: 5, windowMs: 1000 });

  it('lets as many through as fit, however many ask at the same time, on whichever node', async () => {
    const [key, wide] = [name('key'), name('key')];
    const counted = [five(key), { key: wide, limit: 100, windowMs: 1000 }];
    const takes = Array.from({ length: 16 }).flatMap((_, turn) => [
      store.failedAttempts.take(counted, NOW),
      otherNode.failedAttempts.take(turn % 2 === 0 ? counted : counted.toReversed(), NOW),
    ]);
    const outcomes = await Promise.all(takes);
    expect(outcomes.filter((freeAt) => freeAt === undefined)).toHaveLength(5);
    expect(outcomes.filter((freeAt) => freeAt === NOW + 1000)).toHaveLength(27);
    // Those that did not fit are counted under no key.
    expect(await store.failedAttempts.freeAt([{ key: wide, limit: 5, windowMs: 1000 }], NOW)).toBe(
      NOW + 1000,
    );
    expect(await store.failedAttempts.freeAt([{ key: wide, limit: 6, windowMs: 1000 }], NOW)).toBeUndefined();
  });

  it('says when there is room again: when the oldest of those that fit has left the window', async () => {
    const key = name('key');
    for (const at of [0, 100, 200, 300, 400]) {
      // oxlint-disable-next-line no-await-in-loop -- in this order
      await store.failedAttempts.record([key], NOW + at);
    }
    expect(await otherNode.failedAttempts.freeAt([five(key)], NOW + 500)).toBe(NOW + 1000);
    await store.failedAttempts.record([key], NOW + 500);
    expect(await otherNode.failedAttempts.take([five(key)], NOW + 999)).toBe(NOW + 1100);
    expect(await otherNode.failedAttempts.take([five(key)], NOW + 1100)).toBeUndefined();
  });

  it('waits for the last of several keys', async () => {
    const [early, late] = [name('key'), name('key')];
    const one = (key: string) => ({ key, limit: 1, windowMs: 1000 });
    await store.failedAttempts.record([early], NOW);
    await store.failedAttempts.record([late], NOW + 10);
    expect(await store.failedAttempts.freeAt([one(late), one(early)], NOW + 20)).toBe(NOW + 1010);
  });

  describe('forgetting', () => {
    it('clears one key and leaves the others', async () => {
      const [one, two] = [name('key'), name('key')];
      const counted = (key: string) => [{ key, limit: 1, windowMs: 1000 }];
      await store.failedAttempts.record([one, two], NOW);
      await store.failedAttempts.clear([one]);
      expect(await otherNode.failedAttempts.freeAt(counted(one), NOW)).toBeUndefined();
      expect(await otherNode.failedAttempts.freeAt(counted(two), NOW)).toBe(NOW + 1000);
      await store.failedAttempts.record([], NOW);
      expect(await store.failedAttempts.take([], NOW)).toBeUndefined();
    });
  });
}
