import { describe, expect, it } from 'vitest';
import { createCounter, createHistogram, SERIES_AT_MOST } from './series.ts';

const samplesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => !line.startsWith('#'));

describe('a counter', () => {
  const make = () => createCounter({ name: 'things_total', help: 'Things.', labels: ['kind', 'status'] });

  it('has nothing but its name and type before the first', () => {
    expect(make().text()).toBe('# HELP things_total Things.\n# TYPE things_total counter');
  });
  it('counts by its labels, and escapes what would end one', () => {
    const counter = make();
    counter.add(['a', '200']);
    counter.add(['a', '200']);
    counter.of(['a', '401'])();
    counter.add(['q"\\\n', '200'], 3);
    expect(samplesOf(counter.text())).toEqual([
      'things_total{kind="a",status="200"} 2',
      'things_total{kind="a",status="401"} 1',
      'things_total{kind="q\\"\\\\\\n",status="200"} 3',
    ]);
  });
  it('has only so many series, whatever a label is given', () => {
    const counter = make();
    for (let index = 0; index < SERIES_AT_MOST + 500; index++) counter.add([`kind-${index}`, '200']);
    const samples = samplesOf(counter.text());
    expect(samples).toHaveLength(SERIES_AT_MOST + 1);
    expect(samples.at(-1)).toBe('things_total{kind="other",status="other"} 500');
  });
});

describe('a histogram', () => {
  it('puts a value into its bucket and every larger one; a bound belongs to its bucket', () => {
    const took = createHistogram(
      { name: 'took_seconds', help: 'Time.', labels: ['path'] },
      [1, 2.5, 5],
      1000,
    );
    for (const milliseconds of [0.2, 1, 1.001, 4, 60_000]) took.observe(['/x'], milliseconds);
    expect(samplesOf(took.text())).toEqual([
      'took_seconds_bucket{le="0.001",path="/x"} 2',
      'took_seconds_bucket{le="0.0025",path="/x"} 3',
      'took_seconds_bucket{le="0.005",path="/x"} 4',
      'took_seconds_bucket{le="+Inf",path="/x"} 5',
      expect.stringMatching(/^took_seconds_sum\{path="\/x"\} 60\.0062/),
      'took_seconds_count{path="/x"} 5',
    ]);
  });
});
