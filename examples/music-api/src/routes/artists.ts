import type { FastifyInstance } from 'fastify';
import type { Artist, Catalogue } from '../catalogue/catalogue.ts';
import { badRequest, notFound } from '../errors.ts';
import type { Query } from '../reading/query.ts';
import { readId, readIds, readPageRequest, readParameter } from '../reading/query.ts';
import { toArtist, toSimplifiedAlbum, toTrack } from '../shapes/catalogue-objects.ts';
import { toPage } from '../shapes/page.ts';
import type { ViewOf } from './view-of.ts';

const MAX_ARTISTS = 50;
const TOP_TRACKS = 10;
const GROUPS = ['album', 'single', 'compilation', 'appears_on'];

export function artistRoutes(app: FastifyInstance, catalogue: Catalogue, viewOf: ViewOf): void {
  const findArtist = (id: string): Artist => {
    const artist = catalogue.artists.get(readId(id));
    if (artist === undefined) throw notFound('Artist');
    return artist;
  };

  app.get<{ Params: { id: string } }>('/artists/:id', (request) =>
    toArtist(viewOf(request), findArtist(request.params.id)),
  );

  app.get<{ Querystring: Query }>('/artists', (request) => {
    const view = viewOf(request);
    const found = readIds(request.query, MAX_ARTISTS).map((id) => catalogue.artists.get(id));
    return { artists: found.map((artist) => (artist === undefined ? null : toArtist(view, artist))) };
  });

  app.get<{ Params: { id: string }; Querystring: Query }>('/artists/:id/albums', (request) => {
    const view = viewOf(request);
    const artist = findArtist(request.params.id);
    const groups = readGroups(request.query);
    return toPage(view, {
      path: `/v1/artists/${artist.id}/albums`,
      query: request.query,
      request: readPageRequest(request.query),
      elements: artist.albums.filter((album) => groups.includes(album.kind)),
      shape: (album) => toSimplifiedAlbum(view, album),
    });
  });

  app.get<{ Params: { id: string } }>('/artists/:id/top-tracks', (request) => {
    const view = viewOf(request);
    const tracks = findArtist(request.params.id).tracks.toSorted((a, b) => b.popularity - a.popularity);
    return { tracks: tracks.slice(0, TOP_TRACKS).map((track) => toTrack(view, track)) };
  });
}

function readGroups(query: Query): readonly string[] {
  const groups = readParameter(query, 'include_groups')?.split(',') ?? GROUPS;
  if (!groups.every((group) => GROUPS.includes(group)))
    throw badRequest(`Invalid include_groups: ${GROUPS.join(', ')}`);
  return groups;
}
