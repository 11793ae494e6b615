// R1: a server, or its database, is killed in the middle of its work, again and again.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DEVICE_CODE_GRANT } from '../../packages/server/src/domain/client.ts';
import { createDice } from '../../test/mutations.ts';
import { NoScriptBrowser } from '../../test/no-script-browser.ts';
import type { Person, RegisteredClient } from '../../test/registrations.ts';
import { registerClient, registerPerson } from '../../test/registrations.ts';
import { quantile } from '../bounds.ts';
import { Failures, type Figure, type Outcome, type Settings } from '../figure.ts';
import { openServed, type Served, type ServedProcess } from '../served.ts';
import { type Chain } from './kill/chain.ts';
import { look, settle } from './kill/checker.ts';
import { KillClient } from './kill/client.ts';
import { Journal, readJournal } from './kill/journal.ts';
import { doubled } from './kill/leaves.ts';

const CLIENTS = 16;
/** The kill comes somewhere between. */
const [SOONEST_MS, LATEST_MS] = [5, 500];
/** Sign-ins of earlier rounds that each client looks at again after each kill. */
const LOOKED_AT_AGAIN = 2;
const READY_AGAIN_MS = 1500;

const METHOD = `${CLIENTS} apps in as many browsers push requests, redeem codes, renew, revoke and let devices in. Each writes what it is about to do and what it was told into a journal of its own and waits for the disk. After ${SOONEST_MS} to ${LATEST_MS} ms`;
const CHECK =
  'a checker asks about everything in the journals: what was acknowledged is there, what was revoked is dead, what counts once counted once, and what nobody heard the answer to has happened or not, but not both. At the end all of it is read from the journals and asked about once more.';

export const kill: Figure = {
  id: 'R1',
  claim:
    'kill -9 at any moment loses no acknowledged grant and doubles none; what was revoked stays dead; ready again within 1.5 s (p99)',
  method: `${METHOD} the server is killed with SIGKILL and started again; then ${CHECK}`,
  trial: 'kill',
  grounds: ['sqlite', 'postgres'],
  sizes: { test: 2, usual: 200 },
  measure: (settings) =>
    measure(settings, restartServer, [{ figure: 'readyAgainP99Ms', most: READY_AGAIN_MS }]),
};

export const killDatabase: Figure = {
  id: 'R1-database',
  claim:
    'kill -9 of the database loses no acknowledged grant and doubles none; the server stays up and goes on',
  method: `${METHOD} the first process of PostgreSQL is killed with SIGKILL and started again, the server is left alone; then ${CHECK}`,
  trial: 'kill',
  grounds: ['postgres'],
  sizes: { test: 2, usual: 50 },
  measure: (settings) => measure(settings, restartDatabase, []),
};

interface Registered {
  readonly device: RegisteredClient;
  readonly people: readonly Person[];
}
type Running = Served<Registered>;
/** @returns the process that serves from then on */
type Restart = (served: Running, running: ServedProcess) => Promise<ServedProcess>;

async function restartServer(served: Running, running: ServedProcess): Promise<ServedProcess> {
  await running.signal('SIGKILL');
  return served.start();
}

async function restartDatabase(served: Running, running: ServedProcess): Promise<ServedProcess> {
  const before = performance.now();
  await served.crashDatabase();
  while (!(await fetch(`${served.base}/health/ready`)).ok) {
    if (performance.now() - before > 30_000) throw new Error('the server does not find its database again');
    await wait(10);
  }
  return { ...running, readyAfterMs: performance.now() - before };
}

async function measure(
  settings: Settings,
  restart: Restart,
  limits: Outcome['limits'] & {},
): Promise<Outcome> {
  const { ground, rounds, seed, tell } = settings;
  if (ground === 'none') throw new Error('a kill needs a database');
  const served = await openServed({
    ground,
    // The answer to a lost rotation is repeated for as long as anybody asks here.
    environment: { TESSERA_REFRESH_TOKEN_GRACE: '300' },
    register: async (tessera) => ({
      device: await registerClient(tessera, {
        id: 'tv',
        applicationType: 'native',
        redirectUris: [],
        tokenEndpointAuthMethod: 'none',
        grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
      }),
      people: await Promise.all(
        Array.from({ length: CLIENTS }, (_, index) =>
          registerPerson(tessera, { email: `person${index}@example.test` }),
        ),
      ),
    }),
  });
  try {
    let running = await served.start();
    const clients = await createClients(served, seed);
    const dice = createDice(seed);
    const failures = new Failures();
    const readyMs: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const lives = Promise.all(clients.map((client) => client.live()));
      await Promise.race([wait(SOONEST_MS + dice(LATEST_MS - SOONEST_MS + 1)), lives]);
      running = await restart(served, running);
      readyMs.push(running.readyAfterMs);
      await lives;
      failures.add([...(await check(clients)), ...(await doubled(served.databaseUrl))]);
      if (round % 10 === 0) tell(`${round} of ${rounds} kills, ${failures.failed} failed`);
    }
    failures.add(await checkJournals(clients));
    const output = running.output();
    if (restart === restartServer && output !== '') failures.add([output.slice(-500)]);
    return {
      trials: rounds,
      failed: failures.failed,
      failures: failures.told,
      limits,
      figures: {
        acknowledged: sum(clients.map(({ answered }) => answered)),
        signIns: sum(clients.map(({ chains }) => chains.length)),
        readyAgainP50Ms: Math.round(quantile(readyMs, 0.5)),
        readyAgainP99Ms: Math.round(quantile(readyMs, 0.99)),
      },
    };
  } finally {
    await served.close();
  }
}

async function createClients(served: Running, seed: number): Promise<readonly KillClient[]> {
  const { device, people } = served.extra;
  const clients = await Promise.all(
    people.map(async (person, index) => {
      const journal = await Journal.create(join(served.directory, `journal-${index}`));
      const browser = new NoScriptBrowser(served.base, served.issuer);
      const dice = createDice(seed + index + 1);
      return new KillClient({ name: `c${index}`, server: served, device, person, browser, journal, dice });
    }),
  );
  // oxlint-disable-next-line no-await-in-loop -- passwords are checked a few at a time
  for (const client of clients) await client.signIn();
  return clients;
}

/** Everything of this round, and some of earlier ones. */
async function check(clients: readonly KillClient[]): Promise<readonly string[]> {
  const wrong = await Promise.all(
    clients.map(async (client) => {
      const found: string[] = client.faults.splice(0);
      for (const chain of client.touched) found.push(...(await settle(chain, client)));
      client.touched.clear();
      const { chains, dice } = client;
      const again = Array.from({ length: LOOKED_AT_AGAIN }, () => chains[dice(chains.length)]);
      for (const chain of again) if (chain !== undefined) found.push(...(await lookAt(chain, client)));
      return found;
    }),
  );
  return wrong.flat();
}

async function lookAt(chain: Chain, client: KillClient): Promise<readonly string[]> {
  const wrong: string[] = [];
  await look(chain, client, (holds, what) => void (holds || wrong.push(`${chain.id}: ${what}`)));
  return wrong;
}

/** By the journals alone, as they lie on the disk. */
async function checkJournals(clients: readonly KillClient[]): Promise<readonly string[]> {
  const wrong = await Promise.all(
    clients.map(async (client) => {
      const chains = await readJournal(client.journal.path);
      const found = chains.length === 0 ? ['a journal is empty'] : [];
      // oxlint-disable-next-line no-await-in-loop -- each client asks one thing at a time
      for (const chain of chains) found.push(...(await lookAt(chain, client)));
      await client.journal.close();
      return found;
    }),
  );
  return wrong.flat();
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
