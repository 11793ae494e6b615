import type { PageRequest, Query } from '../reading/query.ts';
import type { View } from './view.ts';

export interface Page<Item> {
  readonly href: string;
  readonly items: readonly Item[];
  readonly limit: number;
  readonly next: string | null;
  readonly offset: number;
  readonly previous: string | null;
  readonly total: number;
}

export interface PageSource<Element, Item> {
  readonly path: string;
  /** The other parameters of the request, kept in the links to the next and the previous page. */
  readonly query?: Query;
  readonly request: PageRequest;
  readonly elements: readonly Element[];
  readonly shape: (element: Element) => Item;
}

export function toPage<Element, Item>(view: View, source: PageSource<Element, Item>): Page<Item> {
  const { limit, offset } = source.request;
  const total = source.elements.length;
  const link = (at: number): string =>
    `${view.apiUrl}${source.path}?${linkQuery(source.query ?? {}, limit, at)}`;
  return {
    href: link(offset),
    items: source.elements.slice(offset, offset + limit).map(source.shape),
    limit,
    next: offset + limit < total ? link(offset + limit) : null,
    offset,
    previous: offset > 0 ? link(Math.max(0, Math.min(offset, total) - limit)) : null,
    total,
  };
}

function linkQuery(query: Query, limit: number, offset: number): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === 'string') parameters.set(name, value);
  }
  parameters.set('offset', String(offset));
  parameters.set('limit', String(limit));
  return parameters.toString();
}
