/** Within which circles on the earth the token may be used. @spec CTA-5007-B §4.6.15 */
import type { CborValue } from '../../cbor/index.ts';
import type { CatPlace } from '../cat-request.ts';
import type { CatClaim } from '../claim.ts';
import { isJsonList } from '../json-value.ts';
import type { JsonValue } from '../json-value.ts';
import { isList, isUint } from '../read-value.ts';

interface Circle {
  readonly latitude: number;
  readonly longitude: number;
  readonly radiusMetres: number;
}

/** Of a sphere with the earth's mean radius; the error is half a percent at most. */
const EARTH_RADIUS_METRES = 6_371_008.8;

export const catgeocoord: CatClaim<readonly Circle[]> = {
  name: 'catgeocoord',
  label: 317,
  section: '4.6.15',
  support: 'may',
  says: 'Within which circles: latitude and longitude in degrees (WGS 84), radius in metres',
  // Another system of reference comes in a tag, which is not read: its numbers mean other places.
  read: readCircles,
  acceptable: (circles, { request }) => {
    const { latitude, longitude } = request.place ?? {};
    if (latitude === undefined || longitude === undefined) return 'claim_unsupported';
    const isWithin = (circle: Circle): boolean =>
      distanceMetres(circle, { latitude, longitude }) <= circle.radiusMetres;
    return circles.some(isWithin) ? undefined : 'wrong_place';
  },
  presented: ({ request }) => coordinatesOf(request.place),
  toJson: (circles) =>
    circles.map(({ latitude, longitude, radiusMetres }) => [latitude, longitude, radiusMetres]),
  fromJson: circlesFromJson,
  isPersonal: () => true,
};

function coordinatesOf(place: CatPlace | undefined): JsonValue | undefined {
  const { latitude, longitude } = place ?? {};
  return latitude === undefined || longitude === undefined ? undefined : [latitude, longitude];
}

function readCircles(value: CborValue): readonly Circle[] | undefined {
  if (!isList(value) || value.length === 0) return undefined;
  const circles: Circle[] = [];
  for (const each of value) {
    if (!isList(each) || each.length !== 3) return undefined;
    const [latitude, longitude, radiusMetres] = each;
    if (!isDegrees(latitude, 90) || !isDegrees(longitude, 180) || !isUint(radiusMetres)) return undefined;
    circles.push({ latitude, longitude, radiusMetres });
  }
  return circles;
}

function isDegrees(value: CborValue, most: number): value is number {
  return typeof value === 'number' && Math.abs(value) <= most;
}

/** Along the great circle (haversine). */
function distanceMetres(
  one: Pick<Circle, 'latitude' | 'longitude'>,
  other: Pick<Circle, 'latitude' | 'longitude'>,
): number {
  const radians = Math.PI / 180;
  const halfChord = (degrees: number): number => Math.sin((degrees * radians) / 2) ** 2;
  const between =
    halfChord(other.latitude - one.latitude) +
    Math.cos(one.latitude * radians) *
      Math.cos(other.latitude * radians) *
      halfChord(other.longitude - one.longitude);
  return 2 * EARTH_RADIUS_METRES * Math.asin(Math.min(1, Math.sqrt(between)));
}

function circlesFromJson(json: JsonValue): CborValue | undefined {
  return isJsonList(json) &&
    json.every((each) => isJsonList(each) && each.every((n) => typeof n === 'number'))
    ? json
    : undefined;
}
