/**
 * For `node:http` and everything with its middleware form, Express included.
 * @spec RFC 6750 §3; RFC 9728 §3
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessToken } from '../access-token.ts';
import type { PresentedRequest } from '../bearer.ts';
import { METADATA_HEADERS, METADATA_PREFLIGHT_HEADERS } from '../metadata-response.ts';
import { protectedResourceMetadataPaths } from '../protected-resource-metadata.ts';
import type { ProtectedResourceMetadata } from '../protected-resource-metadata.ts';
import { createProtection } from '../protection.ts';
import type { ProtectOptions } from '../protection.ts';

/** A request on its way through `protect`. */
export interface ProtectableRequest extends IncomingMessage {
  /** There once `protect` has let the request pass. */
  accessToken?: AccessToken;
}

export type Next = (error?: unknown) => void;

/** Middleware that lets a request pass with `req.accessToken` set, or answers it. */
export function protect(
  options: ProtectOptions<ProtectableRequest>,
): (req: ProtectableRequest, res: ServerResponse, next: Next) => Promise<void> {
  const protection = createProtection(options);
  return async (req, res, next) => {
    const outcome = await protection.check(presentedBy(req), req).catch((error: unknown) => ({ error }));
    if ('error' in outcome) return next(outcome.error);
    const { accessToken, refusal } = outcome;
    if (accessToken === undefined) {
      res.writeHead(refusal.status, refusal.headers).end(refusal.body);
      return undefined;
    }
    req.accessToken = accessToken;
    return next();
  };
}

/** Routers cut `url` down to what is left to match; a token in the original query counts all the same. */
export function presentedBy(req: ProtectableRequest & { readonly originalUrl?: unknown }): PresentedRequest {
  const { originalUrl } = req;
  if (typeof originalUrl !== 'string') return req;
  const { method, headers, rawHeaders, socket } = req;
  return { method, url: originalUrl, headers, rawHeaders, socket };
}

/** Middleware that answers requests for the API's metadata and lets all others pass. */
export function serveProtectedResourceMetadata(
  metadata: ProtectedResourceMetadata,
): (req: IncomingMessage, res: ServerResponse, next: Next) => void {
  const paths = new Set(protectedResourceMetadataPaths(metadata));
  const body = JSON.stringify(metadata);
  return (req, res, next) => {
    const [path = ''] = (req.url ?? '').split('?', 1);
    if (!paths.has(path)) return next();
    if (req.method === 'GET' || req.method === 'HEAD')
      return void res.writeHead(200, METADATA_HEADERS).end(body);
    if (req.method === 'OPTIONS') return void res.writeHead(204, METADATA_PREFLIGHT_HEADERS).end();
    return next();
  };
}
