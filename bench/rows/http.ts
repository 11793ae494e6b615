/** The rows that compare servers under load: ours, the peer and a bare handler take turns, run by run. */
import type { FlowLoad } from '../load/flows.ts';
import type { Load, LoadResult } from '../load/load.ts';
import type { Options } from '../options.ts';
import { type Program, startProgram } from '../program.ts';
import { perSecond, type Result, type Row, times } from '../row.ts';
import type { Contestant } from '../servers/contestant.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import {
  assertedClientCredentials,
  boundClientCredentials,
  clientCredentials,
  type Flows,
  introspection,
  pushedFlows,
  refresh,
  type Requests,
} from './requests.ts';
import { signIn } from './sign-in.ts';

const CONNECTIONS = 32;
const DISTINCT_TOKENS = 2000;
const WARM_UP_SECONDS = 2;

interface Server {
  readonly program: Program;
  readonly contestant: Contestant;
}

/** The requests of a row, made anew for each run. */
type RequestsFor = (server: Server, generator: Program) => Promise<Requests | Flows>;

interface HttpRow {
  readonly name: string;
  /** The least ratio to the peer, and what we aim for. */
  readonly target: number;
  readonly aim?: number;
  readonly requestsFor: RequestsFor;
}

/** The bare handler knows one token only and does not look at it; from the others come as many as are asked for. */
const introspectIssued: RequestsFor = async ({ contestant }, generator) => {
  const { collected } = await generator.call<LoadResult>('load', {
    ...clientCredentials(contestant),
    connections: CONNECTIONS,
    answers: DISTINCT_TOKENS,
    collect: true,
  });
  return introspection(contestant, [...new Set(collected)]);
};

const rotateChains: RequestsFor = async ({ program, contestant }) =>
  refresh(contestant, await program.call<readonly string[]>('refreshTokens', CONNECTIONS));

const pushAndRedeem: RequestsFor = async ({ contestant }) =>
  pushedFlows(contestant, await signIn(contestant, CONNECTIONS));

const HTTP_ROWS: readonly HttpRow[] = [
  {
    name: 'client credentials, opaque',
    target: 2.2,
    aim: 3,
    requestsFor: ({ contestant }) => Promise.resolve(clientCredentials(contestant)),
  },
  {
    name: 'client credentials, JWT ES256',
    target: 2,
    aim: 3,
    requestsFor: ({ contestant }) => Promise.resolve(clientCredentials(contestant, 'jwt')),
  },
  {
    name: 'client credentials, private_key_jwt (ES256)',
    target: 2,
    requestsFor: ({ contestant }) => Promise.resolve(assertedClientCredentials(contestant)),
  },
  {
    name: 'client credentials, opaque, DPoP-bound',
    target: 2,
    requestsFor: ({ contestant }) => Promise.resolve(boundClientCredentials(contestant)),
  },
  { name: 'introspection, opaque', target: 3, requestsFor: introspectIssued },
  { name: 'refresh with rotation', target: 2, requestsFor: rotateChains },
  { name: 'PAR + code flow end to end', target: 2, requestsFor: pushAndRedeem },
];

const SERVERS = {
  ours: new URL('../servers/tessera.ts', import.meta.url),
  peer: new URL('../peers/oidc-provider.ts', import.meta.url),
  bare: new URL('../servers/bare-fastify.ts', import.meta.url),
} as const;
type ServerName = keyof typeof SERVERS;

export const httpRows: readonly Row[] = HTTP_ROWS.map((row) => ({
  name: row.name,
  measure: (options) => measure(row, options),
}));

async function measure(row: HttpRow, options: Options): Promise<Result> {
  const generator = startProgram(new URL('../load/generator.ts', import.meta.url));
  const servers: Readonly<Record<ServerName, Server>> = {
    ours: await start('ours'),
    peer: await start('peer'),
    bare: await start('bare'),
  };
  const programs = [generator, ...Object.values(servers).map((server) => server.program)];
  try {
    return await compare(row, options, servers, generator);
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
  }
}

async function start(name: ServerName): Promise<Server> {
  const program = startProgram(SERVERS[name]);
  return { program, contestant: await program.call<Contestant>('listen') };
}

interface Run {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

async function compare(
  row: HttpRow,
  options: Options,
  servers: Readonly<Record<ServerName, Server>>,
  generator: Program,
): Promise<Result> {
  const runs: Record<ServerName, Run[]> = { ours: [], peer: [], bare: [] };
  const names = ['peer', 'ours', 'bare'] as const;
  for (const name of names) await run(row, servers[name], generator, WARM_UP_SECONDS);
  for (let round = 0; round < options.runs; round++) {
    for (const name of names) runs[name].push(await run(row, servers[name], generator, options.seconds));
  }
  const rate = (name: ServerName): Spread => spreadOf(runs[name].map((one) => one.perSecond));
  const cpu = (name: ServerName): Spread => spreadOf(runs[name].map((one) => one.cpuMicroseconds));
  const toOthers = (other: ServerName): Spread =>
    spreadOf(runs.ours.map((one, round) => one.perSecond / (runs[other][round]?.perSecond ?? 0)));
  const ratio = toOthers('peer');
  const share = toOthers('bare');
  return {
    ours: perSecond(rate('ours').median),
    peer: perSecond(rate('peer').median),
    ratio: times(ratio),
    share: `${Math.round(share.median * 100)} %`,
    target: `≥ ${row.target}×${row.aim === undefined ? '' : ` (aim ${row.aim}×)`}`,
    met: ratio.median >= row.target,
    figures: {
      ours: rate('ours'),
      peer: rate('peer'),
      bare: rate('bare'),
      ratio,
      share,
      cpuOurs: cpu('ours'),
      cpuPeer: cpu('peer'),
      cpuBare: cpu('bare'),
    },
  };
}

async function run(row: HttpRow, server: Server, generator: Program, seconds: number): Promise<Run> {
  const requests = await row.requestsFor(server, generator);
  const load: Load | FlowLoad = { ...requests, connections: CONNECTIONS, seconds };
  const before = await server.program.call<number>('cpuMicroseconds');
  const result = await generator.call<LoadResult>('pushPath' in load ? 'flows' : 'load', load);
  const used = (await server.program.call<number>('cpuMicroseconds')) - before;
  return { perSecond: result.answersPerSecond, cpuMicroseconds: used / result.answers };
}
