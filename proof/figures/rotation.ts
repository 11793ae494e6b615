// R11: keys follow one another, and are taken back, while tokens are signed and checked with them.
import { setImmediate as next } from 'node:timers/promises';
import { DAY, HOUR, MINUTE, SECOND } from '../../test/movable-clock.ts';
import { createDice, type Dice, pick } from '../../test/mutations.ts';
import { quantile } from '../bounds.ts';
import { Failures, type Figure, type Outcome, type Settings } from '../figure.ts';
import { type ApiVerifier, CACHE_MS, LONGEST_CACHE_MS } from './rotation/verifiers.ts';
import { type Alg, ALGS, RotationWorld } from './rotation/world.ts';

/** Later than this it has not reached the verifier at all. */
const LATEST_MS = 10_000;
/** What is promised to whoever listens. */
const HEARD_WITHIN_MS = 1000;
/** The steps of the clock until a new key has signed for a while: no longer than this, from a second on. */
const LONGEST_STEP = 2 * MINUTE;
/** Then it goes on in one of these ways, so that tokens end and keys retire. */
const AFTERWARDS = [
  { steps: 3, longest: 10 * MINUTE },
  { steps: 4, longest: 3 * HOUR },
  { steps: 6, longest: 8 * HOUR },
];

export const rotation: Figure = {
  id: 'R11',
  claim:
    'when a key follows another, no verifier refuses a good token; one that was taken back is refused within a second by whoever listens (p99), and by everybody else once they fetch the keys again',
  method: `An ES256 or EdDSA key is announced, signs ten minutes later and retires its predecessor, while tokens of an hour and of a day are issued and, until they end, checked by four verifiers each: ours with and without the stream of events, jose as it is, and jose which keeps a key set for the ${CACHE_MS / MINUTE} minutes that its Cache-Control allows and looks for nothing sooner. All are given one clock, which moves on by seconds, minutes and hours while requests are under way. What each node publishes is written down: a key that signs sooner after its announcement than those minutes, or leaves before the last token it signed ends, is a failure, whoever noticed. In about half of the rounds the key that signs is then revoked, in half of these with the next one announced: it is measured how long from the answer on verifiers that listen take what it signed (\`refused…\`), and how long until they take the next token of each node (\`goodAgain…\`). On PostgreSQL two nodes issue, and each verifier asks one of them.`,
  trial: 'rotation',
  grounds: ['sqlite', 'postgres'],
  sizes: { test: 2, usual: 100 },
  measure,
};

async function measure({ ground, rounds, seed, tell }: Settings): Promise<Outcome> {
  if (ground === 'none') throw new Error('keys need a database');
  const dice = createDice(seed);
  const world = await RotationWorld.open(ground, dice);
  try {
    const failures = new Failures();
    const delays: Delays = { refused: [], good: [] };
    // The first one connects those that listen.
    failures.add(await world.beat(SECOND));
    for (let round = 1; round <= rounds; round += 1) {
      const alg = pick(ALGS, dice);
      // oxlint-disable-next-line no-await-in-loop -- there is one clock
      const wrong = [...(await rotate(world, alg, dice))];
      // Once at least, however few rounds there are.
      // oxlint-disable-next-line no-await-in-loop -- there is one clock
      if (round === 1 || dice(2) === 0) wrong.push(...(await takeBack(world, alg, { dice, delays })));
      failures.add(wrong);
      if (round % 10 === 0) tell(`${round} of ${rounds}, ${failures.failed} failed`);
    }
    const { history, issued, verified } = world;
    const at = (values: readonly number[], share: number): number =>
      Math.round(quantile(values, share) * 10) / 10;
    return {
      trials: rounds,
      failed: failures.failed,
      failures: failures.told,
      figures: {
        issued,
        verified,
        keys: history.size,
        keysAtOnceMost: history.mostAtOnce,
        aheadLeastSeconds: Math.floor(history.leastAhead / 1000),
        revocations: delays.refused.length,
        refusedP50Ms: at(delays.refused, 0.5),
        refusedP99Ms: at(delays.refused, 0.99),
        goodAgainP50Ms: at(delays.good, 0.5),
        goodAgainP99Ms: at(delays.good, 0.99),
      },
      limits: [{ figure: 'refusedP99Ms', most: HEARD_WITHIN_MS }],
    };
  } finally {
    await world.close();
  }
}

