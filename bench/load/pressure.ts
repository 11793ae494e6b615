/** Connections that ask again as soon as they are answered, whatever the answer: how a server fares under them. */
import { type Answer, type Connection, openConnection } from './connection.ts';

export interface Pressure {
  readonly port: number;
  /** The next request, whole. */
  readonly next: () => string;
  readonly connections: number;
  readonly seconds: number;
  /** Milliseconds between an answer and the next request; 0 unless given. */
  readonly pauseMs?: number;
  /** What is no failure beside 200. */
  readonly expected?: readonly number[];
}

export interface Seen {
  /** Of what was answered as it should be. */
  readonly good: Durations;
  /** Turned away with 503, and told when to come again. */
  shed: number;
  /** Everything else, and connections that broke. */
  failed: number;
  /** What went wrong in which second from the beginning; one for each. */
  readonly wrong: Map<number, string>;
}

/** Any number of milliseconds, in little memory. */
export class Durations {
  readonly #counts = new Uint32Array(60_001);
  count = 0;
  longestMs = 0;

  add(milliseconds: number): void {
    const at = Math.min(Math.ceil(milliseconds), this.#counts.length - 1);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.count += 1;
    this.longestMs = Math.max(this.longestMs, milliseconds);
  }

  /** What 99 of 100 do not exceed; infinite without any. */
  p99Ms(): number {
    let left = Math.ceil(this.count * 0.99);
    if (left === 0) return Number.POSITIVE_INFINITY;
    return this.#counts.findIndex((count) => (left -= count) <= 0);
  }
}

export async function press(pressure: Pressure): Promise<Seen> {
  const seen: Seen = { good: new Durations(), shed: 0, failed: 0, wrong: new Map() };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: pressure.connections }, () => ask(pressure, startedAt, seen)));
  return seen;
}

async function ask(pressure: Pressure, startedAt: number, seen: Seen): Promise<void> {
  const { port, next, seconds, pauseMs = 0, expected = [] } = pressure;
  const until = startedAt + seconds * 1000;
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();
  let [sentAt, isTaken] = [0, false];
  const send = (): void => {
    sentAt = performance.now();
    connection.send(next());
  };
  const heard = (answer: Answer): void => {
    const now = performance.now();
    // The first answer says only that the connection was taken, one in each turn of the server's event loop.
    const isCounted = isTaken;
    if (isCounted) note(answer, now - sentAt, now - startedAt, seen, expected);
    isTaken = true;
    // Everybody is heard once, however late it gets.
    if (isCounted && now >= until) finish();
    else if (pauseMs === 0) send();
    else setTimeout(send, pauseMs);
  };
  const connection: Connection = await openConnection(port, heard, (error) => {
    fail(seen, performance.now() - startedAt, error.message);
    finish();
  });
  send();
  await over;
  connection.close();
}

function note(
  { status, head }: Answer,
  tookMs: number,
  atMs: number,
  seen: Seen,
  expected: readonly number[],
): void {
  if (status === 200 || expected.includes(status)) seen.good.add(tookMs);
  else if (status === 503 && /\r\nretry-after: *\d/i.test(head)) seen.shed += 1;
  else fail(seen, atMs, status === 503 ? '503 without Retry-After' : `an answer with ${status}`);
}

function fail(seen: Seen, atMs: number, what: string): void {
  seen.failed += 1;
  seen.wrong.set(Math.floor(atMs / 1000), what);
}
