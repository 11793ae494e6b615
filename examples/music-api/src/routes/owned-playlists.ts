import type { FastifyInstance } from 'fastify';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ApiError, notFound } from '../errors.ts';
import type { FindPerson } from '../people.ts';
import type { PlaylistLibrary } from '../playlists/playlist-library.ts';
import type { Query } from '../reading/query.ts';
import { readPageRequest } from '../reading/query.ts';
import { toPage } from '../shapes/page.ts';
import { toPlaylist, toSimplifiedPlaylist } from '../shapes/playlist-objects.ts';
import { personOf, requireScope } from '../token-check.ts';
import { modifyScope } from './playlist-access.ts';
import type { NewPlaylistBody } from './playlist-bodies.ts';
import { newPlaylistSchema } from './playlist-bodies.ts';
import type { ViewOf } from './view-of.ts';

/** The playlists of a person: one's own all, another's public ones; and making a new one. */
export function ownedPlaylistRoutes(
  app: FastifyInstance,
  catalogue: Catalogue,
  library: PlaylistLibrary,
  findPerson: FindPerson,
  viewOf: ViewOf,
): void {
  app.get<{ Querystring: Query }>('/me/playlists', async (request) => {
    const token = personOf(request);
    requireScope(token, 'playlist-read-private');
    const view = viewOf(request);
    const owner = await findPerson(token.sub);
    return toPage(view, {
      path: '/v1/me/playlists',
      query: request.query,
      request: readPageRequest(request.query),
      elements: library.ownedBy(token.sub),
      shape: (playlist) => toSimplifiedPlaylist(view, playlist, owner),
    });
  });

  app.get<{ Params: { id: string }; Querystring: Query }>('/users/:id/playlists', async (request) => {
    const view = viewOf(request);
    const { id } = request.params;
    const owner = await findPerson(id);
    if (owner === undefined) throw notFound('User');
    return toPage(view, {
      path: `/v1/users/${encodeURIComponent(id)}/playlists`,
      query: request.query,
      request: readPageRequest(request.query),
      elements: library.ownedBy(id).filter((playlist) => playlist.public),
      shape: (playlist) => toSimplifiedPlaylist(view, playlist, owner),
    });
  });

  // The second path is the old one, which still names the person.
  for (const path of ['/me/playlists', '/users/:id/playlists']) {
    app.post<{ Params: { id?: string }; Body: NewPlaylistBody }>(
      path,
      { schema: newPlaylistSchema },
      async (request, reply) => {
        const token = personOf(request);
        if ((request.params.id ?? token.sub) !== token.sub) throw new ApiError(403, 'Not your account');
        const { name, description = null, public: isPublic = true, collaborative = false } = request.body;
        requireScope(token, modifyScope(isPublic));
        const playlist = library.create(token.sub, { name, description, public: isPublic, collaborative });
        reply.code(201);
        return toPlaylist(viewOf(request), catalogue, playlist, await findPerson(token.sub));
      },
    );
  }
}
