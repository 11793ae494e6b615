// Every list of both APIs, read from what the APIs say of themselves.
import type { Caller } from './crowd.ts';

export interface ListRoute {
  /** With `{id}` where the list belongs to one of another list. */
  readonly path: string;
  /** Whether it comes in pages. */
  readonly paged: boolean;
  /** The names of its query parameters, without those of paging. */
  readonly filters: readonly string[];
}

interface Described {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Body>> }>>;
}
interface Body {
  readonly schema: { readonly properties?: Readonly<Record<string, { readonly type?: string }>> };
}

/** Every GET that answers `items`. */
export async function listRoutes(caller: Caller): Promise<readonly ListRoute[]> {
  const documents = await Promise.all(
    ['/admin/v1', '/account/v1'].map(async (api) => (await caller.call('GET', `${api}/openapi.json`)).body),
  );
  return documents.flatMap(({ paths }) =>
    Object.entries(paths as Readonly<Record<string, { readonly get?: Described }>>).flatMap(
      ([path, { get }]) => {
        const schema = get?.responses['200']?.content?.['application/json']?.schema;
        if (get === undefined || schema?.properties?.['items']?.type !== 'array') return [];
        const names = (get.parameters ?? []).filter((each) => each.in === 'query').map((each) => each.name);
        const filters = names.filter((each) => each !== 'limit' && each !== 'cursor');
        return [{ path, paged: names.includes('cursor'), filters }];
      },
    ),
  );
}
