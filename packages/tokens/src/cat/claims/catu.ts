/** What the URI of the request must be like, component by component. @spec CTA-5007-B §4.6.10 */
import type { CborKey, CborValue } from '../../cbor/index.ts';
import { extensionsOf, filenameOf, normalizeCatUri, parentPathOf, readCatUri, stemsOf } from '../cat-uri.ts';
import type { CatUri } from '../cat-uri.ts';
import type { CatClaim } from '../claim.ts';
import { isJsonRecord } from '../json-value.ts';
import type { JsonValue } from '../json-value.ts';
import { allHold, matchesFromJson, matchesToJson, readMatches } from '../match.ts';
import type { Match } from '../match.ts';
import { isMap } from '../read-value.ts';

interface Component {
  readonly label: number;
  readonly name: string;
  /** More than one where the component can be read in more than one way; one that fits is enough. */
  readonly of: (uri: CatUri) => readonly string[];
}

const QUERY = 4;
const EXACT = 0;

const COMPONENTS: readonly Component[] = [
  { label: 0, name: 'scheme', of: ({ scheme }) => [scheme] },
  { label: 1, name: 'host', of: ({ host }) => [host] },
  { label: 2, name: 'port', of: ({ port }) => [port] },
  { label: 3, name: 'path', of: ({ path }) => [path] },
  { label: QUERY, name: 'query', of: ({ query }) => [query] },
  { label: 5, name: 'parent-path', of: (uri) => [parentPathOf(uri)] },
  { label: 6, name: 'filename', of: (uri) => [filenameOf(uri)] },
  { label: 7, name: 'stem', of: stemsOf },
  { label: 8, name: 'extension', of: extensionsOf },
];

type ComponentMatches = readonly (readonly [Component, readonly Match[]])[];

export const catu: CatClaim<ComponentMatches> = {
  name: 'catu',
  label: 312,
  section: '4.6.10',
  support: 'must',
  says: 'What the URI must be like: its scheme, host, port, path, query, parent-path, filename, stem and extension',
  read: readComponents,
  acceptable: (components, { request }) => {
    const uri = request.url === undefined ? undefined : readCatUri(request.url);
    if (uri === undefined) return 'claim_unsupported';
    return components.every(([component, matches]) => fits(component, matches, uri))
      ? undefined
      : 'wrong_uri';
  },
  presented: ({ request }) => (request.url === undefined ? undefined : normalizeCatUri(request.url)),
  toJson: (components) =>
    Object.fromEntries(components.map(([{ name }, matches]) => [name, matchesToJson(matches)])),
  fromJson: componentsFromJson,
};

function fits(component: Component, matches: readonly Match[], uri: CatUri): boolean {
  if (component.of(uri).some((text) => allHold(matches, text))) return true;
  return component.label === QUERY && matches.every((match) => isSameQuery(match, uri.query));
}

/** Nobody who names a whole query means the order of its parameters. */
function isSameQuery({ type, value }: Match, query: string): boolean {
  if (type !== EXACT || typeof value !== 'string' || value.length !== query.length) return false;
  return value.split('&').toSorted().join('&') === query.split('&').toSorted().join('&');
}

function readComponents(value: CborValue): ComponentMatches | undefined {
  if (!isMap(value) || value.size === 0) return undefined;
  const components: [Component, readonly Match[]][] = [];
  for (const [label, expected] of value) {
    const component = COMPONENTS.find((each) => each.label === label);
    const matches = readMatches(expected);
    if (component === undefined || matches === undefined) return undefined;
    components.push([component, matches]);
  }
  return components;
}

function componentsFromJson(json: JsonValue): CborValue | undefined {
  if (!isJsonRecord(json)) return undefined;
  const map = new Map<CborKey, CborValue>();
  for (const [name, expected] of Object.entries(json)) {
    const component = COMPONENTS.find((each) => each.name === name);
    const matches = matchesFromJson(expected);
    if (component === undefined || matches === undefined) return undefined;
    map.set(component.label, matches);
  }
  return map;
}
