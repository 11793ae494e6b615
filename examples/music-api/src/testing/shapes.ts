/**
 * For tests: the exact members and types of each object, written down once. An object must have all of them and no other.
 * A type is the name of a JavaScript type, `null`, a pattern, a nested shape, or a list of alternatives.
 */
export type Shape = string | RegExp | Alternatives | Check | Members;
type Alternatives = readonly Shape[];
type Check = (value: unknown) => boolean;
interface Members {
  readonly [member: string]: Shape;
}

const URL_PATTERN = /^http:\/\/127\.0\.0\.1:\d+\//;
const ID = /^[0-9A-Za-z]{22}$/;
export const listOf =
  (shape: Shape): Check =>
  (value) =>
    Array.isArray(value) && value.every((item) => mismatch(item, shape) === undefined);
export const nonEmptyListOf =
  (shape: Shape): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && listOf(shape)(value);
const integer = (value: unknown): boolean => Number.isInteger(value);
const percent = (value: unknown): boolean => integer(value) && Number(value) >= 0 && Number(value) <= 100;
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const identity = (type: string, id: Shape = ID) => ({
  external_urls: { spotify: URL_PATTERN },
  href: URL_PATTERN,
  id,
  type: new RegExp(`^${type}$`),
  uri: new RegExp(`^spotify:${type}:`),
});

const image = { url: URL_PATTERN, height: integer, width: integer };
const followers = { href: 'null', total: integer };

export const pageOf = (shape: Shape): Shape => ({
  href: URL_PATTERN,
  items: listOf(shape),
  limit: integer,
  next: ['null', URL_PATTERN],
  offset: integer,
  previous: ['null', URL_PATTERN],
  total: integer,
});

export const simplifiedArtist = { ...identity('artist'), name: 'string' };

export const artist = {
  ...simplifiedArtist,
  followers,
  genres: nonEmptyListOf('string'),
  images: nonEmptyListOf(image),
  popularity: percent,
};

export const simplifiedAlbum = {
  ...identity('album'),
  name: 'string',
  album_type: /^(album|single|compilation)$/,
  album_group: /^(album|single|compilation)$/,
  artists: nonEmptyListOf(simplifiedArtist),
  available_markets: nonEmptyListOf(/^[A-Z]{2}$/),
  images: nonEmptyListOf(image),
  is_playable: 'boolean',
  release_date: /^\d{4}$/,
  release_date_precision: /^year$/,
  restrictions: {},
  total_tracks: integer,
};

export const simplifiedTrack = {
  ...identity('track'),
  name: 'string',
  artists: nonEmptyListOf(simplifiedArtist),
  available_markets: nonEmptyListOf(/^[A-Z]{2}$/),
  disc_number: integer,
  duration_ms: integer,
  explicit: 'boolean',
  is_local: 'boolean',
  is_playable: 'boolean',
  linked_from: {},
  preview_url: 'null',
  restrictions: {},
  track_number: integer,
};

export const track = { ...simplifiedTrack, album: simplifiedAlbum, external_ids: {}, popularity: percent };

export const album = {
  ...simplifiedAlbum,
  copyrights: nonEmptyListOf({ text: 'string', type: /^[CP]$/ }),
  external_ids: {},
  genres: nonEmptyListOf('string'),
  label: 'string',
  popularity: percent,
  tracks: pageOf(simplifiedTrack),
};

const userReference = { ...identity('user', 'string'), display_name: 'string' };
export const publicUser = { ...userReference, followers, images: listOf(image) };
export const privateUser = {
  ...publicUser,
  account_id: 'string',
  country: /^[A-Z]{2}$/,
  email: /@/,
  explicit_content: { filter_enabled: 'boolean', filter_locked: 'boolean' },
  product: 'string',
};

const content = { href: URL_PATTERN, total: integer };
export const simplifiedPlaylist = {
  ...identity('playlist'),
  name: 'string',
  description: ['string', 'null'],
  collaborative: 'boolean',
  public: 'boolean',
  owner: userReference,
  images: nonEmptyListOf(image),
  primary_color: 'null',
  snapshot_id: 'string',
  items: content,
  tracks: content,
};

export const playlistItem = {
  added_at: timestamp,
  added_by: identity('user', 'string'),
  is_local: 'boolean',
  primary_color: 'null',
  item: track,
  track,
};

export const playlist = {
  ...simplifiedPlaylist,
  followers,
  items: pageOf(playlistItem),
  tracks: pageOf(playlistItem),
};

/** Where a value differs from a shape, in words; undefined when it does not. */
export function mismatch(value: unknown, shape: Shape, at = '$'): string | undefined {
  if (typeof shape === 'function') return shape(value) ? undefined : `${at} is ${JSON.stringify(value)}`;
  if (shape === 'null') return value === null ? undefined : `${at} is not null`;
  if (typeof shape === 'string') return typeof value === shape ? undefined : `${at} is no ${shape}`;
  if (shape instanceof RegExp) {
    return typeof value === 'string' && shape.test(value) ? undefined : `${at} is ${JSON.stringify(value)}`;
  }
  if (isAlternatives(shape)) {
    return shape.some((one) => mismatch(value, one) === undefined)
      ? undefined
      : `${at} fits none of its types`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at} is no object`;
  return mismatchOfMembers(new Map(Object.entries(value)), shape, at);
}

function isAlternatives(shape: Alternatives | Members): shape is Alternatives {
  return Array.isArray(shape);
}

function mismatchOfMembers(
  value: ReadonlyMap<string, unknown>,
  shape: Members,
  at: string,
): string | undefined {
  const [got, wanted] = [[...value.keys()].toSorted().join(), Object.keys(shape).toSorted().join()];
  if (got !== wanted) return `${at} has ${got} instead of ${wanted}`;
  for (const [name, member] of Object.entries(shape)) {
    const difference = mismatch(value.get(name), member, `${at}.${name}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
