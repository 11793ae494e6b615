/** Metrics in the Prometheus text format. No person, app or token is a label. */
import { createRequestCounts } from './request-counts.ts';

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
  '/api/par',
  '/api/device',
  '/api/register',
  '/userinfo',
  '/authorize',
  '/login',
  '/consent',
  '/device',
  '/logout',
  '/.well-known/jwks.json',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
]);

export function createMetrics(): Metrics {
  const requests = createRequestCounts();
  let process: Promise<{ metrics(): Promise<string> }> | undefined;
  return {
    answered({ path, status, durationMs }) {
      const label = KNOWN_PATHS.has(path) ? path : path.startsWith('/admin/') ? '/admin' : 'other';
      requests.count(label, status, durationMs);
    },
    async text() {
      process ??= watchProcess();
      return `${await (await process).metrics()}${requests.text()}`;
    },
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
  };
}

/** Memory, event loop, garbage collection of this process: watched from the first look on, and not read at a start. */
async function watchProcess(): Promise<{ metrics(): Promise<string> }> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
