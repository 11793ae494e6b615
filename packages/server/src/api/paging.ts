/** Lists come in pages: `?limit=&cursor=` asks, `{ items, next_cursor }` answers, newest first. */
import { type TSchema, Type } from '../schema/type.ts';
import type { Page, PageRequest } from '../ports/page.ts';
import { Identifier } from './identifier.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** The query members of every list; spread them into its query schema. */
export const pagingParameters = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, description: 'Items on a page' }),
  ),
  cursor: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_-]{1,512}$',
      description: '`next_cursor` of the page before',
    }),
  ),
};

export const PagingQuery = Type.Object(pagingParameters, { additionalProperties: false });

/** The query members of a list of what organizations own. */
export const ownedParameters = {
  ...pagingParameters,
  organization_id: Type.Optional(Identifier),
};

export const OwnedQuery = Type.Object(ownedParameters, { additionalProperties: false });

export function pageRequest(query: { readonly limit?: number; readonly cursor?: string }): PageRequest {
  return {
    limit: query.limit ?? DEFAULT_LIMIT,
    ...(query.cursor !== undefined && { cursor: query.cursor }),
  };
}

/** The schema of a page of such items. */
export function PageOf<const Item extends TSchema>(item: Item, title: string) {
  return Type.Object(
    {
      items: Type.Array(item),
      next_cursor: Type.Optional(Type.String({ description: 'Absent on the last page' })),
    },
    { title },
  );
}

/** A page on the wire. */
export function toPage<Noun, Wire>(
  page: Page<Noun>,
  toWire: (noun: Noun) => Wire,
): { items: Wire[]; next_cursor?: string } {
  return {
    items: page.items.map((item) => toWire(item)),
    ...(page.nextCursor !== undefined && { next_cursor: page.nextCursor }),
  };
}
