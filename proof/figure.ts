// A figure: a claim about reliability, and the program that tries to break it.
import type { StoreKind } from '../test/harness.ts';

/** Where its trials run: on a database, or without one. */
export type Ground = StoreKind | 'none';

export interface Figure {
  /** As the list of claims names it: `R1`. */
  readonly id: string;
  readonly claim: string;
  /** How it is tried, for the docs. */
  readonly method: string;
  /** What one trial is called: `kill`. */
  readonly trial: string;
  readonly grounds: readonly Ground[];
  /** Trials in the test run, and without a number on the command line. */
  readonly sizes: { readonly test: number; readonly usual: number };
  measure(settings: Settings): Promise<Outcome>;
}

export interface Settings {
  readonly ground: Ground;
  /** How many trials. */
  readonly rounds: number;
  /** The same number makes the same choices again. */
  readonly seed: number;
  /** Progress, for whoever waits. */
  readonly tell: (line: string) => void;
}

export interface Outcome {
  readonly trials: number;
  /** What broke the claim, in words, at most `WORTH_TELLING` of them. */
  readonly failures: readonly string[];
  /** How many trials failed. */
  readonly failed: number;
  /** What else was counted or measured; names end in their unit. */
  readonly figures: Readonly<Record<string, number>>;
  /** Bounds that a measured figure has to keep. */
  readonly limits?: readonly Limit[];
}

export interface Limit {
  readonly figure: string;
  readonly most: number;
}

const WORTH_TELLING = 20;

/** Collects what broke the claim; a trial fails once, however much went wrong in it. */
export class Failures {
  readonly told: string[] = [];
  failed = 0;

  add(trial: readonly string[]): void {
    if (trial.length === 0) return;
    this.failed += 1;
    for (const one of trial) if (this.told.length < WORTH_TELLING) this.told.push(one);
  }
}

/** The exceeded limits, in words. A figure that was not measured exceeds its limit. */
export function exceeded({ figures, limits = [] }: Outcome): readonly string[] {
  return limits
    .filter(({ figure, most }) => !((figures[figure] ?? Number.NaN) <= most))
    .map(({ figure, most }) => `${figure} is ${figures[figure]}, more than ${most}`);
}
