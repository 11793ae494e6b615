/**
 * Everything that follows from one configuration. A reload makes another; requests under way end with the one they began
 * with.
 */
import { createTrustedPeers, type DpopNonceSource, type Fetch } from '@tessera/verifier';
import { createClientReader, type ReadClient } from './cat/client-facts.ts';
import type { GatewayConfig } from './config/schema.ts';
import { type AskedBy, createAskedBy } from './forward-auth/asked-by.ts';
import { createCallerReader, type ReadCaller } from './headers/caller.ts';
import { createInsideTokens, type InsideTokens } from './inside-token.ts';
import { createKeep, type Keep } from './keep.ts';
import { createMetadata, type ServeMetadata } from './metadata.ts';
import { createRoute, type Route } from './route.ts';
import { createRouteTable, type FindRoute } from './route-table.ts';

export interface Generation {
  readonly config: GatewayConfig;
  readonly keep: Keep;
  readonly findRoute: FindRoute<Route>;
  readonly serveMetadata: ServeMetadata;
  readonly readCaller: ReadCaller;
  readonly readClient: ReadClient;
  readonly insideTokens: InsideTokens | undefined;
  /** Absent where no proxies ask. */
  readonly askedBy: AskedBy | undefined;
  /** A request begins; until it leaves, nothing of this generation is closed. */
  enter(): void;
  leave(): void;
  /** Closes what the next one does not go on with, once the last request has left. */
  retire(next: Generation | undefined): Promise<void>;
}

export interface GenerationParts {
  readonly config: GatewayConfig;
  readonly previous: Generation | undefined;
  readonly clock: () => number;
  readonly nonces: DpopNonceSource;
  readonly fetch?: Fetch;
}

/** @throws TypeError for settings that only turn out wrong here, such as a key that is none */
export async function createGeneration(parts: GenerationParts): Promise<Generation> {
  const { config, clock, nonces, fetch } = parts;
  const keep = createKeep(parts.previous?.keep);
  const forbidden = [...config.strip_headers, ...Object.keys(config.identity_headers)];
  const takesCats = Object.values(config.routes).some(
    (route) => route.verify_access_token?.cat !== undefined,
  );
  const shared = {
    config,
    keep,
    clock,
    nonces,
    forbidden,
    ...(fetch === undefined ? {} : { fetch }),
    // Whoever takes no such tokens does not load what reads them.
    ...(takesCats ? { cat: await import('@tessera/tokens/cat') } : {}),
  };
  const routes = Object.entries(config.routes).map(([name, route]) => createRoute(name, route, shared));
  const { inside_tokens: inside } = config;
  const presence = createPresence();
  const isTrusted = trustedPeers(config.trusted_proxies);
  const insideTokens =
    inside && (await keep.get('inside tokens', inside, () => createInsideTokens(inside, clock)));
  keep.settle();
  return {
    config,
    keep,
    findRoute: createRouteTable(routes),
    serveMetadata: createMetadata(routes, config),
    readCaller: createCallerReader(isTrusted, config.public_url),
    readClient: createClientReader(isTrusted),
    insideTokens,
    askedBy: config.forward_auth && createAskedBy(config.forward_auth),
    enter: () => presence.enter(),
    leave: () => presence.leave(),
    async retire(next) {
      await presence.empty();
      await keep.closeAllBut(next?.keep);
    },
  };
}

/** Without any, nothing has to be looked up for each request. */
function trustedPeers(networks: readonly string[]): (address: string | undefined) => boolean {
  return networks.length === 0 ? () => false : createTrustedPeers(networks);
}

/** How many are in, and when the last has left. */
function createPresence() {
  let count = 0;
  let whenEmpty: (() => void) | undefined;
  return {
    enter: (): void => void count++,
    leave(): void {
      count--;
      if (count === 0) whenEmpty?.();
    },
    empty: (): Promise<void> =>
      new Promise((resolve) => {
        if (count === 0) resolve();
        else whenEmpty = resolve;
      }),
  };
}
