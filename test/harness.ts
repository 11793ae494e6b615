// A whole Tessera for tests: the real server on a free port, on either database, with a clock that can be moved.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstOf, type SealingKey } from '@tessera/tokens';
import { type Config, effectiveSettings, loadConfig } from '../packages/server/src/config.ts';
import type { AuditEvent } from '../packages/server/src/domain/audit-event.ts';
import type { Resource } from '../packages/server/src/domain/resource.ts';
import { createTessera, type Tessera } from '../packages/server/src/main.ts';
import { createMailbox, type Mailbox } from '../packages/server/src/mail/mailbox.ts';
import { createLogger } from '../packages/server/src/observe/logs.ts';
import { createMetrics } from '../packages/server/src/observe/metrics.ts';
import { openTraces } from '../packages/server/src/observe/traces.ts';
import { prepareFirstStart } from '../packages/server/src/startup/first-start.ts';
import { assertFree, listen, listenable } from '../packages/server/src/startup/listen.ts';
import { mountPublicPages } from '../packages/server/src/startup/public-pages.ts';
import { openStore } from '../packages/server/src/store/open-store.ts';
import { createMovableClock, type MovableClock } from './movable-clock.ts';
import { NoScriptBrowser } from './no-script-browser.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import {
  type ClientDetails,
  type Person,
  registerAll,
  registerClient,
  registerPerson,
  registerResource,
  type RegisteredClient,
  type Registrations,
  type ResourceDetails,
} from './registrations.ts';
import { borrowDatabase } from './shared-postgres.ts';

export type StoreKind = 'sqlite' | 'postgres';

/** Every flow runs on both. */
export const STORES: readonly StoreKind[] = ['sqlite', 'postgres'];

export interface TestServerOptions {
  readonly store: StoreKind;
  /** For a test that stops its PostgreSQL, or counts what it does: shared with no other file. */
  readonly ownPostgres?: boolean;
  readonly config?: Partial<Config>;
  /** Follows the port unless given. */
  readonly issuer?: string;
  /** PEM; present: another listener asks clients for certificates. */
  readonly mutualTls?: { readonly cert: string; readonly key: string };
  /** PEM of the authorities that vouch for certificates of clients. */
  readonly clientAuthorities?: string;
}

export interface TestServer extends Registrations {
  readonly issuer: string;
  /** Where requests go: one for each node. */
  readonly base: string;
  readonly nodes: readonly string[];
  /** Where clients are asked for certificates; empty without `mutualTls`. */
  readonly mutualTlsBase: string;
  readonly tessera: Tessera;
  readonly databaseUrl: string;
  /** The PostgreSQL under it, to be stopped and started: with `ownPostgres`. */
  readonly postgres?: Pick<TestPostgres, 'halt' | 'start' | 'freeze' | 'thaw'>;
  readonly clock: MovableClock;
  /** What was mailed; `tessera.deliverMail` brings it there at once. */
  readonly mailbox: Mailbox;
  /** Every line that was logged. */
  readonly log: readonly string[];
  registerClient(details: ClientDetails): Promise<RegisteredClient>;
  registerResource(details: ResourceDetails): Promise<Resource>;
  registerPerson(details: Parameters<typeof registerPerson>[1]): Promise<Person>;
  /** A browser that has never been here. */
  newBrowser(): NoScriptBrowser;
  auditEvents(type?: AuditEvent['type']): Promise<readonly AuditEvent[]>;
  /** Starts another node on the same database; PostgreSQL only. @param its that of the others unless given @returns its base URL */
  addNode(its?: { readonly clock: MovableClock }): Promise<string>;
  /** The same as a process of its own, with the real time. */
  addProcess(config?: Partial<Config>): Promise<TestProcess>;
  close(): Promise<void>;
}

/** A node that is a process of its own. */
export interface TestProcess {
  readonly base: string;
  /** SIGKILL: no goodbye, nothing flushed. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: a machine that hangs, and comes back. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** @throws whatever keeps the server from starting */
export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const database = await openDatabase(options);
  const clock = createMovableClock();
  const log: string[] = [];
  const masterKey = randomBytes(32);
  const mailbox = createMailbox(clock.now);
  const settings = { ...options, url: database.url, clock, log, masterKey, mailbox };
  const first = await startNode(settings);
  const { tessera, issuer, base, mutualTlsBase } = first;
  const running: Pick<RunningNode, 'base' | 'close'>[] = [first];
  const nodes = [base];
  const registrations = await registerAll(tessera);
  return {
    ...registrations,
    issuer,
    base,
    nodes,
    mutualTlsBase,
    tessera,
    databaseUrl: database.url,
    ...(database.postgres && { postgres: database.postgres }),
    clock,
    mailbox,
    log,
    registerClient: (details) => registerClient(tessera, details),
    registerResource: (details) => registerResource(tessera, details),
    registerPerson: (details) => registerPerson(tessera, details),
    newBrowser: () => new NoScriptBrowser(base, new URL(issuer).origin),
    async auditEvents(type) {
      const { items } = await tessera.store.audit.list(type === undefined ? {} : { type }, { limit: 200 });
      return items;
    },
    async addNode(its) {
      const node = await startNode({ ...settings, ...its, issuer });
      running.push(node);
      nodes.push(node.base);
      return node.base;
    },
    async addProcess(config) {
      const node = await startProcess({ ...settings, issuer, ...(config && { config }) });
      running.push(node);
      nodes.push(node.base);
      return node;
    },
    async close() {
      for (const node of running.toReversed()) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, the first one last
        await node.close();
      }
      await database.discard();
    },
  };
}