/** From the announcement until the key has signed for longer than anybody keeps an old set. */
async function rotate(world: RotationWorld, alg: Alg, dice: Dice): Promise<readonly string[]> {
  const { clock } = world.server;
  const { kid, from } = await world.rotate(alg);
  const wrong: string[] = [];
  const beat = async (longest: number): Promise<void> => {
    wrong.push(...(await world.beat(SECOND + dice(longest))));
  };
  // oxlint-disable no-await-in-loop -- there is one clock
  while (clock.now() < from + CACHE_MS) await beat(LONGEST_STEP);
  const { steps, longest } = pick(AFTERWARDS, dice);
  for (let step = 0; step < steps; step += 1) await beat(longest);
  // oxlint-enable no-await-in-loop
  const signing = await world.newToken(alg);
  if (signing.kid !== kid) wrong.push('the key that was announced does not sign');
  return wrong;
}

/** Milliseconds from the answer to a revocation on. */
interface Delays {
  /** Until whoever listens refuses what the key signed. */
  readonly refused: number[];
  /** Until they take what each node signs with another. */
  readonly good: number[];
}

async function takeBack(
  world: RotationWorld,
  alg: Alg,
  { dice, delays }: { readonly dice: Dice; readonly delays: Delays },
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const hasHeir = dice(2) === 0;
  if (hasHeir) await world.rotate(alg);
  wrong.push(...(await world.beat(MINUTE)));
  const doomed = await world.newToken(alg);
  const verifiers = world.verifiersOf(alg);
  for (const { name, refusal } of verifiers) {
    // oxlint-disable-next-line no-await-in-loop -- four
    const why = await refusal(doomed.value);
    if (why !== undefined) wrong.push(`${name} refuses a good token: ${why}`);
  }
  const held = [...world.letGo(alg, doomed.kid), doomed];
  await world.revoke(doomed.kid);
  const listening = verifiers.filter(({ listens }) => listens);
  const [refused, good] = await Promise.all([
    Promise.all(
      listening.map(({ refusal }) => until(async () => (await refusal(doomed.value)) !== undefined)),
    ),
    Promise.all(world.server.nodes.map((node) => until(() => passes(world, alg, { node, listening })))),
  ]);
  delays.refused.push(...refused);
  delays.good.push(...good);
  if (refused.some((delay) => delay >= LATEST_MS)) wrong.push('a key is taken back, and its token passes');
  if (good.some((delay) => delay >= LATEST_MS)) wrong.push('a key is taken back, and no other is taken');
  world.history.revoke(doomed.kid);
  world.history.hurry((await world.newToken(alg)).kid);
  // Nobody keeps a set for longer.
  world.server.clock.advance(LONGEST_CACHE_MS);
  for (const { name, refusal } of verifiers) {
    for (const { value, endsAt } of held) {
      // oxlint-disable-next-line no-await-in-loop -- a few
      const isTaken = (await refusal(value)) === undefined && world.server.clock.now() < endsAt;
      if (isTaken) wrong.push(`${name} takes a token of a key that was taken back`);
    }
  }
  wrong.push(...(await world.beat(SECOND + dice(DAY))));
  return wrong;
}

/** Whether whoever listens takes the next token that the node issues. */
async function passes(
  world: RotationWorld,
  alg: Alg,
  { node, listening }: { readonly node: string; readonly listening: readonly ApiVerifier[] },
): Promise<boolean> {
  const { value } = await world.newToken(alg, node);
  const refused = await Promise.all(listening.map(({ refusal }) => refusal(value)));
  return refused.every((why) => why === undefined);
}

/** @returns milliseconds */
async function until(holds: () => Promise<boolean>): Promise<number> {
  const begunAt = performance.now();
  // oxlint-disable no-await-in-loop -- again and again is the point
  while (!(await holds()) && performance.now() - begunAt < LATEST_MS) {
    // A token that is remembered is taken without anything else being heard.
    await next();
  }
  // oxlint-enable no-await-in-loop
  return performance.now() - begunAt;
}
