/**
 * For Hono, on whatever runs it: a middleware for routes, and the API's metadata as another.
 * @spec RFC 6750 §3; RFC 9728 §3
 */
import type { Context, MiddlewareHandler } from 'hono';
import type { AccessToken } from '../access-token.ts';
import type { PresentedRequest } from '../bearer.ts';
import type { ProtectedResourceMetadata } from '../protected-resource-metadata.ts';
import { createProtection } from '../protection.ts';
import type { ProtectOptions } from '../protection.ts';
import * as forFetch from './fetch.ts';

/** What `c.get` knows behind `protect`. */
export interface ProtectedEnv {
  Variables: { accessToken: AccessToken };
}

/** @returns a middleware: `app.get('/me', protect({ verifier, scopes: ['read'] }), (c) => c.json(c.get('accessToken').sub))` */
export function protect(options: ProtectOptions<Context>): MiddlewareHandler<ProtectedEnv> {
  const protection = createProtection<Context>(options);
  return async (c, next) => {
    const { accessToken, refusal } = await protection.check(presentedBy(c), c);
    if (accessToken === undefined) {
      const { status, headers, body } = refusal;
      return new Response(body, { status, headers });
    }
    c.set('accessToken', accessToken);
    return next();
  };
}

/** @returns a middleware: `app.use(serveProtectedResourceMetadata(metadata))` */
export function serveProtectedResourceMetadata(metadata: ProtectedResourceMetadata): MiddlewareHandler {
  const serve = forFetch.serveProtectedResourceMetadata(metadata);
  return async (c, next) => serve(c.req.raw) ?? next();
}

/** On Node the request behind tells more: each header as it was sent, and the connection with its certificate. */
function presentedBy({ req, env }: Context): PresentedRequest {
  const { method, url, headers } = req.raw;
  const incoming: unknown = isObject(env) ? env['incoming'] : undefined;
  if (!isObject(incoming)) return { method, url, headers };
  const { rawHeaders, socket } = incoming;
  return {
    method,
    url,
    headers,
    ...(Array.isArray(rawHeaders) ? { rawHeaders } : {}),
    ...(isObject(socket) ? { socket } : {}),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