interface NodeSettings extends TestServerOptions {
  readonly url: string;
  readonly clock: MovableClock;
  readonly log: string[];
  readonly masterKey: SealingKey;
  readonly mailbox?: Mailbox;
}

interface RunningNode {
  readonly tessera: Tessera;
  readonly issuer: string;
  readonly base: string;
  readonly mutualTlsBase: string;
  close(): Promise<void>;
}

/** For test/node-process, too. */
export async function startNode(settings: NodeSettings): Promise<RunningNode> {
  const port = await assertFree('localhost', 0);
  const base = `http://localhost:${port}`;
  const issuer = settings.issuer ?? base;
  const { mutualTls, clientAuthorities } = settings;
  const mutualTlsPort = mutualTls === undefined ? undefined : await assertFree('localhost', 0);
  const { config, sources } = loadConfig({
    environment: {},
    workingDirectory: tmpdir(),
    overrides: {
      admin_email: 'admin@example.test',
      admin_password: 'the administrator has a password',
      log_level: 'debug',
      // Tests share a machine that is late as a rule.
      overload_wait: 0,
      ...(mutualTlsPort === undefined ? {} : { mtls_url: `https://localhost:${mutualTlsPort}` }),
      ...settings.config,
    },
  });
  const metrics = createMetrics();
  const traces = config.traces === 'on' ? await openTraces() : undefined;
  const store = await openStore({ url: settings.url, observer: metrics.store, tracing: traces });
  const tessera = await createTessera({
    config,
    issuer,
    store,
    metrics,
    settings: effectiveSettings(config, sources),
    ...(traces && { traces }),
    masterKey: settings.masterKey,
    logger: createLogger(config.log_level, (line) => void settings.log.push(line)),
    clock: settings.clock.now,
    ...(settings.mailbox === undefined ? {} : { mailbox: settings.mailbox }),
    ...(mutualTls === undefined ? {} : { mutualTls }),
    ...(clientAuthorities === undefined ? {} : { clientAuthorities }),
  });
  await prepareFirstStart(tessera, config);
  await mountPublicPages(tessera, { home: '/login' });
  const listening = [await listen(tessera.app, 'localhost', port)];
  if (tessera.mutualTls !== undefined && mutualTlsPort !== undefined) {
    listening.push(await listen(listenable(tessera.mutualTls), 'localhost', mutualTlsPort));
  }
  return {
    tessera,
    issuer,
    base,
    mutualTlsBase: mutualTlsPort === undefined ? '' : `https://localhost:${mutualTlsPort}`,
    async close() {
      await Promise.all(listening.map((one) => one.close()));
      await tessera.close();
    },
  };
}

const NODE_PROCESS = fileURLToPath(new URL('node-process.ts', import.meta.url));

/** @throws Error when it ends before it is ready */
async function startProcess({ url, issuer, masterKey, config }: NodeSettings): Promise<TestProcess> {
  const told = JSON.stringify({
    url,
    issuer,
    config,
    masterKey: Buffer.from(firstOf(masterKey)).toString('base64'),
  });
  const child = spawn(process.execPath, ['--conditions=@tessera/source', NODE_PROCESS], {
    env: { ...process.env, TESSERA_TEST_NODE: told },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [base] = await Promise.race([
    once(child.stdout.setEncoding('utf8'), 'data') as Promise<[string]>,
    ended.then(() => Promise.reject(new Error('The other process ended'))),
  ]);
  return {
    base: base.trim(),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async close() {
      child.kill('SIGCONT');
      child.stdin.end();
      await ended;
    },
  };
}

interface TestDatabase {
  readonly url: string;
  readonly postgres?: TestPostgres;
  discard(): Promise<void>;
}

let postgres: Promise<TestPostgres> | undefined;
let postgresUsers = 0;

/** The servers of a test run share one PostgreSQL; outside of a run, or with one of their own, those of a file do. */
async function openDatabase({ store, ownPostgres = false }: TestServerOptions): Promise<TestDatabase> {
  if (store === 'sqlite') {
    const directory = await mkdtemp(join(tmpdir(), 'tessera-flows-'));
    return {
      url: `sqlite:${join(directory, 'tessera.db')}`,
      discard: () => rm(directory, { recursive: true, force: true }),
    };
  }
  const borrowed = ownPostgres ? undefined : await borrowDatabase();
  if (borrowed !== undefined) return { url: borrowed.url, discard: () => borrowed.giveBack() };
  postgresUsers++;
  postgres ??= startPostgres();
  const cluster = await postgres;
  return {
    url: await cluster.createDatabase(),
    postgres: cluster,
    async discard() {
      postgresUsers--;
      if (postgresUsers > 0) return;
      postgres = undefined;
      await cluster.stop();
    },
  };
}
