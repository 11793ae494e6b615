import { describe, expect, it } from 'vitest';
import { BEAT_MS, createOverload, type Turn } from './overload.ts';

const QUIET = { ip: '192.0.2.1', headers: {} };

function node(waitMs = 400) {
  const time = { now: 0 };
  const overload = createOverload({ waitMs, monotonic: () => time.now, seed: 7 });
  return {
    overload,
    admits: (turn: Turn, asking = QUIET) => overload.admits(turn, asking),
    /** Turns of the event loop, each so late. */
    turns: (count: number, lateMs: number, during?: () => void): void => {
      for (let turn = 0; turn < count; turn++) {
        during?.();
        time.now += BEAT_MS + lateMs;
        overload.beat();
      }
    },
    wait: (ms: number) => void (time.now += ms),
  };
}

describe('a node that is late', () => {
  it('turns nothing away for a hiccup', () => {
    const { turns, admits } = node();
    turns(1, 900);
    expect([admits('first'), admits('last')]).toEqual([true, true]);
  });

  it('turns away what is to go first at half of the wait, everything at the whole of it', () => {
    const { turns, admits } = node();
    turns(10, 190);
    expect([admits('first'), admits('last')]).toEqual([true, true]);
    turns(1, 200);
    expect([admits('first'), admits('last')]).toEqual([false, true]);
    turns(1, 400);
    expect([admits('first'), admits('last')]).toEqual([false, false]);
  });

  it('turns away within a turn that does not end', () => {
    const { turns, admits, wait } = node();
    turns(10, 190);
    wait(BEAT_MS + 399);
    expect(admits('last')).toBe(true);
    wait(1);
    expect(admits('last')).toBe(false);
  });

  it('takes everything again once it is in time', () => {
    const { turns, admits } = node();
    turns(10, 500);
    expect(admits('last')).toBe(false);
    turns(1, 0);
    expect([admits('first'), admits('last')]).toEqual([true, true]);
  });

  it('turns away within a turn at once while it remembers, and not any more after five seconds', () => {
    const { turns, admits, wait } = node();
    turns(10, 500);
    turns(20, 0);
    wait(BEAT_MS + 400);
    expect(admits('last')).toBe(false);
    const { turns: moreTurns, ...later } = node();
    moreTurns(10, 500);
    moreTurns(101, 0);
    later.wait(BEAT_MS + 400);
    expect(later.admits('last')).toBe(true);
  });

  it('turns nothing away where the setting says so', () => {
    const { turns, admits, overload } = node(0);
    turns(10, 10_000);
    for (let begun = 0; begun < 5000; begun++) overload.began();
    expect([admits('first'), admits('last')]).toEqual([true, true]);
  });
});

describe('one who asks more than others', () => {
  const noisy = { ip: '192.0.2.66', headers: { authorization: 'Basic noisy' } };
  const others = Array.from({ length: 9 }, (_, index) => ({ ip: `192.0.2.${index + 100}`, headers: {} }));

  it('is turned away first, and the others are not', () => {
    const { turns, admits } = node();
    turns(10, 210);
    turns(2, 210, () => {
      for (let asked = 0; asked < 900; asked++) admits('last', noisy);
      for (const other of others) for (let asked = 0; asked < 10; asked++) admits('last', other);
    });
    expect(admits('last', noisy)).toBe(false);
    expect(others.filter((other) => !admits('last', other))).toEqual([]);
  });

  it('is nobody where all ask alike, or only one asks', () => {
    const { turns, admits } = node();
    turns(10, 210);
    turns(2, 210, () => others.forEach((other) => admits('last', other)));
    expect(others.filter((other) => !admits('last', other))).toEqual([]);
    turns(4, 210, () => admits('last', noisy));
    expect(admits('last', noisy)).toBe(true);
  });
});

describe('a node with too many requests under way', () => {
  it('turns away beyond a number that follows how long answers take', () => {
    const { overload, admits, wait } = node();
    for (let begun = 0; begun < 511; begun++) overload.began();
    expect(admits('first')).toBe(true);
    overload.began();
    expect([admits('first'), admits('last')]).toEqual([false, true]);
    for (let begun = 512; begun < 1024; begun++) overload.began();
    expect(admits('last')).toBe(false);
    overload.took(10);
    expect(admits('last')).toBe(true);
    for (let late = 0; late < 3; late++) {
      wait(100);
      overload.took(5000);
    }
    for (let ended = 0; ended < 200; ended++) overload.ended();
    expect(admits('last')).toBe(false);
    for (let ended = 0; ended < 600; ended++) overload.ended();
    expect([admits('first'), admits('last')]).toEqual([true, true]);
  });

  it('learns nothing from one slow answer among few', () => {
    const { overload, admits, wait } = node();
    for (let late = 0; late < 100; late++) {
      wait(100);
      overload.took(5000);
    }
    for (let begun = 0; begun < 500; begun++) overload.began();
    expect(admits('first')).toBe(true);
  });
});
