/** What headers of the request must be like. @spec CTA-5007-B §4.6.13; RFC 9110 §5.2 */
import type { CborKey, CborValue } from '../../cbor/index.ts';
import type { CatClaim } from '../claim.ts';
import { FIELD_NAME, headerOf } from '../cat-request.ts';
import { isJsonRecord } from '../json-value.ts';
import type { JsonValue } from '../json-value.ts';
import { allHold, matchesFromJson, matchesToJson, readMatches } from '../match.ts';
import type { Match } from '../match.ts';
import { isMap } from '../read-value.ts';

type HeaderMatches = readonly (readonly [name: string, matches: readonly Match[]])[];

export const cath: CatClaim<HeaderMatches> = {
  name: 'cath',
  label: 315,
  section: '4.6.13',
  support: 'must',
  says: 'What headers must be like; a header that was not sent is a refusal',
  read: readHeaderMatches,
  acceptable: (headers, { request }) => {
    const holds = headers.every(([name, matches]) => {
      const value = headerOf(request, name);
      return value !== undefined && allHold(matches, value);
    });
    return holds ? undefined : 'wrong_header';
  },
  // Values are left out: a header may hold a secret.
  presented: ({ request }, headers) =>
    headers.filter(([name]) => headerOf(request, name) !== undefined).map(([name]) => name),
  toJson: (headers) => Object.fromEntries(headers.map(([name, matches]) => [name, matchesToJson(matches)])),
  fromJson: headersFromJson,
};

function readHeaderMatches(value: CborValue): HeaderMatches | undefined {
  if (!isMap(value) || value.size === 0) return undefined;
  const headers: [string, readonly Match[]][] = [];
  for (const [name, expected] of value) {
    const matches = readMatches(expected);
    if (typeof name !== 'string' || !FIELD_NAME.test(name) || matches === undefined) return undefined;
    headers.push([name, matches]);
  }
  return headers;
}

function headersFromJson(json: JsonValue): CborValue | undefined {
  if (!isJsonRecord(json)) return undefined;
  const map = new Map<CborKey, CborValue>();
  for (const [name, expected] of Object.entries(json)) {
    const matches = matchesFromJson(expected);
    if (matches === undefined) return undefined;
    map.set(name, matches);
  }
  return map;
}
