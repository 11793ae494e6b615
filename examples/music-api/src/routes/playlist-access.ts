import type { AccessToken } from '@tessera/verifier';
import type { FastifyRequest } from 'fastify';
import { ApiError, notFound } from '../errors.ts';
import { type Allowances, hasDetails } from '../playlists/allowances.ts';
import type { Playlist } from '../playlists/playlist.ts';
import type { PlaylistLibrary } from '../playlists/playlist-library.ts';
import { readId } from '../reading/query.ts';
import { personOf, requireScope, tokenOf } from '../token-check.ts';

type PlaylistRequest = FastifyRequest<{ Params: { id: string } }>;

/** A playlist that this token may read: a public one, or one's own private one with `playlist-read-private`. */
export function readablePlaylist(library: PlaylistLibrary, request: PlaylistRequest): Playlist {
  const token = tokenOf(request);
  const playlist = findPlaylist(library, token, request.params.id);
  if (!playlist.public) requireScope(token, 'playlist-read-private');
  return playlist;
}

/** A playlist that this token may change: one's own, with the scope for its kind. */
export function changeablePlaylist(library: PlaylistLibrary, request: PlaylistRequest): Playlist {
  const token = personOf(request);
  const playlist = findPlaylist(library, token, request.params.id);
  if (playlist.owner !== token.sub) throw new ApiError(403, 'Only the owner of a playlist may change it');
  requireScope(token, modifyScope(playlist.public));
  return playlist;
}

/**
 * One's own playlist, to add so many tracks to: with the scope for its kind, or with a token that a person gave for just
 * that.
 */
export function extendablePlaylist(
  library: PlaylistLibrary,
  request: PlaylistRequest,
  tracks: number,
  allowances: Allowances,
): Playlist {
  const token = personOf(request);
  const isByDetail = hasDetails(token) && !token.scopes.some((scope) => scope.startsWith('playlist-modify-'));
  if (!isByDetail) return changeablePlaylist(library, request);
  const playlist = findPlaylist(library, token, request.params.id);
  if (playlist.owner !== token.sub) throw new ApiError(403, 'Only the owner of a playlist may change it');
  allowances.take(token, playlist, tracks);
  return playlist;
}

export function modifyScope(isPublic: boolean): string {
  return isPublic ? 'playlist-modify-public' : 'playlist-modify-private';
}

/** To everyone else a private playlist does not exist: an answer of 403 would say that it does. */
function findPlaylist(library: PlaylistLibrary, token: AccessToken, id: string): Playlist {
  const isPerson = token.kind === 'user';
  if (isPerson) library.ownedBy(token.sub);
  const playlist = library.find(readId(id));
  if (playlist === undefined) throw notFound('Playlist');
  const isOwner = isPerson && playlist.owner === token.sub;
  if (!playlist.public && !isOwner) throw notFound('Playlist');
  return playlist;
}
