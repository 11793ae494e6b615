import { describe, expect, it } from 'vitest';
import type { DutyAct, Fence } from '../domain/duty.ts';
import { NotOnDuty } from '../ports/store-errors.ts';
import type { DutyStore } from '../ports/store.ts';
import { type Chore, createChoreRunner } from './chore.ts';

const FENCE: Fence = { number: 1, holder: 'a' };

interface House {
  readonly chores: readonly Chore[];
  readonly acts?: readonly DutyAct[];
}

function house({ chores, acts = [] }: House) {
  const noted: unknown[] = [];
  const failures: unknown[] = [];
  let now = 1_000_000;
  const runner = createChoreRunner({
    chores,
    cluster: {
      acts: async () => acts,
      noteAct: async (fence, chore, count) => void noted.push([fence.number, chore, count]),
    },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- these chores write nothing
    onDuty: () => ({}) as DutyStore,
    clock: () => now,
    failed: (chore, error) => void failures.push([chore, String(error)]),
  });
  return { runner, noted, failures, later: (ms: number) => (now += ms) };
}

function counting(name: string, everyMs: number, run: () => Promise<number> = async () => 1) {
  const chore = { name, everyMs, runs: 0, run: async () => ((chore.runs += 1), run()) };
  return chore;
}

describe('chores of the node on duty', () => {
  it('run when they are due, and what they did is noted under the number of the turn', async () => {
    const often = counting('often', 1000);
    const seldom = counting('seldom', 60_000, async () => 0);
    const { runner, noted, later } = house({ chores: [often, seldom] });
    await runner.run(FENCE);
    await runner.run(FENCE);
    later(1000);
    await runner.run(FENCE);
    expect([often.runs, seldom.runs]).toEqual([2, 1]);
    expect(noted).toEqual([
      [1, 'often', 1],
      [1, 'often', 1],
    ]);
  });

  it('are not done again by the next node before their time', async () => {
    const seldom = counting('seldom', 60_000);
    const acts = [{ chore: 'seldom', count: 1, lastAt: 1_000_000 - 59_999, number: 0 }];
    const { runner, later } = house({ chores: [seldom], acts });
    await runner.run(FENCE);
    expect(seldom.runs).toBe(0);
    later(1);
    await runner.run(FENCE);
    expect(seldom.runs).toBe(1);
  });

  it('do not wait for a clock that was put back', async () => {
    const often = counting('often', 1000);
    const { runner, later } = house({ chores: [often] });
    await runner.run(FENCE);
    later(-3_600_000);
    await runner.run(FENCE);
    expect(often.runs).toBe(2);
    later(999);
    await runner.run(FENCE);
    expect(often.runs).toBe(2);
    later(1);
    await runner.run(FENCE);
    expect(often.runs).toBe(3);
  });

  it('do not wait for one that hangs, which is not started twice', async () => {
    let letGo: (count: number) => void = () => {};
    const hanging = counting('hanging', 1, () => new Promise<number>((resolve) => (letGo = resolve)));
    const other = counting('other', 1);
    const { runner, later } = house({ chores: [hanging, other] });
    const first = runner.run(FENCE);
    await expect.poll(() => other.runs).toBe(1);
    later(10);
    const second = runner.run(FENCE);
    await expect.poll(() => other.runs).toBe(2);
    expect(hanging.runs).toBe(1);
    letGo(1);
    await Promise.all([first, second]);
  });

  it('that fail are told of, and are due again; losing the duty is no failure', async () => {
    const failing = counting('failing', 1000, () => Promise.reject(new Error('no')));
    const late = counting('late', 1000, () => Promise.reject(new NotOnDuty()));
    const { runner, failures, later } = house({ chores: [failing, late] });
    await runner.run(FENCE);
    later(1000);
    await runner.run(FENCE);
    expect(failing.runs).toBe(2);
    expect(failures).toEqual([
      ['failing', 'Error: no'],
      ['failing', 'Error: no'],
    ]);
  });
});
