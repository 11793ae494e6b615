// A race that two win, or nobody, is noticed.
import { describe, expect, it } from 'vitest';
import type { Use } from '../../test/one-time/world.ts';
import { raceFor } from './races.ts';

const BASES = ['http://one.example', 'http://other.example'];

/** A thing that lets the first uses through, and says what it says to the others. */
function thing(taken: number, otherwise: Use = 'refused') {
  let uses = 0;
  return { name: 'ticket', make: async () => async () => (uses++ < taken ? 'taken' : otherwise) } as const;
}

describe('a race', () => {
  it.each([
    ['used twice', thing(2), ['ticket: 2 got through']],
    ['used by nobody', thing(0), ['ticket: 0 got through']],
    ['used once', thing(1), []],
  ])('over what is %s', async (_name, raced, failures) => {
    expect(await raceFor(raced, BASES)).toEqual(failures);
  });

  it('that breaks the server is a failure, whoever won', async () => {
    const failures = await raceFor(thing(1, { fault: '500 oops' }), BASES);
    expect(new Set(failures)).toEqual(new Set(['ticket: 500 oops']));
  });
});
