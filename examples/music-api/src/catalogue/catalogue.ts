import { catalogueId } from './catalogue-id.ts';
import { jazzAndBlues } from './jazz-and-blues.ts';
import { operaAndConcert } from './opera-and-concert.ts';
import type { Release, Side } from './release.ts';
import { songsAndBands } from './songs-and-bands.ts';

export interface Artist {
  readonly id: string;
  readonly name: string;
  readonly genres: readonly string[];
  readonly albums: readonly Album[];
  readonly tracks: readonly Track[];
}

export interface Album {
  readonly id: string;
  readonly name: string;
  readonly kind: 'album' | 'single' | 'compilation';
  readonly artists: readonly Artist[];
  readonly tracks: readonly Track[];
  readonly year: number;
  readonly issue: string;
  readonly genres: readonly string[];
  readonly rights: 'public domain' | 'CC0';
}

export interface Track {
  readonly id: string;
  readonly name: string;
  readonly artists: readonly Artist[];
  readonly album: Album;
  readonly number: number;
  readonly year: number;
  readonly durationMs: number;
  readonly popularity: number;
}

export interface Catalogue {
  readonly artists: ReadonlyMap<string, Artist>;
  readonly albums: ReadonlyMap<string, Album>;
  readonly tracks: ReadonlyMap<string, Track>;
}

const QUIET = 25;

interface GrowingArtist extends Artist {
  readonly genres: string[];
  readonly albums: Album[];
  readonly tracks: Track[];
}

/** Builds the linked catalogue from the written releases. Two tracks with one id stop the start: data would be lost. */
export function buildCatalogue(releases: readonly Release[]): Catalogue {
  const artists = new Map<string, GrowingArtist>();
  const albums = new Map<string, Album>();
  const tracks = new Map<string, Track>();

  const findArtist = (name: string): GrowingArtist => {
    const id = catalogueId('artist', name);
    const artist = artists.get(id) ?? { id, name, genres: [], albums: [], tracks: [] };
    artists.set(id, artist);
    return artist;
  };

  for (const release of releases) {
    const album = toAlbum(release, release.artists.map(findArtist));
    albums.set(album.id, album);
    release.sides.forEach((side, index) => {
      const track = toTrack(side, index + 1, album, (side.artists ?? release.artists).map(findArtist));
      if (tracks.has(track.id)) throw new Error(`Two tracks with one id: ${track.name}`);
      tracks.set(track.id, track);
      album.tracks.push(track);
    });
    for (const artist of new Set([...album.artists, ...album.tracks.flatMap((track) => track.artists)])) {
      const growing = findArtist(artist.name);
      growing.albums.push(album);
      growing.tracks.push(...album.tracks.filter((track) => track.artists.includes(artist)));
      growing.genres.push(...album.genres.filter((genre) => !growing.genres.includes(genre)));
    }
  }
  return { artists, albums, tracks };
}

function toAlbum(release: Release, artists: readonly Artist[]): Album & { readonly tracks: Track[] } {
  const name = release.name ?? release.sides.map((side) => side.title).join(' / ');
  return {
    id: catalogueId('album', albumKey(release, name)),
    name,
    kind: release.kind ?? 'single',
    artists,
    tracks: [],
    year: release.year,
    issue: release.issue,
    genres: release.genres,
    rights: release.rights ?? 'public domain',
  };
}

function toTrack(side: Side, number: number, album: Album, artists: readonly Artist[]): Track {
  return {
    id: side.id ?? catalogueId('track', `${album.id}/${number}/${side.title}`),
    name: side.title,
    artists,
    album,
    number,
    year: side.year ?? album.year,
    durationMs: toMilliseconds(side.length),
    popularity: side.fame ?? QUIET,
  };
}

function albumKey(release: Release, name: string): string {
  return [release.artists[0], release.year, release.issue, name].join('/');
}

function toMilliseconds(length: string): number {
  const [minutes, seconds] = length.split(':').map(Number);
  if (minutes === undefined || seconds === undefined) throw new Error(`Not a length: ${length}`);
  return (minutes * 60 + seconds) * 1000;
}

export const catalogue: Catalogue = buildCatalogue([...jazzAndBlues, ...operaAndConcert, ...songsAndBands]);
