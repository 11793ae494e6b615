/**
 * Metrics in the Prometheus text format. Labels are routes as the code spells them and words of closed tables: nothing
 * that a request sent, no person, app or token.
 */
import { GRANT_TYPES } from '../domain/client.ts';
import type { StoreObserver } from '../ports/store-observer.ts';
import { createCounter, createHistogram, gaugeText } from './series.ts';

/** What another part of the server shows when somebody looks. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** `counter` for what only grows. */
  readonly type?: 'gauge' | 'counter';
  /** The values, each with its labels; rejects where they cannot be had now, and then they are left out. */
  readonly read: () => Promise<readonly (readonly [labels: readonly string[], value: number])[]>;
}

export interface Metrics {
  /** A request has been answered. @param path as the route spells it */
  readonly answered: (answer: {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly durationMs: number;
  }) => void;
  readonly tokens: TokenCounts;
  readonly store: StoreObserver;
  /** A chore of the node on duty is done, or failed. @param count how many things it did */
  choreDone(chore: string, isGood: boolean, count: number): void;
  /** A request was turned away before it was read. @param why @param turn both of closed sets */
  readonly shed: (why: string, turn: string) => void;
  /** Something that ended was handed to a reader of the stream, so long after it was written. */
  readonly endingTold: (milliseconds: number) => void;
  /** Added to what is shown. */
  show(gauge: Gauge): void;
  /** The text of `/metrics`. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface TokenCounts {
  /** @param grantType as the request named it; unknown ones share a label */
  issued(grantType: string | undefined): void;
  /** @param error a code of the closed table */
  refused(grantType: string | undefined, error: string): void;
  introspected(isActive: boolean): void;
}

const REQUEST_BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];
const STORE_BOUNDS_MS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000];
const BATCH_BOUNDS = [1, 2, 5, 10, 25, 50, 100, 250, 500];
const ENDING_BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 30_000];
const MS_PER_SECOND = 1000;
/** Whoever looks is not held up by a database that hangs. */
const GAUGE_WITHIN_MS = 1000;

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Short: `urn:ietf:params:oauth:grant-type:device_code` is `device_code`. */
const GRANTS: ReadonlyMap<string, string> = new Map(
  GRANT_TYPES.map((type) => [type, type.slice(type.lastIndexOf(':') + 1)]),
);

/** Each request pays for it: three look-ups and no text. */
function createRequestCounts(): Pick<Metrics, 'answered'> & { text(): string } {
  const requests = createCounter({
    name: 'tessera_http_requests_total',
    help: 'Requests answered, by method, route and status.',
    labels: ['method', 'path', 'status'],
  });
  const durations = createHistogram(
    {
      name: 'tessera_http_request_duration_seconds',
      help: 'Time from request to answer, by route and class of status.',
      labels: ['path', 'status'],
    },
    REQUEST_BOUNDS_MS,
    MS_PER_SECOND,
  );
  const known = new Map<string, Map<string, Map<number, (durationMs: number) => void>>>();
  const seriesOf = (method: string, path: string, status: number): ((durationMs: number) => void) => {
    const count = requests.of([METHODS.has(method) ? method : 'other', path, String(status)]);
    const took = durations.of([path, `${Math.floor(status / 100)}xx`]);
    return (durationMs) => {
      count();
      took(durationMs);
    };
  };
  return {
    answered({ method, path, status, durationMs }) {
      const paths = inMap(known, method);
      const statuses = inMap(paths, path);
      let series = statuses.get(status);
      if (series === undefined) {
        series = seriesOf(method, path, status);
        statuses.set(status, series);
      }
      series(durationMs);
    },
    text: () => [requests, durations].map((each) => each.text()).join('\n'),
  };
}

/** Made where it is not there yet. */
function inMap<Key, Inner, Value>(of: Map<Key, Map<Inner, Value>>, key: Key): Map<Inner, Value> {
  let found = of.get(key);
  if (found === undefined) {
    found = new Map();
    of.set(key, found);
  }
  return found;
}

