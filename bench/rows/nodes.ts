/** Nodes of ours under load, one or several on one database. */
import type { LoadResult } from '../load/load.ts';
import { type Program, startProgram } from '../program.ts';
import type { Contestant } from '../servers/contestant.ts';
import { clientCredentials, introspection, refresh, type Requests } from './requests.ts';

const CONNECTIONS = 32;
const DISTINCT_TOKENS = 2000;

/** A server with a generator of its own. */
export interface Node {
  readonly program: Program;
  readonly contestant: Contestant;
  readonly generator: Program;
}

/** The requests of a row, made anew for each run. */
export type RequestsFor = (node: Node) => Promise<Requests>;

/** @param database absent: a SQLite file of its own */
export async function startNode(database?: string): Promise<Node> {
  const program = startProgram(
    new URL('../servers/tessera.ts', import.meta.url),
    database === undefined ? {} : { BENCH_DATABASE: database },
  );
  const generator = startProgram(new URL('../load/generator.ts', import.meta.url));
  return { program, generator, contestant: await program.call<Contestant>('listen') };
}

export async function stopNodes(nodes: readonly Node[]): Promise<void> {
  await Promise.all(nodes.flatMap(({ program, generator }) => [program.stop(), generator.stop()]));
}

export interface NodesResult {
  /** Of all nodes together. */
  readonly perSecond: number;
  /** Of one answer, in milliseconds: the worst node's. */
  readonly p99: number;
}

/** All nodes at once, each with connections of its own. */
export async function runNodes(
  nodes: readonly Node[],
  requestsFor: RequestsFor,
  seconds: number,
): Promise<NodesResult> {
  const loads = await Promise.all(
    nodes.map(async (node) => ({ ...(await requestsFor(node)), connections: CONNECTIONS, seconds })),
  );
  const results = await Promise.all(
    nodes.map(({ generator }, place) => generator.call<LoadResult>('load', loads[place])),
  );
  return {
    perSecond: results.reduce((sum, { answersPerSecond }) => sum + answersPerSecond, 0),
    p99: Math.max(...results.map(({ p99 }) => p99)),
  };
}

export const issueOpaque: RequestsFor = ({ contestant }) => Promise.resolve(clientCredentials(contestant));

export const issueJwt: RequestsFor = ({ contestant }) =>
  Promise.resolve(clientCredentials(contestant, 'jwt'));

export const introspectIssued: RequestsFor = async ({ contestant, generator }) => {
  const { collected } = await generator.call<LoadResult>('load', {
    ...clientCredentials(contestant),
    connections: CONNECTIONS,
    answers: DISTINCT_TOKENS,
    collect: true,
  });
  return introspection(contestant, [...new Set(collected)]);
};

export const rotateChains: RequestsFor = async ({ contestant, program }) =>
  refresh(contestant, await program.call<readonly string[]>('refreshTokens', CONNECTIONS));
