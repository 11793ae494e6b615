/** How large the server's process is once many opaque tokens are alive, every one of them issued through HTTP. */
import type { LoadResult } from '../load/load.ts';
import type { Options } from '../options.ts';
import { startProgram } from '../program.ts';
import type { Result, Row } from '../row.ts';
import type { Contestant } from '../servers/contestant.ts';
import { clientCredentials } from './requests.ts';

const TARGET_MB = 200;

export const memoryRow: Row = { name: 'memory', measure };

async function measure({ liveTokens }: Options): Promise<Result> {
  const generator = startProgram(new URL('../load/generator.ts', import.meta.url));
  const server = startProgram(new URL('../servers/tessera.ts', import.meta.url));
  try {
    const contestant = await server.call<Contestant>('listen');
    const load = { ...clientCredentials(contestant), connections: 32, answers: liveTokens };
    const { answersPerSecond } = await generator.call<LoadResult>('load', load);
    const megabytes = (await server.call<number>('residentBytes')) / 1e6;
    return {
      ours: `${Math.round(megabytes)} MB`,
      target: `≤ ${TARGET_MB} MB, ${liveTokens.toLocaleString('en')} live tokens`,
      met: megabytes <= TARGET_MB,
      figures: { megabytes, liveTokens, answersPerSecond },
    };
  } finally {
    await Promise.all([generator.stop(), server.stop()]);
  }
}
