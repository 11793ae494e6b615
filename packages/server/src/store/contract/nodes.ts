import { afterAll, beforeAll } from 'vitest';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';

export interface Nodes {
  readonly store: Store;
  /** Another node on the same database; the same one where there can be only one. */
  readonly otherNode: Store;
}

/** An empty database for the tests of a block: open before them, closed after them. */
export function withNodes(engine: Engine, take: (nodes: Nodes) => void): void {
  let opened: Awaited<ReturnType<Engine['open']>> | undefined;
  beforeAll(async () => {
    opened = await engine.open();
    take({ store: opened.store, otherNode: opened.otherNode ?? opened.store });
  });
  afterAll(async () => {
    await opened?.store.close();
    await opened?.otherNode?.close();
  });
}
