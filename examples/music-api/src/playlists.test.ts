import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { catalogue } from './catalogue/catalogue.ts';
import { moveItems } from './playlists/playlist.ts';
import type { Answer, TestMusicApi } from './testing/start-test-music-api.ts';
import { startTestMusicApi } from './testing/start-test-music-api.ts';
import {
  mismatch,
  pageOf,
  playlist as playlistShape,
  playlistItem,
  simplifiedPlaylist,
} from './testing/shapes.ts';

const [a = '', b = '', c = '', d = ''] = [...catalogue.tracks.keys()].map((id) => `spotify:track:${id}`);
const uris = [a, b, c, d];

describe('playlists of two people', () => {
  let api: TestMusicApi;
  beforeEach(async () => {
    api = await startTestMusicApi();
  });
  afterEach(() => api.close());

  const create = async (isPublic: boolean, token = 'ada-token'): Promise<Answer['body']> => {
    const body = { name: 'Mine', public: isPublic };
    const answer = await api.call('/v1/me/playlists', { method: 'POST', token, body });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const read = async (id: string, token = 'ada-token') =>
    (await api.call(`/v1/playlists/${id}`, { token })).body;
  const urisOf = async (id: string): Promise<string[]> =>
    (await read(id)).items.items.map((entry: { item: { uri: string } }) => entry.item.uri);
  const change = (id: string, method: string, body: unknown, token = 'ada-token', path = 'items') =>
    api.call(`/v1/playlists/${id}/${path}`, { method, token, body });

  it.each`
    what                                                | isPublic | method      | path        | body                                                 | token                  | status | message
    ${"someone else's public one"}                      | ${true}  | ${'POST'}   | ${'/items'} | ${{ uris }}                                          | ${'bob-token'}         | ${403} | ${'Only the owner of a playlist may change it'}
    ${"someone else's private one, which is not there"} | ${false} | ${'POST'}   | ${'/items'} | ${{ uris }}                                          | ${'bob-token'}         | ${404} | ${'Playlist not found'}
    ${'one by an app'}                                  | ${true}  | ${'POST'}   | ${'/items'} | ${{ uris }}                                          | ${'app-token'}         | ${403} | ${expect.stringContaining('needs the token of a person')}
    ${'a public one without its scope'}                 | ${true}  | ${'POST'}   | ${'/items'} | ${{ uris }}                                          | ${'ada-reader'}        | ${403} | ${'Insufficient client scope'}
    ${'a private one with the scope for public ones'}   | ${false} | ${'PUT'}    | ${'/items'} | ${{ uris }}                                          | ${'ada-public-writer'} | ${403} | ${'Insufficient client scope'}
    ${'a public one into a private one without scope'}  | ${true}  | ${'PUT'}    | ${''}       | ${{ public: false }}                                 | ${'ada-public-writer'} | ${403} | ${'Insufficient client scope'}
    ${'one with a track that does not exist'}           | ${true}  | ${'POST'}   | ${'/items'} | ${{ uris: ['spotify:track:x'] }}                     | ${'ada-token'}         | ${400} | ${'Invalid track uri at position 0'}
    ${'one behind its end'}                             | ${true}  | ${'POST'}   | ${'/items'} | ${{ uris, position: 1 }}                             | ${'ada-token'}         | ${400} | ${'position lies behind the end of the playlist'}
    ${'one by a range that is not there'}               | ${true}  | ${'PUT'}    | ${'/items'} | ${{ range_start: 0, insert_before: 1 }}              | ${'ada-token'}         | ${400} | ${'The range lies behind the end of the playlist'}
    ${'one on sight of an older state'}                 | ${true}  | ${'DELETE'} | ${'/items'} | ${{ items: [{ uri: uris[0] }], snapshot_id: 'old' }} | ${'ada-token'}         | ${400} | ${'The playlist has changed since that snapshot_id'}
    ${'one by nothing'}                                 | ${true}  | ${'PUT'}    | ${''}       | ${{}}                                                | ${'ada-token'}         | ${400} | ${expect.stringContaining('body must')}
  `('refuses to change $what', async ({ isPublic, method, path, body, token, status, message }) => {
    const { id, snapshot_id: snapshotId } = await create(isPublic);
    const answer = await api.call(`/v1/playlists/${id}${path}`, { method, token, body });
    expect(answer.body).toEqual({ error: { status, message } });
    expect((await read(id)).snapshot_id).toBe(snapshotId);
  });

  it('shows a private playlist to its owner with playlist-read-private only', async () => {
    const { id } = await create(false);
    expect((await api.call(`/v1/playlists/${id}`, { token: 'bob-token' })).status).toBe(404);
    expect((await api.call(`/v1/playlists/${id}/items`, { token: 'bob-token' })).status).toBe(404);
    expect((await api.call(`/v1/playlists/${id}`, { token: 'app-token' })).status).toBe(404);
    expect((await api.call(`/v1/playlists/${id}`, { token: 'ada-plain' })).status).toBe(403);
    expect((await api.call(`/v1/playlists/${id}`, { token: 'ada-reader' })).status).toBe(200);
  });

  it('never lists a private playlist under a person’s public ones', async () => {
    const { id } = await create(false);
    const { body } = await api.call('/v1/users/ada/playlists', { token: 'bob-token' });
    expect(body.items.map((playlist: { public: boolean }) => playlist.public)).toEqual([true]);
    expect(JSON.stringify(body)).not.toContain(id);
  });

  it('refuses to make a playlist without the scope for its kind', async () => {
    const request = { method: 'POST', token: 'ada-public-writer' };
    const refused = await api.call('/v1/me/playlists', { ...request, body: { name: 'a', public: false } });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('scope="playlist-modify-private"');
    expect((await api.call('/v1/me/playlists', { ...request, body: { name: 'a' } })).status).toBe(201);
    expect((await api.call('/v1/users/ada/playlists', { ...request, body: { name: 'b' } })).status).toBe(201);
    expect((await api.call('/v1/users/bob/playlists', { ...request, body: { name: 'c' } })).status).toBe(403);
  });

  it('gives a new person one public and one private playlist, the same ones on every call', async () => {
    const first = await api.call('/v1/me/playlists', { token: 'ada-token' });
    expect(mismatch(first.body, pageOf(simplifiedPlaylist))).toBeUndefined();
    expect(first.body.items.map((playlist: { public: boolean }) => playlist.public)).toEqual([true, false]);
    expect((await api.call('/v1/me/playlists', { token: 'ada-token' })).body).toEqual(first.body);
    const bobs = await api.call('/v1/me/playlists', { token: 'bob-token' });
    expect(bobs.body.items[0].id).not.toBe(first.body.items[0].id);
    for (const { id, items } of first.body.items) {
      const playlist = await read(id);
      expect(mismatch(playlist, playlistShape)).toBeUndefined();
      expect(playlist.items.total).toBe(items.total);
      expect(items.total).toBeGreaterThanOrEqual(5);
    }
  });

  it('gives the content at the new path and at the old one', async () => {
    const { id } = (await api.call('/v1/me/playlists', { token: 'ada-token' })).body.items[0];
    const items = await api.call(`/v1/playlists/${id}/items?limit=2&offset=1`, { token: 'ada-token' });
    expect(mismatch(items.body, pageOf(playlistItem))).toBeUndefined();
    expect(items.body.items).toHaveLength(2);
    expect(
      (await api.call(`/v1/playlists/${id}/tracks?limit=2&offset=1`, { token: 'ada-token' })).body,
    ).toEqual(items.body);
  });

  it.each(['items', 'tracks'])(
    'adds, adds at a place, moves, removes and replaces under /%s',
    async (path) => {
      const { id, snapshot_id: empty } = await create(false);
      const snapshots = new Set([empty]);
      const apply = async (method: string, body: object, status = 200) => {
        const answer = await change(id, method, body, 'ada-token', path);
        expect(answer.status).toBe(status);
        expect(answer.body).toEqual({ snapshot_id: (await read(id)).snapshot_id });
        snapshots.add(answer.body.snapshot_id);
        return urisOf(id);
      };
      expect(await apply('POST', { uris: [a, b] }, 201)).toEqual([a, b]);
      expect(await apply('POST', { uris: [c, d], position: 1 }, 201)).toEqual([a, c, d, b]);
      expect(await apply('PUT', { range_start: 0, insert_before: 3 })).toEqual([c, d, a, b]);
      expect(await apply('PUT', { range_start: 2, range_length: 2, insert_before: 0 })).toEqual([a, b, c, d]);
      expect(await apply('DELETE', { items: [{ uri: b }] })).toEqual([a, c, d]);
      expect(await apply('DELETE', { tracks: [{ uri: a }] })).toEqual([c, d]);
      expect(await apply('PUT', { uris: [d, d, a] })).toEqual([d, d, a]);
      expect(await apply('PUT', { uris: [] })).toEqual([]);
      expect(snapshots.size).toBe(9);
    },
  );

  it('changes what a playlist is called and who sees it', async () => {
    const { id } = await create(true);
    const body = { name: 'Renamed', description: 'For the road', public: false };
    expect((await api.call(`/v1/playlists/${id}`, { method: 'PUT', token: 'ada-token', body })).status).toBe(
      200,
    );
    expect(await read(id)).toMatchObject({ ...body, owner: { display_name: 'Ada Lovelace' } });
    expect((await api.call(`/v1/playlists/${id}`, { token: 'bob-token' })).status).toBe(404);
  });
});

describe('moving items', () => {
  it.each`
    start | length | before | moved
    ${0}  | ${1}   | ${5}   | ${'bcdea'}
    ${4}  | ${1}   | ${0}   | ${'eabcd'}
    ${1}  | ${2}   | ${4}   | ${'adbce'}
    ${1}  | ${2}   | ${2}   | ${'abcde'}
    ${2}  | ${0}   | ${0}   | ${'abcde'}
    ${0}  | ${5}   | ${3}   | ${'abcde'}
  `('$length from $start before $before gives $moved', ({ start, length, before, moved }) => {
    expect(moveItems('abcde'.split(''), start, length, before).join('')).toBe(moved);
  });
});

describe('the file of playlists', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'music-api-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('refuses to start on a file that it cannot read, and says what to do', async () => {
    const dataFile = join(directory, 'playlists.json');
    await writeFile(dataFile, '{"playlists":');
    await expect(startTestMusicApi({ dataFile })).rejects.toThrow('is not a file of playlists. Move it away');
  });

  it('brings every change back after a restart, readable by its owner only, with no half file left', async () => {
    const dataFile = join(directory, 'playlists.json');
    const first = await startTestMusicApi({ dataFile });
    const { id } = (await first.call('/v1/me/playlists', { token: 'ada-token' })).body.items[1];
    for (const uri of uris) {
      await first.call(`/v1/playlists/${id}/items`, {
        method: 'POST',
        token: 'ada-token',
        body: { uris: [uri] },
      });
    }
    const before = (await first.call(`/v1/playlists/${id}`, { token: 'ada-token' })).body;
    await first.close();

    expect(await readdir(directory)).toEqual(['playlists.json']);
    expect((await stat(dataFile)).mode & 0o777).toBe(0o600);
    expect(await readFile(dataFile, 'utf8')).not.toContain('ada-token');
    const second = await startTestMusicApi({ dataFile });
    const after = (await second.call(`/v1/playlists/${id}`, { token: 'ada-token' })).body;
    await second.close();
    expect(JSON.stringify(after).replaceAll(second.url, first.url)).toBe(JSON.stringify(before));
  });
});
