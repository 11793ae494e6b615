/** In which countries, or parts of them, the token may be used. @spec CTA-5007-B §4.6.14; ISO 3166-1, 3166-2 */
import type { CatClaim } from '../claim.ts';
import { readTextList, textListFromJson } from '../read-value.ts';

const CODE = /^[A-Z]{2,3}$|^[A-Z]{2}-[A-Z0-9]{1,3}$/;

export const catgeoiso3166: CatClaim<readonly string[]> = {
  name: 'catgeoiso3166',
  label: 316,
  section: '4.6.14',
  support: 'may',
  says: 'In which countries or subdivisions, as ISO 3166 codes',
  read: (value) => {
    const codes = readTextList(value);
    return codes?.every((code) => CODE.test(code)) === true ? codes : undefined;
  },
  acceptable: (codes, { request }) => {
    const regions = request.place?.regions;
    if (regions === undefined) return 'claim_unsupported';
    // Whoever is in a part of a country is in the country.
    const isIn = (code: string): boolean =>
      regions.some((region) => region === code || region.startsWith(`${code}-`));
    return codes.some(isIn) ? undefined : 'wrong_place';
  },
  presented: ({ request }) => request.place?.regions,
  toJson: (codes) => codes,
  fromJson: textListFromJson,
};
