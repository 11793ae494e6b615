import { expect, it } from 'vitest';
import { STATUS_LIST_SIZE, STATUS_BLOCK_SIZE } from '../domain/status-list.ts';
import { createStatusLists, type StatusListDependencies } from './status-lists.ts';

it('keeps no list whose tokens have all expired, though nobody asks for it any more', async () => {
  let signatures = 0;
  let blocks = { oldest: 1, newest: 1 };
  const keyRing = {
    activeKid: () => 'key',
    verificationKey: () => ({}),
    sign: () => `list ${(signatures += 1)}`,
  } as unknown as StatusListDependencies['keyRing'];
  const lists = createStatusLists({
    issuer: 'https://id.example',
    statuses: { blocks: async () => blocks, ended: async () => [], reserveBlock: async () => 0 },
    endings: { wakesAtOnce: false, onWritten: () => () => {} },
    keyRing,
    clock: () => 1_800_000_000_000,
    ttlSeconds: 60,
  });
  await lists.find(0, 'jwt');
  await lists.find(0, 'jwt');
  expect(signatures).toBe(1);
  const second = STATUS_LIST_SIZE / STATUS_BLOCK_SIZE + 1;
  blocks = { oldest: second, newest: second };
  await lists.find(1, 'jwt');
  expect(signatures).toBe(2);
  // Were it there again, it would have to be signed again.
  blocks = { oldest: 1, newest: second };
  await lists.find(0, 'jwt');
  expect(signatures).toBe(3);
});
