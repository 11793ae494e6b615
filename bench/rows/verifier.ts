/** What an API pays for each check: for information, jose beside it where there is something to compare. */
import type { LoadResult } from '../load/load.ts';
import type { Options } from '../options.ts';
import { type Program, startProgram } from '../program.ts';
import { perSecond, type Result, type Row, times } from '../row.ts';
import { type Contestant, OPAQUE_API } from '../servers/contestant.ts';
import type { OpaqueCheck } from '../servers/verifier.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { clientCredentials } from './requests.ts';

const DISTINCT_TOKENS = 2000;
const CACHE_SECONDS = 60;

export const verifierRows: readonly Row[] = [
  { name: 'verifier, JWT ES256 (peer: jose)', measure: measureJwt },
  { name: 'verifier, opaque, introspected each time', measure: (options) => measureOpaque(options, 0) },
  { name: 'verifier, opaque, cached', measure: (options) => measureOpaque(options, CACHE_SECONDS) },
];

async function measureJwt({ runs, seconds }: Options): Promise<Result> {
  const program = startVerifier();
  try {
    const ours: number[] = [];
    const peer: number[] = [];
    for (let round = 0; round <= runs; round += 1) {
      peer.push(await program.call<number>('jose', seconds));
      ours.push(await program.call<number>('jwt', seconds));
    }
    const ratio = spreadOf(measured(ours.map((rate, round) => rate / (peer[round] ?? 0))));
    const figures = { ours: spreadOf(measured(ours)), peer: spreadOf(measured(peer)), ratio };
    return {
      ours: perSecond(figures.ours.median),
      peer: perSecond(figures.peer.median),
      ratio: times(ratio),
      figures,
    };
  } finally {
    await program.stop();
  }
}

async function measureOpaque({ runs, seconds }: Options, cacheSeconds: number): Promise<Result> {
  const program = startVerifier();
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

function startVerifier(): Program {
  return startProgram(new URL('../servers/verifier.ts', import.meta.url));
}
