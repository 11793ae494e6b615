// R16: ten times the load that a server can carry, and more passwords than it can hash.
import { askQuietly, overload, type Overload, request } from '../../bench/load/overload.ts';
import { Durations, press, type Seen } from '../../bench/load/pressure.ts';
import { startProgram } from '../../bench/program.ts';
import type { Contestant } from '../../bench/servers/contestant.ts';
import { findForm, NoScriptBrowser } from '../../test/no-script-browser.ts';
import { Failures, type Figure, type Outcome, type Settings } from '../figure.ts';

/** More than are hashed at once or wait. */
const SIGN_INS = 160;
const PEAK_SECONDS = 10;
/** A shorter run says nothing about how much a machine can do. */
const LONG_SECONDS = 30;

export const overloaded: Figure = {
  id: 'R16',
  claim:
    'under ten times its load a server answers 80 % of its peak, within a second (p99); the rest is told when to come again, and health and quiet apps notice nothing',
  method: `One process on SQLite that waits for the disk, on the machine that asks. 320 connections ask for tokens without a pause, where 32 make the peak; in the last fifth of the time ${SIGN_INS} connections sign in with wrong passwords instead, which are hashed all the same. All the while health is asked, and a quiet app asks about a token, twenty times a second. A second fails in which an answer was neither right nor a 503 with Retry-After, or a connection broke; health is never turned away.`,
  trial: 'second',
  grounds: ['sqlite'],
  sizes: { test: 2, usual: 60 },
  measure,
};

async function measure({ rounds, tell }: Settings): Promise<Outcome> {
  const server = startProgram(new URL('../../bench/servers/tessera.ts', import.meta.url), {
    // One address tries more passwords than anybody may.
    BENCH_SETTINGS: JSON.stringify({ limit_sign_ins_per_address: '999999/1m' }),
  });
  try {
    const { port } = await server.call<Contestant>('listen');
    const passwordSeconds = Math.ceil(rounds / 5);
    const before = await server.call<number>('residentBytes');
    const tokens = await overload(port, rounds - passwordSeconds, Math.min(PEAK_SECONDS, rounds / 2));
    tell('now passwords');
    const [passwords, bystanders] = await Promise.all([
      signIn(port, passwordSeconds),
      askQuietly(port, passwordSeconds),
    ]);
    const grownBytes = (await server.call<number>('residentBytes')) - before;
    return outcomeOf(rounds, tokens, { passwords, ...bystanders }, grownBytes);
  } finally {
    await server.stop();
  }
}

/** Each as somebody else, whom nobody knows. */
async function signIn(port: number, seconds: number): Promise<Seen> {
  const origin = `http://127.0.0.1:${port}`;
  const browser = new NoScriptBrowser(origin);
  const { fields } = findForm((await browser.get('/login')).page, ['email', 'password']);
  const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ');
  const headers = { host: `127.0.0.1:${port}`, origin, cookie };
  let people = 0;
  const next = (): string => {
    const email = `nobody${(people += 1)}@example.com`;
    const form = new URLSearchParams({ ...fields, email, password: 'a wrong password' });
    return request('POST /login HTTP/1.1', headers, form.toString());
  };
  return press({ port, next, connections: SIGN_INS, seconds, expected: [401] });
}

interface Passwords extends Pick<Overload, 'health' | 'quiet'> {
  readonly passwords: Seen;
}

/** What was seen, second by second, and what it comes to. */
export function outcomeOf(
  rounds: number,
  tokens: Overload,
  { passwords, health, quiet }: Passwords,
  grownBytes: number,
): Outcome {
  const { peak, peakSeconds, pressed } = tokens;
  const failures = new Failures();
  const tokenSeconds = rounds - Math.ceil(rounds / 5);
  for (const [second, wrong] of [
    ...bySecond({ app: pressed, 'the quiet app': tokens.quiet }, tokens.health, 0),
    ...bySecond({ 'a sign-in': passwords, 'the quiet app': quiet }, health, tokenSeconds),
  ]) {
    failures.add(wrong.map((one) => `second ${second}: ${one}`));
  }
  const goodput = pressed.good.count / tokenSeconds;
  const longest = (...all: readonly Durations[]): number =>
    Math.round(Math.max(...all.map(({ longestMs }) => longestMs)));
  const figures = {
    peakPerSecond: Math.round(peak.good.count / peakSeconds),
    goodputPerSecond: Math.round(goodput),
    goodputLossPercent: Math.max(0, Math.round((1 - goodput / (peak.good.count / peakSeconds)) * 100)),
    admittedP99Ms: pressed.good.p99Ms(),
    turnedAway: pressed.shed,
    passwordsPerSecond: Math.round(passwords.good.count / (rounds - tokenSeconds)),
    passwordP99Ms: passwords.good.p99Ms(),
    passwordsTurnedAway: passwords.shed,
    healthSlowestMs: longest(tokens.health.good, health.good),
    quietSlowestMs: longest(tokens.quiet.good, quiet.good),
    quietTurnedAway: tokens.quiet.shed + quiet.shed,
    residentGrowthMiB: Math.round(grownBytes / 2 ** 20),
  };
  const limits = [
    { figure: 'admittedP99Ms', most: 1000 },
    { figure: 'healthSlowestMs', most: 1000 },
    { figure: 'quietSlowestMs', most: 1000 },
    { figure: 'residentGrowthMiB', most: 300 },
    ...(rounds < LONG_SECONDS
      ? []
      : [
          { figure: 'goodputLossPercent', most: 20 },
          { figure: 'quietTurnedAway', most: 0 },
        ]),
  ];
  return { trials: rounds, failed: failures.failed, failures: failures.told, figures, limits };
}

/** What went wrong in which second. @param from the first of them */
function bySecond(
  asking: Readonly<Record<string, Seen>>,
  health: Seen,
  from: number,
): ReadonlyMap<number, readonly string[]> {
  const wrong = new Map<number, string[]>();
  const add = (second: number, what: string): void => {
    wrong.set(from + second, [...(wrong.get(from + second) ?? []), what]);
  };
  for (const [who, seen] of Object.entries({ ...asking, health })) {
    for (const [second, what] of seen.wrong) add(second, `${who}: ${what}`);
  }
  if (health.shed > 0) add(0, `health was turned away ${health.shed} times`);
  return wrong;
}
