import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { GrantHandler } from '../grants/grant-handler.ts';
import { withPolicies } from './judge-written.ts';

const TOKENS = { access_token: 'x' };
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is called of it
const handler = { exchange: async () => TOKENS } as unknown as GrantHandler;
const NOBODY = [{}, {}, {}] as unknown as Parameters<GrantHandler['exchange']>;

it('leaves no failure unheard when the database is lost while policies are read', async () => {
  const unheard: unknown[] = [];
  const hear = (error: unknown): void => void unheard.push(error);
  process.on('unhandledRejection', hear);
  const judged = withPolicies(handler, {
    hasPolicies: () => Promise.reject(new Error('the database cannot be reached')),
    judgeWritten: () => Promise.resolve(),
  });
  expect(await judged.exchange(...NOBODY)).toBe(TOKENS);
  await wait(5);
  process.off('unhandledRejection', hear);
  expect(unheard).toEqual([]);
});

it('refuses what is judged anew after it was written, also where it was not known at once that there are policies', async () => {
  const judged = withPolicies(handler, {
    hasPolicies: () => Promise.resolve(true),
    judgeWritten: () => Promise.reject(new Error('refused')),
  });
  await expect(judged.exchange(...NOBODY)).rejects.toThrow('refused');
});
