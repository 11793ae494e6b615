import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../../../../test/postgres.ts';
import { loadConfig } from '../config.ts';
import { createTessera, type Tessera } from '../main.ts';
import { createLogger } from '../observe/logs.ts';
import { createMetrics } from '../observe/metrics.ts';
import { openStore } from '../store/open-store.ts';
import { prepareFirstStart } from './first-start.ts';

const NODES = 4;

describe('nodes that start for the first time, all at once', () => {
  let postgres: TestPostgres;
  let nodes: readonly Tessera[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await postgres.stop();
  });

  it('all start, and one of them has made the administrator', async () => {
    const url = await postgres.createDatabase();
    const { config } = loadConfig({ environment: {} });
    const masterKey = randomBytes(32);
    nodes = await Promise.all(
      Array.from({ length: NODES }, async () =>
        createTessera({
          config,
          issuer: 'http://localhost:4400',
          store: await openStore({ url }),
          masterKey,
          logger: createLogger('silent'),
          metrics: createMetrics(),
        }),
      ),
    );
    const started = await Promise.all(nodes.map((node) => prepareFirstStart(node, config)));
    expect(started.filter(({ madeAdministrator }) => madeAdministrator !== undefined)).toHaveLength(1);
    expect(await nodes[0]?.store.users.countAdmins()).toBe(1);
    expect(await nodes[0]?.keyRing.list()).toHaveLength(2);
  });
});
