import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Person } from '../people.ts';
import type { Playlist, PlaylistItem } from '../playlists/playlist.ts';
import { snapshotId } from '../playlists/playlist.ts';
import type { PageRequest, Query } from '../reading/query.ts';
import { toTrack } from './catalogue-objects.ts';
import { toPage } from './page.ts';
import { toUserReference } from './people-objects.ts';
import type { View } from './view.ts';
import { extendedOnly, identity, images } from './view.ts';

const FIRST_PAGE: PageRequest = { limit: 100, offset: 0 };

export function toSimplifiedPlaylist(view: View, playlist: Playlist, owner: Person | undefined) {
  const content = { href: `${view.apiUrl}/v1/playlists/${playlist.id}/items`, total: playlist.items.length };
  return {
    ...identity(view, 'playlist', playlist.id),
    name: playlist.name,
    description: playlist.description,
    collaborative: playlist.collaborative,
    public: playlist.public,
    owner: toUserReference(view, playlist.owner, owner),
    images: images(view, playlist.id),
    primary_color: null,
    snapshot_id: snapshotId(playlist),
    items: content,
    ...extendedOnly(view, { tracks: content }),
  };
}

/** `items` is the name of the content; `tracks` is the old one, which apps in development no longer get. */
export function toPlaylist(view: View, catalogue: Catalogue, playlist: Playlist, owner: Person | undefined) {
  const content = toPlaylistPage(view, catalogue, playlist, FIRST_PAGE, {});
  return {
    ...toSimplifiedPlaylist(view, playlist, owner),
    items: content,
    ...extendedOnly(view, { followers: { href: null, total: 0 }, tracks: content }),
  };
}

export function toPlaylistPage(
  view: View,
  catalogue: Catalogue,
  playlist: Playlist,
  request: PageRequest,
  query: Query,
) {
  return toPage(view, {
    path: `/v1/playlists/${playlist.id}/items`,
    query,
    request,
    elements: playlist.items,
    shape: (item) => toPlaylistItem(view, catalogue, item),
  });
}

function toPlaylistItem(view: View, catalogue: Catalogue, { trackId, addedAt, addedBy }: PlaylistItem) {
  const track = catalogue.tracks.get(trackId);
  const shaped = track === undefined ? null : toTrack(view, track);
  return {
    added_at: addedAt,
    added_by: identity(view, 'user', addedBy),
    is_local: false,
    primary_color: null,
    item: shaped,
    ...extendedOnly(view, { track: shaped }),
  };
}
