/** What a check at the gateway costs: the same proxy with and without it, and the proxy that many put together themselves. */
import type { LoadResult } from '../load/load.ts';
import type { Options } from '../options.ts';
import { type Program, startProgram } from '../program.ts';
import { perSecond, type Result, type Row, times } from '../row.ts';
import { API_SERVER, type Contestant, JWT_API, OPAQUE_API, SCOPE } from '../servers/contestant.ts';
import type { GatewayRequest } from '../servers/gateway.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { clientCredentials } from './requests.ts';

const CONNECTIONS = 32;
const DISTINCT_TOKENS = 1000;
const WARM_UP_SECONDS = 2;

/** One way through a proxy. */
interface Way {
  readonly proxy: 'ours' | 'peer';
  readonly path: '/open' | '/jwt' | '/opaque';
}

interface GatewayRow {
  readonly name: string;
  readonly ours: Way;
  readonly other: Way;
  readonly target: number;
}

const OPEN: Way = { proxy: 'ours', path: '/open' };
const JWT: Way = { proxy: 'ours', path: '/jwt' };
const OPAQUE: Way = { proxy: 'ours', path: '/opaque' };
const PEER: Way = { proxy: 'peer', path: '/jwt' };

const ROWS: readonly GatewayRow[] = [
  { name: 'gateway, JWT ES256 (beside: no check)', ours: JWT, other: OPEN, target: 0.85 },
  { name: 'gateway, opaque, cached (beside: JWT)', ours: OPAQUE, other: JWT, target: 0.9 },
  {
    name: 'gateway, JWT ES256 (peer: http-proxy + express-oauth2-jwt-bearer)',
    ours: JWT,
    other: PEER,
    target: 1,
  },
];

export const gatewayRows: readonly Row[] = ROWS.map((row) => ({
  name: row.name,
  measure: (options) => measure(row, options),
}));

interface Field {
  readonly generator: Program;
  readonly proxies: Readonly<Record<Way['proxy'], Program>>;
  readonly ports: Readonly<Record<Way['proxy'], number>>;
  readonly tokens: Readonly<Record<Way['path'], readonly string[]>>;
}

async function measure(row: GatewayRow, options: Options): Promise<Result> {
  const programs = {
    generator: startProgram(new URL('../load/generator.ts', import.meta.url)),
    issuer: startProgram(new URL('../servers/tessera.ts', import.meta.url)),
    upstream: startProgram(new URL('../servers/upstream.ts', import.meta.url)),
    ours: startProgram(new URL('../servers/gateway.ts', import.meta.url)),
    peer: startProgram(new URL('../peers/http-proxy.ts', import.meta.url)),
  };
  try {
    return await compare(row, options, await prepare(programs));
  } finally {
    await Promise.all(Object.values(programs).map((program) => program.stop()));
  }
}

async function prepare(programs: Readonly<Record<string, Program>>): Promise<Field> {
  const { generator, issuer, upstream, ours, peer } = programs as Record<string, Program> & {
    readonly [name in 'generator' | 'issuer' | 'upstream' | 'ours' | 'peer']: Program;
  };
  const contestant = await issuer.call<Contestant>('listen');
  const request: GatewayRequest = {
    upstream: await upstream.call<string>('listen'),
    issuer: `http://127.0.0.1:${contestant.port}`,
    audience: JWT_API,
    opaqueAudience: OPAQUE_API,
    scope: SCOPE,
    clientId: API_SERVER.id,
    clientSecret: API_SERVER.secret,
  };
  const issue = async (format: 'jwt' | 'opaque'): Promise<readonly string[]> => {
    const load = {
      ...clientCredentials(contestant, format),
      connections: CONNECTIONS,
      answers: DISTINCT_TOKENS,
    };
    return (await generator.call<LoadResult>('load', { ...load, collect: true })).collected;
  };
  const jwt = await issue('jwt');
  return {
    generator,
    proxies: { ours, peer },
    ports: { ours: await ours.call('listen', request), peer: await peer.call('listen', request) },
    tokens: { '/open': jwt, '/jwt': jwt, '/opaque': await issue('opaque') },
  };
}

async function compare({ ours, other, target }: GatewayRow, options: Options, field: Field): Promise<Result> {
  const runs: { ours: Run[]; other: Run[] } = { ours: [], other: [] };
  for (const way of [ours, other]) await run(way, field, WARM_UP_SECONDS);
  for (let round = 0; round < options.runs; round++) {
    runs.other.push(await run(other, field, options.seconds));
    runs.ours.push(await run(ours, field, options.seconds));
  }
  const ratio = spreadOf(runs.ours.map((one, round) => one.perSecond / (runs.other[round]?.perSecond ?? 0)));
  const cpu = (all: readonly Run[]): Spread => spreadOf(all.map((one) => one.cpuMicroseconds));
  const figures = {
    ours: spreadOf(runs.ours.map((one) => one.perSecond)),
    peer: spreadOf(runs.other.map((one) => one.perSecond)),
    ratio,
    cpuOurs: cpu(runs.ours),
    cpuPeer: cpu(runs.other),
  };
  return {
    ours: perSecond(figures.ours.median),
    peer: perSecond(figures.peer.median),
    ratio: times(ratio),
    target: `≥ ${target}×`,
    met: ratio.median >= target,
    figures,
  };
}

interface Run {
  readonly perSecond: number;
  /** Of the proxy, for each answer. */
  readonly cpuMicroseconds: number;
}

async function run({ proxy, path }: Way, field: Field, seconds: number): Promise<Run> {
  const { generator, proxies, ports, tokens } = field;
  const load = {
    port: ports[proxy],
    path,
    method: 'GET',
    headers: { accept: 'application/json', 'user-agent': 'bench' },
    bearers: tokens[path],
    bodies: [''],
    expected: { member: 'ok', value: true },
    connections: CONNECTIONS,
    seconds,
  };
  const before = await proxies[proxy].call<number>('cpuMicroseconds');
  const { answers, answersPerSecond } = await generator.call<LoadResult>('load', load);
  const used = (await proxies[proxy].call<number>('cpuMicroseconds')) - before;
  return { perSecond: answersPerSecond, cpuMicroseconds: used / answers };
}
