import type { Track } from '@tessera/example-music-api/catalogue';

const MAX_PLAYLISTS = 100;
const MAX_TRACKS = 1000;

/** Everyone's playlists, for as long as the process lives. */
export interface Playlists {
  /** @returns the tracks of the playlist with the new one. @throws Error when there is no room */
  add(owner: string, name: string, track: Track): readonly Track[];
}

export function createPlaylists(): Playlists {
  const all = new Map<string, Map<string, readonly Track[]>>();
  return {
    add(owner, name, track) {
      const own = all.get(owner) ?? new Map<string, readonly Track[]>();
      const tracks = [...(own.get(name) ?? []), track];
      if (tracks.length > MAX_TRACKS || (!own.has(name) && own.size >= MAX_PLAYLISTS)) {
        throw new Error('There is no room for more');
      }
      all.set(owner, own.set(name, tracks));
      return tracks;
    },
  };
}
