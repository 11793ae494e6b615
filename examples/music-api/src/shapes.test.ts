import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from './catalogue/catalogue.ts';
import { musicScopes } from './scopes.ts';
import type { Answer, TestMusicApi } from './testing/start-test-music-api.ts';
import { ISSUER, MUSIC, MUSIC_SHORT, startTestMusicApi } from './testing/start-test-music-api.ts';
import * as shapes from './testing/shapes.ts';
import { mismatch, nonEmptyListOf, pageOf } from './testing/shapes.ts';

const VESTI = '11dFghVXANMlKmJXsNCbNl';
const DIPPER = '2TpxZ7JUBn3uw46aR7qd6V';
const NOTHING = '0000000000000000000000';

describe('the shapes of the music API', () => {
  let api: TestMusicApi;
  let caruso: string;
  let goldberg: string;
  beforeAll(async () => {
    api = await startTestMusicApi();
    caruso = [...catalogue.artists.values()].find((artist) => artist.name === 'Enrico Caruso')?.id ?? '';
    goldberg =
      [...catalogue.albums.values()].find((album) => album.name === 'Open Goldberg Variations')?.id ?? '';
  });
  afterAll(() => api.close());

  const get = async (path: string, token = 'app-token'): Promise<Answer['body']> => {
    const answer = await api.call(path, { token });
    expect(answer.status).toBe(200);
    return answer.body;
  };

  it.each([
    ['/v1/tracks/{id}', () => `/v1/tracks/${VESTI}`, shapes.track],
    ['/v1/artists/{id}', () => `/v1/artists/${caruso}`, shapes.artist],
    ['/v1/artists/{id}/albums', () => `/v1/artists/${caruso}/albums`, pageOf(shapes.simplifiedAlbum)],
    [
      '/v1/artists/{id}/top-tracks',
      () => `/v1/artists/${caruso}/top-tracks`,
      { tracks: nonEmptyListOf(shapes.track) },
    ],
    ['/v1/albums/{id}', () => `/v1/albums/${goldberg}`, shapes.album],
    ['/v1/albums/{id}/tracks', () => `/v1/albums/${goldberg}/tracks`, pageOf(shapes.simplifiedTrack)],
    [
      '/v1/search',
      () => '/v1/search?q=blues&type=track,album,artist',
      {
        tracks: pageOf(shapes.track),
        albums: pageOf(shapes.simplifiedAlbum),
        artists: pageOf(shapes.artist),
      },
    ],
    ['/v1/users/{id}', () => '/v1/users/ada', shapes.publicUser],
    ['/v1/users/{id}/playlists', () => '/v1/users/ada/playlists', pageOf(shapes.simplifiedPlaylist)],
  ])('%s has exactly its members', async (_name, path, shape) => {
    expect(mismatch(await get(path()), shape)).toBeUndefined();
  });

  it('/v1/me has every member with both scopes', async () => {
    expect(mismatch(await get('/v1/me', 'ada-token'), shapes.privateUser)).toBeUndefined();
  });

  it.each`
    token            | seen
    ${'ada-plain'}   | ${[]}
    ${'ada-email'}   | ${['email']}
    ${'ada-private'} | ${['country', 'explicit_content', 'product']}
  `('/v1/me shows $token the members $seen and no more', async ({ token, seen }) => {
    const me = await get('/v1/me', token);
    const scoped = Object.keys(me).filter((name) =>
      ['email', 'country', 'product', 'explicit_content'].includes(name),
    );
    expect(scoped.toSorted()).toEqual(seen);
    expect(me).toMatchObject({ id: 'ada', display_name: 'Ada Lovelace', type: 'user' });
  });

  it('tells what the track is', async () => {
    const track = await get(`/v1/tracks/${DIPPER}`);
    expect(track).toMatchObject({
      id: DIPPER,
      name: 'Dipper Mouth Blues',
      duration_ms: 150_000,
      track_number: 1,
      is_playable: true,
      album: { release_date: '1923', album_type: 'single', total_tracks: 2 },
      artists: [{ name: "King Oliver's Creole Jazz Band" }],
      uri: `spotify:track:${DIPPER}`,
      href: `${api.url}/v1/tracks/${DIPPER}`,
    });
  });

  it('gives several at once, null for what it does not hold', async () => {
    const { tracks } = await get(`/v1/tracks?ids=${VESTI},${NOTHING},${DIPPER}`);
    expect(tracks.map((track: { id: string } | null) => track?.id)).toEqual([VESTI, undefined, DIPPER]);
    expect((await get(`/v1/albums?ids=${goldberg},${NOTHING}`)).albums[1]).toBeNull();
    expect((await get(`/v1/artists?ids=${caruso}`)).artists[0].name).toBe('Enrico Caruso');
  });

  it('says that a recording is not playable in a market it is not given for', async () => {
    expect(await get(`/v1/tracks/${VESTI}?market=US`)).toMatchObject({ is_playable: true, restrictions: {} });
    expect(await get(`/v1/tracks/${VESTI}?market=KP`)).toMatchObject({
      is_playable: false,
      restrictions: { reason: 'market' },
    });
  });

  it('walks every page by `next`, each once, and back by `previous`', async () => {
    const seen: string[] = [];
    let last = '';
    let next: string | null = `/v1/albums/${goldberg}/tracks?limit=7`;
    while (next !== null) {
      const page = await get(next.replace(api.url, ''));
      seen.push(...page.items.map((track: { id: string }) => track.id));
      last = page.previous ?? last;
      next = page.next;
    }
    expect(seen).toEqual(catalogue.albums.get(goldberg)?.tracks.map((track) => track.id));
    expect((await get(last.replace(api.url, ''))).offset).toBe(21);
  });

  it.each`
    q                              | found
    ${'vesti'}                     | ${['Vesti la giubba (Pagliacci)']}
    ${'"tiger rag"'}               | ${['Tiger Rag', 'Skeleton Jangle']}
    ${'track:"tiger rag"'}         | ${['Tiger Rag']}
    ${'artist:gershwin'}           | ${['Rhapsody in Blue, Part 1', 'Rhapsody in Blue, Part 2']}
    ${'artist:caruso year:1911'}   | ${["Core 'ngrato"]}
    ${'genre:tango'}               | ${['Mi noche triste']}
    ${'donna e mobile'}            | ${['La donna è mobile (Rigoletto)']}
    ${'year:1926-2011'}            | ${[]}
    ${'blues nothing-of-the-kind'} | ${[]}
  `('finds $found for $q', async ({ q, found }) => {
    const { tracks } = await get(`/v1/search?type=track&q=${encodeURIComponent(q)}`);
    expect(tracks.items.map((track: { name: string }) => track.name)).toEqual(found);
  });

  it('keeps the query in the links of a page of results', async () => {
    const { tracks } = await get('/v1/search?q=blues&type=track&limit=2');
    expect(new URL(tracks.next).searchParams.get('q')).toBe('blues');
    expect((await get(tracks.next.replace(api.url, ''))).tracks.offset).toBe(2);
  });

  it('hides from an app in development what such apps do not get', async () => {
    const track = await get(`/v1/tracks/${VESTI}`, 'ada-developer');
    for (const name of ['available_markets', 'linked_from', 'popularity', 'preview_url']) {
      expect(track).not.toHaveProperty(name);
      expect(await get(`/v1/tracks/${VESTI}`)).toHaveProperty(name);
    }
    expect(await get('/v1/me', 'ada-developer')).not.toHaveProperty('email');
    expect(await get(`/v1/artists/${caruso}`, 'ada-developer')).not.toHaveProperty('genres');
    expect(await get(`/v1/albums/${goldberg}`, 'ada-developer')).not.toHaveProperty('label');
    const { items } = await get('/v1/me/playlists', 'ada-developer');
    expect(items[0]).not.toHaveProperty('tracks');
    const playlist = await get(`/v1/playlists/${items[0].id}`, 'ada-developer');
    expect(playlist).not.toHaveProperty('tracks');
    expect(playlist.items.items[0]).not.toHaveProperty('track');
    expect(playlist.items.items[0].item.name).toBe('Livery Stable Blues');
  });

  it('never lets a shared cache keep an answer', async () => {
    const { headers } = await api.call('/v1/me', { token: 'ada-token' });
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('what the music API shows without a token', () => {
  let api: TestMusicApi;
  beforeAll(async () => {
    api = await startTestMusicApi();
  });
  afterAll(() => api.close());

  it.each`
    path                                             | resource
    ${'/.well-known/oauth-protected-resource'}       | ${MUSIC}
    ${'/short/.well-known/oauth-protected-resource'} | ${MUSIC_SHORT}
  `('$path is the RFC 9728 metadata of $resource', async ({ path, resource }) => {
    const { status, body } = await api.call(path);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      resource,
      authorization_servers: [ISSUER],
      scopes_supported: musicScopes.map((scope) => scope.name),
      bearer_methods_supported: ['header'],
    });
  });

  it.each(['/', '/short', '/short/'])(
    '%s says what it is, as JSON and as a page, and links home',
    async (path) => {
      const { body } = await api.call(path);
      expect(body.home).toBe('http://tessera.test');
      expect(body.identifier).toBe(path === '/' ? MUSIC : MUSIC_SHORT);
      const page = await api.call(path, { headers: { accept: 'text/html' } });
      expect(page.headers.get('content-type')).toContain('text/html');
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(page.body).toContain('href="http://tessera.test"');
    },
  );

  it('labels the API of the 30-second tokens', async () => {
    expect((await api.call('/short')).body.name).toBe('Music API, 30-second tokens');
  });

  it('serves what external_urls and images point to', async () => {
    const track = (await api.call(`/v1/tracks/${VESTI}`, { token: 'app-token' })).body;
    const artist = (await api.call(track.artists[0].href.replace(api.url, ''), { token: 'app-token' })).body;
    for (const url of [track, track.album, artist].map((object) => object.external_urls.spotify)) {
      const page = await api.call(url.replace(api.url, ''));
      expect(page.status).toBe(200);
      expect(page.body).toContain('Enrico Caruso');
    }
    for (const image of track.album.images) {
      const cover = await api.call(image.url.replace(api.url, ''));
      expect(cover.headers.get('content-type')).toBe('image/svg+xml');
      expect(cover.body).toContain(`width="${image.width}" height="${image.height}"`);
    }
    expect((await api.call('/covers/641/x.svg')).status).toBe(404);
    expect((await api.call(`/track/${NOTHING}`)).body).toEqual({
      error: { status: 404, message: 'Track not found' },
    });
  });

  it('escapes what it writes into a page', async () => {
    const hellFighters = [...catalogue.artists.values()].find((artist) =>
      artist.name.includes('"Hell Fighters"'),
    );
    const { body } = await api.call(`/artist/${hellFighters?.id}`);
    expect(body).toContain('&quot;Hell Fighters&quot;');
  });
});
