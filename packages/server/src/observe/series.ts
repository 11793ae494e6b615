/**
 * Counters and histograms in the Prometheus text format. Counted in plain numbers, because every request pays for them,
 * and written when somebody looks. However wrong a label goes, a metric has only so many series.
 */

/** What is beyond is counted as `other`. */
export const SERIES_AT_MOST = 1000;
const OTHER = 'other';

export interface Counter {
  /** @param labels the values, in the order of the names; each of a closed set */
  add(labels: readonly string[], by?: number): void;
  /** The same for one series, to be kept where each request counts. */
  of(labels: readonly string[]): () => void;
  /** Help, type, and a line a series. */
  text(): string;
}

export interface Histogram {
  /** @param value in the unit of the bounds */
  observe(labels: readonly string[], value: number): void;
  of(labels: readonly string[]): (value: number) => void;
  text(): string;
}

export interface Description {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

export function createCounter({ name, help, labels: names }: Description): Counter {
  const series = createSeries(() => ({ count: 0 }));
  return {
    add(labels, by = 1) {
      series.of(labels).count += by;
    },
    of(labels) {
      const one = series.of(labels);
      return () => {
        one.count += 1;
      };
    },
    text: () =>
      textOf(
        { name, help, type: 'counter' },
        series.all().map(([labels, { count }]) => `${name}${labelled(names, labels)} ${count}`),
      ),
  };
}

/** @param bounds upper bounds of the buckets @param unit how many of what is observed make one of what is written */
export function createHistogram(
  { name, help, labels: names }: Description,
  bounds: readonly number[],
  unit = 1,
): Histogram {
  const series = createSeries(() => ({ byBucket: [...bounds, Infinity].map(() => 0), total: 0 }));
  const put = (one: { readonly byBucket: number[]; total: number }, value: number): void => {
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) bucket += 1;
    one.byBucket[bucket] = (one.byBucket[bucket] ?? 0) + 1;
    one.total += value;
  };
  return {
    observe: (labels, value) => put(series.of(labels), value),
    of(labels) {
      const one = series.of(labels);
      return (value) => put(one, value);
    },
    text: () =>
      textOf(
        { name, help, type: 'histogram' },
        series.all().flatMap(([labels, { byBucket, total }]) => {
          let upTo = 0;
          const buckets = byBucket.map((count, index) => {
            upTo += count;
            const bound = bounds[index];
            const le = bound === undefined ? '+Inf' : String(bound / unit);
            return `${name}_bucket${labelled(['le', ...names], [le, ...labels])} ${upTo}`;
          });
          const own = labelled(names, labels);
          return [...buckets, `${name}_sum${own} ${total / unit}`, `${name}_count${own} ${upTo}`];
        }),
      ),
  };
}

/** @param samples labels in the order of their names, and the value */
export function gaugeText(
  { name, help, labels: names }: Description,
  samples: readonly (readonly [labels: readonly string[], value: number])[],
  type: 'gauge' | 'counter' = 'gauge',
): string {
  return textOf(
    { name, help, type },
    samples.map(([labels, value]) => `${name}${labelled(names, labels)} ${value}`),
  );
}

interface Series<One> {
  of(labels: readonly string[]): One;
  all(): readonly (readonly [labels: readonly string[], one: One])[];
}

function createSeries<One>(make: () => One): Series<One> {
  const known = new Map<string, { readonly labels: readonly string[]; readonly one: One }>();
  const of = (labels: readonly string[]): One => {
    const key = labels.length === 1 ? (labels[0] ?? '') : labels.join('\n');
    let found = known.get(key);
    if (found === undefined) {
      const others = labels.map(() => OTHER);
      if (known.size >= SERIES_AT_MOST && labels.some((label) => label !== OTHER)) return of(others);
      found = { labels, one: make() };
      known.set(key, found);
    }
    return found.one;
  };
  return { of, all: () => [...known.values()].map(({ labels, one }) => [labels, one] as const) };
}

function labelled(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return '';
  return `{${names.map((name, index) => `${name}="${escaped(values[index] ?? '')}"`).join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function textOf(
  { name, help, type }: { readonly name: string; readonly help: string; readonly type: string },
  samples: readonly string[],
): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples].join('\n');
}