export function createMetrics(): Metrics {
  const requests = createRequestCounts();
  const tokens = createTokenCounts();
  const store = createStoreCounts();
  const chores = createCounter({
    name: 'tessera_chores_total',
    help: 'Runs of the chores of the node on duty that did something or failed.',
    labels: ['chore', 'outcome'],
  });
  const done = createCounter({
    name: 'tessera_chore_things_total',
    help: 'How many things the chores did.',
    labels: ['chore'],
  });
  const shed = createCounter({
    name: 'tessera_requests_shed_total',
    help: 'Requests that were turned away before they were read, by why, and by whether their kind goes first or last.',
    labels: ['reason', 'turn'],
  });
  const endings = createHistogram(
    {
      name: 'tessera_events_delivery_seconds',
      help: 'Time from the end of a token or grant until a reader of /events was told.',
      labels: [],
    },
    ENDING_BOUNDS_MS,
    MS_PER_SECOND,
  );
  const gauges: Gauge[] = [];
  let process: Promise<{ metrics(): Promise<string> }> | undefined;
  return {
    answered: requests.answered,
    tokens,
    store,
    choreDone(chore, isGood, count) {
      if (isGood && count === 0) return;
      chores.add([chore, isGood ? 'done' : 'failed']);
      done.add([chore], count);
    },
    shed: (why, turn) => shed.add([why, turn]),
    endingTold: (milliseconds) => endings.observe([], milliseconds),
    show: (gauge) => void gauges.push(gauge),
    async text() {
      process ??= watchProcess();
      const [ofProcess, ...shown] = await Promise.all([
        process.then((one) => one.metrics()),
        ...gauges.map(gaugeNow),
      ]);
      const counted = [tokens, store, chores, done, shed, endings].map((each) => each.text());
      return [
        ofProcess.trimEnd(),
        requests.text(),
        ...counted,
        ...shown.filter((text) => text !== ''),
        '',
      ].join('\n');
    },
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
  };
}

function createTokenCounts(): TokenCounts & { text(): string } {
  const issued = createCounter({
    name: 'tessera_tokens_issued_total',
    help: 'Answers of the token endpoint with a token, by grant.',
    labels: ['grant'],
  });
  const refused = createCounter({
    name: 'tessera_tokens_refused_total',
    help: 'Refusals of the token endpoint, by grant and error.',
    labels: ['grant', 'error'],
  });
  const introspected = createCounter({
    name: 'tessera_introspections_total',
    help: 'Answers of the introspection endpoint.',
    labels: ['active'],
  });
  return {
    issued: (type) => issued.add([grantOf(type)]),
    refused: (type, error) => refused.add([grantOf(type), error]),
    introspected: (isActive) => introspected.add([String(isActive)]),
    text: () => [issued, refused, introspected].map((each) => each.text()).join('\n'),
  };
}

function createStoreCounts(): StoreObserver & { text(): string } {
  const durations = createHistogram(
    {
      name: 'tessera_store_duration_seconds',
      help: 'Time that the database took; of find and append one in eight is measured.',
      labels: ['operation', 'outcome'],
    },
    STORE_BOUNDS_MS,
    MS_PER_SECOND,
  );
  const batches = createHistogram(
    { name: 'tessera_store_commit_writes', help: 'Writes that shared a commit.', labels: [] },
    BATCH_BOUNDS,
  );
  const events = createCounter({
    name: 'tessera_audit_events_total',
    help: 'Events written to the audit log, sign-ins among them.',
    labels: ['type', 'outcome'],
  });
  return {
    answered: (operation, milliseconds, isGood) =>
      durations.observe([operation, isGood ? 'answered' : 'unavailable'], milliseconds),
    committed: (writes) => batches.observe([], writes),
    recorded: (type, outcome) => events.add([type, outcome]),
    text: () => [durations, batches, events].map((each) => each.text()).join('\n'),
  };
}

function grantOf(type: string | undefined): string {
  return GRANTS.get(type ?? '') ?? 'other';
}

/** Empty where it cannot be had in time. */
async function gaugeNow({ name, help, labels = [], type = 'gauge', read }: Gauge): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, GAUGE_WITHIN_MS, undefined);
  });
  const samples = await Promise.race([read().catch(() => undefined), tooLate]);
  clearTimeout(timer);
  return samples === undefined ? '' : gaugeText({ name, help, labels }, samples, type);
}

/** Memory, event loop, garbage collection of this process: watched from the first look on, and not read at a start. */
async function watchProcess(): Promise<{ metrics(): Promise<string> }> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
