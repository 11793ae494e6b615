/**
 * Metrics in the Prometheus text format. Counted in plain numbers, because every request pays for it, and written when
 * somebody looks. Labels are the names of routes and outcomes of a closed table; nothing a caller sent is one.
 */

/** Upper bounds of the histograms' buckets, in milliseconds. */
const BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000] as const;

export interface Metrics {
  /** @param route its name, or `-` @param outcome `passed`, or the code of the refusal */
  answered(route: string, outcome: string, status: number, durationMs: number): void;
  /** Milliseconds from the passed request to the end of the answer. */
  upstreamTook(route: string, durationMs: number): void;
  opened(route: string): void;
  closed(route: string): void;
  /** A token was found in a URL. */
  exposed(): void;
  reloaded(isGood: boolean): void;
  text(): Promise<string>;
}

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Histogram {
  /** One more than there are bounds: the last takes the rest. */
  readonly byBucket: number[];
  totalMs: number;
}

export function createMetrics(): Metrics {
  const answers = new Map<string, number>();
  const durations = new Map<string, Histogram>();
  const upstream = new Map<string, Histogram>();
  const open = new Map<string, number>();
  const reloads = new Map<string, number>();
  let exposed = 0;
  let process: Promise<{ metrics(): Promise<string> }> | undefined;
  return {
    answered(route, outcome, status, durationMs) {
      add(answers, `outcome="${outcome}",route="${route}",status="${status}"`, 1);
      observe(durations, route, durationMs);
    },
    upstreamTook: (route, durationMs) => observe(upstream, route, durationMs),
    opened: (route) => add(open, `route="${route}"`, 1),
    closed: (route) => add(open, `route="${route}"`, -1),
    exposed: () => void exposed++,
    reloaded: (isGood) => add(reloads, `outcome="${isGood ? 'taken' : 'refused'}"`, 1),
    async text() {
      process ??= watchProcess();
      return [
        (await (await process).metrics()).trimEnd(),
        counter('requests_total', 'Requests answered, by route, outcome and status.', answers),
        histogram('request_duration_seconds', 'Time from request to answer, by route.', durations),
        histogram('upstream_duration_seconds', 'Time that upstreams took, by route.', upstream),
        counter('open_requests', 'Requests, streams and WebSockets under way, by route.', open, 'gauge'),
        counter('exposed_tokens_total', 'Access tokens found in URLs.', new Map([['', exposed]])),
        counter('reloads_total', 'Times that the configuration was read anew.', reloads),
        '',
      ].join('\n');
    },
  };
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function observe(histograms: Map<string, Histogram>, route: string, durationMs: number): void {
  let one = histograms.get(route);
  if (one === undefined) {
    one = { byBucket: [...BOUNDS_MS, 0].map(() => 0), totalMs: 0 };
    histograms.set(route, one);
  }
  let bucket = 0;
  while (bucket < BOUNDS_MS.length && durationMs > (BOUNDS_MS[bucket] ?? Infinity)) bucket++;
  one.byBucket[bucket] = (one.byBucket[bucket] ?? 0) + 1;
  one.totalMs += durationMs;
}

function heading(name: string, help: string, type: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}`;
}

function counter(short: string, help: string, counts: ReadonlyMap<string, number>, type = 'counter'): string {
  const name = `tessera_gateway_${short}`;
  const samples = [...counts].map(
    ([labels, count]) => `${name}${labels === '' ? '' : `{${labels}}`} ${count}`,
  );
  return [heading(name, help, type), ...samples].join('\n');
}

function histogram(short: string, help: string, histograms: ReadonlyMap<string, Histogram>): string {
  const name = `tessera_gateway_${short}`;
  const samples = [...histograms].flatMap(([route, { byBucket, totalMs }]) => {
    let upTo = 0;
    const buckets = byBucket.map((count, index) => {
      upTo += count;
      const bound = BOUNDS_MS[index];
      return `${name}_bucket{le="${bound === undefined ? '+Inf' : bound / 1000}",route="${route}"} ${upTo}`;
    });
    return [
      ...buckets,
      `${name}_sum{route="${route}"} ${totalMs / 1000}`,
      `${name}_count{route="${route}"} ${upTo}`,
    ];
  });
  return [heading(name, help, 'histogram'), ...samples].join('\n');
}

/** Memory, event loop, garbage collection of this process: watched from the first look on. */
async function watchProcess(): Promise<{ metrics(): Promise<string> }> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
