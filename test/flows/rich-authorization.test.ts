// Details: what is refused, what a person sees and allows, what tokens carry, and that the API holds the app to it.
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { musicDetailsTypes } from '@tessera/example-music-api';
import { TOKEN_EXCHANGE_GRANT } from '../../packages/server/src/domain/client.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { startMusic, type TestMusic, TRACK } from '../music.ts';
import { DAY } from '../movable-clock.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import {
  type Answer,
  authorizeUrl,
  createPkce,
  exchange,
  introspect,
  read,
  refresh,
  requestToken,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import { push, visit } from '../pushed-requests.ts';
import { MUSIC, type RegisteredClient, SHORT } from '../registrations.ts';

const BACH = { type: 'playlist_change', playlist: 'Bach', max_tracks: 2 };
const JAZZ = { type: 'playlist_change', playlist: 'First sides of jazz', max_tracks: 1 };

describe.each(STORES)('details (RFC 9396) on %s', (store) => {
  let server: TestServer;
  let music: TestMusic;
  let browser: NoScriptBrowser;
  let app: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store });
    music = await startMusic(server);
    browser = server.newBrowser();
    app = await server.registerClient({ id: 'adder' });
    const { resources } = server.tessera.store;
    const types = [
      ...musicDetailsTypes,
      {
        type: 'every_kind',
        description: 'Do {what}',
        members: {
          what: { type: 'string', values: ['this', 'that'] },
          several: { type: 'strings', values: ['a', 'b'] },
          really: { type: 'boolean' },
        },
      },
    ] as const;
    const before = (await resources.findByIdentifier(MUSIC))!;
    const after = { ...before, authorizationDetailsTypes: types, updatedAt: before.updatedAt + 1 };
    await resources.update(after, (await server.auditEvents())[0]!);
  });
  afterAll(async () => {
    await music?.close();
    await server?.close();
  });

  const details = (...entries: readonly unknown[]): string => JSON.stringify(entries);

  describe('are refused with invalid_authorization_details (§5)', () => {
    it.each<[string, string]>([
      ['that are no JSON', 'nonsense'],
      ['that are no array', JSON.stringify(BACH)],
      ['that are none', '[]'],
      ['that are too many', details(...Array.from({ length: 21 }, () => BACH))],
      ['of 10 kB', details({ ...BACH, playlist: 'x'.repeat(10_000) })],
      ['that are no objects', details('playlist_change')],
      ['without a type', details({ playlist: 'Bach', max_tracks: 2 })],
      ['of a type nobody knows', details({ type: 'payment' })],
      ['of a type spelt in other letters (§12)', details({ ...BACH, type: 'Playlist_Change' })],
      ['of a type that is no string', details({ ...BACH, type: ['playlist_change'] })],
      ['with a member that the type does not have', details({ ...BACH, also: true })],
      ['with __proto__', '[{"type":"playlist_change","playlist":"Bach","max_tracks":2,"__proto__":{}}]'],
      ['without a member that it needs', details({ type: 'playlist_change', playlist: 'Bach' })],
      ['with a number as text', details({ ...BACH, max_tracks: '2' })],
      ['with a fraction', details({ ...BACH, max_tracks: 1.5 })],
      ['beyond the maximum', details({ ...BACH, max_tracks: 51 })],
      ['below the minimum', details({ ...BACH, max_tracks: 0 })],
      ['with text that turns its direction', details({ ...BACH, playlist: 'Bach\u202e' })],
      ['with a value that is not offered', details({ type: 'every_kind', what: 'other' })],
      ['with one of several that is not offered', details({ type: 'every_kind', several: ['a', 'c'] })],
      ['with no boolean', details({ type: 'every_kind', really: 'yes' })],
      ['for another API', details({ ...BACH, locations: [SHORT] })],
      ['of which one is bad', details(BACH, { type: 'payment' })],
    ])('%s', async (_name, authorization_details) => {
      const { answer } = await push(server, app, { authorization_details });
      expect(answer.body['error']).toBe('invalid_authorization_details');
      const { leftFor } = await browser.get(
        authorizeUrl(server, app, createPkce(), { authorization_details }),
      );
      expect(leftFor?.searchParams.get('error')).toBe('invalid_authorization_details');
    });
    it('of a type that the client did not register (§10)', async () => {
      const metadata = { authorization_details_types: ['every_kind'] };
      const other = await server.registerClient({ id: 'registered-types', metadata });
      const refused = await push(server, other, { authorization_details: details(BACH) });
      expect(refused.answer.body['error']).toBe('invalid_authorization_details');
      const kind = { type: 'every_kind', what: 'this' };
      expect((await push(server, other, { authorization_details: details(kind) })).answer.status).toBe(201);
    });
    it('where no person is asked', async () => {
      const robot = await server.registerClient({ id: 'rar-robot', grantTypes: ['client_credentials'] });
      const parameters = { grant_type: 'client_credentials', authorization_details: details(BACH) };
      const answer = await requestToken(server, parameters, robot);
      expect(answer.body['error']).toBe('invalid_authorization_details');
    });
  });

  const authorize = (...entries: readonly unknown[]) =>
    signInAndConsent(server, browser, {
      client: app,
      parameters: { scope: 'openid', authorization_details: details(...entries) },
    });

  it('are shown in words, each member of each, and always asked for', async () => {
    const first = await push(server, app, {
      authorization_details: details(BACH, {
        type: 'every_kind',
        what: 'that',
        several: ['a', 'b'],
        really: true,
      }),
    });
    const page = await finishSignIn(await visit(server, browser, app.id, { request_uri: first.requestUri }));
    const text = page.page.replaceAll(/<[^>]+>/g, '');
    expect(text).toContain('Add up to 2 tracks to your playlist “Bach”, once a day');
    expect(text).toContain('Do that');
    expect(text).toContain('several: a, b');
    expect(text).toContain('really: yes');
    expect((await browser.submit(page, {}, 'allow')).leftFor?.searchParams.has('code')).toBe(true);
    const again = await browser.get(
      authorizeUrl(server, app, createPkce(), { scope: 'openid', authorization_details: details(BACH) }),
    );
    expect(again.page).toContain('playlist_change');
    const silent = { scope: 'openid', prompt: 'none', authorization_details: details(BACH) };
    const { leftFor } = await browser.get(authorizeUrl(server, app, createPkce(), silent));
    expect(leftFor?.searchParams.get('error')).toBe('consent_required');
  });

  async function finishSignIn(page: Awaited<ReturnType<typeof visit>>) {
    if (!page.page.includes('type="password"')) return page;
    const { email, password } = server.person;
    return browser.submit(page, { email, password });
  }

  it('are in the answer, the token and the introspection (§7, §9)', async () => {
    const answer = await exchange(server, await authorize(BACH, JAZZ), app);
    expect(answer.body['authorization_details']).toEqual([BACH, JAZZ]);
    const { accessToken, refreshToken } = tokensOf(answer);
    const state = await introspect(server, accessToken);
    expect(state.body['authorization_details']).toEqual([BACH, JAZZ]);
    const refreshed = await refresh(server, refreshToken, app);
    expect(refreshed.body['authorization_details']).toEqual([BACH, JAZZ]);
  });

  it('may be narrowed for one token, never widened (§6)', async () => {
    const parameters = { scope: 'openid', resource: MUSIC, authorization_details: details(BACH, JAZZ) };
    const authorized = await signInAndConsent(server, browser, { client: app, parameters });
    for (const wrong of [
      details({ ...BACH, max_tracks: 3 }),
      details({ ...BACH, max_tracks: 1 }),
      'x',
      details(BACH, { type: 'every_kind' }),
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const refused = await exchange(server, authorized, app, { authorization_details: wrong });
      expect(refused.body['error']).toBe('invalid_authorization_details');
    }
    const one = await exchange(server, authorized, app, { authorization_details: details(JAZZ) });
    expect(one.body['authorization_details']).toEqual([JAZZ]);
    expect(decodeJwt(tokensOf(one).accessToken)['authorization_details']).toEqual([JAZZ]);
    const state = await introspect(server, tokensOf(one).accessToken);
    expect(state.body['authorization_details']).toEqual([JAZZ]);
    const both = await refresh(server, tokensOf(one).refreshToken, app);
    expect(both.body['authorization_details']).toEqual([BACH, JAZZ]);
    const beyond = { authorization_details: details({ ...JAZZ, max_tracks: 9 }) };
    const refused = await refresh(
      server,
      tokensOf(both).refreshToken || tokensOf(one).refreshToken,
      app,
      beyond,
    );
    expect(refused.body['error']).toBe('invalid_authorization_details');
  });

  it('may be narrowed in a token exchange, never widened, and stay with their API (RFC 8693 §2.1)', async () => {
    const grantTypes = ['authorization_code', TOKEN_EXCHANGE_GRANT] as const;
    const trader = await server.registerClient({ id: 'rar-trader', grantTypes });
    const parameters = { scope: 'openid', resource: MUSIC, authorization_details: details(BACH, JAZZ) };
    const authorized = await signInAndConsent(server, browser, { client: trader, parameters });
    const { accessToken } = tokensOf(await exchange(server, authorized, trader));
    const trade = (named: Readonly<Record<string, string>>): Promise<Answer> =>
      requestToken(
        server,
        {
          grant_type: TOKEN_EXCHANGE_GRANT,
          subject_token: accessToken,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          resource: MUSIC,
          ...named,
        },
        trader,
      );
    const wider = await trade({ authorization_details: details({ ...BACH, max_tracks: 3 }) });
    expect(wider.body['error']).toBe('invalid_authorization_details');
    const narrowed = await trade({ authorization_details: details(JAZZ) });
    expect(decodeJwt(tokensOf(narrowed).accessToken)['authorization_details']).toEqual([JAZZ]);
    const same = await trade({});
    expect(decodeJwt(tokensOf(same).accessToken)['authorization_details']).toEqual([BACH, JAZZ]);
  });

  it('hold the app to what the person allowed, at the API', async () => {
    const parameters = { scope: 'openid', resource: MUSIC, authorization_details: details(JAZZ) };
    const authorized = await signInAndConsent(server, browser, { client: app, parameters });
    const { accessToken } = tokensOf(await exchange(server, authorized, app));
    const playlists = await ownPlaylists();
    const add = async (name: string, count: number, token = accessToken): Promise<Answer> =>
      read(
        await fetch(`${music.url}/v1/playlists/${playlists.get(name)}/tracks`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ uris: Array.from({ length: count }, () => `spotify:track:${TRACK}`) }),
        }),
      );
    expect((await add('Late evening', 1)).status).toBe(403);
    expect((await add(JAZZ.playlist, 2)).status).toBe(403);
    expect((await add(JAZZ.playlist, 1)).status).toBe(201);
    expect((await add(JAZZ.playlist, 1)).status).toBe(403);
    server.clock.advance(DAY);
    const next = await signInAndConsent(server, server.newBrowser(), { client: app, parameters });
    const tomorrow = tokensOf(await exchange(server, next, app)).accessToken;
    expect((await add(JAZZ.playlist, 1, tomorrow)).status).toBe(201);
    server.clock.reset();
  });

  async function ownPlaylists(): Promise<ReadonlyMap<string, string>> {
    const parameters = { scope: 'playlist-read-private', resource: MUSIC };
    const reading = await signInAndConsent(server, browser, { client: app, parameters });
    const { accessToken } = tokensOf(await exchange(server, reading, app));
    const { body } = await music.call('/v1/me/playlists', accessToken);
    const items = Array.isArray(body['items']) ? body['items'] : [];
    return new Map(items.map((each: { name: string; id: string }) => [each.name, each.id]));
  }

  it('are in the metadata (§10)', async () => {
    server.clock.advance(60_000);
    const { body } = await read(await fetch(`${server.base}/.well-known/oauth-authorization-server`));
    expect(body['authorization_details_types_supported']).toEqual(['every_kind', 'playlist_change']);
    server.clock.reset();
  });
});
