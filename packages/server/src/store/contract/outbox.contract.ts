import { describe, expect, it } from 'vitest';
import type { SealedMail } from '../../domain/mail-message.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import { bytes, HOUR, name, NOW } from './samples.ts';

/** Mails: one node has each at a time, and only who has it may end it. */
export function outboxContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

  const mail = (more: Partial<SealedMail> = {}): SealedMail => ({
    id: name('msg_'),
    purpose: 'recovery',
    sealed: bytes(),
    createdAt: NOW,
    expiresAt: NOW + HOUR,
    ...more,
  });
  const claim = (at: number, of = store) => of.outbox.claim({ at, retryAt: at + 1000, limit: 10 });

  it('gives each mail to one of many that claim at once', async () => {
    const waiting = [mail(), mail()];
    await Promise.all(waiting.map((one) => store.outbox.enqueue(one)));
    const nodes = Array.from({ length: 8 }).flatMap(() => [store, otherNode]);
    const claimed = (await Promise.all(nodes.map((node) => claim(NOW, node)))).flat();
    expect(
      claimed.toSorted(
        (a, b) => waiting.findIndex(({ id }) => id === a.id) - waiting.findIndex(({ id }) => id === b.id),
      ),
    ).toEqual(waiting.map((one) => ({ ...one, attempts: 1 })));
    expect(await claim(NOW + 999)).toEqual([]);
    await Promise.all(claimed.map((one) => store.outbox.drop(one)));
  });

  it('gives it to the next one when the claim has run out, and the first one can end nothing any more', async () => {
    await store.outbox.enqueue(mail());
    const [first] = await claim(NOW);
    const [second] = await claim(NOW + 1000, otherNode);
    expect(second).toEqual({ ...first, attempts: 2 });
    expect(await store.outbox.drop(first!)).toBe(false);
    expect(await store.outbox.postpone(first!, NOW + 2000)).toBe(false);
    expect(await otherNode.outbox.postpone(second!, NOW + 5000)).toBe(true);
    expect(await claim(NOW + 4999)).toEqual([]);
    const [third] = await claim(NOW + 5000);
    expect(third).toEqual({ ...first, attempts: 3 });
    expect(await store.outbox.drop(third!)).toBe(true);
    expect(await claim(NOW + HOUR - 1)).toEqual([]);
  });

  it('gives away no mail that has expired, and clears it up', async () => {
    const [dead, live] = [mail({ expiresAt: NOW + 10 }), mail({ expiresAt: NOW + 11 })];
    await store.outbox.enqueue(dead);
    await store.outbox.enqueue(live);
    const [claimed, ...more] = await claim(NOW + 10);
    expect([claimed?.id, more]).toEqual([live.id, []]);
    await store.maintenance.purge(NOW + 11, 0);
    expect(await store.outbox.drop(claimed!)).toBe(false);
  });

  it('gives no more than asked for, the one that waits longest first', async () => {
    const [late, early] = [mail({ createdAt: NOW + 1 }), mail()];
    await store.outbox.enqueue(late);
    await store.outbox.enqueue(early);
    const taken = await store.outbox.claim({ at: NOW + 1, retryAt: NOW + HOUR, limit: 1 });
    expect(taken.map(({ id }) => id)).toEqual([early.id]);
  });
  describe('a mail whose id is taken', () => {
    it('is not written', async () => {
      const one = mail();
      await store.outbox.enqueue(one);
      await expect(store.outbox.enqueue(one)).rejects.toThrow('outbox.id');
    });
  });
}
