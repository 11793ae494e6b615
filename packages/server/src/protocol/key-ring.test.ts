import { randomBytes } from 'node:crypto';
import { decodeJwt, verifyJwt } from '@tessera/tokens';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { SigningKey } from '../domain/signing-key.ts';
import type { SigningKeys } from '../ports/signing-keys.ts';
import { createKeyRing, type KeyRing } from './key-ring.ts';
import { PUBLISH_AHEAD_MS, RETIRE_AFTER_MS } from './key-succession.ts';

const random = (size: number): Uint8Array => randomBytes(size);
const audit: AuditEvent = { id: 'e', at: 0, type: 'key.rotated', outcome: 'success', actor: 'test' };

/** Keys in memory, with the one conditional write of the port. */
function memoryKeys(): SigningKeys {
  let keys: SigningKey[] = [];
  const newest = (alg: string): SigningKey | undefined =>
    keys.findLast((key) => key.alg === alg && key.retiresAt === undefined);
  return {
    list: async (now) => keys.filter((key) => key.retiresAt === undefined || key.retiresAt > now),
    async rotate({ key, predecessor }) {
      if (newest(key.alg)?.kid !== predecessor?.kid) return false;
      keys = keys.map((old) =>
        old.kid === predecessor?.kid ? { ...old, retiresAt: predecessor.retiresAt } : old,
      );
      keys.push(key);
      return true;
    },
    async retire(kid, at) {
      keys = keys.map((key) => (key.kid === kid ? { ...key, retiresAt: at } : key));
      return true;
    },
    async revoke({ kid, at, successor }) {
      keys = keys.map((key) => (key.kid === kid ? { ...key, retiresAt: at, revokedAt: at } : key));
      keys.push({ ...successor, activeFrom: at });
      return true;
    },
  };
}

interface Node {
  readonly ring: KeyRing;
  readonly signedBy: () => string | undefined;
}

function node(
  signingKeys: SigningKeys,
  clock: () => number,
  sealingKey: Uint8Array = new Uint8Array(32),
): Node {
  const ring = createKeyRing({ signingKeys, sealingKey, clock, random });
  const signedBy = (): string | undefined => {
    const kid = decodeJwt(ring.sign('ES256', 'JWT', { a: 1 }))?.header['kid'];
    return typeof kid === 'string' ? kid : undefined;
  };
  return { ring, signedBy };
}

const kids = async (ring: KeyRing): Promise<(string | undefined)[]> =>
  (await ring.jwks()).keys.filter((key) => key.alg === 'ES256').map((key) => key.kid);

