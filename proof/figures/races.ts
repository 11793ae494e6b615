// R2, R3 and R4: what counts once, used many times at the same moment.
import { startTestServer, type TestServer } from '../../test/harness.ts';
import { exchange, refresh, signInAndConsent, tokensOf } from '../../test/oauth-calls.ts';
import { SECOND } from '../../test/movable-clock.ts';
import type { NoScriptBrowser } from '../../test/no-script-browser.ts';
import { oneTimeThings } from '../../test/one-time.ts';
import { type EdgeTokens, startEdgeTokens } from '../../test/one-time/edge-token.ts';
import { authorizationCode } from '../../test/one-time/grants.ts';
import { createOneTimeWorld, type OneTimeThing, type OneTimeWorld } from '../../test/one-time/world.ts';
import { Failures, type Figure, type Ground, type Outcome, type Settings } from '../figure.ts';

const WAYS = 32;
/** Passwords are hashed for each try that may be the first. */
const FEWER_WAYS = 8;
const COSTLY = new Set(['link to choose a password', 'sign-up link', 'TOTP step', 'recovery code']);
const CONFIG = {
  dynamic_registration: 'initial_token',
  sign_up: 'on',
  // Races come from one address, more of them than anybody registers apps, invites people or asks for mails.
  limit_registrations_per_address: '100000/1m',
  limit_registrations_per_software: '100000/1m',
  limit_mails_per_address: '100000/15m',
  limit_invitations_per_inviter: '100000/1h',
} as const;

const BETWEEN =
  'On PostgreSQL by two processes, with nothing but the database between them; on SQLite, where there is one process, by it.';

export const refreshRace: Figure = {
  id: 'R2',
  claim:
    'of many uses of one refresh token at once one rotates it: the others get the same answer within the grace; a use after its successor was used ends everything',
  method: `${WAYS} requests at once with one refresh token of a public client: all answers must be one and the same, and hold the token that the next round races with. After every tenth round the successor is used, and then the token before it once more: it must be refused, and the newest with it. ${BETWEEN}`,
  trial: 'round',
  grounds: ['sqlite', 'postgres'],
  sizes: { test: 10, usual: 2000 },
  measure: (settings) => inWorld(settings, rotations()),
};

export const codeRace: Figure = {
  id: 'R3',
  claim: 'of many uses of one authorization code at once one gets tokens, and all the others none',
  method: `${WAYS} requests at once with one code: one answer holds tokens, the others are refused. ${BETWEEN}`,
  trial: 'round',
  grounds: ['sqlite', 'postgres'],
  sizes: { test: 2, usual: 2000 },
  measure: (settings) => inWorld(settings, (world, bases) => raceFor(authorizationCode(world), bases)),
};

export const oneTimeRace: Figure = {
  id: 'R4',
  claim:
    'the same holds for everything else that counts once: pushed requests, consents, device and user codes, client assertions, DPoP proofs, JWTs that are traded for a token, initial access tokens, links by mail, invitations, TOTP and recovery codes, answers of passkeys, Common Access Tokens for one use',
  method: `${WAYS} uses at once (${FEWER_WAYS} where each costs a password's hash) of each in turn: one gets through. ${BETWEEN} Common Access Tokens are used at one gateway, which remembers them by itself. A round is one race over one of them.`,
  trial: 'round',
  grounds: ['sqlite', 'postgres'],
  sizes: { test: 18, usual: 1800 },
  measure(settings) {
    let turn = 0;
    const edges: EdgeTokens[] = [];
    const round: Round = async (world, bases) => {
      if (edges.length === 0) edges.push(await startEdgeTokens(world.server));
      const things = [...oneTimeThings(world), ...edges.map(({ thing }) => thing)];
      const thing = things[turn++ % things.length];
      if (thing === undefined) throw new Error('nothing to race for');
      return raceFor(thing, bases);
    };
    return inWorld(settings, round, async () => {
      await Promise.all(edges.map((edge) => edge.close()));
    });
  },
};

/** @returns what went wrong, in words */
type Round = (world: OneTimeWorld, bases: readonly string[]) => Promise<readonly string[]>;

