import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Store } from '../ports/store.ts';
import {
  accessToken,
  audit,
  authorize,
  bytes,
  NOW,
  redeem,
  refreshToken,
} from '../store/contract/samples.ts';
import { openStore } from '../store/open-store.ts';
import { cleanUp } from './clean-up.ts';

const MINUTE = 60_000;
const GRACE = 30_000;
let store: Store;
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tessera-clean-up-'));
  store = await openStore({ url: `sqlite:${join(directory, 'tessera.db')}` });
});
afterAll(() => store?.close());

it('by a clock that is ahead takes nothing that another node still needs', async () => {
  const of = await redeem(store);
  const { code } = await authorize(store);
  const rotation = {
    hash: of.refreshToken.hash,
    at: NOW,
    successor: refreshToken(of.family),
    accessToken: accessToken(of.grant),
    sealedAnswer: bytes(),
    graceMs: GRACE,
    reuseAudit: audit('refresh_token.reused'),
  };
  await store.refreshTokens.rotate(rotation);
  // The answer is repeated, and the code is taken, until they are over by every clock.
  await cleanUp(store, NOW + 5 * MINUTE + GRACE, GRACE);
  expect(await store.grants.findCode(code.hash)).toBeDefined();
  expect(await store.refreshTokens.rotate({ ...rotation, at: NOW + GRACE })).toEqual({
    outcome: 'repeated',
    sealedAnswer: rotation.sealedAnswer,
  });
  const isFirstUse = (): Promise<boolean> =>
    store.usedIdentifiers.remember('dpop_proof', 'one', NOW + MINUTE, NOW + MINUTE - 1);
  expect(await isFirstUse()).toBe(true);
  await cleanUp(store, NOW + 6 * MINUTE - 1, GRACE);
  expect(await isFirstUse()).toBe(false);
  await cleanUp(store, code.expiresAt + 5 * MINUTE, GRACE);
  expect(await store.grants.findCode(code.hash)).toBeUndefined();
});
