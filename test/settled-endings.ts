// What ended, read once all of it has its place: on PostgreSQL whatever else is open on the server holds places up.
import { setTimeout as wait } from 'node:timers/promises';
import type { EndingCursor, EndingPage } from '../packages/server/src/ports/endings.ts';
import type { Store } from '../packages/server/src/ports/store.ts';

type Node = Pick<Store, 'endings'>;

async function settle({ endings }: Node): Promise<void> {
  for (;;) {
    // oxlint-disable no-await-in-loop -- until it is so
    const page = await endings.after(await endings.head(), 1);
    if (page?.early.length === 0) return;
    await wait(5);
    // oxlint-enable no-await-in-loop
  }
}

/** Behind everything that has ended so far. */
export async function headOf(node: Node): Promise<EndingCursor> {
  await settle(node);
  return node.endings.head();
}

export async function pageAfter(
  node: Node,
  cursor: EndingCursor,
  limit: number,
): Promise<EndingPage | undefined> {
  await settle(node);
  return node.endings.after(cursor, limit);
}
