import type { FastifyInstance } from 'fastify';
import type { Album, Catalogue } from '../catalogue/catalogue.ts';
import { notFound } from '../errors.ts';
import type { Query } from '../reading/query.ts';
import { readId, readIds, readPageRequest } from '../reading/query.ts';
import { toAlbum, toSimplifiedTrack } from '../shapes/catalogue-objects.ts';
import { toPage } from '../shapes/page.ts';
import type { ViewOf } from './view-of.ts';

const MAX_ALBUMS = 20;

export function albumRoutes(app: FastifyInstance, catalogue: Catalogue, viewOf: ViewOf): void {
  const findAlbum = (id: string): Album => {
    const album = catalogue.albums.get(readId(id));
    if (album === undefined) throw notFound('Album');
    return album;
  };

  app.get<{ Params: { id: string } }>('/albums/:id', (request) =>
    toAlbum(viewOf(request), findAlbum(request.params.id)),
  );

  app.get<{ Querystring: Query }>('/albums', (request) => {
    const view = viewOf(request);
    const found = readIds(request.query, MAX_ALBUMS).map((id) => catalogue.albums.get(id));
    return { albums: found.map((album) => (album === undefined ? null : toAlbum(view, album))) };
  });

  app.get<{ Params: { id: string }; Querystring: Query }>('/albums/:id/tracks', (request) => {
    const view = viewOf(request);
    const album = findAlbum(request.params.id);
    return toPage(view, {
      path: `/v1/albums/${album.id}/tracks`,
      query: request.query,
      request: readPageRequest(request.query),
      elements: album.tracks,
      shape: (track) => toSimplifiedTrack(view, track),
    });
  });
}
