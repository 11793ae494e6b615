/** In which cells of the earth's grid the token may be used. @spec CTA-5007-B §4.6.16; CTA-5009-A */
import type { CatClaim } from '../claim.ts';
import { listOf, readTexts, textsFromJson } from '../read-value.ts';
import type { Texts } from '../read-value.ts';

const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz';
const CELL = /^[0-9b-hjkmnp-z]{4,12}$/;
/** A longer name is a smaller cell: that belongs into an encrypted token. */
const PUBLIC_LENGTH = 4;

export const geohash: CatClaim<Texts> = {
  name: 'geohash',
  label: 282,
  section: '4.6.16',
  support: 'may',
  says: 'In which geohash cells, of 4 to 12 characters',
  read: (value) => {
    const cells = readTexts(value);
    return cells !== undefined && listOf(cells).every((cell) => CELL.test(cell)) ? cells : undefined;
  },
  acceptable: (cells, { request }) => {
    const { latitude, longitude } = request.place ?? {};
    if (latitude === undefined || longitude === undefined) return 'claim_unsupported';
    const actual = cellOf(latitude, longitude);
    return listOf(cells).some((cell) => actual.startsWith(cell)) ? undefined : 'wrong_place';
  },
  presented: ({ request: { place } }) =>
    place?.latitude === undefined || place.longitude === undefined
      ? undefined
      : cellOf(place.latitude, place.longitude),
  toJson: (cells) => cells,
  fromJson: textsFromJson,
  isPersonal: (cells) => listOf(cells).some((cell) => cell.length > PUBLIC_LENGTH),
};

/** Halves the world in turn by longitude and latitude; five halvings make a character. */
function cellOf(latitude: number, longitude: number): string {
  const ranges = [
    { value: longitude, low: -180, high: 180 },
    { value: latitude, low: -90, high: 90 },
  ] as const;
  const bounds = ranges.map(({ low, high }) => ({ low: low as number, high: high as number }));
  let cell = '';
  for (let bit = 0, character = 0; cell.length < 12; bit++) {
    const axis = bit % 2 === 0 ? 0 : 1;
    const within = bounds[axis];
    if (within === undefined) break;
    const middle = (within.low + within.high) / 2;
    const isUpper = ranges[axis].value >= middle;
    if (isUpper) within.low = middle;
    else within.high = middle;
    character = character * 2 + (isUpper ? 1 : 0);
    if (bit % 5 === 4) {
      cell += ALPHABET[character];
      character = 0;
    }
  }
  return cell;
}
