/**
 * One upstream: its connections, kept open between requests. The client is loaded with the first request, because a
 * start does not need it.
 */
import type { Pool } from 'undici';

export interface UpstreamOptions {
  readonly url: string;
  readonly responseTimeoutMs: number;
  /** 0: none. */
  readonly idleTimeoutMs: number;
}

export interface Upstream {
  readonly origin: URL;
  /** Goes before the path of every request; without a slash at its end. */
  readonly basePath: string;
  readonly responseTimeoutMs: number;
  /** Gives the pool at once where it is there. */
  pool(): Pool | Promise<Pool>;
  /** Lets requests under way end. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5000;

export function createUpstream({ url, responseTimeoutMs, idleTimeoutMs }: UpstreamOptions): Upstream {
  const { origin, pathname } = new URL(url);
  let pool: Pool | undefined;
  let loading: Promise<Pool> | undefined;
  const load = async (): Promise<Pool> => {
    const { Pool: PoolOfUndici } = await import('undici');
    pool = new PoolOfUndici(origin, {
      // As many as there are callers, whose number is limited where they connect: nobody waits for streams of others.
      connections: null,
      pipelining: 1,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: responseTimeoutMs,
      bodyTimeout: idleTimeoutMs,
    });
    return pool;
  };
  return {
    origin: new URL(origin),
    basePath: pathname.replace(/\/$/, ''),
    responseTimeoutMs,
    pool: () => pool ?? (loading ??= load()),
    close: async () => (await loading)?.close(),
  };
}
