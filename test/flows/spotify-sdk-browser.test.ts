// Spotify's own SDK in a page, in a real browser with its web security on: PKCE, the preflights, the redirects, CSP.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import sparticuz from '@sparticuz/chromium';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { type TestMusic, startMusic, TRACK } from '../music.ts';
import type { RegisteredClient } from '../registrations.ts';

const SDK = dirname(fileURLToPath(import.meta.resolve('@spotify/web-api-ts-sdk')));

let chrome: Browser;

beforeAll(async () => {
  // The arguments that come with the package turn web security off, which is what is tested here.
  const args = ['--no-sandbox', '--no-zygote', '--disable-gpu'];
  chrome = await chromium.launch({ executablePath: await sparticuz.executablePath(), args });
});
afterAll(() => chrome?.close());

describe.each(STORES)('@spotify/web-api-ts-sdk in a page, on %s', (store) => {
  let server: TestServer;
  let music: TestMusic;
  let site: Server;
  let origin: string;
  let app: RegisteredClient;
  let context: BrowserContext;

  beforeAll(async () => {
    server = await startTestServer({ store });
    music = await startMusic(server);
    site = createServer((request, response) => void serve(request.url ?? '/', response));
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    app = await server.registerClient({
      id: 'page',
      name: 'Page with the SDK',
      tokenEndpointAuthMethod: 'none',
      redirectUris: [`${origin}/`],
    });
    context = await chrome.newContext();
  });
  afterAll(async () => {
    await context?.close();
    site?.close();
    await music?.close();
    await server?.close();
  });

  /** The page, and the SDK as npm has it. */
  async function serve(path: string, response: import('node:http').ServerResponse): Promise<void> {
    const { pathname } = new URL(path, 'http://site');
    if (pathname === '/') return void response.setHeader('content-type', 'text/html').end(page());
    try {
      const file = await readFile(join(SDK, normalize(pathname.replace('/sdk/', '/'))));
      response.setHeader('content-type', 'text/javascript').end(file);
    } catch {
      response.writeHead(404).end();
    }
  }

  function page(): string {
    return `<!doctype html><title>The page</title><script type="module">
      const hosts = { 'https://accounts.spotify.com': '${server.base}', 'https://api.spotify.com': '${music.url}' };
      const ours = (url) => Object.entries(hosts).reduce((text, [from, to]) => text.replace(from, to), String(url));
      const real = window.fetch;
      window.fetch = (url, options) => real(ours(url), options);
      const { SpotifyApi } = await import('/sdk/index.js');
      const redirectionStrategy = { redirect: async (url) => location.assign(ours(url)), onReturnFromRedirect: async () => {} };
      window.api = SpotifyApi.withUserAuthorization('page', '${origin}/', ['user-read-private', 'user-read-email'], { redirectionStrategy });
      window.withToken = (token) => SpotifyApi.withAccessToken('page', token);
      document.title = 'ready';
    </script>`;
  }

  async function open(): Promise<Page> {
    const tab = await context.newPage();
    await tab.goto(`${origin}/`);
    await tab.waitForFunction('document.title === "ready"');
    return tab;
  }

  it('a wrong token is its own 401 error, which the page may read (SP-8)', async () => {
    const tab = await open();
    const message = await tab.evaluate(
      `withToken({ access_token: 'wrong', expires_in: 3600, expires: Date.now() + 1e6, token_type: 'Bearer', refresh_token: '' })
         .currentUser.profile().then(() => 'no error', (error) => error.message)`,
    );
    expect(message).toMatch(/Bad or expired token/);
    await tab.close();
  });

  it('signs in, reads the profile, refreshes twice, reads a track (S3, SP-8)', async () => {
    const tab = await open();
    const complaints: string[] = [];
    tab.on('console', (entry) => {
      if (entry.type() === 'error') complaints.push(`${entry.text()} ${entry.location().url}`);
    });
    tab.on('pageerror', (error) => void complaints.push(error.message));

    await tab.evaluate('void api.authenticate()');
    await tab.waitForURL(`${server.issuer}/login?**`);
    await tab.fill('#email', server.person.email);
    await tab.fill('#password', server.person.password);
    await tab.click('button[type=submit]');
    await tab.waitForURL(`${server.issuer}/consent?**`);
    await expect.poll(() => tab.textContent('h1')).toBe('Page with the SDK asks for access');
    await tab.click('button[value=allow]');
    await tab.waitForURL(`${origin}/?code=**`);
    await tab.waitForFunction('document.title === "ready"');

    const profile = await tab.evaluate('api.currentUser.profile()');
    expect(profile).toMatchObject({
      id: server.person.user.id,
      email: 'ada@example.test',
      display_name: 'ada',
    });
    expect(music.requests).toContain('OPTIONS /v1/me');
    expect(music.requests).toContain('GET /v1/me');

    const first = (await tab.evaluate('api.getAccessToken()')) as { readonly refresh_token: string };
    const refresh = `(async (token) => {
      const one = withToken({ ...token, expires: Date.now() - 1 });
      const { id } = await one.currentUser.profile();
      return { id, token: await one.getAccessToken() };
    })`;
    let token: { readonly refresh_token: string } = first;
    for (let turn = 0; turn < 2; turn++) {
      // oxlint-disable-next-line no-await-in-loop -- each needs the token of the one before
      const after = (await tab.evaluate(`${refresh}(${JSON.stringify(token)})`)) as {
        id: string;
        token: typeof first;
      };
      expect(after.id).toBe(server.person.user.id);
      expect(after.token.refresh_token).not.toBe(token.refresh_token);
      ({ token } = after);
    }

    const track = await tab.evaluate(`withToken(${JSON.stringify(token)}).tracks.get('${TRACK}')`);
    expect(track).toMatchObject({ id: TRACK, type: 'track' });
    expect(complaints).toEqual([]);
    await tab.close();
  });

  it('a fragment of the link does not travel on to the app (AZ-67)', async () => {
    const tab = await context.newPage();
    const parameters = new URLSearchParams({
      response_type: 'code',
      client_id: app.id,
      redirect_uri: `${origin}/`,
      scope: 'user-read-private',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    });
    await tab.goto(`${server.issuer}/authorize?${parameters}#access_token=planted`);
    await tab.waitForURL(`${origin}/?code=**`);
    expect(await tab.evaluate('location.hash')).toBe('');
    await tab.close();
  });
});
