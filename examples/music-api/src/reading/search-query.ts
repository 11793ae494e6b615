import type { Album, Artist, Track } from '../catalogue/catalogue.ts';
import { badRequest } from '../errors.ts';

const FIELDS = ['artist', 'album', 'track', 'genre', 'year'] as const;
type Field = (typeof FIELDS)[number];
const TERM = new RegExp(`(?:(${FIELDS.join('|')}):)?(?:"([^"]*)"|(\\S+))`, 'giu');
const MAX_LENGTH = 250;

/** What to look for: free words, and words for one field (`artist:caruso year:1904-1907 "o sole mio"`). All must match. */
export interface SearchQuery {
  readonly words: readonly string[];
  readonly fields: ReadonlyMap<Field, readonly string[]>;
}

export function readSearchQuery(q: string | undefined): SearchQuery {
  if (q === undefined || q.trim() === '') throw badRequest('No search query: q is missing');
  if (q.length > MAX_LENGTH) throw badRequest(`Query too long: at most ${MAX_LENGTH} characters`);
  const words: string[] = [];
  const fields = new Map<Field, string[]>();
  for (const [, field, quoted, plain] of q.matchAll(TERM)) {
    const text = fold(quoted ?? plain ?? '');
    const known = FIELDS.find((name) => name === field?.toLowerCase());
    if (known === undefined) words.push(text);
    else fields.set(known, [...(fields.get(known) ?? []), text]);
  }
  return { words, fields };
}

export function matchesTrack(query: SearchQuery, track: Track): boolean {
  const artists = names(track.artists);
  return matches(query, [track.name, artists, track.album.name], {
    track: track.name,
    artist: artists,
    album: track.album.name,
    genre: track.album.genres.join(' '),
    year: track.year,
  });
}

export function matchesAlbum(query: SearchQuery, album: Album): boolean {
  const artists = names(album.artists);
  return matches(query, [album.name, artists], {
    album: album.name,
    artist: artists,
    genre: album.genres.join(' '),
    year: album.year,
  });
}

export function matchesArtist(query: SearchQuery, artist: Artist): boolean {
  return matches(query, [artist.name], { artist: artist.name, genre: artist.genres.join(' ') });
}

function matches(
  query: SearchQuery,
  texts: readonly string[],
  values: Partial<Record<Field, string | number>>,
): boolean {
  const text = fold(texts.join(' '));
  if (!query.words.every((word) => text.includes(word))) return false;
  return [...query.fields].every(([field, wanted]) => {
    const value = values[field];
    if (value === undefined) return false;
    return wanted.every((want) =>
      typeof value === 'number' ? inYears(want, value) : fold(value).includes(want),
    );
  });
}

function inYears(range: string, year: number): boolean {
  const [, from, to] = /^(\d{4})(?:-(\d{4}))?$/.exec(range) ?? [];
  return from !== undefined && year >= Number(from) && year <= Number(to ?? from);
}

function names(artists: readonly Artist[]): string {
  return artists.map((artist) => artist.name).join(' ');
}

/** Letters without case and accents, one kind of apostrophe. */
function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase();
}
