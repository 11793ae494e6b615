import type { FastifyInstance } from 'fastify';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { FindPerson } from '../people.ts';
import type { PlaylistLibrary } from '../playlists/playlist-library.ts';
import { toPlaylist } from '../shapes/playlist-objects.ts';
import { personOf, requireScope } from '../token-check.ts';
import { changeablePlaylist, modifyScope, readablePlaylist } from './playlist-access.ts';
import type { NewPlaylistBody } from './playlist-bodies.ts';
import { playlistDetailsSchema } from './playlist-bodies.ts';
import type { ViewOf } from './view-of.ts';

interface WithId {
  readonly Params: { id: string };
}

/** One playlist: reading it, and changing what it is called and who sees it. */
export function playlistRoutes(
  app: FastifyInstance,
  catalogue: Catalogue,
  library: PlaylistLibrary,
  findPerson: FindPerson,
  viewOf: ViewOf,
): void {
  app.get<WithId>('/playlists/:id', async (request) => {
    const playlist = readablePlaylist(library, request);
    return toPlaylist(viewOf(request), catalogue, playlist, await findPerson(playlist.owner));
  });

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
      return reply.send({});
    },
  );
}
