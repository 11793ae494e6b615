import type { FastifyInstance } from 'fastify';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { badRequest } from '../errors.ts';
import type { Query } from '../reading/query.ts';
import { readPageRequest, readParameter } from '../reading/query.ts';
import { matchesAlbum, matchesArtist, matchesTrack, readSearchQuery } from '../reading/search-query.ts';
import { toArtist, toSimplifiedAlbum, toTrack } from '../shapes/catalogue-objects.ts';
import type { PageSource } from '../shapes/page.ts';
import { toPage } from '../shapes/page.ts';
import type { ViewOf } from './view-of.ts';

const TYPES = ['album', 'artist', 'track'] as const;
type SearchType = (typeof TYPES)[number];

export function searchRoutes(app: FastifyInstance, catalogue: Catalogue, viewOf: ViewOf): void {
  app.get<{ Querystring: Query }>('/search', (request) => {
    const view = viewOf(request);
    const query = readSearchQuery(readParameter(request.query, 'q'));
    const types = readTypes(request.query);
    const pageRequest = readPageRequest(request.query);
    const page = <Element, Item>(source: Pick<PageSource<Element, Item>, 'elements' | 'shape'>) =>
      toPage(view, { path: '/v1/search', query: request.query, request: pageRequest, ...source });

    return {
      ...(types.includes('track') && {
        tracks: page({
          elements: [...catalogue.tracks.values()].filter((track) => matchesTrack(query, track)),
          shape: (track) => toTrack(view, track),
        }),
      }),
      ...(types.includes('artist') && {
        artists: page({
          elements: [...catalogue.artists.values()].filter((artist) => matchesArtist(query, artist)),
          shape: (artist) => toArtist(view, artist),
        }),
      }),
      ...(types.includes('album') && {
        albums: page({
          elements: [...catalogue.albums.values()].filter((album) => matchesAlbum(query, album)),
          shape: (album) => toSimplifiedAlbum(view, album),
        }),
      }),
    };
  });
}

function readTypes(query: Query): readonly SearchType[] {
  const types = readParameter(query, 'type')?.split(',') ?? [];
  if (types.length === 0) throw badRequest('Missing parameter type');
  return types.map((type) => {
    const known = TYPES.find((name) => name === type);
    if (known === undefined) throw badRequest(`Invalid type: ${TYPES.join(', ')}`);
    return known;
  });
}