/** @param end of what the rounds have started beside the server */
async function inWorld(
  { ground, rounds, tell }: Settings,
  run: Round,
  end: () => Promise<void> = () => Promise.resolve(),
): Promise<Outcome> {
  const server = await startTestServer({ store: storeOf(ground), config: { ...CONFIG, log_level: 'error' } });
  try {
    const bases = await basesOf(server, ground);
    const world = await createOneTimeWorld(server);
    const failures = new Failures();
    for (let round = 1; round <= rounds; round += 1) {
      // oxlint-disable-next-line no-await-in-loop -- races must not disturb each other
      failures.add(await run(world, bases));
      if (round % 100 === 0) tell(`${round} of ${rounds}, ${failures.failed} failed`);
    }
    const { failed, told } = failures;
    return { trials: rounds, failed, failures: told, figures: { processes: bases.length, atOnce: WAYS } };
  } finally {
    await end();
    await server.close();
  }
}

function storeOf(ground: Ground): 'sqlite' | 'postgres' {
  if (ground === 'none') throw new Error('a race needs a database');
  return ground;
}

async function basesOf(server: TestServer, ground: Ground): Promise<readonly string[]> {
  if (ground === 'sqlite') return [server.base];
  const processes = await Promise.all([server.addProcess(CONFIG), server.addProcess(CONFIG)]);
  return processes.map(({ base }) => base);
}

/** The same thing many times at once, each time at the next process. */
function atOnce<Result>(
  ways: number,
  bases: readonly string[],
  use: (base: string) => Promise<Result>,
): Promise<readonly Result[]> {
  return Promise.all(Array.from({ length: ways }, (_, index) => use(bases[index % bases.length] ?? '')));
}

export async function raceFor(
  { name, make }: OneTimeThing,
  bases: readonly string[],
): Promise<readonly string[]> {
  const uses = await atOnce(COSTLY.has(name) ? FEWER_WAYS : WAYS, bases, await make());
  const taken = uses.filter((use) => use === 'taken').length;
  return [
    ...uses.flatMap((use) => (typeof use === 'object' ? [`${name}: ${use.fault}`] : [])),
    ...(taken === 1 ? [] : [`${name}: ${taken} got through`]),
  ];
}

/** After so many rotations a token comes back that was replaced, which ends the family. */
const ROTATIONS = 10;

/** One family after the other; the successor of one round is what the next races with. */
function rotations(): Round {
  let [current, turn] = ['', 0];
  return async ({ server, browser }, bases) => {
    const client = server.clients.publicWeb;
    if (turn++ % ROTATIONS === 0 || current === '') current = await newRefreshToken(server, browser);
    const first = current;
    const answers = await atOnce(WAYS, bases, (base) => refresh(server, first, client, {}, { base }));
    const different = new Set(answers.map(({ status, text }) => `${status} ${text}`));
    const [answer] = answers;
    current = '';
    if (different.size !== 1 || answer?.status !== 200) {
      return [`${different.size} answers: ${[...different].map((one) => one.slice(0, 80)).join('; ')}`];
    }
    current = tokensOf(answer).refreshToken;
    return turn % ROTATIONS === 0 ? reuse(server, first, current, bases) : [];
  };
}

async function newRefreshToken(server: TestServer, browser: NoScriptBrowser): Promise<string> {
  const client = server.clients.publicWeb;
  const parameters = { scope: 'catalog-read' };
  const authorized = await signInAndConsent(server, browser, { client, parameters });
  return tokensOf(await exchange(server, authorized, client)).refreshToken;
}

async function reuse(
  server: TestServer,
  replaced: string,
  successor: string,
  bases: readonly string[],
): Promise<readonly string[]> {
  const client = server.clients.publicWeb;
  const wrong: string[] = [];
  const next = await refresh(server, successor, client, {}, { base: bases.at(-1) ?? '' });
  if (next.status !== 200) return [`the successor is refused: ${next.status} ${next.text.slice(0, 200)}`];
  // Another second: nobody mistakes it for one of the requests of before.
  server.clock.advance(SECOND);
  const reused = await refresh(server, replaced, client);
  if (reused.status !== 400) wrong.push(`a token that was replaced twice is taken: ${reused.status}`);
  const newest = await refresh(server, tokensOf(next).refreshToken, client);
  server.clock.reset();
  if (newest.status !== 400) wrong.push(`the family lives on after a reuse: ${newest.status}`);
  return wrong;
}
