import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import { audit, client } from './samples.ts';

/** So old, what a node remembers is looked at again. */
const overASecond = (): Promise<void> => wait(1100);

/** What several nodes on one database know of each other's writes. */
export function nodesContract(engine: Engine): void {
  describe('two nodes', () => {
    let store: Store;
    let otherNode: Store;
    withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

    it('see a change of each other a second later', async () => {
      const app = client();
      await store.clients.create(app, audit('client.created'));
      expect(await otherNode.clients.find(app.id)).toEqual(app);
      await store.clients.update({ ...app, name: 'Changed' }, audit('client.updated'));
      await overASecond();
      expect((await otherNode.clients.find(app.id))?.name).toBe('Changed');
    });
    it('keep an object while the other changes nothing', async () => {
      const app = client();
      await store.clients.create(app, audit('client.created'));
      const found = await store.clients.find(app.id);
      await overASecond();
      expect(await store.clients.find(app.id)).toBe(found);
    });
  });
}
