/**
 * Where a route looks for Common Access Tokens, and what is left of a request without them. What is at such a place never
 * goes on, good or bad.
 * @spec CTA-5007-B §4.4
 */
import type { CarrierRules, stripCats } from '@tessera/tokens/cat';
import type { CatConfig } from '../config/route-schema.ts';
import { readRequestTarget, type RequestTarget } from '../request-target.ts';

/** The code for these tokens, loaded where a route takes them. */
export type CatCode = Readonly<Record<'stripCats', typeof stripCats>>;

export interface CatPlaces {
  /** @returns undefined where what is left could be read in two ways */
  readonly targetWithout: (target: RequestTarget) => RequestTarget | undefined;
  /** @param name in lower case @returns the value without tokens; empty text if nothing is left */
  readonly headerWithout: (name: string, value: string) => string;
}

export function carrierRules({ header, cookie, query, path_segment, path_prefix }: CatConfig): CarrierRules {
  return {
    headers: [header],
    cookies: cookie === undefined ? [] : [cookie],
    query: query === undefined ? [] : [query],
    ...(path_segment === undefined ? {} : { path: { segment: path_segment } }),
    ...(path_prefix === undefined ? {} : { path: { prefix: path_prefix } }),
  };
}

export function createCatPlaces(config: CatConfig, { stripCats: strip }: CatCode): CatPlaces {
  const rules = carrierRules(config);
  return {
    targetWithout({ path, query }) {
      const { url } = strip({ url: path + query }, rules);
      return url === path + query ? { path, query } : readRequestTarget(url ?? '');
    },
    headerWithout(name, value) {
      // A page that was called with a token in its URL says so to whatever it loads.
      if (name === 'referer') return strip({ url: value }, rules).url ?? '';
      if (name !== 'cookie') return value;
      const { cookie = '' } = strip({ headers: { cookie: value } }, rules).headers;
      return typeof cookie === 'string' ? cookie : cookie.join('; ');
    },
  };
}
