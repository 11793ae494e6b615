/** What an API gets done when it has to ask about opaque tokens: for information. */
import type { LoadResult } from '../load/load.ts';
import type { Options } from '../options.ts';
import { startProgram } from '../program.ts';
import { perSecond, type Result, type Row } from '../row.ts';
import { type Contestant, OPAQUE_API } from '../servers/contestant.ts';
import type { OpaqueCheck } from '../servers/verifier.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { clientCredentials } from './requests.ts';

const DISTINCT_TOKENS = 2000;
const CACHE_SECONDS = 60;

export const verifierRows: readonly Row[] = [
  { name: 'verifier, opaque, introspected each time', measure: (options) => measureOpaque(options, 0) },
  { name: 'verifier, opaque, cached', measure: (options) => measureOpaque(options, CACHE_SECONDS) },
];

async function measureOpaque({ runs, seconds }: Options, cacheSeconds: number): Promise<Result> {
  const program = startProgram(new URL('../servers/verifier.ts', import.meta.url));
  const generator = startProgram(new URL('../load/generator.ts', import.meta.url));
  const server = startProgram(new URL('../servers/tessera.ts', import.meta.url));
  try {
    const contestant = await server.call<Contestant>('listen');
    const issued = {
      ...clientCredentials(contestant),
      connections: 32,
      answers: DISTINCT_TOKENS,
      collect: true,
    };
    const { collected: tokens } = await generator.call<LoadResult>('load', issued);
    const issuer = `http://127.0.0.1:${contestant.port}`;
    const check: OpaqueCheck = { issuer, audience: OPAQUE_API, tokens, cacheSeconds, seconds };
    const rates: number[] = [];
    for (let round = 0; round <= runs; round += 1) rates.push(await program.call<number>('opaque', check));
    const ours: Spread = spreadOf(measured(rates));
    return { ours: perSecond(ours.median), figures: { ours } };
  } finally {
    await Promise.all([program, generator, server].map((each) => each.stop()));
  }
}

/** Without the first, which warmed things up. */
function measured(values: readonly number[]): readonly number[] {
  return values.slice(1);
}
