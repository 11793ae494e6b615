import type { Album, Artist, Track } from '../catalogue/catalogue.ts';
import { toPage } from './page.ts';
import type { View } from './view.ts';
import { extendedOnly, identity, images } from './view.ts';

/** Countries in which protection of recordings as old as these has ended; a dedication (CC0) holds in each of them too. */
const MARKETS = [
  'AR',
  'AU',
  'BR',
  'CA',
  'CH',
  'DE',
  'ES',
  'FR',
  'GB',
  'IE',
  'IT',
  'JP',
  'NL',
  'NZ',
  'PT',
  'SE',
  'US',
];
const TRACKS_IN_ALBUM = 50;

export function toSimplifiedArtist(view: View, artist: Artist) {
  return { ...identity(view, 'artist', artist.id), name: artist.name };
}

export function toArtist(view: View, artist: Artist) {
  return {
    ...toSimplifiedArtist(view, artist),
    images: images(view, artist.id),
    ...extendedOnly(view, {
      followers: { href: null, total: 0 },
      genres: artist.genres,
      popularity: highest(artist.tracks),
    }),
  };
}

export function toSimplifiedAlbum(view: View, album: Album) {
  return {
    ...identity(view, 'album', album.id),
    name: album.name,
    album_type: album.kind,
    artists: album.artists.map((artist) => toSimplifiedArtist(view, artist)),
    images: images(view, album.id),
    release_date: String(album.year),
    release_date_precision: 'year',
    total_tracks: album.tracks.length,
    restrictions: toRestrictions(view),
    is_playable: isPlayable(view),
    ...extendedOnly(view, { album_group: album.kind, available_markets: MARKETS }),
  };
}

export function toAlbum(view: View, album: Album) {
  return {
    ...toSimplifiedAlbum(view, album),
    copyrights: [{ text: album.rights === 'CC0' ? 'CC0 1.0' : 'Public domain', type: 'P' }],
    external_ids: {},
    tracks: toPage(view, {
      path: `/v1/albums/${album.id}/tracks`,
      request: { limit: TRACKS_IN_ALBUM, offset: 0 },
      elements: album.tracks,
      shape: (track) => toSimplifiedTrack(view, track),
    }),
    ...extendedOnly(view, { genres: album.genres, label: album.issue, popularity: highest(album.tracks) }),
  };
}

export function toSimplifiedTrack(view: View, track: Track) {
  return {
    ...identity(view, 'track', track.id),
    name: track.name,
    artists: track.artists.map((artist) => toSimplifiedArtist(view, artist)),
    disc_number: 1,
    track_number: track.number,
    duration_ms: track.durationMs,
    explicit: false,
    is_local: false,
    is_playable: isPlayable(view),
    restrictions: toRestrictions(view),
    ...extendedOnly(view, { available_markets: MARKETS, linked_from: {}, preview_url: null }),
  };
}

/** No recording of that age has an ISRC, and none is invented: `external_ids` is empty. */
export function toTrack(view: View, track: Track) {
  return {
    ...toSimplifiedTrack(view, track),
    album: toSimplifiedAlbum(view, track.album),
    external_ids: {},
    ...extendedOnly(view, { popularity: track.popularity }),
  };
}

function isPlayable(view: View): boolean {
  return view.market === undefined || MARKETS.includes(view.market);
}

function toRestrictions(view: View): { reason?: 'market' } {
  return isPlayable(view) ? {} : { reason: 'market' };
}

function highest(tracks: readonly Track[]): number {
  return Math.max(0, ...tracks.map((track) => track.popularity));
}
