import { mkdtemp, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../open-store.ts';

const TIMES = { turnMs: 10_000, leaseMs: 5000 };
const DAY_MS = 24 * 3600_000;

describe('a node alone on its database', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tessera-long-life-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('is shown for as long as it lives, and for a day after that', async () => {
    const file = join(directory, 'long.db');
    const store = await openStore({ url: `sqlite:${file}` });
    const age = (id: string): void => {
      const beside = new DatabaseSync(file);
      beside.prepare('UPDATE cluster_nodes SET seen_at = seen_at - ? WHERE id = ?').run(DAY_MS + 1, id);
      beside.close();
    };
    const shown = async (): Promise<readonly string[]> =>
      (await store.cluster.state()).nodes.map(({ id }) => id);
    await store.cluster.join({ id: 'before', version: '1', times: TIMES });
    await store.cluster.join({ id: 'now', version: '1', times: TIMES });
    age('now');
    expect(await shown()).toEqual(['before', 'now']);
    age('before');
    expect(await shown()).toEqual(['now']);
    await store.close();
  });
});
