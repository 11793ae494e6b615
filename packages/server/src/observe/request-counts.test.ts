import { describe, expect, it } from 'vitest';
import { createRequestCounts } from './request-counts.ts';

describe('counting requests', () => {
  it('writes nothing but names and types before the first', () => {
    const lines = createRequestCounts().text().trimEnd().split('\n');
    expect(lines.every((line) => line.startsWith('# '))).toBe(true);
  });

  it('counts by path and status', () => {
    const counts = createRequestCounts();
    counts.count('/api/token', 200, 1);
    counts.count('/api/token', 200, 1);
    counts.count('/api/token', 401, 1);
    counts.count('/userinfo', 200, 1);
    const text = counts.text();
    expect(text).toContain('tessera_http_requests_total{path="/api/token",status="200"} 2\n');
    expect(text).toContain('tessera_http_requests_total{path="/api/token",status="401"} 1\n');
    expect(text).toContain('tessera_http_requests_total{path="/userinfo",status="200"} 1\n');
  });

  it('puts a duration into its bucket and every larger one; a bound belongs to its bucket', () => {
    const counts = createRequestCounts();
    for (const durationMs of [0.2, 1, 1.001, 9, 60_000]) counts.count('/api/token', 200, durationMs);
    const text = counts.text();
    const upTo = (bound: string): string =>
      `tessera_http_request_duration_seconds_bucket{le="${bound}",path="/api/token"}`;
    expect(text).toContain(`${upTo('0.001')} 2\n`);
    expect(text).toContain(`${upTo('0.0025')} 3\n`);
    expect(text).toContain(`${upTo('0.005')} 3\n`);
    expect(text).toContain(`${upTo('0.01')} 4\n`);
    expect(text).toContain(`${upTo('2.5')} 4\n`);
    expect(text).toContain(`${upTo('+Inf')} 5\n`);
    expect(text).toContain('tessera_http_request_duration_seconds_count{path="/api/token"} 5\n');
    expect(text).toContain('tessera_http_request_duration_seconds_sum{path="/api/token"} 60.011201');
  });
});
