/** A server that listens nowhere, asked for what it says of itself. */
import { randomBytes } from 'node:crypto';
import { loadConfig } from '../../packages/server/src/config.ts';
import { createTessera } from '../../packages/server/src/main.ts';
import { createLogger } from '../../packages/server/src/observe/logs.ts';
import { openStore } from '../../packages/server/src/store/open-store.ts';

export const ISSUER = 'https://id.example.com';

/** @returns the JSON at each of these paths */
export async function readFromServer(paths: readonly string[]): Promise<readonly unknown[]> {
  const { config } = loadConfig({
    environment: { TESSERA_DYNAMIC_REGISTRATION: 'open' },
    file: '/dev/null',
    overrides: { database_url: 'sqlite::memory:' },
  });
  const tessera = await createTessera({
    config,
    issuer: ISSUER,
    store: await openStore({ url: config.database_url }),
    masterKey: randomBytes(32),
    logger: createLogger('silent'),
  });
  try {
    return await Promise.all(paths.map(async (url) => (await tessera.app.inject({ url })).json()));
  } finally {
    await tessera.close();
  }
}
