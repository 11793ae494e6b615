import { beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import { audit, client, HOUR, name, NOW } from './samples.ts';

/** What is counted of issued, verified and refused tokens, by the minute and by the hour. */
export function usageContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (opened) => {
    ({ store, otherNode } = opened);
  });
  let at = NOW - (NOW % HOUR) + HOUR;
  let app: ReturnType<typeof client>;
  beforeEach(async () => {
    at += 100 * HOUR;
    app = client({ registeredBy: 'registration', createdAt: at });
    await store.clients.create(app, audit('client.created', { clientId: app.id }));
  });

  describe('usage', () => {
    it('adds up what nodes counted, of whoever it was', async () => {
      const of = { clientId: app.id, organizationId: app.organizationId };
      const counts = [
        { kind: 'issued', count: 2, ...of },
        { kind: 'refused', reason: 'invalid_grant', count: 1, ...of },
        { kind: 'refused', reason: 'invalid_client', count: 3 },
      ] as const;
      await Promise.all([store.usage.add(counts, at + 1), otherNode.usage.add(counts, at + 59_999)]);
      await store.usage.add([{ kind: 'issued', count: 1, ...of }], at + 60_000);
      const since = at;
      expect(await otherNode.usage.counts({ since }, 'minute')).toEqual([
        { at, kind: 'issued', count: 4 },
        { at, kind: 'refused', count: 8 },
        { at: at + 60_000, kind: 'issued', count: 1 },
      ]);
      expect(await store.usage.counts({ since, clientId: app.id }, 'hour')).toEqual([
        { at, kind: 'issued', count: 5 },
        { at, kind: 'refused', count: 2 },
      ]);
      for (const per of ['minute', 'hour'] as const) {
        // oxlint-disable-next-line no-await-in-loop -- one statement after the other
        expect(await store.usage.counts({ since, organizationIds: [name('org_')] }, per)).toEqual([]);
        // oxlint-disable-next-line no-await-in-loop -- as above
        const own = await store.usage.counts({ since, organizationIds: [app.organizationId] }, per);
        expect(own.find(({ kind }) => kind === 'refused')?.count).toBe(2);
      }
      expect(await store.usage.reasons({ since })).toEqual([
        { reason: 'invalid_client', count: 6 },
        { reason: 'invalid_grant', count: 2 },
      ]);
      expect(await store.usage.reasons({ since, organizationIds: [app.organizationId] })).toEqual([
        { reason: 'invalid_grant', count: 2 },
      ]);
    });

    it('knows the apps that registered themselves', async () => {
      const one = [{ clientId: app.id, at }];
      expect(await store.usage.registrations({ since: at }, 5)).toEqual(one);
      expect(
        await store.usage.registrations({ since: at, organizationIds: [app.organizationId] }, 5),
      ).toEqual(one);
      expect(await store.usage.registrations({ since: at, organizationIds: [] }, 5)).toEqual([]);
      expect(await store.usage.registrations({ since: at + 1 }, 5)).toEqual([]);
    });

    it('is forgotten: minutes after a day, hours after a month', async () => {
      await store.usage.add(
        [{ kind: 'issued', count: 1, clientId: app.id, organizationId: app.organizationId }],
        at,
      );
      await store.usage.purge(at + 25 * HOUR + 1);
      expect(await store.usage.counts({ since: at }, 'minute')).toEqual([]);
      expect(await store.usage.counts({ since: at }, 'hour')).toHaveLength(1);
      await store.usage.purge(at + 31 * 24 * HOUR + 1);
      expect(await store.usage.counts({ since: at }, 'hour')).toEqual([]);
    });
  });
}
