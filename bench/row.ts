/** One line of the benchmark's table. */
import type { Options } from './options.ts';
import type { Spread } from './statistics.ts';

export interface Row {
  readonly name: string;
  measure(options: Options): Promise<Result>;
}

/** The cells of a line; a row leaves out what it does not measure. */
export interface Result {
  readonly ours: string;
  readonly peer?: string;
  readonly ratio?: string;
  /** Of what a bare Fastify handler does. */
  readonly share?: string;
  readonly target?: string;
  readonly met?: boolean;
  /** The figures behind the cells, for `--json`. */
  readonly figures: Readonly<Record<string, Spread | number>>;
}

export function times(ratio: Spread): string {
  return `${ratio.median.toFixed(2)}× (${ratio.lowest.toFixed(2)}–${ratio.highest.toFixed(2)})`;
}

export function perSecond(value: number): string {
  return `${Math.round(value).toLocaleString('en')}/s`;
}
