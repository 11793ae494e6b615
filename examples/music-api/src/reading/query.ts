import { ID_PATTERN } from '../catalogue/catalogue-id.ts';
import { badRequest } from '../errors.ts';

/** The query as Fastify parses it: a name given twice arrives as a list, which no parameter of this API allows. */
export type Query = Readonly<Record<string, unknown>>;

export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
}

export function readParameter(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw badRequest(`${name} may be given once`);
}

export function readPageRequest(query: Query, { preset = 20, max = 50 } = {}): PageRequest {
  const limit = readInteger(query, 'limit') ?? preset;
  const offset = readInteger(query, 'offset') ?? 0;
  if (limit < 1 || limit > max) throw badRequest(`Invalid limit: from 1 to ${max}`);
  if (offset > 100_000) throw badRequest('Invalid offset: at most 100000');
  return { limit, offset };
}

export function readInteger(query: Query, name: string): number | undefined {
  const value = readParameter(query, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw badRequest(`Invalid ${name}: a whole number`);
  return Number(value);
}

export function readIds(query: Query, max: number): readonly string[] {
  const ids = readParameter(query, 'ids')?.split(',') ?? [];
  if (ids.length === 0 || ids[0] === '') throw badRequest('ids is missing: ids separated by commas');
  if (ids.length > max) throw badRequest(`Too many ids: at most ${max}`);
  return ids.map(readId);
}

export function readId(id: string): string {
  if (!ID_PATTERN.test(id)) throw badRequest('Invalid base62 id');
  return id;
}

/** An ISO 3166-1 country code, or nothing. */
export function readMarket(query: unknown): string | undefined {
  const market = isQuery(query) ? readParameter(query, 'market') : undefined;
  if (market === undefined || market === 'from_token') return undefined;
  if (!/^[A-Z]{2}$/.test(market)) throw badRequest('Invalid market: two capital letters');
  return market;
}

function isQuery(query: unknown): query is Query {
  return typeof query === 'object' && query !== null;
}
