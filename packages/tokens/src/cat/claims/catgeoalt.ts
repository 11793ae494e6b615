/** At which height the token may be used. @spec CTA-5007-B §4.6.17 */
import type { CatClaim } from '../claim.ts';
import { isJsonList } from '../json-value.ts';
import { isList } from '../read-value.ts';

interface Height {
  readonly altitudeMetres: number;
  readonly deviationMetres: number;
}

export const catgeoalt: CatClaim<Height> = {
  name: 'catgeoalt',
  label: 318,
  section: '4.6.17',
  support: 'may',
  says: 'At which altitude, and how far from it, in metres',
  read: (value) => {
    if (!isList(value) || value.length !== 2) return undefined;
    const [altitudeMetres, deviationMetres] = value;
    if (typeof altitudeMetres !== 'number' || typeof deviationMetres !== 'number') return undefined;
    return deviationMetres >= 0 ? { altitudeMetres, deviationMetres } : undefined;
  },
  acceptable: ({ altitudeMetres, deviationMetres }, { request }) => {
    const actual = request.place?.altitudeMetres;
    if (actual === undefined) return 'claim_unsupported';
    return Math.abs(actual - altitudeMetres) <= deviationMetres ? undefined : 'wrong_place';
  },
  presented: ({ request }) => request.place?.altitudeMetres,
  toJson: ({ altitudeMetres, deviationMetres }) => [altitudeMetres, deviationMetres],
  fromJson: (json) =>
    isJsonList(json) && json.length === 2 && json.every((each) => typeof each === 'number')
      ? json
      : undefined,
};
