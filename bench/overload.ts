/**
 * R16: ten times as many connections as the server needs for its peak. How much is still answered, how fast, and
 * whether health and a quiet app notice. `node --conditions=@tessera/source bench/overload.ts [seconds]`
 */
import { fileURLToPath } from 'node:url';
import { type Answer, type Connection, openConnection } from './load/connection.ts';
import { startProgram } from './program.ts';
import { API_SERVER, APP, type Contestant } from './servers/contestant.ts';

const PEAK_CONNECTIONS = 32;
const TIMES = 10;
const QUIET_EVERY_MS = 50;

export interface OverloadFigures {
  readonly peakPerSecond: number;
  readonly goodputPerSecond: number;
  /** Of the peak. */
  readonly goodputShare: number;
  readonly admittedP99Ms: number;
  /** Answers with 503. */
  readonly shed: number;
  /** Answers that are neither 200 nor 503, and connections that broke. */
  readonly failed: number;
  readonly healthMaxMs: number;
  readonly healthFailed: number;
  /** An app that asks twenty times a second. */
  readonly quietP99Ms: number;
  readonly quietFailed: number;
}

export async function measureOverload(seconds: number): Promise<OverloadFigures> {
  const server = startProgram(new URL('servers/tessera.ts', import.meta.url));
  try {
    const { port } = await server.call<Contestant>('listen');
    await press(port, PEAK_CONNECTIONS, Math.min(3, seconds));
    const peak = await press(port, PEAK_CONNECTIONS, seconds);
    const [pressed, health, quiet] = await Promise.all([
      press(port, PEAK_CONNECTIONS * TIMES, seconds),
      ask(port, HEALTH, seconds),
      ask(port, QUIET, seconds),
    ]);
    return {
      peakPerSecond: Math.round(peak.good.length / seconds),
      goodputPerSecond: Math.round(pressed.good.length / seconds),
      goodputShare: pressed.good.length / peak.good.length,
      admittedP99Ms: p99(pressed.good),
      shed: pressed.shed,
      failed: pressed.failed,
      healthMaxMs: Math.max(...health.good),
      healthFailed: health.shed + health.failed,
      quietP99Ms: p99(quiet.good),
      quietFailed: quiet.shed + quiet.failed,
    };
  } finally {
    await server.stop();
  }
}

const basic = ({ id, secret }: { readonly id: string; readonly secret: string }): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

const request = (line: string, authorization?: string, body = ''): string =>
  [
    line,
    'host: 127.0.0.1',
    ...(authorization === undefined ? [] : [`authorization: ${authorization}`]),
    ...(body === ''
      ? []
      : ['content-type: application/x-www-form-urlencoded', `content-length: ${body.length}`]),
    '',
    body,
  ].join('\r\n');

const TOKEN = request('POST /api/token HTTP/1.1', basic(APP), 'grant_type=client_credentials');
const HEALTH = request('GET /health/live HTTP/1.1');
const QUIET = request('POST /api/introspect HTTP/1.1', basic(API_SERVER), 'token=none');

interface Seen {
  /** Milliseconds of each 200. */
  readonly good: number[];
  shed: number;
  failed: number;
}

/** As many connections, each asking again as soon as it is answered, whatever the answer. */
async function press(port: number, connections: number, seconds: number): Promise<Seen> {
  const seen: Seen = { good: [], shed: 0, failed: 0 };
  const until = performance.now() + seconds * 1000;
  await Promise.all(Array.from({ length: connections }, () => loop(port, TOKEN, until, seen, 0)));
  return seen;
}

/** One connection that asks now and then. */
async function ask(port: number, text: string, seconds: number): Promise<Seen> {
  const seen: Seen = { good: [], shed: 0, failed: 0 };
  await loop(port, text, performance.now() + seconds * 1000, seen, QUIET_EVERY_MS);
  return seen;
}

async function loop(port: number, text: string, until: number, seen: Seen, pauseMs: number): Promise<void> {
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();
  let [sentAt, isTaken] = [0, false];
  const send = (): void => {
    sentAt = performance.now();
    connection.send(text);
  };
  const heard = ({ status }: Answer): void => {
    const now = performance.now();
    // The first answer says only that the connection was taken, one in each turn of the server's event loop.
    if (!isTaken) isTaken = true;
    else if (status === 200) seen.good.push(now - sentAt);
    else if (status === 503) seen.shed += 1;
    else seen.failed += 1;
    if (now >= until) finish();
    else if (pauseMs === 0) send();
    else setTimeout(send, pauseMs);
  };
  const connection: Connection = await openConnection(port, heard, () => {
    seen.failed += 1;
    finish();
  });
  send();
  await over;
  connection.close();
}

function p99(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.POSITIVE_INFINITY;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const figures = await measureOverload(Number(process.argv[2] ?? 10));
  process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
  const { goodputShare, admittedP99Ms, healthMaxMs, healthFailed, quietFailed, failed } = figures;
  const holds =
    goodputShare >= 0.8 &&
    admittedP99Ms <= 1000 &&
    healthMaxMs <= 1000 &&
    healthFailed + quietFailed + failed === 0;
  process.exitCode = holds ? 0 : 1;
}
