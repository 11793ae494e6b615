import type { FastifyInstance } from 'fastify';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { notFound } from '../errors.ts';
import type { FindPerson } from '../people.ts';
import type { PlaylistLibrary } from '../playlists/playlist-library.ts';
import type { Query } from '../reading/query.ts';
import { readPageRequest } from '../reading/query.ts';
import { toPage } from '../shapes/page.ts';
import { toPlaylist, toPlaylistPage, toSimplifiedPlaylist } from '../shapes/playlist-objects.ts';
import { personOf, requireScope } from '../token-check.ts';
import { changeablePlaylist, modifyScope, readablePlaylist } from './playlist-access.ts';
import type { NewPlaylistBody } from './playlist-bodies.ts';
import { newPlaylistSchema, playlistDetailsSchema } from './playlist-bodies.ts';
import type { ViewOf } from './view-of.ts';

const MAX_ITEMS_PER_PAGE = 100;

interface WithId {
  readonly Params: { id: string };
}

/** Playlists themselves: listing, making, reading, and changing what they are called and who sees them. */
export function playlistRoutes(
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

  app.get<WithId & { Querystring: Query }>('/users/:id/playlists', async (request) => {
    const view = viewOf(request);
    const owner = await findPerson(request.params.id);
    if (owner === undefined) throw notFound('User');
    return toPage(view, {
      path: `/v1/users/${encodeURIComponent(request.params.id)}/playlists`,
      query: request.query,
      request: readPageRequest(request.query),
      elements: library.ownedBy(request.params.id).filter((playlist) => playlist.public),
      shape: (playlist) => toSimplifiedPlaylist(view, playlist, owner),
    });
  });

  app.post<{ Body: NewPlaylistBody }>(
    '/me/playlists',
    { schema: newPlaylistSchema },
    async (request, reply) => {
      const token = personOf(request);
      const { name, description = null, public: isPublic = true, collaborative = false } = request.body;
      requireScope(token, modifyScope(isPublic));
      const playlist = library.create(token.sub, { name, description, public: isPublic, collaborative });
      reply.code(201);
      return toPlaylist(viewOf(request), catalogue, playlist, await findPerson(token.sub));
    },
  );

  app.get<WithId>('/playlists/:id', async (request) => {
    const playlist = readablePlaylist(library, request);
    return toPlaylist(viewOf(request), catalogue, playlist, await findPerson(playlist.owner));
  });

  for (const path of ['/playlists/:id/items', '/playlists/:id/tracks']) {
    app.get<WithId & { Querystring: Query }>(path, (request) => {
      const playlist = readablePlaylist(library, request);
      const page = readPageRequest(request.query, { max: MAX_ITEMS_PER_PAGE });
      return toPlaylistPage(viewOf(request), catalogue, playlist, page, request.query);
    });
  }

  app.put<WithId & { Body: Partial<NewPlaylistBody> }>(
    '/playlists/:id',
    { schema: playlistDetailsSchema },
    (request, reply) => {
      const playlist = changeablePlaylist(library, request);
      const { name, description, public: isPublic, collaborative } = request.body;
      if (isPublic !== undefined) requireScope(personOf(request), modifyScope(isPublic));
      library.change(playlist, {
        name: name ?? playlist.name,
        description: description === undefined ? playlist.description : description,
        public: isPublic ?? playlist.public,
        collaborative: collaborative ?? playlist.collaborative,
      });
      return reply.code(200).send({});
    },
  );
}
