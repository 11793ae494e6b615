/** What a token costs where few and where many are stored already: two servers take turns, run by run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../test/postgres.ts';
import type { Options } from '../options.ts';
import { perSecond, type Result, type Row, times } from '../row.ts';
import { seedPostgres, seedSqlite } from '../seed.ts';
import { spreadOf } from '../statistics.ts';
import { issueOpaque, type Node, runNodes, startNode, stopNodes } from './nodes.ts';

const FEW = 10_000;
const TARGET = 1.2;
const WARM_UP_SECONDS = 2;

type StoreKind = 'SQLite' | 'PostgreSQL';

export const storedTokensRows: readonly Row[] = (['SQLite', 'PostgreSQL'] as const).map((store) => ({
  name: `many tokens stored, ${store}`,
  measure: (options) => measure(options, store),
}));

/** Databases that are gone in the end. */
interface Databases {
  /** @returns the URL of one that holds so many tokens */
  filled(tokens: number): Promise<string>;
  discard(): Promise<void>;
}

async function measure(options: Options, store: StoreKind): Promise<Result> {
  const databases = store === 'SQLite' ? sqliteDatabases() : await postgresDatabases();
  const started: Node[] = [];
  try {
    for (const tokens of [FEW, options.storedTokens]) {
      // oxlint-disable-next-line no-await-in-loop -- the second is filled when the first is
      started.push(await startNode(await databases.filled(tokens)));
    }
    const [few, many] = started;
    if (few === undefined || many === undefined) throw new Error('no servers');
    return await compare(few, many, options);
  } finally {
    await stopNodes(started);
    await databases.discard();
  }
}

function sqliteDatabases(): Databases {
  const directory = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
  return {
    async filled(tokens) {
      const file = join(directory, `${tokens}.db`);
      await migrated(`sqlite:${file}`);
      seedSqlite(file, tokens);
      return `sqlite:${file}`;
    },
    discard: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

async function postgresDatabases(): Promise<Databases> {
  const postgres = await startPostgres({ durable: true });
  return {
    async filled(tokens) {
      const url = await postgres.createDatabase();
      await migrated(url);
      await seedPostgres(url, tokens);
      return url;
    },
    discard: () => postgres.stop(),
  };
}

/** A server makes the tables. */
async function migrated(database: string): Promise<void> {
  await stopNodes([await startNode(database)]);
}

async function compare(few: Node, many: Node, { runs, seconds, storedTokens }: Options): Promise<Result> {
  const rates: { few: number; many: number }[] = [];
  const run = async (node: Node, of: number): Promise<number> =>
    (await runNodes([node], issueOpaque, of)).perSecond;
  // oxlint-disable no-await-in-loop -- each has the machine to itself
  for (const node of [few, many]) await run(node, Math.min(WARM_UP_SECONDS, seconds));
  for (let round = 0; round < runs; round += 1) {
    rates.push({ few: await run(few, seconds), many: await run(many, seconds) });
  }
  // oxlint-enable no-await-in-loop
  const ratio = spreadOf(rates.map((each) => each.few / each.many));
  const [fewRate, manyRate] = [
    spreadOf(rates.map((each) => each.few)),
    spreadOf(rates.map((each) => each.many)),
  ];
  return {
    ours: `${perSecond(manyRate.median)} at ${storedTokens.toLocaleString('en')}, ${perSecond(fewRate.median)} at ${FEW.toLocaleString('en')}`,
    ratio: times(ratio),
    target: `≤ ${TARGET}× the cost`,
    met: ratio.median <= TARGET,
    figures: { few: fewRate, many: manyRate, ratio, storedTokens },
  };
}
