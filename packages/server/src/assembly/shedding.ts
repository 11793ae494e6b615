/** What turns requests away: how late this node is, and how often one address may ask. */
import { type Config, type RateName, requestRatesOf } from '../config.ts';
import type { Shedding } from '../http/shed-load.ts';
import { BEAT_MS, createOverload } from '../limits/overload.ts';
import type { RequestRate } from '../limits/request-rates.ts';

const monotonic = (): number => performance.now();

/** The rates that are not off; each node counts for itself. */
export function requestRates(config: Config): Partial<Readonly<Record<RateName, RequestRate>>> {
  return requestRatesOf(config, monotonic);
}

export interface WatchedLoad {
  readonly shedding: Shedding;
  stop(): void;
}

/** Watches from now on how late this node is. @param seed four random bytes */
export function watchLoad(
  config: Config,
  seed: Uint8Array,
  ratePerAddress: RequestRate | undefined,
  shed: NonNullable<Shedding['shed']>,
): WatchedLoad {
  const overload = createOverload({
    waitMs: config.overload_wait,
    monotonic,
    seed: Buffer.from(seed).readUInt32LE(),
  });
  const timer = setInterval(() => overload.beat(), BEAT_MS);
  timer.unref();
  return {
    shedding: { overload, shed, ...(ratePerAddress === undefined ? {} : { ratePerAddress }) },
    stop: () => clearInterval(timer),
  };
}
