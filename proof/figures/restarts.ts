// R15: nodes are stopped and started again, one after the other, while everybody works on.
import { setTimeout as wait } from 'node:timers/promises';
import { startBalancer } from '../../test/balancer.ts';
import { createDice } from '../../test/mutations.ts';
import { NoScriptBrowser } from '../../test/no-script-browser.ts';
import { quantile } from '../bounds.ts';
import { Failures, type Figure, type Outcome, type Settings } from '../figure.ts';
import { openServed, type Served, type ServedProcess } from '../served.ts';
import { callsOf } from './restarts/calls.ts';
import { ReadyWatch } from './restarts/ready-watch.ts';
import { SteadyLoad } from './restarts/steady-load.ts';

const CLIENTS = 10;
/** Ten clients with this pause ask some fifty times a second, where the machine lets them. */
const PAUSE_MS = 180;
/** Seconds: more than the balancer takes to see that a node is about to leave. */
const SHUTDOWN_DELAY = 2;
/** Until the next restart, at most. */
const LONGEST_PAUSE_MS = 300;

export const restarts: Figure = {
  id: 'R15',
  claim: 'of two nodes one after the other is stopped and started again, and no request fails',
  method: `Two processes work on one PostgreSQL behind a balancer that keeps its connections, asks each node ten times a second whether it is ready, and sends no request twice. ${CLIENTS} apps get tokens, renew theirs, ask about them and fetch the keys, about fifty times a second in all. In turn a node gets SIGTERM, ends (\`shutdown_delay\` is ${SHUTDOWN_DELAY} s), is started again and gets requests again. Whatever is not answered with success, and an exit code that is not 0, is a failure.`,
  trial: 'restart',
  grounds: ['postgres'],
  sizes: { test: 1, usual: 50 },
  measure,
};

async function measure({ ground, rounds, seed, tell }: Settings): Promise<Outcome> {
  if (ground !== 'postgres') throw new Error('two nodes need PostgreSQL');
  const served = await openServed({
    ground,
    environment: { TESSERA_SHUTDOWN_DELAY: String(SHUTDOWN_DELAY) },
    register: () => Promise.resolve({}),
  });
  try {
    const ports = [Number(new URL(served.issuer).port), await served.freePort()];
    const running = await Promise.all(ports.map((port) => served.start(port)));
    const watch = new ReadyWatch(running.map(({ base }) => base));
    const balancer = await startBalancer(
      running.map(({ base }) => base),
      watch,
    );
    try {
      await Promise.all(running.map(({ base }) => watch.untilReady(base)));
      const load = new SteadyLoad(await clientsOf({ ...served, base: balancer.base }), PAUSE_MS);
      load.start();
      const outcome = await restartAll({ served, running, watch, load }, { rounds, seed, tell });
      return outcome;
    } finally {
      await watch.close();
      await balancer.close();
    }
  } finally {
    await served.close();
  }
}

interface Restarting {
  readonly served: Served<object>;
  readonly running: ServedProcess[];
  readonly watch: ReadyWatch;
  readonly load: SteadyLoad;
}

async function restartAll(
  { served, running, watch, load }: Restarting,
  { rounds, seed, tell }: Pick<Settings, 'rounds' | 'seed' | 'tell'>,
): Promise<Outcome> {
  const [dice, failures] = [createDice(seed), new Failures()];
  const awayMs: number[] = [];
  // oxlint-disable no-await-in-loop -- one after the other is the point
  for (let round = 1; round <= rounds; round += 1) {
    await wait(dice(LONGEST_PAUSE_MS));
    const turn = round % running.length;
    const leaving = running[turn];
    if (leaving === undefined) throw new Error('no node');
    const toldAt = performance.now();
    await leaving.signal('SIGTERM');
    const { exitCode } = leaving.child;
    running[turn] = await served.start(Number(new URL(leaving.base).port));
    await watch.untilReady(leaving.base);
    awayMs.push(performance.now() - toldAt);
    if (round === rounds) await load.stop();
    const wrong = exitCode === 0 ? [] : [`a node ends with ${exitCode}: ${leaving.output().slice(-500)}`];
    failures.add([...wrong, ...load.takeFaults()]);
    if (round % 10 === 0) tell(`${round} of ${rounds} restarts, ${failures.failed} failed`);
  }
  // oxlint-enable no-await-in-loop
  return {
    trials: rounds,
    failed: failures.failed,
    failures: failures.told,
    figures: {
      answered: load.answered,
      slowestAnswerMs: Math.round(load.slowestMs),
      awayP50Ms: Math.round(quantile(awayMs, 0.5)),
    },
  };
}

async function clientsOf(server: Served<object>): Promise<readonly Awaited<ReturnType<typeof callsOf>>[]> {
  const clients: Awaited<ReturnType<typeof callsOf>>[] = [];
  for (let index = 0; index < CLIENTS; index += 1) {
    const browser = new NoScriptBrowser(server.base, server.issuer);
    // oxlint-disable-next-line no-await-in-loop -- passwords are checked a few at a time
    clients.push(await callsOf(server, browser));
  }
  return clients;
}
