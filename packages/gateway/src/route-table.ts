/** Which route a request takes: the host first, then the longest path, then the method. */
import { GatewayError } from './refusal.ts';

/** What of a route decides which requests are its. */
export interface Routed {
  readonly host?: string;
  readonly path: string;
  readonly methods?: readonly string[];
}

/** @throws GatewayError `no_route`, `method_not_allowed`, `ambiguous_path` */
export type FindRoute<Route extends Routed> = (host: string, path: string, method: string) => Route;

/** The routes of one path, by method; `*` for those that take any. */
interface Place<Route> {
  readonly path: string;
  readonly lowerCase: string;
  readonly byMethod: Map<string, Route>;
}

const ANY = '*';

export function createRouteTable<Route extends Routed>(routes: readonly Route[]): FindRoute<Route> {
  const byHost = new Map<string, readonly Place<Route>[]>();
  for (const host of new Set(routes.map((route) => route.host ?? ANY))) {
    byHost.set(host, placesOf(routes.filter((route) => (route.host ?? ANY) === host)));
  }
  const everywhere = byHost.get(ANY) ?? [];
  const hasHosts = byHost.size > (byHost.has(ANY) ? 1 : 0);
  return (host, path, method) => {
    const here = hasHosts ? byHost.get(hostName(host)) : undefined;
    const place = (here === undefined ? undefined : placeOf(here, path)) ?? placeOf(everywhere, path);
    if (place === undefined) throw new GatewayError('no_route');
    const { byMethod } = place;
    const route =
      byMethod.get(method) ?? (method === 'HEAD' ? byMethod.get('GET') : undefined) ?? byMethod.get(ANY);
    if (route !== undefined) return route;
    throw new GatewayError('method_not_allowed', { allow: [...byMethod.keys()].join(', ') });
  };
}

function placesOf<Route extends Routed>(routes: readonly Route[]): readonly Place<Route>[] {
  const places = new Map<string, Place<Route>>();
  for (const route of routes) {
    const path = route.path === '/' ? '/' : route.path.replace(/\/$/, '');
    const place = places.get(path) ?? { path, lowerCase: path.toLowerCase(), byMethod: new Map() };
    places.set(path, place);
    for (const method of route.methods ?? [ANY]) place.byMethod.set(method, route);
  }
  return [...places.values()].toSorted((one, other) => other.path.length - one.path.length);
}

/** An upstream that does not mind case would find there what another route guards, so only one spelling passes. */
function placeOf<Route>(places: readonly Place<Route>[], path: string): Place<Route> | undefined {
  let lowerCase: string | undefined;
  for (const place of places) {
    if (isBelow(path, place.path)) return place;
    lowerCase ??= path.toLowerCase();
    if (isBelow(lowerCase, place.lowerCase)) throw new GatewayError('ambiguous_path');
  }
  return undefined;
}

function isBelow(path: string, place: string): boolean {
  if (place === '/') return true;
  return path.startsWith(place) && (path.length === place.length || path.charCodeAt(place.length) === 0x2f);
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
