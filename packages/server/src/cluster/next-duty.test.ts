import { describe, expect, it } from 'vitest';
import { type DutyFacts, nextDuty } from './next-duty.ts';

const TIMES = { turnMs: 10_000, leaseMs: 5000 };
const NOW = 1_000_000;
const duty = { number: 7, holder: 'b', takenAt: NOW - 1000, leaseUntil: NOW + 4000 };
const facts: DutyFacts = {
  duty,
  reporting: 'b',
  live: ['a', 'b', 'c'],
  circle: ['a', 'b', 'c'],
  now: NOW,
};
const turnOver = { ...duty, takenAt: NOW - 10_000 };
const lapsed = { ...duty, leaseUntil: NOW };

describe('what becomes of the duty', () => {
  it.each<[string, Partial<DutyFacts>, object]>([
    ['another node is on duty', { reporting: 'a' }, { change: 'none' }],
    ['another node is on duty, and its turn is over', { reporting: 'a', duty: turnOver }, { change: 'none' }],
    ['the turn is not over', {}, { change: 'renewed' }],
    ['the turn is over', { duty: turnOver }, { change: 'passed', holder: 'c' }],
    ['the next one is gone', { duty: turnOver, live: ['a', 'b'] }, { change: 'passed', holder: 'a' }],
    ['nobody else is there', { duty: turnOver, live: ['b'] }, { change: 'renewed' }],
    [
      'the circle closes',
      { duty: { ...turnOver, holder: 'c' }, reporting: 'c' },
      { change: 'passed', holder: 'a' },
    ],
    [
      'the holder is gone: the next in the circle, whoever noticed',
      { duty: lapsed, reporting: 'a', live: ['a', 'c'] },
      { change: 'regenerated', holder: 'c' },
    ],
    [
      'the holder is gone, and nobody but this one is there',
      { duty: lapsed, reporting: 'a', live: ['a'] },
      { change: 'regenerated', holder: 'a' },
    ],
    [
      'the clock of the database was put back since the holder, who is gone, reported',
      { duty: { ...duty, leaseUntil: NOW + 86_400_000 }, reporting: 'a', live: ['a', 'c'] },
      { change: 'regenerated', holder: 'c' },
    ],
    [
      'the clock of the database was put back, and the holder reports',
      { duty: { ...duty, takenAt: NOW + 86_399_000, leaseUntil: NOW + 86_400_000 }, live: ['b'] },
      { change: 'regenerated', holder: 'b' },
    ],
    [
      'a holder whose lease is longer than this node would have it',
      { duty: { ...duty, leaseUntil: NOW + 300_000 }, reporting: 'a' },
      { change: 'none' },
    ],
    [
      'the holder slept through its lease, and is alone',
      { duty: lapsed, live: ['b'] },
      { change: 'regenerated', holder: 'b' },
    ],
    [
      'the holder slept through its lease, and others are there',
      { duty: lapsed },
      { change: 'regenerated', holder: 'c' },
    ],
    [
      'the holder is not even known any more',
      { duty: { ...lapsed, holder: 'z' }, reporting: 'c' },
      { change: 'regenerated', holder: 'a' },
    ],
  ])('%s', (_what, changes, expected) => {
    expect(nextDuty({ ...facts, ...changes }, TIMES)).toEqual(expected);
  });
});
