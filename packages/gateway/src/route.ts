/** A route, ready to take requests: what its configuration means, worked out once. */
import type { createBlockMemory, createReplayMemory } from '@tessera/tokens/cat';
import { type CatOptions, createVerifier, type DpopNonceSource, type Verifier } from '@tessera/verifier';
import { readCatKeys } from './cat/cat-keys.ts';
import { carrierRules, type CatCode, type CatPlaces, createCatPlaces } from './cat/cat-places.ts';
import { randomInt } from 'node:crypto';
import { createAllowances } from './checks/quota.ts';
import { createRouteCheck, type RouteCheck } from './checks/route-check.ts';
import type { CatConfig, CheckConfig, RouteConfig } from './config/route-schema.ts';
import type { GatewayConfig } from './config/schema.ts';
import { createForbiddenHeaders } from './headers/forbidden-headers.ts';
import { createIdentityWriter, type WriteIdentity } from './headers/identity-headers.ts';
import type { RequestHeaderRules } from './headers/request-headers.ts';
import type { Keep } from './keep.ts';
import { createUpstream, type Upstream } from './proxy/upstream.ts';
import type { Routed } from './route-table.ts';

export interface Route extends Routed {
  readonly name: string;
  readonly config: RouteConfig;
  /** Absent on an open route. */
  readonly guard?: Guard;
  /** Absent where the route is for other proxies only. */
  readonly upstream?: Upstream;
  readonly headerRules: RequestHeaderRules;
  /** Present where the route takes Common Access Tokens. */
  readonly catPlaces?: CatPlaces;
  readonly setHeaders: readonly (readonly [name: string, value: string])[];
}

export interface Guard {
  readonly check: RouteCheck;
  readonly config: CheckConfig;
  readonly verifier: Verifier;
  readonly writeIdentity: WriteIdentity;
}

/** What all routes of a configuration share. */
export interface RouteParts {
  readonly config: GatewayConfig;
  readonly keep: Keep;
  readonly clock: () => number;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Names of headers that no caller may send on any route. */
  readonly forbidden: readonly string[];
  readonly nonces: DpopNonceSource;
  /** Absent where no route takes Common Access Tokens. */
  readonly cat?: CatParts;
}

/** The code for Common Access Tokens. */
export interface CatParts extends CatCode {
  readonly createReplayMemory: typeof createReplayMemory;
  readonly createBlockMemory: typeof createBlockMemory;
}

export function createRoute(name: string, config: RouteConfig, parts: RouteParts): Route {
  const { host, path, methods, upstream, verify_access_token: check } = config;
  const identity = config.identity_headers ?? parts.config.identity_headers;
  const catPlaces =
    check?.cat === undefined || parts.cat === undefined ? undefined : createCatPlaces(check.cat, parts.cat);
  const guard = check === undefined ? undefined : createGuard(name, config, check, identity, parts);
  return {
    name,
    config,
    path,
    ...(host === undefined ? {} : { host }),
    ...(methods === undefined ? {} : { methods }),
    ...(guard === undefined ? {} : { guard }),
    ...(upstream === undefined ? {} : { upstream: upstreamOf(upstream, config, parts.keep) }),
    headerRules: {
      isForbidden: createForbiddenHeaders([
        ...parts.forbidden,
        ...Object.keys(identity),
        ...ownHeaders(config),
      ]),
      preserveHost: config.preserve_host,
      ...(catPlaces === undefined ? {} : { headerWithout: catPlaces.headerWithout }),
    },
    ...(catPlaces === undefined ? {} : { catPlaces }),
    setHeaders: Object.entries(config.set_headers),
  };
}

function upstreamOf(url: string, config: RouteConfig, keep: Keep): Upstream {
  const options = {
    url,
    responseTimeoutMs: config.response_timeout_seconds * 1000,
    idleTimeoutMs: config.idle_timeout_seconds * 1000,
  };
  return keep.get('upstream', options, () => createUpstream(options));
}

function createGuard(
  name: string,
  route: RouteConfig,
  config: CheckConfig,
  identity: Readonly<Record<string, string>>,
  parts: RouteParts,
): Guard {
  const verifier = verifierOf(config, parts);
  const { keep, clock } = parts;
  const allowances = keep.get('allowances', [name, route.quotas], () => ({
    take: createAllowances(route.quotas, clock),
  }));
  return {
    check: createRouteCheck(config, verifier, allowances.take),
    config,
    verifier,
    writeIdentity: createIdentityWriter(identity),
  };
}

/** Routes with the same issuers and audience share one, with what it remembers of tokens and proofs. */
function verifierOf({ audience, issuers: names, cat }: CheckConfig, parts: RouteParts): Verifier {
  const { config, keep, clock, fetch, nonces } = parts;
  const issuers = (names ?? Object.keys(config.issuers)).flatMap((name) => config.issuers[name] ?? []);
  const [first, ...others] = issuers.map(
    ({ url, client_id: clientId, client_secret: clientSecret, cat_keys: keys }) => ({
      issuer: url,
      audience,
      ...(clientId === undefined || clientSecret === undefined ? {} : { clientId, clientSecret }),
      ...(cat === undefined || keys === undefined ? {} : { keys: readCatKeys(keys) }),
    }),
  );
  if (first === undefined) throw new TypeError('a route that checks tokens needs an issuer');
  const shared = {
    introspectionCacheSeconds: Math.min(...issuers.map((issuer) => issuer.introspection_cache_seconds)),
    onStaleRevocation: config.on_stale_revocation,
    timeoutSeconds: Math.max(...issuers.map((issuer) => issuer.timeout_seconds)),
  };
  const proxies = config.trusted_proxies;
  return keep.get('verifier', [first, others, shared, proxies, config.dpop_nonce, cat], () =>
    createVerifier({
      issuers: [first, ...others],
      ...shared,
      clock,
      ...(fetch === undefined ? {} : { fetch }),
      dpop: { nonces },
      ...(cat === undefined ? {} : { cat: catOptionsOf(cat, parts) }),
      ...(proxies.length === 0 ? {} : { mutualTls: { clientCertHeaderFrom: proxies } }),
    }),
  );
}

/** What was used is remembered once for all routes, and through every reload: another route is no second chance. */
function catOptionsOf(config: CatConfig, { keep, clock, cat: code }: RouteParts): CatOptions {
  const memory =
    code &&
    keep.get('memory of claims', [], () => ({
      replays: code.createReplayMemory(clock),
      blocks: code.createBlockMemory(clock),
      draw: () => randomInt(2 ** 32) / 2 ** 32,
    }));
  return {
    carriers: carrierRules(config),
    audienceOptional: config.audience_optional,
    ...(memory === undefined ? {} : { memory }),
    ...(config.renew ? { renewal: {} } : {}),
  };
}

/** What callers may not send here beside what none may: names this route gives a meaning of its own, and its token. */
function ownHeaders({ verify_access_token: check, token, set_headers }: RouteConfig): readonly string[] {
  const own = Object.keys(set_headers);
  if (check?.header !== undefined) own.push(check.header);
  if (check?.cat !== undefined) own.push(check.cat.header);
  if (token === 'inside' || (check !== undefined && check.header === undefined && token === 'strip')) {
    own.push('authorization', 'dpop');
  }
  return own;
}
