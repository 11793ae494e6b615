/**
 * Where requests carry tokens, and requests without them. A header and a cookie are usual; the URL, which is logged and
 * remembered, and the Authorization header, which belongs to others, only where a route says so.
 * @spec CTA-5007-B §4.4; RFC 6750 §2.1; RFC 6265 §5.4
 */
import { headerOf, isHeaders } from './cat-request.ts';
import type { CatRequest } from './cat-request.ts';

/** Where tokens may be. Names are compared without regard to case, but for those of the query. */
export interface CarrierRules {
  /** `CTA-Common-Access-Token` unless given. */
  readonly headers?: readonly string[];
  /** `CTA-Common-Access-Token` unless given. */
  readonly cookies?: readonly string[];
  /** Parameters of the query, such as `CAT`; none unless given. */
  readonly query?: readonly string[];
  /** A segment of the path that is the token: its place, from 0, or what it begins with. None unless given. */
  readonly path?: { readonly segment: number } | { readonly prefix: string };
  /** Whether the Authorization header may hold one. */
  readonly bearer?: boolean;
}

export type CatCarrier =
  | { readonly kind: 'header' | 'cookie' | 'query'; readonly name: string }
  | { readonly kind: 'path'; readonly segment: number; readonly prefix: string }
  | { readonly kind: 'bearer' };

export interface CarriedCat {
  readonly token: string;
  readonly carrier: CatCarrier;
}

/** A request without its tokens: what claims are held against, and what may go on to the origin. */
export interface StrippedRequest {
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

const STANDARD = ['CTA-Common-Access-Token'];
/** Six must be looked at (CTA-5007-B §4.4); more than this are not. */
const MAXIMUM_TOKENS = 16;
const BASE64 = /^[A-Za-z0-9_+/=.-]+$/;

/** @returns the tokens of a request in the order of trust: headers, cookies, then what the URL carries */
export function findCats(request: CatRequest, rules: CarrierRules = {}): readonly CarriedCat[] {
  const found = [
    ...inHeaders(request, rules),
    ...inAuthorization(request, rules),
    ...inCookies(request, rules),
    ...inUrl(request.url, rules),
  ];
  return found.slice(0, MAXIMUM_TOKENS);
}

function inHeaders(request: CatRequest, { headers = STANDARD }: CarrierRules): CarriedCat[] {
  return headers.flatMap((name) =>
    (headerOf(request, name) ?? '').split(',').flatMap((each): CarriedCat[] => {
      // What follows a semicolon are parameters, as a renewal may have added them.
      const [token = ''] = each.split(';');
      return tokenIn(token.trim(), { kind: 'header', name });
    }),
  );
}

function inAuthorization(request: CatRequest, { bearer = false }: CarrierRules): CarriedCat[] {
  const credentials = bearer ? headerOf(request, 'authorization') : undefined;
  const match = /^bearer +([^ ,]+)$/i.exec(credentials ?? '');
  return tokenIn(match?.[1] ?? '', { kind: 'bearer' });
}

function inCookies(request: CatRequest, { cookies = STANDARD }: CarrierRules): CarriedCat[] {
  const wanted = cookies.map((name) => name.toLowerCase());
  return (headerOf(request, 'cookie') ?? '').split(/[;,]/).flatMap((pair) => {
    const [name, value] = splitPair(pair.trim());
    return wanted.includes(name.toLowerCase()) ? tokenIn(unquoted(value), { kind: 'cookie', name }) : [];
  });
}

function unquoted(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

function inUrl(url: string | undefined, rules: CarrierRules): CarriedCat[] {
  if (url === undefined) return [];
  const { path, query } = splitUrl(url);
  const fromQuery = query
    .split('&')
    .map(splitPair)
    .filter(([name]) => rules.query?.includes(decoded(name)) === true)
    .flatMap(([name, value]) => tokenIn(decoded(value), { kind: 'query', name: decoded(name) }));
  if (rules.path === undefined) return fromQuery;
  const place = placeOf(path.split('/'), rules.path);
  if (place === undefined) return fromQuery;
  return [
    ...fromQuery,
    ...tokenIn(place.token, { kind: 'path', segment: place.segment, prefix: place.prefix }),
  ];
}

/** Segments are counted from the one after the first slash. */
function placeOf(
  parts: readonly string[],
  rule: NonNullable<CarrierRules['path']>,
): { readonly token: string; readonly segment: number; readonly prefix: string } | undefined {
  const segments = parts.slice(1);
  const prefix = 'prefix' in rule ? rule.prefix : '';
  const segment =
    'segment' in rule
      ? rule.segment
      : segments.findIndex((each) => decoded(each).toLowerCase().startsWith(prefix.toLowerCase()));
  const text = segments[segment];
  return text === undefined ? undefined : { token: decoded(text).slice(prefix.length), segment, prefix };
}

function tokenIn(token: string, carrier: CatCarrier): CarriedCat[] {
  return token !== '' && BASE64.test(token) ? [{ token, carrier }] : [];
}

/**
 * Takes out everything that may be a token, good or bad, found or not: what is at a place for tokens does not go on.
 * @returns the URL and the headers that are left; the order of what stays is kept
 */
export function stripCats(request: CatRequest, rules: CarrierRules = {}): StrippedRequest {
  const dropped = new Set((rules.headers ?? STANDARD).map((name) => name.toLowerCase()));
  if (rules.bearer === true) dropped.add('authorization');
  const cookies = (rules.cookies ?? STANDARD).map((name) => name.toLowerCase());
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, value] of headersOf(request)) {
    const lower = name.toLowerCase();
    if (dropped.has(lower)) continue;
    const left = lower === 'cookie' ? withoutCookies(value, cookies) : value;
    if (left !== '') headers[name] = left;
  }
  return { url: request.url === undefined ? undefined : stripUrl(request.url, rules), headers };
}

