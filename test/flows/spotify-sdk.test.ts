// Spotify's own SDK, unmodified but for its hosts, in Node: against the server and the music API.
import {
  type AccessToken,
  emptyAccessToken,
  InMemoryCachingStrategy,
  type SdkOptions,
  SpotifyApi,
} from '@spotify/web-api-ts-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { type TestMusic, startMusic, TRACK } from '../music.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import { finish, introspect, obtainTokens, refresh } from '../oauth-calls.ts';
import type { RegisteredClient } from '../registrations.ts';

const REDIRECT_URI = 'http://127.0.0.1:9/cb';
const SCOPES = ['user-read-private', 'user-read-email'];

describe.each(STORES)('@spotify/web-api-ts-sdk on %s', (store) => {
  let server: TestServer;
  let music: TestMusic;
  let app: RegisteredClient;
  let browser: NoScriptBrowser;
  let sent: Request[];

  beforeAll(async () => {
    server = await startTestServer({ store });
    music = await startMusic(server);
    app = await server.registerClient({
      id: 'sdk-app',
      tokenEndpointAuthMethod: 'none',
      redirectUris: [REDIRECT_URI],
    });
    browser = server.newBrowser();
  });
  afterAll(async () => {
    await music?.close();
    await server?.close();
  });
  beforeEach(() => {
    sent = [];
    const real = globalThis.fetch;
    vi.stubGlobal('fetch', (input: string | URL | Request, init?: RequestInit) => {
      if (input instanceof Request) return real(input);
      const request = new Request(ourHost(String(input)), init);
      sent.push(request.clone());
      return real(request);
    });
  });
  afterEach(() => void vi.unstubAllGlobals());

  /** What the SDK touches of a page, when it signs a person in. */
  function standAt(location: { readonly search: string; readonly href: string }): void {
    vi.stubGlobal('window', {
      location,
      history: { replaceState: () => undefined },
      crypto: globalThis.crypto,
    });
    vi.stubGlobal('document', { title: '' });
  }

  function ourHost(url: string): string {
    return url
      .replace('https://accounts.spotify.com', server.base)
      .replace('https://api.spotify.com', music.url);
  }

  const tokenRequests = (): Request[] => sent.filter(({ url }) => url.endsWith('/api/token'));

  it('a wrong token is its own 401 error (SP-8)', async () => {
    const wrong = {
      ...emptyAccessToken,
      access_token: 'wrong',
      refresh_token: 'x',
      expires: Date.now() + 3_600_000,
    };
    const api = SpotifyApi.withAccessToken(app.id, wrong);
    await expect(api.currentUser.profile()).rejects.toThrow(/Bad or expired token/);
  });

  it('a missing scope is its own 403 error', async () => {
    const { accessToken } = await obtainTokens(server, browser, { parameters: { scope: 'catalog-read' } });
    const token = { ...emptyAccessToken, access_token: accessToken, expires: Date.now() + 3_600_000 };
    await expect(SpotifyApi.withAccessToken(app.id, token).currentUser.playlists.playlists()).rejects.toThrow(
      /Insufficient client scope/,
    );
  });

  it('client credentials get a track (SP-8)', async () => {
    const { id, secret = '' } = server.clients.confidential;
    const api = SpotifyApi.withClientCredentials(id, secret, []);
    const track = await api.tracks.get(TRACK);
    expect(track).toMatchObject({ id: TRACK, type: 'track' });
    expect(track.artists[0]?.name).toEqual(expect.any(String));
    expect(tokenRequests()).toHaveLength(1);
    expect((await api.getAccessToken())?.expires_in).toBe(3600);
  });

  it('a person signs in with PKCE, reads the profile, and two refreshes in a row work (SP-8, S3)', async () => {
    const cachingStrategy = new InMemoryCachingStrategy();
    let target = '';
    const options: SdkOptions = {
      cachingStrategy,
      redirectionStrategy: {
        redirect: (url) => Promise.resolve(void (target = String(url))),
        onReturnFromRedirect: () => Promise.resolve(),
      },
    };
    standAt({ search: '', href: REDIRECT_URI });
    const make = (): SpotifyApi => SpotifyApi.withUserAuthorization(app.id, REDIRECT_URI, SCOPES, options);
    expect(await make().authenticate()).toMatchObject({ authenticated: false });
    await expect.poll(() => target).not.toBe('');

    const end = await finish(server, browser, await browser.get(ourHost(target)));
    expect(end.leftFor?.href.startsWith(`${REDIRECT_URI}?code=`)).toBe(true);
    standAt(end.leftFor!);

    const api = make();
    const profile = await api.currentUser.profile();
    expect(profile).toMatchObject({
      id: server.person.user.id,
      type: 'user',
      display_name: 'ada',
      email: 'ada@example.test',
    });
    const first = (await api.getAccessToken())!;
    expect(first).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    expect(first).toMatchObject({ scope: SCOPES.join(' ') });

    vi.stubGlobal('window', undefined);
    const second = await refreshed(first);
    const third = await refreshed(second);
    expect(new Set([first, second, third].map((token) => token.refresh_token)).size).toBe(3);
    expect((await introspect(server, third.access_token)).body).toMatchObject({ active: true });
    // The first one was used two rotations ago.
    expect(await refresh(server, first.refresh_token, app)).toMatchObject({ status: 400 });
  });

  /** Hands the SDK a token that it must take for expired, and lets it get the profile all the same. */
  async function refreshed(token: AccessToken): Promise<AccessToken> {
    const api = SpotifyApi.withAccessToken(app.id, { ...token, expires: Date.now() - 1 });
    expect(await api.currentUser.profile()).toMatchObject({ id: server.person.user.id });
    const next = (await api.getAccessToken())!;
    expect(next.access_token).not.toBe(token.access_token);
    return next;
  }
});
