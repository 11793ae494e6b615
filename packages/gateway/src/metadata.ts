/**
 * What each protected API says about itself, so that a client that knows only its address finds the authorization
 * server.
 * @spec RFC 9728 §2, §3, §5.1
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { protectedResourceMetadata } from '@tessera/verifier';
import type { GatewayConfig } from './config/schema.ts';
import type { Route } from './route.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Where the metadata of a route's API are: at the route's own path, for which a client would look there. */
export function metadataPathOf({ path }: Pick<Route, 'path'>): string {
  return path === '/' ? WELL_KNOWN : `${WELL_KNOWN}${path.replace(/\/$/, '')}`;
}

/** Answers requests for metadata. @returns whether it was one */
export type ServeMetadata = (path: string, request: IncomingMessage, response: ServerResponse) => boolean;

export function createMetadata(routes: readonly Route[], { issuers }: GatewayConfig): ServeMetadata {
  const documents = new Map<string, string>();
  for (const route of routes.toSorted((one, other) => other.path.length - one.path.length)) {
    const { guard } = route;
    if (guard === undefined || !URL.canParse(guard.config.audience)) continue;
    const { audience, issuers: names = Object.keys(issuers) } = guard.config;
    const same = routes.flatMap((other) =>
      other.guard?.config.audience === audience ? [other.guard.config] : [],
    );
    const scopes = new Set(
      same.flatMap((check) => [...(check.scopes_all ?? []), ...(check.scopes_any ?? [])]),
    );
    const document = protectedResourceMetadata({
      resource: audience,
      authorizationServers: names.flatMap((name) => issuers[name]?.url ?? []),
      ...(scopes.size === 0 ? {} : { scopesSupported: [...scopes] }),
    });
    documents.set(metadataPathOf(route), JSON.stringify(document));
  }
  return (path, request, response) => {
    if (!path.startsWith(WELL_KNOWN)) return false;
    const document = documents.get(path);
    if (document === undefined) return false;
    answer(document, request, response);
    return true;
  };
}

/** Any origin may read them: a client in a browser starts there. */
function answer(document: string, { method }: IncomingMessage, response: ServerResponse): void {
  const any = { 'access-control-allow-origin': '*' };
  if (method === 'OPTIONS') {
    const allowed = { 'access-control-allow-methods': 'GET, HEAD', 'access-control-allow-headers': '*' };
    response.writeHead(204, { ...any, ...allowed, 'access-control-max-age': '86400' }).end();
  } else if (method === 'GET' || method === 'HEAD') {
    const headers = { ...any, 'content-type': 'application/json', 'cache-control': 'public, max-age=300' };
    response.writeHead(200, headers).end(document);
  } else {
    response.writeHead(405, { ...any, allow: 'GET, HEAD, OPTIONS' }).end();
  }
}
