/** Counters and histograms in the Prometheus text format. No person, app or token is a label. */
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** The request of a known route has been answered. */
  answered(answer: {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly durationMs: number;
  }): void;
  /** The text of `/metrics`. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Paths outside this list share one label, so that a scanner cannot make labels. */
const KNOWN_PATHS: ReadonlySet<string> = new Set([
  '/api/token',
  '/api/introspect',
  '/api/revoke',
  '/userinfo',
  '/authorize',
  '/login',
  '/consent',
  '/.well-known/jwks.json',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
]);

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'tessera_http_requests_total',
    help: 'Requests answered, by path and status.',
    labelNames: ['path', 'status'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'tessera_http_request_duration_seconds',
    help: 'Time from request to answer, by path.',
    labelNames: ['path'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  return {
    answered({ path, status, durationMs }) {
      const label = KNOWN_PATHS.has(path) ? path : path.startsWith('/admin/') ? '/admin' : 'other';
      requests.inc({ path: label, status });
      duration.observe({ path: label }, durationMs / 1000);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
