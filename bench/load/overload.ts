/**
 * Ten times as many connections as a server needs for its peak: how much is still answered, how fast, and whether
 * health and a quiet app notice.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { API_SERVER, APP } from '../servers/contestant.ts';
import { press, type Seen } from './pressure.ts';

const PEAK_CONNECTIONS = 32;
const TIMES = 10;
const QUIET_EVERY_MS = 50;
const SETTLED_SECONDS = 1;

export interface Overload {
  readonly peak: Seen;
  readonly peakSeconds: number;
  readonly pressed: Seen;
  /** Those who ask now and then meanwhile. */
  readonly health: Seen;
  readonly quiet: Seen;
}

/** @param peakSeconds how long the peak is measured before */
export async function overload(port: number, seconds: number, peakSeconds = seconds): Promise<Overload> {
  const next = (): string => TOKEN;
  await press({ port, next, connections: PEAK_CONNECTIONS, seconds: Math.min(3, peakSeconds / 2) });
  const peak = await press({ port, next, connections: PEAK_CONNECTIONS, seconds: peakSeconds });
  // They were there before, and connected.
  const bystanders = askQuietly(port, seconds + SETTLED_SECONDS);
  await wait(SETTLED_SECONDS * 1000);
  const pressed = await press({ port, next, connections: PEAK_CONNECTIONS * TIMES, seconds });
  return { peak, peakSeconds, pressed, ...(await bystanders) };
}

/** Health, and an app that asks twenty times a second. */
export async function askQuietly(port: number, seconds: number): Promise<Pick<Overload, 'health' | 'quiet'>> {
  const now = { port, connections: 1, seconds, pauseMs: QUIET_EVERY_MS };
  const [health, quiet] = await Promise.all([
    press({ ...now, next: () => HEALTH }),
    press({ ...now, next: () => QUIET }),
  ]);
  return { health, quiet };
}

const basic = ({ id, secret }: { readonly id: string; readonly secret: string }): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** @param line method, path and version */
export function request(line: string, headers: Readonly<Record<string, string>> = {}, body = ''): string {
  const length = body === '' ? {} : { 'content-type': FORM, 'content-length': String(body.length) };
  const fields = Object.entries({ host: '127.0.0.1', ...headers, ...length });
  return [line, ...fields.map((field) => field.join(': ')), '', body].join('\r\n');
}

const FORM = 'application/x-www-form-urlencoded';
const TOKEN = request(
  'POST /api/token HTTP/1.1',
  { authorization: basic(APP) },
  'grant_type=client_credentials',
);
const HEALTH = request('GET /health/live HTTP/1.1');
const QUIET = request('POST /api/introspect HTTP/1.1', { authorization: basic(API_SERVER) }, 'token=none');
