import type { PoolClient } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createConnections } from './connections.ts';

const AT_ONCE = 10;
const PATIENCE_MS = 5000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the line for a connection', () => {
  let open = 0;
  let most = 0;
  let broken = 0;
  /** Makes a connection, or does not. */
  let make: () => Promise<void> = () => Promise.resolve();
  const pool = {
    connect: async (): Promise<PoolClient> => {
      await make();
      open += 1;
      most = Math.max(most, open);
      const release = (isBroken?: boolean): void => {
        open -= 1;
        broken += isBroken === true ? 1 : 0;
      };
      return { release } as unknown as PoolClient;
    },
  };
  const create = () => createConnections(pool, AT_ONCE, PATIENCE_MS, () => Promise.resolve());

  beforeEach(() => {
    vi.useFakeTimers();
    [open, most, broken] = [0, 0, 0];
    make = () => Promise.resolve();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** One after the other holds a connection for so long. */
  const use = async (
    connections: ReturnType<typeof create>,
    ms: number,
    isBroken = false,
  ): Promise<number> => {
    const { release } = await connections.take();
    await pause(ms);
    release(isBroken);
    return performance.now();
  };

  it('tells all who wait when nothing moves, and those who come later when they have waited as long', async () => {
    const connections = create();
    const hanging = Array.from({ length: AT_ONCE }, () => use(connections, 60_000, true));
    const startedAt = performance.now();
    const after = (waiting: Promise<unknown>): Promise<unknown> =>
      waiting.then(
        () => 'served',
        () => Math.round((performance.now() - startedAt) / 1000),
      );
    const early = after(connections.take());
    await vi.advanceTimersByTimeAsync(2000);
    const late = after(connections.take());
    expect(connections.waiting()).toBe(2);
    await vi.advanceTimersByTimeAsync(6000);
    expect(await Promise.all([early, late])).toEqual([5, 7]);
    expect(connections.waiting()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    await Promise.all(hanging);
    expect(broken).toBe(AT_ONCE);
    await expect(connections.take()).resolves.toBeDefined();
  });

  it('tells who cannot be connected, and gives the place to the next', async () => {
    const connections = create();
    make = () => Promise.reject(new Error('refused'));
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => connections.take()));
    expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
    make = () => Promise.resolve();
    const taken = await Promise.all(Array.from({ length: AT_ONCE }, () => connections.take()));
    expect([taken.length, connections.waiting()]).toEqual([AT_ONCE, 0]);
  });

  it('works off whoever waits, in their order, however long, as long as it moves', async () => {
    const connections = create();
    const order: number[] = [];
    const all = Promise.all(
      Array.from({ length: 2000 }, async (_, index) => {
        await use(connections, 100);
        order.push(index);
      }),
    );
    await vi.advanceTimersByTimeAsync(20_100);
    await all;
    expect(most).toBe(AT_ONCE);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect([connections.waiting(), vi.getTimerCount()]).toEqual([0, 0]);
  });
});
