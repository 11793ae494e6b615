// Every figure at its smallest: the programs work, and what they claim holds for a moment.
import { describe, expect, it } from 'vitest';
import { exceeded } from './figure.ts';
import { FIGURES } from './figures.ts';

const SEED = 4242;
/** How fast a machine is that runs tests is not what they are about. */
const isOfTime = (limit: string): boolean => limit.includes('Ms ');

/** On one database each: that both do the same is what the flows and the store's own tests are about. */
describe.each(FIGURES)('$id', (figure) => {
  const { grounds, sizes } = figure;
  it.each(grounds.slice(0, 1))(
    'holds on %s',
    async (ground) => {
      const outcome = await figure.measure({ ground, rounds: sizes.test, seed: SEED, tell: () => {} });
      expect(outcome.failures).toEqual([]);
      // What comes in batches may be more.
      expect(outcome.trials).toBeGreaterThanOrEqual(sizes.test);
      expect(exceeded(outcome).filter((one) => !isOfTime(one))).toEqual([]);
    },
    180_000,
  );
});
