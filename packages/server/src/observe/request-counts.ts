/**
 * How many requests were answered, and how fast. Counted in plain numbers, because every request pays for it; written
 * in the Prometheus text format when somebody looks. No person, app or token is a label.
 */

/** Upper bounds of the histogram's buckets, in milliseconds. */
const BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500] as const;

interface AnswersOfPath {
  readonly byStatus: Map<number, number>;
  /** One more than there are bounds: the last takes the rest. */
  readonly byBucket: number[];
  totalMs: number;
}

export interface RequestCounts {
  /** @param path one of a closed set: it becomes a label */
  count(path: string, status: number, durationMs: number): void;
  /** Two metrics, each with its help and type, a line a sample. */
  text(): string;
}

export function createRequestCounts(): RequestCounts {
  const paths = new Map<string, AnswersOfPath>();
  return {
    count(path, status, durationMs) {
      let answers = paths.get(path);
      if (answers === undefined) {
        answers = { byStatus: new Map(), byBucket: [...BOUNDS_MS, Infinity].map(() => 0), totalMs: 0 };
        paths.set(path, answers);
      }
      answers.byStatus.set(status, (answers.byStatus.get(status) ?? 0) + 1);
      let bucket = 0;
      while (bucket < BOUNDS_MS.length && durationMs > (BOUNDS_MS[bucket] ?? Infinity)) bucket += 1;
      answers.byBucket[bucket] = (answers.byBucket[bucket] ?? 0) + 1;
      answers.totalMs += durationMs;
    },
    text: () => `${requestLines(paths)}\n${durationLines(paths)}\n`,
  };
}

function requestLines(paths: ReadonlyMap<string, AnswersOfPath>): string {
  const name = 'tessera_http_requests_total';
  const samples = [...paths].flatMap(([path, { byStatus }]) =>
    [...byStatus].map(([status, count]) => `${name}{path="${path}",status="${status}"} ${count}`),
  );
  return [`# HELP ${name} Requests answered, by path and status.`, `# TYPE ${name} counter`, ...samples].join(
    '\n',
  );
}

function durationLines(paths: ReadonlyMap<string, AnswersOfPath>): string {
  const name = 'tessera_http_request_duration_seconds';
  const samples = [...paths].flatMap(([path, { byBucket, totalMs }]) => {
    let upTo = 0;
    const buckets = byBucket.map((count, index) => {
      upTo += count;
      const bound = BOUNDS_MS[index];
      return `${name}_bucket{le="${bound === undefined ? '+Inf' : bound / 1000}",path="${path}"} ${upTo}`;
    });
    return [
      ...buckets,
      `${name}_sum{path="${path}"} ${totalMs / 1000}`,
      `${name}_count{path="${path}"} ${upTo}`,
    ];
  });
  return [
    `# HELP ${name} Time from request to answer, by path.`,
    `# TYPE ${name} histogram`,
    ...samples,
  ].join('\n');
}