describe('the key ring', () => {
  it('makes an ES256 and an RS256 key at the first start, and none at the next', async () => {
    const keys = memoryKeys();
    await node(keys, () => 0).ring.prepare();
    const { ring } = node(keys, () => 0);
    await ring.prepare();
    expect((await ring.jwks()).keys.map((key) => key.alg).toSorted()).toEqual(['ES256', 'RS256']);
  });

  it('keeps what was read last, whichever answer comes last', async () => {
    const keys = memoryKeys();
    await node(keys, () => 0).ring.prepare();
    const answers: (() => void)[] = [];
    const slow: SigningKeys = {
      ...keys,
      list: async (now) => {
        const listed = await keys.list(now);
        await new Promise<void>((resolve) => answers.push(resolve));
        return listed;
      },
    };
    const { ring } = node(slow, () => 0);
    const before = ring.refresh();
    const [old] = (await keys.list(0)).filter(({ alg }) => alg === 'ES256');
    await keys.revoke({ kid: old!.kid, at: 0, successor: { ...old!, kid: 'successor' }, audit });
    const after = ring.refresh();
    await expect.poll(() => answers).toHaveLength(2);
    answers[1]!();
    await after;
    expect(ring.verificationKey('successor')).toBeDefined();
    answers[0]!();
    await before;
    expect(ring.verificationKey('successor')).toBeDefined();
  });

  it('publishes public members only', async () => {
    const { ring } = node(memoryKeys(), () => 0);
    await ring.prepare();
    for (const key of (await ring.jwks()).keys) {
      expect(
        Object.keys(key).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(name)),
      ).toEqual([]);
      expect(key).toMatchObject({ use: 'sig', kid: expect.any(String) });
    }
  });

  it('publishes a new key before it signs, and an old one until its last token has expired', async () => {
    let now = 1_000_000;
    const { ring, signedBy } = node(memoryKeys(), () => now);
    await ring.prepare();
    const first = signedBy();
    const second = (await ring.rotate('ES256', { immediately: false, audit })).kid;
    expect(await kids(ring)).toEqual([first, second]);
    expect(signedBy()).toBe(first);
    now += PUBLISH_AHEAD_MS - 1;
    expect(signedBy()).toBe(first);
    now += 1;
    expect(signedBy()).toBe(second);
    now += RETIRE_AFTER_MS - 1;
    expect(await kids(ring)).toEqual([first, second]);
    now += 1001;
    expect(await kids(ring)).toEqual([second]);
    expect(ring.verificationKey(first ?? '')).toBeUndefined();
  });

  it('signs with a new key at once where an old one has leaked', async () => {
    const { ring, signedBy } = node(memoryKeys(), () => 5);
    await ring.prepare();
    const { kid } = await ring.rotate('ES256', { immediately: true, audit });
    expect(signedBy()).toBe(kid);
  });

  it('goes on with the key that signs at once when the time of one that was announced before it has come', async () => {
    let now = 1_000_000;
    const keys = memoryKeys();
    const { ring, signedBy } = node(keys, () => now);
    await ring.prepare();
    const announced = await ring.rotate('ES256', { immediately: false, audit });
    now += 1000;
    const { kid } = await ring.rotate('ES256', { immediately: true, audit });
    expect(signedBy()).toBe(kid);
    now = announced.activeFrom;
    expect(signedBy()).toBe(kid);
    // It signs until it is followed, not only until the announced one is gone.
    now += RETIRE_AFTER_MS - 2000;
    expect(signedBy()).toBe(kid);
  });

  it('goes on signing when the active key is taken back before its successor’s time', async () => {
    const { ring, signedBy } = node(memoryKeys(), () => 5);
    await ring.prepare();
    const first = signedBy() ?? '';
    const { kid } = await ring.rotate('ES256', { immediately: false, audit });
    await ring.retire(first, 5, audit);
    expect(signedBy()).toBe(kid);
  });

  it('of two nodes that rotate at once, one wins and both know it', async () => {
    const keys = memoryKeys();
    const [one, other] = [node(keys, () => 0), node(keys, () => 0)];
    await one.ring.prepare();
    await other.ring.prepare();
    const [a, b] = await Promise.all([
      one.ring.rotate('ES256', { immediately: true, audit }),
      other.ring.rotate('ES256', { immediately: true, audit }),
    ]);
    expect(a.kid).toBe(b.kid);
    expect(await kids(one.ring)).toHaveLength(2);
  });

  it('signs at once with a new key where another node announces one at the same time', async () => {
    const keys = memoryKeys();
    const announcing = node(keys, () => 0).ring;
    await announcing.prepare();
    // The other node is faster by a moment.
    const slow: SigningKeys = {
      ...keys,
      async rotate(rotation) {
        if (!isAnnounced) await announcing.rotate('ES256', { immediately: false, audit });
        isAnnounced = true;
        return keys.rotate(rotation);
      },
    };
    let isAnnounced = false;
    const { ring, signedBy } = node(slow, () => 0);
    await ring.prepare();
    const leaked = signedBy();
    const { kid, activeFrom } = await ring.rotate('ES256', { immediately: true, audit });
    expect(isAnnounced).toBe(true);
    expect([activeFrom, signedBy()]).toEqual([0, kid]);
    expect(kid).not.toBe(leaked);
  });

  it('makes signatures that its published keys verify', async () => {
    const { ring } = node(memoryKeys(), () => 0);
    await ring.prepare();
    for (const alg of ['ES256', 'RS256'] as const) {
      const options = {
        findKey: (kid: string | undefined) => ring.verificationKey(kid ?? ''),
        typ: ['at+jwt'],
        algs: [alg],
      };
      expect(verifyJwt(ring.sign(alg, 'at+jwt', { sub: 'x' }), options).payload).toEqual({ sub: 'x' });
    }
  });

  it('says so when the master key is another one', async () => {
    const keys = memoryKeys();
    await node(keys, () => 0).ring.prepare();
    const { ring } = node(keys, () => 0, new Uint8Array(32).fill(1));
    await expect(ring.prepare()).rejects.toThrow(/master key/);
  });
});
