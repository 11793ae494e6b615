import type { FastifyInstance } from 'fastify';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { badRequest } from '../errors.ts';
import type { Allowances } from '../playlists/allowances.ts';
import type { PlaylistLibrary } from '../playlists/playlist-library.ts';
import type { Playlist, PlaylistItem } from '../playlists/playlist.ts';
import { moveItems, snapshotId } from '../playlists/playlist.ts';
import type { Query } from '../reading/query.ts';
import { readPageRequest } from '../reading/query.ts';
import { readTrackUris } from '../reading/track-uri.ts';
import { toPlaylistPage } from '../shapes/playlist-objects.ts';
import { changeablePlaylist, extendablePlaylist, readablePlaylist } from './playlist-access.ts';
import type { AddItemsBody, MoveItemsBody, RemoveItemsBody, ReplaceItemsBody } from './playlist-bodies.ts';
import { addItemsSchema, removeItemsSchema, replaceOrMoveItemsSchema } from './playlist-bodies.ts';
import type { ViewOf } from './view-of.ts';

const MAX_ITEMS_PER_PAGE = 100;

interface WithId {
  readonly Params: { id: string };
}

/** What is in a playlist: read, add, replace, move, remove. Every change answers the new `snapshot_id`. */
export function playlistItemRoutes(
  app: FastifyInstance,
  catalogue: Catalogue,
  library: PlaylistLibrary,
  allowances: Allowances,
  viewOf: ViewOf,
): void {
  const change = (playlist: Playlist, items: readonly PlaylistItem[]) => ({
    snapshot_id: snapshotId(library.change(playlist, { items })),
  });

  // The second path is the old one.
  for (const path of ['/playlists/:id/items', '/playlists/:id/tracks']) {
    app.get<WithId & { Querystring: Query }>(path, (request) => {
      const playlist = readablePlaylist(library, request);
      const page = readPageRequest(request.query, { max: MAX_ITEMS_PER_PAGE });
      return toPlaylistPage(viewOf(request), catalogue, playlist, page, request.query);
    });

    app.post<WithId & { Body: AddItemsBody }>(path, { schema: addItemsSchema }, (request, reply) => {
      const playlist = extendablePlaylist(library, request, request.body.uris.length, allowances);
      const { uris, position = playlist.items.length } = request.body;
      if (position > playlist.items.length) throw badRequest('position lies behind the end of the playlist');
      const added = library.toItems(readTrackUris(catalogue, uris), playlist.owner);
      return reply.code(201).send(change(playlist, playlist.items.toSpliced(position, 0, ...added)));
    });

    app.put<WithId & { Body: ReplaceItemsBody | MoveItemsBody }>(
      path,
      { schema: replaceOrMoveItemsSchema },
      (request, reply) => {
        const playlist = changeablePlaylist(library, request);
        const body = request.body;
        const items = 'uris' in body ? replaceItems(body, playlist.owner) : moveRange(body, playlist);
        return reply.send(change(playlist, items));
      },
    );

    app.delete<WithId & { Body: RemoveItemsBody }>(path, { schema: removeItemsSchema }, (request, reply) => {
      const playlist = changeablePlaylist(library, request);
      requireCurrent(playlist, request.body.snapshot_id);
      const uris = (request.body.items ?? request.body.tracks ?? []).map((entry) => entry.uri);
      const removed = new Set(readTrackUris(catalogue, uris).map((track) => track.id));
      return reply.send(
        change(
          playlist,
          playlist.items.filter((item) => !removed.has(item.trackId)),
        ),
      );
    });
  }

  function replaceItems(body: ReplaceItemsBody, addedBy: string): readonly PlaylistItem[] {
    return library.toItems(readTrackUris(catalogue, body.uris), addedBy);
  }
}

function moveRange(body: MoveItemsBody, playlist: Playlist): readonly PlaylistItem[] {
  requireCurrent(playlist, body.snapshot_id);
  const { range_start: start, insert_before: before, range_length: length = 1 } = body;
  const count = playlist.items.length;
  if (start + length > count || before > count)
    throw badRequest('The range lies behind the end of the playlist');
  return moveItems(playlist.items, start, length, before);
}

/** A change made on sight of an older state would hit other items than the caller saw. */
function requireCurrent(playlist: Playlist, seen: string | undefined): void {
  if (seen !== undefined && seen !== snapshotId(playlist)) {
    throw badRequest('The playlist has changed since that snapshot_id');
  }
}