function headersOf({ headers }: CatRequest): readonly (readonly [string, string | readonly string[]])[] {
  if (headers === undefined) return [];
  if (isHeaders(headers)) return [...headers.entries()];
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}

function withoutCookies(value: string | readonly string[], names: readonly string[]): string {
  const pairs = (typeof value === 'string' ? [value] : value).flatMap((each) => each.split(';'));
  return pairs
    .map((pair) => pair.trim())
    .map((pair) => withoutNamed(pair, names))
    .filter((pair) => pair !== '')
    .join('; ');
}

/** Several Cookie headers may have been joined by commas; a comma within another cookie's value stays. */
function withoutNamed(pair: string, names: readonly string[]): string {
  const isToken = (part: string): boolean => names.includes(splitPair(part.trim())[0].toLowerCase());
  const parts = pair.split(',');
  return parts.some(isToken)
    ? parts
        .filter((part) => !isToken(part))
        .join(',')
        .trim()
    : pair;
}

function stripUrl(url: string, rules: CarrierRules): string {
  const { before, path, query } = splitUrl(url);
  const left = query
    .split('&')
    .filter((pair) => rules.query?.includes(decoded(splitPair(pair)[0])) !== true)
    .join('&');
  return before + stripPath(path, rules.path) + (left === '' ? '' : `?${left}`);
}

function stripPath(path: string, rule: CarrierRules['path']): string {
  const parts = path.split('/');
  const place = rule === undefined ? undefined : placeOf(parts, rule);
  if (place === undefined) return path;
  const left = parts.filter((_, index) => index !== place.segment + 1).join('/');
  return left === '' ? '/' : left;
}

/** @returns the URL with another token in the place of the old one; undefined where the URL carried none */
export function withTokenReplaced(url: string, carrier: CatCarrier, token: string): string | undefined {
  const { before, path, query } = splitUrl(url);
  if (carrier.kind === 'query') {
    const pairs = query.split('&').map((pair) => {
      const [name] = splitPair(pair);
      return decoded(name) === carrier.name ? `${name}=${token}` : pair;
    });
    return `${before}${path}?${pairs.join('&')}`;
  }
  if (carrier.kind !== 'path') return undefined;
  const parts = path.split('/');
  parts[carrier.segment + 1] = carrier.prefix + token;
  return before + parts.join('/') + (query === '' ? '' : `?${query}`);
}

/** Scheme and host, path, and query without its mark. A fragment is never sent, so it is dropped. */
function splitUrl(url: string): { readonly before: string; readonly path: string; readonly query: string } {
  const [whole = ''] = url.split('#');
  const queryStart = whole.indexOf('?');
  const address = queryStart === -1 ? whole : whole.slice(0, queryStart);
  const query = queryStart === -1 ? '' : whole.slice(queryStart + 1);
  const hostStart = address.indexOf('://');
  const pathStart = hostStart === -1 ? 0 : address.indexOf('/', hostStart + 3);
  if (pathStart === -1) return { before: address, path: '', query };
  return { before: address.slice(0, pathStart), path: address.slice(pathStart), query };
}

function splitPair(pair: string): readonly [name: string, value: string] {
  const at = pair.indexOf('=');
  return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
