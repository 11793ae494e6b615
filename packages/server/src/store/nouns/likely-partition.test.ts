import { expect, it } from 'vitest';
import { TOKEN_PARTITION_MS as DAY, type TokenPartition } from '../token-partition.ts';
import { createLikelyPartition } from './likely-partition.ts';

const PARTITIONS: readonly TokenPartition[] = [
  { name: 'before', below: 10 * DAY },
  { name: 'tenth', from: 10 * DAY, below: 11 * DAY },
  { name: 'default' },
];

function start(list: () => Promise<readonly TokenPartition[]>, at: number) {
  const state = { at, asked: 0 };
  const likely = createLikelyPartition(
    () => {
      state.asked += 1;
      return list();
    },
    () => state.at,
  );
  const settled = async (): Promise<string | undefined> => {
    likely.name();
    await new Promise(setImmediate);
    return likely.name();
  };
  return { state, likely, settled };
}

it('is that of today, once it is known, and asked for once a day', async () => {
  const { state, likely, settled } = start(async () => PARTITIONS, 9 * DAY + 5);
  expect(likely.name()).toBeUndefined();
  expect(await settled()).toBe('before');
  for (let count = 0; count < 100; count += 1) likely.name();
  expect(state.asked).toBe(1);
  state.at = 10 * DAY;
  expect(likely.name()).toBeUndefined();
  expect(await settled()).toBe('tenth');
  expect(state.asked).toBe(2);
});
it('is none where no day takes it, or where there is one table', async () => {
  expect(await start(async () => PARTITIONS, 11 * DAY).settled()).toBeUndefined();
  expect(await start(async () => [], 11 * DAY).settled()).toBeUndefined();
});
it('is found out anew when it is gone, and no more often than once a second', async () => {
  const { state, likely, settled } = start(async () => PARTITIONS, 10 * DAY);
  expect(await settled()).toBe('tenth');
  likely.forget();
  expect(await settled()).toBeUndefined();
  expect(state.asked).toBe(1);
  state.at += 1000;
  expect(await settled()).toBe('tenth');
});
it('is unknown while the database does not answer', async () => {
  const { state, settled } = start(() => Promise.reject(new Error('away')), 10 * DAY);
  expect(await settled()).toBeUndefined();
  state.at += 999;
  expect(await settled()).toBeUndefined();
  expect(state.asked).toBe(1);
});
