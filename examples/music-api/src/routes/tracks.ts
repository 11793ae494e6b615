import type { FastifyInstance } from 'fastify';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { notFound } from '../errors.ts';
import type { Query } from '../reading/query.ts';
import { readId, readIds } from '../reading/query.ts';
import { toTrack } from '../shapes/catalogue-objects.ts';
import type { ViewOf } from './view-of.ts';

const MAX_TRACKS = 50;

export function trackRoutes(app: FastifyInstance, catalogue: Catalogue, viewOf: ViewOf): void {
  app.get<{ Params: { id: string } }>('/tracks/:id', (request) => {
    const track = catalogue.tracks.get(readId(request.params.id));
    if (track === undefined) throw notFound('Track');
    return toTrack(viewOf(request), track);
  });

  app.get<{ Querystring: Query }>('/tracks', (request) => {
    const view = viewOf(request);
    const found = readIds(request.query, MAX_TRACKS).map((id) => catalogue.tracks.get(id));
    return { tracks: found.map((track) => (track === undefined ? null : toTrack(view, track))) };
  });
}
