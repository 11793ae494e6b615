/** The rows that compare servers under load: ours, the peer and a bare handler take turns, run by run. */
import type { Load, LoadResult } from '../load/load.ts';
import type { Options } from '../options.ts';
import { type Program, startProgram } from '../program.ts';
import { perSecond, type Result, type Row, times } from '../row.ts';
import { API_SERVER, APP, type Contestant, JWT_API, PLAYER, SCOPE } from '../servers/contestant.ts';
import { type Spread, spreadOf } from '../statistics.ts';

const CONNECTIONS = 32;
const DISTINCT_TOKENS = 2000;
const WARM_UP_SECONDS = 2;

interface Server {
  readonly program: Program;
  readonly contestant: Contestant;
}

/** What of a load differs from row to row; made anew for each run. */
type LoadOf = (server: Server, generator: Program) => Promise<Omit<Load, 'connections'>>;

interface HttpRow {
  readonly name: string;
  /** The least ratio to the peer, and what we aim for. */
  readonly target: number;
  readonly aim?: number;
  readonly loadOf: LoadOf;
}

const basic = ({
  id,
  secret,
}: {
  readonly id: string;
  readonly secret: string;
}): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

const OPAQUE_REQUEST = `grant_type=client_credentials&scope=${SCOPE}`;
const JWT_REQUEST = `${OPAQUE_REQUEST}&resource=${encodeURIComponent(JWT_API)}`;

function clientCredentials({ contestant }: Server, body: string): Omit<Load, 'connections'> {
  const { port, tokenPath: path } = contestant;
  return { port, path, headers: basic(APP), bodies: [body], expected: { member: 'access_token' } };
}

const introspection: LoadOf = async (server, generator) => {
  const issued = await generator.call<LoadResult>('load', {
    ...clientCredentials(server, OPAQUE_REQUEST),
    connections: CONNECTIONS,
    answers: DISTINCT_TOKENS,
    collect: true,
  });
  const { port, introspectionPath: path } = server.contestant;
  // The bare handler knows one token only; it does not look at it.
  const bodies = [...new Set(issued.collected)].map((token) => `token=${token}`);
  return { port, path, headers: basic(API_SERVER), bodies, expected: { member: 'active', value: true } };
};

const refresh: LoadOf = async ({ program, contestant }) => {
  const { port, tokenPath: path } = contestant;
  const tokens = await program.call<readonly string[]>('refreshTokens', CONNECTIONS);
  const prefix = `grant_type=refresh_token&client_id=${PLAYER.id}&refresh_token=`;
  const member = 'refresh_token';
  const bodies = tokens.map((token) => `${prefix}${token}`);
  return { port, path, headers: {}, bodies, chain: { prefix, member }, expected: { member } };
};

const HTTP_ROWS: readonly HttpRow[] = [
  {
    name: 'client credentials, opaque',
    target: 2.2,
    aim: 3,
    loadOf: (server) => Promise.resolve(clientCredentials(server, OPAQUE_REQUEST)),
  },
  {
    name: 'client credentials, JWT ES256',
    target: 2,
    aim: 3,
    loadOf: (server) => Promise.resolve(clientCredentials(server, JWT_REQUEST)),
  },
  { name: 'introspection, opaque', target: 3, loadOf: introspection },
  { name: 'refresh with rotation', target: 2, loadOf: refresh },
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
  for (const name of names)
    await run(row, servers[name], generator, WARM_UP_SECONDS);
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
  const load = { ...(await row.loadOf(server, generator)), connections: CONNECTIONS, seconds } satisfies Load;
  const before = await server.program.call<number>('cpuMicroseconds');
  const result = await generator.call<LoadResult>('load', load);
  const used = (await server.program.call<number>('cpuMicroseconds')) - before;
  return { perSecond: result.answersPerSecond, cpuMicroseconds: used / result.answers };
}
