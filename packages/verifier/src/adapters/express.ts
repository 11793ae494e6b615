/**
 * For Express: a middleware for routes and routers, and the API's metadata as another.
 * @spec RFC 6750 §3; RFC 9728 §3
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessToken } from '../access-token.ts';
import { createProtection } from '../protection.ts';
import type { ProtectOptions } from '../protection.ts';
import type { Next } from './node.ts';

export { serveProtectedResourceMetadata } from './node.ts';

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- where Express lets others add to its requests
  namespace Express {
    interface Request {
      /** There once `protect` has let the request pass. */
      accessToken?: AccessToken;
    }
  }
}

/** What is read of Express's own request; its types need not be installed. */
export interface ExpressRequest extends IncomingMessage {
  readonly originalUrl: string;
  readonly protocol: string;
  readonly host: string;
  accessToken?: AccessToken;
}

/** @returns a middleware: `app.use('/v1', protect({ verifier, scopes: ['read'] }))`; put it before what reads bodies */
export function protect(
  options: ProtectOptions<ExpressRequest>,
): (req: ExpressRequest, res: ServerResponse, next: Next) => Promise<void> {
  const protection = createProtection(options);
  return async (req, res, next) => {
    const { method, headers, rawHeaders, socket } = req;
    // What a proxy that Express trusts says, else the Host header.
    const origin = (): string => `${req.protocol}://${req.host}`;
    // The URL as it came: routers cut theirs down, and a token in what they cut off counts as exposed all the same.
    const presented = { method, url: req.originalUrl, headers, rawHeaders, socket, origin };
    // Whatever is not about the token rejects, and Express hands it to the error handler.
    const { accessToken, refusal } = await protection.check(presented, req);
    if (accessToken === undefined) {
      res.writeHead(refusal.status, refusal.headers).end(refusal.body);
      return;
    }
    req.accessToken = accessToken;
    next();
  };
}
