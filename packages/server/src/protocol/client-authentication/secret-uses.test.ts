import { expect, it } from 'vitest';
import type { ClientSecretUse } from '../../ports/client-secret-uses.ts';
import { createSecretUses } from './secret-uses.ts';

const FROM = '10.0.0.7';

const secret = (id: string) => ({ id, hash: new Uint8Array(), hint: '', createdAt: 0 });

it('writes each secret once, with its last use, and nothing where nothing was used', async () => {
  const written: (readonly ClientSecretUse[])[] = [];
  const uses = createSecretUses({ record: async (all) => void written.push(all) });
  await uses.writeDown();
  for (let at = 1; at <= 1000; at++) uses.note('app', secret('sec_1'), at, `10.0.0.${at % 7}`);
  uses.note('app', secret('sec_2'), 7, FROM);
  await uses.writeDown();
  await uses.writeDown();
  expect(written).toEqual([
    [
      { clientId: 'app', secretId: 'sec_1', at: 1000, from: '10.0.0.6' },
      { clientId: 'app', secretId: 'sec_2', at: 7, from: FROM },
    ],
  ]);
});

it('keeps what could not be written, without losing what came meanwhile', async () => {
  const written: (readonly ClientSecretUse[])[] = [];
  let isDown = true;
  const uses = createSecretUses({
    async record(all) {
      if (isDown) throw new Error('the database is down');
      written.push(all);
    },
  });
  uses.note('app', secret('sec_1'), 1, FROM);
  uses.note('app', secret('sec_2'), 1, FROM);
  const failing = uses.writeDown();
  uses.note('app', secret('sec_1'), 2, FROM);
  await expect(failing).rejects.toThrow();
  isDown = false;
  await uses.writeDown();
  expect(written).toEqual([
    [
      { clientId: 'app', secretId: 'sec_1', at: 2, from: FROM },
      { clientId: 'app', secretId: 'sec_2', at: 1, from: FROM },
    ],
  ]);
});
