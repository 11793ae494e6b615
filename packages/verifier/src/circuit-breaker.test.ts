import { expect, it } from 'vitest';
import { createCircuitBreaker } from './circuit-breaker.ts';

it('lets one through again when the clock has been set back meanwhile', async () => {
  let now = 1_800_000_000_000;
  const breaker = createCircuitBreaker(() => now);
  const failing = (): Promise<string> => breaker.run(() => Promise.reject(new Error('down')));
  for (let failure = 0; failure < 5; failure += 1) {
    // oxlint-disable-next-line no-await-in-loop -- in a row
    await expect(failing()).rejects.toThrow('down');
  }
  const asked = (): Promise<string> => breaker.run(() => Promise.resolve('up'));
  await expect(asked()).rejects.toThrow('not asked');
  now -= 3_600_000;
  expect(await asked()).toBe('up');
});
