import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Attempt, createBacklog } from './backlog.ts';

interface Letter {
  readonly to: string;
  readonly number: number;
}

/** Letters to some receivers, in this order; each is claimed once. */
function office(
  counts: Readonly<Record<string, number>>,
  attempt: (letter: Letter) => Promise<Attempt>,
  limits = { atOnce: 8, atOnceToOne: 3 },
) {
  const waiting = Object.entries(counts).flatMap(([to, count]) =>
    Array.from({ length: count }, (_, number): Letter => ({ to, number })),
  );
  const most = new Map<string, number>();
  const open = new Map<string, number>();
  const done: Letter[] = [];
  const backlog = createBacklog<Letter>({
    ...limits,
    receiverOf: ({ to }) => to,
    async attempt(letter) {
      const { to } = letter;
      open.set(to, (open.get(to) ?? 0) + 1);
      most.set(to, Math.max(most.get(to) ?? 0, open.get(to) ?? 0));
      const outcome = await attempt(letter);
      open.set(to, (open.get(to) ?? 0) - 1);
      if (outcome === 'over') done.push(letter);
      else waiting.push(letter);
      return outcome;
    },
  });
  const claim = async (limit: number, except: readonly string[]): Promise<readonly Letter[]> => {
    const due = waiting.filter(({ to }) => !except.includes(to)).slice(0, limit);
    for (const letter of due) waiting.splice(waiting.indexOf(letter), 1);
    return due;
  };
  return { backlog, claim, waiting, done, most };
}

const soon = async (): Promise<Attempt> => {
  await new Promise((resolve) => {
    setTimeout(resolve, 10);
  });
  return 'over';
};
const never = (): Promise<Attempt> => new Promise(() => {});

describe('a backlog', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is worked off in one run, with a few at once to each receiver', async () => {
    const { backlog, claim, waiting, done, most } = office({ a: 40, b: 20 }, soon);
    const run = backlog.workOff(claim);
    await vi.runAllTimersAsync();
    expect(await run).toBe(60);
    expect([waiting.length, done.length]).toEqual([0, 60]);
    expect(most).toEqual(
      new Map([
        ['a', 3],
        ['b', 3],
      ]),
    );
  });

  it('is not held up by a receiver that hangs', async () => {
    const { backlog, claim, waiting, done } = office({ hanging: 100, good: 50 }, ({ to }) =>
      to === 'good' ? soon() : never(),
    );
    const run = backlog.workOff(claim);
    await vi.advanceTimersByTimeAsync(1000);
    expect(done).toHaveLength(50);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await run).toBe(53);
    // The next run asks for nothing of it, as those before still hang.
    const next = backlog.workOff(claim);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await next).toBe(0);
    expect(waiting).toHaveLength(97);
  });

  it('leaves alone for the run whoever can take no more', async () => {
    const { backlog, claim, done, waiting } = office({ busy: 10, good: 10 }, async ({ to }) =>
      to === 'busy' ? 'busy' : soon(),
    );
    const run = backlog.workOff(claim);
    await vi.runAllTimersAsync();
    expect(await run).toBe(13);
    expect([done.length, waiting.length]).toEqual([10, 10]);
    const next = backlog.workOff(claim);
    await vi.runAllTimersAsync();
    expect(await next).toBe(3);
  });

  it('ends with what an attempt or a claim throws, and goes on with the next run', async () => {
    let isDown = true;
    const { backlog, claim, done } = office({ a: 5 }, async () => {
      if (isDown) throw new Error('down');
      return 'over';
    });
    await expect(backlog.workOff(claim)).rejects.toThrow('down');
    await expect(backlog.workOff(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    isDown = false;
    expect(await backlog.workOff(claim)).toBe(2);
    expect(done).toHaveLength(2);
  });

  it('runs once at a time, and not at all once it is stopped', async () => {
    const { backlog, claim, waiting } = office({ a: 5, b: 5 }, soon);
    const run = backlog.workOff(claim);
    expect(await backlog.workOff(claim)).toBe(0);
    backlog.stop();
    await vi.runAllTimersAsync();
    expect(await run).toBe(3);
    expect(await backlog.workOff(claim)).toBe(0);
    expect(waiting).toHaveLength(7);
  });
});
