import { randomUUID } from 'node:crypto';
import type { Catalogue, Track } from '../catalogue/catalogue.ts';
import { catalogueId } from '../catalogue/catalogue-id.ts';
import { ApiError, badRequest } from '../errors.ts';
import type { PlaylistFile } from './playlist-file.ts';
import type { Playlist, PlaylistDetails, PlaylistItem } from './playlist.ts';
import { starterPlaylists, toTimestamp } from './starter-playlists.ts';

const MAX_ITEMS = 10_000;
const MAX_PLAYLISTS = 500;

/** Everyone's playlists. Who may see or change one is the business of the routes, which hold the token. */
export interface PlaylistLibrary {
  find(id: string): Playlist | undefined;
  /** A person's playlists; someone seen for the first time gets the starters. */
  ownedBy(person: string): readonly Playlist[];
  allPublic(): readonly Playlist[];
  create(owner: string, details: PlaylistDetails): Playlist;
  /** Puts a changed playlist in the place of the one with its id, as the next revision. */
  change(
    playlist: Playlist,
    changes: Partial<PlaylistDetails> & { readonly items?: readonly PlaylistItem[] },
  ): Playlist;
  toItems(tracks: readonly Track[], addedBy: string): readonly PlaylistItem[];
}

export interface PlaylistLibraryOptions {
  readonly catalogue: Catalogue;
  readonly clock: () => number;
  readonly stored?: readonly Playlist[];
  readonly file?: PlaylistFile | undefined;
}

export function createPlaylistLibrary(options: PlaylistLibraryOptions): PlaylistLibrary {
  const playlists = new Map((options.stored ?? []).map((playlist) => [playlist.id, playlist]));

  function keep(playlist: Playlist): Playlist {
    playlists.set(playlist.id, playlist);
    options.file?.write(() => [...playlists.values()]);
    return playlist;
  }

  function ownedBy(person: string): readonly Playlist[] {
    const owned = [...playlists.values()].filter((playlist) => playlist.owner === person);
    return owned.length > 0 ? owned : starterPlaylists(options.catalogue, person, options.clock()).map(keep);
  }

  return {
    find: (id) => playlists.get(id),
    ownedBy,
    allPublic: () => [...playlists.values()].filter((playlist) => playlist.public),
    create(owner, details) {
      if (ownedBy(owner).length >= MAX_PLAYLISTS)
        throw new ApiError(403, `You have ${MAX_PLAYLISTS} playlists: no more`);
      return keep({ ...details, id: catalogueId('playlist', randomUUID()), owner, items: [], revision: 1 });
    },
    change(playlist, changes) {
      if ((changes.items?.length ?? 0) > MAX_ITEMS)
        throw badRequest(`A playlist holds at most ${MAX_ITEMS} items`);
      return keep({ ...playlist, ...changes, revision: playlist.revision + 1 });
    },
    toItems(tracks, addedBy) {
      const addedAt = toTimestamp(options.clock());
      return tracks.map((track) => ({ trackId: track.id, addedAt, addedBy }));
    },
  };
}
