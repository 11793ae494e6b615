/**
 * What other proxies ask: each says in its own way which request it is about. Only the way of the proxy that asks is
 * read, because headers of another way may be the caller's.
 * @spec nginx ngx_http_auth_request_module; Traefik ForwardAuth; Caddy forward_auth; Envoy ext_authz (HTTP service)
 */
import type { IncomingMessage } from 'node:http';
import type { Dialect } from './asked-by.ts';
import { GatewayError } from '../refusal.ts';

/** The request that a proxy wants to know about. */
export interface Question {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  readonly host: string;
  readonly scheme: 'http' | 'https';
}

/** @param path where proxies ask @throws GatewayError `malformed_check` */
export function readQuestion(dialect: Dialect, request: IncomingMessage, path: string): Question {
  switch (dialect) {
    case 'nginx':
      return fromHeaders(request, { method: 'x-original-method', target: 'x-original-uri', host: 'host' });
    case 'traefik':
    case 'caddy':
      return fromHeaders(request, {
        method: 'x-forwarded-method',
        target: 'x-forwarded-uri',
        host: 'x-forwarded-host',
      });
    case 'envoy':
      return fromPath(request, path);
    default:
      throw new GatewayError('malformed_check');
  }
}

interface Names {
  readonly method: string;
  readonly target: string;
  readonly host: string;
}

function fromHeaders(request: IncomingMessage, names: Names): Question {
  const method = single(request, names.method);
  const target = single(request, names.target);
  const host = single(request, names.host);
  if (method === undefined || target === undefined || host === undefined)
    throw new GatewayError('malformed_check');
  return { method, target, host, scheme: schemeOf(request) };
}

/** Envoy puts its prefix before the path of the request, and sends its method and host. */
function fromPath(request: IncomingMessage, prefix: string): Question {
  const { method, url = '' } = request;
  const host = single(request, 'host');
  const target = url.slice(prefix.length);
  if (method === undefined || host === undefined || !target.startsWith('/'))
    throw new GatewayError('malformed_check');
  return { method, target, host, scheme: schemeOf(request) };
}

/** A proxy that says nothing of it took the request as it asks: without TLS. */
function schemeOf(request: IncomingMessage): Question['scheme'] {
  const scheme = single(request, 'x-forwarded-proto') ?? 'http';
  if (scheme !== 'http' && scheme !== 'https') throw new GatewayError('malformed_check');
  return scheme;
}

/** A header that came twice says two things. */
function single({ rawHeaders }: IncomingMessage, name: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== name) continue;
    if (found !== undefined) throw new GatewayError('malformed_check');
    found = rawHeaders[index + 1];
  }
  return found === '' ? undefined : found;
}

/**
 * nginx takes 401 and 403 for a no and every other refusal for a failure of its own. What it was stands in the header
 * `X-Auth-Status`, for `error_page`.
 */
export function statusFor(dialect: Dialect, status: number): number {
  if (dialect !== 'nginx' || status === 401 || status >= 500) return status;
  return 403;
}
