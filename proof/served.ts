// What is tried is what is run: `tessera serve` in processes of their own, on a database that waits for the disk.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../packages/server/src/config.ts';
import { createTessera, type Tessera } from '../packages/server/src/main.ts';
import { prepareFirstStart } from '../packages/server/src/startup/first-start.ts';
import { assertFree } from '../packages/server/src/startup/listen.ts';
import { openParts } from '../packages/server/src/startup/run.ts';
import type { StoreKind } from '../test/harness.ts';
import { startPostgres } from '../test/postgres.ts';
import { registerAll, type Registrations } from '../test/registrations.ts';

const TESSERA = fileURLToPath(new URL('../packages/cli/bin/tessera.js', import.meta.url));
const PATIENCE_MS = 60_000;
const POLL_MS = 5;

/** A running `tessera serve`. */
export interface ServedProcess {
  readonly base: string;
  readonly child: ChildProcess;
  /** From exec to the first 200 of /health/ready. */
  readonly readyAfterMs: number;
  /** What it wrote: errors only. */
  output(): string;
  /** Resolves when the process has ended. */
  signal(name: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** A database with apps and people, on which processes can be started again and again. */
export interface Served<Extra> extends Registrations {
  readonly issuer: string;
  /** Where the first process listens. */
  readonly base: string;
  readonly directory: string;
  readonly databaseUrl: string;
  readonly extra: Extra;
  /** @param port that of the issuer unless given */
  start(port?: number): Promise<ServedProcess>;
  freePort(): Promise<number>;
  /** Stops the database as a crash would, and starts it again. */
  crashDatabase(): Promise<void>;
  /** Ends the processes that still run, and forgets the database. */
  close(): Promise<void>;
}

export interface ServedOptions<Extra> {
  readonly ground: StoreKind;
  readonly environment?: Readonly<Record<string, string>>;
  /** More apps and people. */
  readonly register: (tessera: Tessera) => Promise<Extra>;
}

export async function openServed<Extra>(options: ServedOptions<Extra>): Promise<Served<Extra>> {
  const directory = await mkdtemp(join(tmpdir(), 'tessera-proof-'));
  const postgres = options.ground === 'postgres' ? await startPostgres({ durable: true }) : undefined;
  const port = await assertFree('localhost', 0);
  const issuer = `http://localhost:${port}`;
  const databaseUrl = (await postgres?.createDatabase()) ?? `sqlite:${join(directory, 'tessera.db')}`;
  const environment = {
    TESSERA_ISSUER: issuer,
    TESSERA_DATA_DIR: directory,
    TESSERA_DATABASE_URL: databaseUrl,
    TESSERA_METRICS_PORT: '0',
    TESSERA_LOG_LEVEL: 'error',
    // A busy machine is not what is tried here.
    TESSERA_OVERLOAD_WAIT: '0',
    TESSERA_MASTER_KEY: randomBytes(32).toString('base64url'),
    TESSERA_ADMIN_EMAIL: 'admin@example.test',
    TESSERA_ADMIN_PASSWORD: 'the administrator has a password',
    ...options.environment,
  };
  const registered = await prepare(environment, directory, issuer, options.register);
  const running = new Set<ServedProcess>();
  return {
    ...registered,
    issuer,
    base: issuer,
    directory,
    databaseUrl,
    async start(at = port) {
      const started = await startProcess({ ...environment, TESSERA_PORT: String(at) }, at);
      running.add(started);
      started.child.once('exit', () => running.delete(started));
      return started;
    },
    freePort: () => assertFree('localhost', 0),
    async crashDatabase() {
      if (postgres === undefined) throw new Error('SQLite lives in the server');
      await postgres.crash();
      await postgres.start();
    },
    async close() {
      await Promise.all([...running].map((one) => one.signal('SIGKILL')));
      await postgres?.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Puts a server together in this process, only to fill its database. */
async function prepare<Extra>(
  environment: Readonly<Record<string, string>>,
  workingDirectory: string,
  issuer: string,
  register: (tessera: Tessera) => Promise<Extra>,
): Promise<Registrations & { readonly extra: Extra }> {
  const loaded = loadConfig({ environment, workingDirectory, overrides: {} });
  const { config } = loaded;
  const tessera = await createTessera(await openParts(loaded, issuer, { logLevel: 'error' }));
  try {
    await prepareFirstStart(tessera, config);
    return { ...(await registerAll(tessera)), extra: await register(tessera) };
  } finally {
    await tessera.close();
  }
}

async function startProcess(
  environment: Readonly<Record<string, string>>,
  port: number,
): Promise<ServedProcess> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [TESSERA, 'serve'], {
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-20_000);
    });
  }
  while (!(await isReady(port))) {
    if (child.exitCode !== null || performance.now() - startedAt > PATIENCE_MS) {
      throw new Error(`The server did not start: ${output}`);
    }
    await wait(POLL_MS);
  }
  return {
    base: `http://localhost:${port}`,
    child,
    readyAfterMs: performance.now() - startedAt,
    output: () => output,
    async signal(name) {
      child.kill(name);
      await ended;
    },
  };
}

/** Whether it says so itself. */
export function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/health/ready', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}
