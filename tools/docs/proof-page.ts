/** docs/reference/proof.md: every figure, how it is tried, and what was found when it was recorded. */
import { readdirSync } from 'node:fs';
import { upperBound } from '../../proof/bounds.ts';
import type { Figure } from '../../proof/figure.ts';
import { FIGURES } from '../../proof/figures.ts';
import { readRuns, type RecordedResult, RESULTS } from '../../proof/record.ts';
import { code, table } from './markdown.ts';

/** The runs of a figure on one ground. */
type Runs = readonly [RecordedResult, ...RecordedResult[]];

export function proofPage(): string {
  const results = readResults();
  const rows = FIGURES.flatMap((figure) => {
    const name = `[${figure.id}](#${figure.id.toLowerCase()})`;
    const found = results.filter(([{ figure: id }]) => id === figure.id);
    if (found.length === 0) return [[name, figure.claim, 'not recorded yet', '', '', '', '']];
    return found.map((runs) => {
      const [trials, failed] = [sum(runs, 'trials'), sum(runs, 'failed')];
      const bound = percent(upperBound(failed, trials));
      return [
        name,
        figure.claim,
        groundOf(runs[0]),
        `${count(trials)} × ${figure.trial}`,
        String(failed),
        bound,
        limitsOf(runs),
      ];
    });
  });
  return `# Proof

What Tessera claims about its reliability is tried by programs in the repository's directory ${code('proof')}. Each tries to break one
claim, as often as it is told to:

\`\`\`sh
npm run proof -- R1 --rounds 200 --store postgres
\`\`\`

Below is what was found when the results were recorded (${code('--record')}). Trials that did not fail prove nothing for good; they bound how
often a failure can come. *At most* is the 95 % upper bound of the share of trials that fail (Clopper and Pearson, one-sided): without
a failure in n trials about 3/n.

${table(['', 'Claim', 'On', 'Trials', 'Failed', 'At most', 'Limits'], rows)}

A small part of each runs with every ${code('npm test')}.

${FIGURES.map((figure) => section(figure, results)).join('\n')}`;
}

function section(figure: Figure, results: readonly Runs[]): string {
  const found = results.filter(([{ figure: id }]) => id === figure.id);
  return `## ${figure.id}

${sentence(figure.claim)}

${sentence(figure.method)}

${found.map((runs) => recorded(figure, runs)).join('\n') || 'Not recorded yet.\n'}`;
}

function recorded(figure: Figure, runs: Runs): string {
  const [first] = runs;
  const rows = runs.map(({ date, seed, seconds, load, trials, failed, figures }) => [
    date,
    String(seed),
    count(trials),
    String(failed),
    String(Math.round(seconds / 60)),
    String(load),
    ...Object.keys(first.figures).map((name) => count(figures[name] ?? Number.NaN)),
  ]);
  const names = Object.keys(first.figures).map((name) => {
    const limit = first.limits[name];
    return limit === undefined ? code(name) : `${code(name)} (at most ${count(limit)})`;
  });
  return `On ${groundOf(first)}, ${first.machine}, shared with other work:

${table(['Date', 'Seed', `Trials (${figure.trial})`, 'Failed', 'Minutes', 'Load', ...names], rows)}
`;
}

/** Whether the runs kept them, without a word of excuse: the load is in the table of the runs. */
function limitsOf(runs: Runs): string {
  const limited = runs.filter(({ limits }) => Object.keys(limits).length > 0);
  const broken = limited.map(exceededBy).filter((names) => names.length > 0);
  if (broken.length === 0) return limited.length > 0 ? 'kept' : '';
  const names = [...new Set(broken.flat())].map(code).join(', ');
  return limited.length === 1
    ? `exceeded: ${names}`
    : `exceeded in ${broken.length} of ${limited.length} runs: ${names}`;
}

function exceededBy({ limits, figures }: RecordedResult): readonly string[] {
  return Object.entries(limits)
    .filter(([name, most]) => !((figures[name] ?? Number.NaN) <= most))
    .map(([name]) => name);
}

const sum = (runs: Runs, what: 'trials' | 'failed'): number =>
  runs.reduce((total, run) => total + run[what], 0);
const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
const percent = (rate: number): string => `${Number((rate * 100).toPrecision(2))} %`;
const GROUNDS = { sqlite: 'SQLite', postgres: 'PostgreSQL', none: 'no database' } as const;
const groundOf = ({ ground }: RecordedResult): string => GROUNDS[ground];

function readResults(): readonly Runs[] {
  return readdirSync(RESULTS)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => {
      const [first, ...others] = readRuns(new URL(name, RESULTS));
      if (first === undefined) throw new Error(`${name} holds no run`);
      return [first, ...others];
    });
}
