/**
 * PostgreSQL beside SQLite: one node and two nodes on one database that waits for the disk. Everything runs on one machine:
 * two nodes share its processors with each other, with the database and with whoever asks them.
 */
import { startPostgres } from '../../test/postgres.ts';
import type { Options } from '../options.ts';
import { perSecond, type Result, type Row, times } from '../row.ts';
import { spreadOf } from '../statistics.ts';
import {
  introspectIssued,
  issueJwt,
  issueOpaque,
  type Node,
  type NodesResult,
  type RequestsFor,
  rotateChains,
  runNodes,
  startNode,
  stopNodes,
} from './nodes.ts';

const WARM_UP_SECONDS = 2;

const ROWS: readonly (readonly [name: string, requestsFor: RequestsFor])[] = [
  ['client credentials, opaque', issueOpaque],
  ['client credentials, JWT ES256', issueJwt],
  ['refresh with rotation', rotateChains],
  ['introspection, opaque', introspectIssued],
];

export const postgresRows: readonly Row[] = ROWS.map(([name, requestsFor]) => ({
  name: `PostgreSQL: ${name}`,
  measure: (options) => measure(requestsFor, options),
}));

async function measure(requestsFor: RequestsFor, options: Options): Promise<Result> {
  const postgres = await startPostgres({ durable: true });
  const started: Node[] = [];
  const start = async (database?: string): Promise<Node> => {
    const node = await startNode(database);
    started.push(node);
    return node;
  };
  try {
    const url = await postgres.createDatabase();
    const [one, other, embedded] = [await start(url), await start(url), await start()];
    return await compare(requestsFor, options, { one: [one], two: [one, other], sqlite: [embedded] });
  } finally {
    await stopNodes(started);
    await postgres.stop();
  }
}

type Setting = 'one' | 'two' | 'sqlite';

async function compare(
  requestsFor: RequestsFor,
  { runs, seconds }: Options,
  settings: Readonly<Record<Setting, readonly Node[]>>,
): Promise<Result> {
  const names = ['sqlite', 'one', 'two'] as const;
  const results: Record<Setting, NodesResult[]> = { one: [], two: [], sqlite: [] };
  // oxlint-disable no-await-in-loop -- each has the machine to itself
  for (const name of names) await runNodes(settings[name], requestsFor, Math.min(WARM_UP_SECONDS, seconds));
  for (let round = 0; round < runs; round += 1) {
    for (const name of names) results[name].push(await runNodes(settings[name], requestsFor, seconds));
  }
  // oxlint-enable no-await-in-loop
  const rate = (name: Setting) => spreadOf(results[name].map((each) => each.perSecond));
  const p99 = (name: Setting) => spreadOf(results[name].map((each) => each.p99));
  const ratio = spreadOf(
    results.one.map((each, round) => each.perSecond / (results.sqlite[round]?.perSecond ?? 0)),
  );
  return {
    ours: `one node ${perSecond(rate('one').median)}, two ${perSecond(rate('two').median)}`,
    peer: `SQLite ${perSecond(rate('sqlite').median)}`,
    ratio: times(ratio),
    figures: {
      one: rate('one'),
      two: rate('two'),
      sqlite: rate('sqlite'),
      ratio,
      oneP99: p99('one'),
      twoP99: p99('two'),
      sqliteP99: p99('sqlite'),
    },
  };
}
