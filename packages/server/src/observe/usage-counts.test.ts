import { describe, expect, it } from 'vitest';
import type { Client } from '../domain/client.ts';
import type { UsageCount } from '../ports/usage.ts';
import { createUsageCounts } from './usage-counts.ts';

function counting() {
  const added: UsageCount[] = [];
  const asked: string[] = [];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no more of a client is looked at
  const app = { id: 'app_1', organizationId: 'org_1' } as Client;
  const counts = createUsageCounts({
    usage: {
      add: async (batch) => void added.push(...batch),
    },
    clients: {
      async find(id) {
        asked.push(id);
        return id === app.id ? app : undefined;
      },
    },
    clock: () => 0,
  });
  return { counts, added, asked };
}

describe('usage counts', () => {
  it('are written once, with whose they are', async () => {
    const { counts, added } = counting();
    counts.issued('app_1');
    counts.issued('app_1');
    counts.verified('app_1');
    counts.refused('invalid_grant', 'app_1');
    await counts.writeDown();
    await counts.writeDown();
    const of = { clientId: 'app_1', organizationId: 'org_1' };
    expect(added).toEqual([
      { kind: 'issued', count: 2, ...of },
      { kind: 'verified', count: 1, ...of },
      { kind: 'refused', reason: 'invalid_grant', count: 1, ...of },
    ]);
  });
  it('write no name that nobody has: it may be a secret in the wrong place', async () => {
    const { counts, added } = counting();
    counts.refused('invalid_client', 'tsr_cs_secret');
    counts.refused('invalid_client');
    await counts.writeDown();
    expect(added).toEqual([
      { kind: 'refused', reason: 'invalid_client', count: 1 },
      { kind: 'refused', reason: 'invalid_client', count: 1 },
    ]);
  });
  it('leave out answers with which every request of a kind begins', async () => {
    const { counts, added } = counting();
    counts.refused('authorization_pending', 'app_1');
    counts.refused('use_dpop_nonce');
    await counts.writeDown();
    expect(added).toEqual([]);
  });
  it('hold no name that is too long for a client', async () => {
    const { counts, added, asked } = counting();
    counts.refused('invalid_client', 'x'.repeat(16_000));
    await counts.writeDown();
    expect(asked).toEqual([]);
    expect(added).toEqual([{ kind: 'refused', reason: 'invalid_client', count: 1 }]);
  });
  it('hold no more names than there is room for', async () => {
    const { counts, added } = counting();
    for (let index = 0; index < 20_000; index += 1) counts.refused('invalid_client', `name ${index}`);
    await counts.writeDown();
    expect(added.length).toBeLessThanOrEqual(10_001);
    expect(added.reduce((sum, { count }) => sum + count, 0)).toBe(20_000);
  });
});
