// A result as it is kept: what was found, when, on what, with which seed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { upperBound } from './bounds.ts';
import { exceeded, type Figure, type Ground, type Outcome } from './figure.ts';

export interface RecordedResult {
  readonly figure: string;
  readonly ground: Ground;
  readonly date: string;
  readonly machine: string;
  /** Processes that wanted a processor in the last quarter of an hour, others' included. */
  readonly load: number;
  readonly seed: number;
  readonly seconds: number;
  readonly trials: number;
  readonly failed: number;
  /** Of the share of trials that fail, with 95 % confidence. */
  readonly upperBound: number;
  /** Whether nothing failed and every limit was kept. */
  readonly held: boolean;
  readonly figures: Readonly<Record<string, number>>;
  readonly limits: Readonly<Record<string, number>>;
}

export const RESULTS = new URL('results/', import.meta.url);

export interface Run {
  readonly ground: Ground;
  readonly seed: number;
  readonly startedAt: Date;
  readonly seconds: number;
}

export function resultOf(figure: Figure, outcome: Outcome, run: Run): RecordedResult {
  const { trials, failed, figures, limits = [] } = outcome;
  return {
    figure: figure.id,
    ground: run.ground,
    date: run.startedAt.toISOString().slice(0, 10),
    machine: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.versions.node}`,
    load: Math.round(loadavg()[2] ?? 0),
    seed: run.seed,
    seconds: Math.round(run.seconds),
    trials,
    failed,
    upperBound: Number(upperBound(failed, trials).toPrecision(2)),
    held: failed === 0 && exceeded(outcome).length === 0,
    figures,
    limits: Object.fromEntries(limits.map(({ figure: name, most }) => [name, most])),
  };
}

/** Adds the run to those that are kept of the figure: a long proof may be put together from runs with different seeds. */
export function keep(result: RecordedResult): void {
  mkdirSync(RESULTS, { recursive: true });
  const name = result.ground === 'none' ? result.figure : `${result.figure}-${result.ground}`;
  const file = fileURLToPath(new URL(`${name}.json`, RESULTS));
  const runs = [...(existsSync(file) ? readRuns(file) : []), result];
  writeFileSync(file, `${JSON.stringify(runs, undefined, 2)}\n`);
}

export function readRuns(file: string | URL): readonly RecordedResult[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `keep` wrote
  return JSON.parse(readFileSync(file, 'utf8')) as readonly RecordedResult[];
}
