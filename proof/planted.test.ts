// Each figure notices what it is there for: failures that are planted here are reported.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { startBalancer } from '../test/balancer.ts';
import { MINUTE, SECOND } from '../test/movable-clock.ts';
import { createDice } from '../test/mutations.ts';
import { type Chain, newChain } from './figures/kill/chain.ts';
import { type Asking, settle } from './figures/kill/checker.ts';
import { doubled } from './figures/kill/leaves.ts';
import type { Stepped } from './figures/kill/steps.ts';
import { openApart } from './figures/nodes.ts';
import { SteadyLoad } from './figures/restarts/steady-load.ts';
import { KeyHistory } from './figures/rotation/key-history.ts';
import { RotationWorld } from './figures/rotation/world.ts';

describe('R1 reports', () => {
  const answer = (status: number): Stepped => ({ status, text: '', error: '', gives: {} });
  /** A server after its restart. */
  const serverThat = (does: { isActive: boolean; status: number }): Asking => ({
    perform: () => Promise.resolve(answer(does.status)),
    isActive: () => Promise.resolve(does.isActive),
    // Whatever may be tried is tried.
    dice: (sides) => sides - sides,
  });
  const signedIn = (change: Partial<Chain> = {}): Chain => ({
    ...newChain('c', 'public'),
    accessTokens: [{ value: 'token', issuedAt: Date.now(), revoked: 'no' }],
    ...change,
  });
  const revoked = signedIn({ accessTokens: [{ value: 'token', issuedAt: Date.now(), revoked: 'yes' }] });
  const code = { value: 'code', beside: 'verifier', givenAt: Date.now(), used: 'yes' } as const;

  it.each<[string, Chain, { isActive: boolean; status: number }]>([
    ['an acknowledged token is lost', signedIn(), { isActive: false, status: 200 }],
    ['a revoked token is alive', revoked, { isActive: true, status: 200 }],
    ['a token of an ended grant is alive', signedIn({ ended: 'yes' }), { isActive: true, status: 400 }],
    [
      'the refresh token of an ended grant is alive',
      signedIn({ ended: 'yes', refreshTokens: ['r'] }),
      { isActive: false, status: 200 },
    ],
    [
      'a rotation cannot be repeated',
      signedIn({ refreshTokens: ['r'], rotated: 'maybe' }),
      { isActive: true, status: 400 },
    ],
    ['a code was redeemed twice', signedIn({ code }), { isActive: true, status: 200 }],
  ])('%s', async (what, chain, does) => {
    expect(await settle(chain, serverThat(does))).toContainEqual(expect.stringContaining(what));
  });

  it('nothing where all is as it was', async () => {
    const asked = serverThat({ isActive: true, status: 200 });
    expect(await settle(signedIn({ refreshTokens: ['r'] }), asked)).toEqual([]);
    expect(await settle(revoked, serverThat({ isActive: false, status: 200 }))).toEqual([]);
  });

  it('a rotation that was doubled', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tessera-planted-'));
    const file = join(directory, 'tessera.db');
    const database = new DatabaseSync(file);
    try {
      database.exec(`CREATE TABLE refresh_tokens (family_id INTEGER, rotated_at INTEGER);
        CREATE TABLE refresh_families (id INTEGER, grant_id INTEGER);
        INSERT INTO refresh_families VALUES (1, 1), (2, 2);
        INSERT INTO refresh_tokens VALUES (1, 5), (1, NULL), (2, NULL)`);
      expect(await doubled(`sqlite:${file}`)).toEqual([]);
      database.exec('INSERT INTO refresh_tokens VALUES (1, NULL)');
      expect(await doubled(`sqlite:${file}`)).toEqual(['a family with two live refresh tokens: 1']);
    } finally {
      database.close();
      await rm(directory, { recursive: true });
    }
  });
});

it('R10-nodes reports a proof that is forgotten too soon', async () => {
  const apart = await openApart({ tooSoonMs: 7 * MINUTE });
  try {
    const wrong = new Set(await apart.round());
    expect(wrong).toEqual(
      new Set([
        'a client assertion is taken again at the node behind',
        'a DPoP proof is taken again at the node behind',
      ]),
    );
  } finally {
    await apart.close();
  }
});

describe('R11 reports', () => {
  const token = (at: number) => ({ at, endsAt: at + 60 * MINUTE });

  it('a key that signs before it was published for long enough, and one that leaves too soon', () => {
    const history = new KeyHistory(2, 5 * MINUTE);
    history.published({ node: 'a', at: 0, kids: ['k'] });
    history.published({ node: 'b', at: MINUTE, kids: ['k'] });
    expect(history.signed('k', token(6 * MINUTE - 1))).toEqual([
      'a key signs 299.999 s after it was announced',
    ]);
    const good = new KeyHistory(1, 5 * MINUTE);
    good.published({ node: 'a', at: 0, kids: ['k'] });
    expect(good.signed('k', token(5 * MINUTE))).toEqual([]);
    expect(good.published({ node: 'a', at: 65 * MINUTE - 1, kids: [] })).toHaveLength(1);
    expect(good.published({ node: 'a', at: 65 * MINUTE, kids: [] })).toEqual([]);
  });

  it('a key that was taken back and goes on', () => {
    const history = new KeyHistory(1, 5 * MINUTE);
    history.published({ node: 'a', at: 0, kids: ['k'] });
    history.revoke('k');
    expect(history.published({ node: 'a', at: MINUTE, kids: ['k'] })).toHaveLength(1);
    expect(history.signed('k', token(10 * MINUTE))).toHaveLength(1);
  });

  it('a server that signs with a key at once, by its history and by whoever keeps the old set', async () => {
    const world = await RotationWorld.open('sqlite', createDice(1));
    try {
      expect(await world.beat(SECOND)).toEqual([]);
      await world.rotate('ES256', { immediately: true });
      expect(await world.beat(SECOND)).toEqual(
        expect.arrayContaining([
          expect.stringContaining('after it was announced'),
          expect.stringContaining('jose, by Cache-Control refuses a good token'),
        ]),
      );
    } finally {
      await world.close();
    }
  });
});

it('R15 reports the one request that is dropped', async () => {
  let requests = 0;
  const node = createServer((_request, response) => {
    requests += 1;
    if (requests === 5) response.destroy();
    else response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(node, 'listening');
  const base = `http://localhost:${(node.address() as AddressInfo).port}`;
  const balancer = await startBalancer([base], { takes: () => true });
  const load = new SteadyLoad(
    [
      [
        async () => {
          const { status } = await fetch(balancer.base);
          return status === 200 ? undefined : `the keys: ${status}`;
        },
      ],
    ],
    1,
  );
  load.start();
  await expect.poll(() => requests).toBeGreaterThan(10);
  await load.stop();
  expect(load.takeFaults()).toEqual(['the keys: 502']);
  await balancer.close();
  node.close();
});
