/** `npm run proof`: tries to break a claim, as often as it is asked to, and says what that shows. */
import { exceeded, type Figure, type Ground } from './figure.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { keep, resultOf } from './record.ts';

const options = readOptions(process.argv.slice(2));
if (options === 'help') process.stdout.write(USAGE);
else if (!(await runAll(options))) process.exitCode = 1;

async function runAll(wanted: Options): Promise<boolean> {
  let held = true;
  for (const figure of wanted.figures) {
    for (const ground of figure.grounds) {
      const isWanted = wanted.ground === undefined || ground === 'none' || ground === wanted.ground;
      // oxlint-disable-next-line no-await-in-loop -- one after the other: they would disturb each other
      if (isWanted) held = (await run(figure, ground, wanted)) && held;
    }
  }
  return held;
}

async function run(figure: Figure, ground: Ground, wanted: Options): Promise<boolean> {
  const { seed, record } = wanted;
  const rounds = wanted.rounds ?? figure.sizes.usual;
  process.stderr.write(`${figure.id} on ${ground}: ${rounds} × ${figure.trial}, seed ${seed}\n`);
  const startedAt = new Date();
  const outcome = await figure.measure({
    ground,
    rounds,
    seed,
    tell: (line) => void process.stderr.write(`  ${line}\n`),
  });
  const seconds = (Date.now() - startedAt.getTime()) / 1000;
  const result = resultOf(figure, outcome, { ground, seed, startedAt, seconds });
  for (const line of [...outcome.failures, ...exceeded(outcome)]) process.stdout.write(`  FAILED ${line}\n`);
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  if (record) keep(result);
  return result.held;
}
