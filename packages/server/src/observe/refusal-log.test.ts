import { describe, expect, it } from 'vitest';
import type { Refusal } from '../domain/refusal.ts';
import { createRefusalLog, REFUSALS_A_MINUTE, type SeenRefusal } from './refusal-log.ts';

const AT = 1_800_000_000_000;
const TOKEN_ID = new Uint8Array(32).fill(7);

function setUp() {
  const written: Refusal[] = [];
  const notKept: number[] = [];
  let isDown = false;
  const log = createRefusalLog({
    refusals: {
      record: async (batch) => {
        if (isDown) throw new Error('down');
        written.push(...batch);
      },
      list: async () => ({ items: written }),
    },
    accessTokens: {
      find: async (id) =>
        id === TOKEN_ID
          ? {
              row: {
                id,
                format: 'opaque',
                clientId: 'billing',
                userId: 'usr_1',
                scopes: [],
                issuedAt: 0,
                expiresAt: 0,
                lifetimeReason: 'standard',
              },
            }
          : undefined,
    },
    clients: {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only its id is looked at
      find: async (id) => (id === 'billing' ? ({ id } as never) : undefined),
    },
    notKept: (count) => notKept.push(count),
  });
  return { log, written, notKept, fail: () => (isDown = true) };
}

let count = 0;
const seen = (more: Partial<SeenRefusal> = {}): SeenRefusal => ({
  requestId: `req_${count++}`,
  at: AT,
  method: 'POST',
  path: '/api/token',
  status: 400,
  error: 'invalid_request',
  description: 'No',
  address: '10.0.0.1',
  ...more,
});

describe('a flood of refusals', () => {
  it('of one address is kept up to its share, and told once the minute is over', () => {
    const { log, notKept } = setUp();
    for (let each = 0; each < REFUSALS_A_MINUTE.ofAddress + 5; each++) log.note(seen());
    expect(notKept).toEqual([]);
    log.note(seen({ at: AT + 60_000 }));
    expect(notKept).toEqual([5]);
  });

  it.each([
    ['one IPv6 network', () => `2001:db8::${(count % 9999) + 1}`, REFUSALS_A_MINUTE.ofAddress, {}],
    [
      'one client',
      () => `10.1.${count >> 8}.${count & 255}`,
      REFUSALS_A_MINUTE.ofClient,
      { claimedClientId: 'billing' },
    ],
    ['everywhere', () => `10.2.${count >> 8}.${count & 255}`, REFUSALS_A_MINUTE.inAll, {}],
  ])('from %s is kept up to its share', async (_, address, share, more) => {
    const { log, written } = setUp();
    for (let each = 0; each < 2 * share; each++) log.note(seen({ address: address(), ...more }));
    await log.writeDown();
    expect(written).toHaveLength(share);
  });

  it('leaves room for others', async () => {
    const { log, written } = setUp();
    for (let each = 0; each < 1000; each++) log.note(seen());
    const other = seen({ address: '10.9.9.9' });
    log.note(other);
    await log.writeDown();
    expect(written.at(-1)).toEqual(other);
  });
});

describe('what is kept', () => {
  it('names a client only if there is one: anything else may be a secret in the wrong place', async () => {
    const { log, written } = setUp();
    log.note(seen({ claimedClientId: 'a secret' }));
    log.note(seen({ claimedClientId: 'billing' }));
    await log.writeDown();
    expect(written.map(({ clientId }) => clientId)).toEqual([undefined, 'billing']);
    expect(JSON.stringify(written)).not.toContain('a secret');
  });

  it('names the token, its client and its person only where the token is one of ours', async () => {
    const { log, written } = setUp();
    log.note(seen({ tokenId: TOKEN_ID }));
    log.note(seen({ tokenId: new Uint8Array(32) }));
    await log.writeDown();
    expect(written[0]).toMatchObject({ clientId: 'billing', userId: 'usr_1', tokenId: TOKEN_ID });
    expect(written[1]).not.toHaveProperty('tokenId');
  });

  it('is no longer than it may be', async () => {
    const { log, written } = setUp();
    log.note(seen({ description: 'x'.repeat(9999), detail: 'y'.repeat(9999) }));
    await log.writeDown();
    expect(JSON.stringify(written[0]).length).toBeLessThan(1200);
  });

  it('is there for whoever asks at once', async () => {
    const { log } = setUp();
    const one = seen();
    log.note(one);
    expect((await log.list({ requestId: one.requestId }, { limit: 1 })).items).toEqual([one]);
  });

  it('is let go where the database does not answer: it must not pile up', async () => {
    const { log, written, fail } = setUp();
    log.note(seen());
    fail();
    await expect(log.writeDown()).rejects.toThrow('down');
    await log.writeDown();
    expect(written).toEqual([]);
  });
});
