// What the command line asks for.
import { parseArgs } from 'node:util';
import type { Figure, Ground } from './figure.ts';
import { FIGURES } from './figures.ts';

export interface Options {
  readonly figures: readonly Figure[];
  /** Every one of the figure's own unless given. */
  readonly ground: Ground | undefined;
  /** The figure's usual number unless given. */
  readonly rounds: number | undefined;
  readonly seed: number;
  /** Whether the results are kept in proof/results. */
  readonly record: boolean;
}

export const USAGE = `npm run proof -- <figure>… [--rounds <number>] [--store sqlite|postgres] [--seed <number>] [--record]

${FIGURES.map(({ id, claim, sizes, trial }) => `  ${id.padEnd(12)} ${claim} (${sizes.usual} × ${trial})`).join('\n')}

  --rounds   how many trials; the number behind each figure unless given
  --store    on this database only
  --seed     repeats the choices of a run
  --record   keeps the result in proof/results; npm run docs writes it into the docs
`;

const STANDARD_SEED = 20_261_123;

/** @throws TypeError for what cannot be meant */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      store: { type: 'string' },
      seed: { type: 'string' },
      record: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || positionals.length === 0) return 'help';
  const figures = positionals.map((id) => {
    const found = FIGURES.find((figure) => figure.id.toLowerCase() === id.toLowerCase());
    if (found === undefined) throw new TypeError(`There is no figure ${id}`);
    return found;
  });
  const { store } = values;
  if (store !== undefined && store !== 'sqlite' && store !== 'postgres')
    throw new TypeError('--store is sqlite or postgres');
  return {
    figures,
    ground: store,
    rounds: values.rounds === undefined ? undefined : wholeNumber('--rounds', values.rounds),
    seed: values.seed === undefined ? STANDARD_SEED : wholeNumber('--seed', values.seed),
    record: values.record,
  };
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new TypeError(`${name} is a whole number above 0`);
  return number;
}
