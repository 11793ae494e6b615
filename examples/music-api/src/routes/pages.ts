import type { FastifyInstance } from 'fastify';
import type { Album, Artist, Catalogue, Track } from '../catalogue/catalogue.ts';
import { badRequest, notFound } from '../errors.ts';
import { drawCover } from '../pages/cover.ts';
import { escapeHtml, sendPage } from '../pages/page.ts';
import { readId } from '../reading/query.ts';

const SIZES = ['64', '300', '640'];
const A_WEEK = 'public, max-age=604800, immutable';

interface WithId {
  readonly Params: { id: string };
}

/** What needs no token: the covers, and one page for each object that `external_urls` points to. */
export function pageRoutes(app: FastifyInstance, catalogue: Catalogue, apiUrl: () => string): void {
  app.get<{ Params: { size: string; file: string } }>('/covers/:size/:file', (request, reply) => {
    const { size, file } = request.params;
    if (!SIZES.includes(size)) throw notFound('Cover');
    if (!file.endsWith('.svg')) throw badRequest('Covers are SVG');
    const drawing = drawCover(readId(file.slice(0, -'.svg'.length)), Number(size));
    return reply.type('image/svg+xml').header('Cache-Control', A_WEEK).send(drawing);
  });

  app.get<WithId>('/track/:id', (request, reply) => {
    const track = catalogue.tracks.get(readId(request.params.id));
    if (track === undefined) throw notFound('Track');
    return sendPage(
      reply,
      track.name,
      describe(apiUrl(), 'tracks', track.album.id, track, trackFacts(track)),
    );
  });

  app.get<WithId>('/album/:id', (request, reply) => {
    const album = catalogue.albums.get(readId(request.params.id));
    if (album === undefined) throw notFound('Album');
    return sendPage(reply, album.name, describe(apiUrl(), 'albums', album.id, album, albumFacts(album)));
  });

  app.get<WithId>('/artist/:id', (request, reply) => {
    const artist = catalogue.artists.get(readId(request.params.id));
    if (artist === undefined) throw notFound('Artist');
    const facts: Facts = [
      ['Genres', artist.genres.join(', ')],
      ['Recordings here', String(artist.tracks.length)],
    ];
    return sendPage(reply, artist.name, describe(apiUrl(), 'artists', artist.id, artist, facts));
  });

  for (const type of ['user', 'playlist']) {
    app.get<WithId>(`/${type}/:id`, (_request, reply) =>
      sendPage(reply, `A ${type} of the music API`, `<p>Read with a token, never from a page.</p>`),
    );
  }
}

type Facts = readonly (readonly [string, string])[];

function describe(
  apiUrl: string,
  type: string,
  coverId: string,
  object: { id: string },
  facts: Facts,
): string {
  const rows = facts
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`)
    .join('');
  return (
    `<img src="${apiUrl}/covers/640/${coverId}.svg" alt="" width="240" height="240"><dl>${rows}</dl>` +
    `<p><code>GET ${escapeHtml(`${apiUrl}/v1/${type}/${object.id}`)}</code></p>` +
    `<p><a href="${escapeHtml(apiUrl)}/">Music API</a></p>`
  );
}

function trackFacts(track: Track): Facts {
  return [
    ['Recorded by', listNames(track.artists)],
    ['Year', String(track.year)],
    ['Issued as', track.album.issue],
    ['Rights', track.album.rights],
  ];
}

function albumFacts(album: Album): Facts {
  return [
    ['By', listNames(album.artists)],
    ['Year', String(album.year)],
    ['Issued as', album.issue],
    ['Tracks', album.tracks.map((track) => track.name).join(' · ')],
    ['Rights', album.rights],
  ];
}

function listNames(artists: readonly Artist[]): string {
  return artists.map((artist) => artist.name).join(', ');
}
