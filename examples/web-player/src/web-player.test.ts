import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { violationsOn } from '../../../test/axe.ts';
import { getProfileSource, startWebPlayer } from './index.ts';
import { launchBrowser } from './testing/launch-browser.ts';
import type { StubServers } from './testing/stub-servers.ts';
import { startStubServers } from './testing/stub-servers.ts';

const SLOW = 60_000;
const CLIENT_ID = 'demo-player';

describe('the web player', { timeout: SLOW }, () => {
  let browser: Browser;
  let servers: StubServers;
  let player: { url: string; close: () => Promise<void> };
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
  }, SLOW);
  afterAll(() => browser.close());

  beforeEach(async () => {
    servers = await startStubServers();
    player = await startWebPlayer({
      host: '127.0.0.1',
      port: 0,
      issuer: servers.issuer,
      musicApi: servers.api,
      clientId: CLIENT_ID,
      scopes: ['user-read-private', 'playlist-read-private'],
      audience: 'https://music.example/',
      shortAudience: 'https://music-short.example/',
      home: servers.issuer,
    });
    context = await browser.newContext();
    page = await context.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // A refusal that the test asked for is no complaint of the page.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        complaints.push(message.text());
      }
    });
  }, SLOW);
  afterEach(async () => {
    await context.close();
    await player.close();
    await servers.close();
  });

  const answer = () => page.locator('#answer').innerText();
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const waitForAnswer = (text: string) => page.locator('#answer', { hasText: text }).waitFor();
  const stored = (name: string) => page.evaluate((key) => localStorage.getItem(key), name);
  const signedIn = async (query = '/?run=1') => {
    await page.goto(player.url + query);
    await waitForAnswer('Ada Lovelace');
    await page.getByText('Tiger Rag').waitFor();
  };

  it.each`
    what                               | tamper                                                           | reason
    ${'another state'}                 | ${(sent: URLSearchParams) => sent.set('state', 'x')}             | ${'wrong_state'}
    ${'no state'}                      | ${(sent: URLSearchParams) => sent.delete('state')}               | ${'wrong_state'}
    ${'another issuer: RFC 9207 §2.4'} | ${(sent: URLSearchParams) => sent.set('iss', 'http://evil')}     | ${'wrong_issuer'}
    ${'no issuer, though promised'}    | ${(sent: URLSearchParams) => sent.delete('iss')}                 | ${'wrong_issuer'}
    ${'a code of somebody else'}       | ${(sent: URLSearchParams) => sent.set('code', 'x')}              | ${'invalid_grant'}
    ${'a person who said no'}          | ${(sent: URLSearchParams) => sent.set('error', 'access_denied')} | ${'access_denied'}
  `('keeps no token after an answer with $what', async ({ tamper, reason }) => {
    servers.settings.tamper = tamper;
    await page.goto(`${player.url}/?run=1`);
    await waitForAnswer('You are not signed in.');
    expect(await answer()).toContain(reason);
    expect(await stored('access_token')).toBeNull();
    expect(page.url()).toBe(`${player.url}/`);
    expect(servers.seen.filter(({ path }) => path === '/authorize')).toHaveLength(1);
  });

  it('takes no answer that this tab did not ask for', async () => {
    await page.goto(`${player.url}/callback?code=x&state=y`);
    await waitForAnswer('no sign-in was started in this tab');
    expect(servers.seen.filter(({ path }) => path === '/api/token')).toEqual([]);
  });

  it('signs in by PKCE, names the API, runs getProfile(), and leaves no code in the address', async () => {
    await signedIn();
    await page.getByText('ada@example.test').waitFor();
    expect(page.url()).toBe(`${player.url}/`);
    const { form } = servers.seen.find(({ path }) => path === '/api/token') ?? {};
    expect(form?.get('client_id')).toBe(CLIENT_ID);
    expect(form?.get('client_secret')).toBeNull();
    expect(form?.get('code_verifier')).toMatch(/^[\w-]{43}$/);
    expect(form?.get('redirect_uri')).toBe(`${player.url}/callback`);
    expect(complaints).toEqual([]);
  });

  it('asks at once with run=1 only; otherwise on the button', async () => {
    await page.goto(player.url);
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    expect(servers.seen).toEqual([]);
    await press('Sign in');
    await page.getByText('Your access token').waitFor();
    expect(servers.seen.some(({ path }) => path === '/v1/me')).toBe(false);
    await press('Run getProfile()');
    await waitForAnswer('Ada Lovelace');
  });

  it('shows the very text that runs and that is shown elsewhere', async () => {
    await page.goto(player.url);
    const served = await (await fetch(`${player.url}/get-profile.js`)).text();
    expect(served).toBe(getProfileSource(servers.api));
    expect(served).toContain(`fetch('${servers.api}/v1/me'`);
    await expect.poll(() => page.locator('#source').textContent()).toBe(served.trim());
    expect(await (await fetch(`${player.url}/short/get-profile.js`)).text()).toBe(
      getProfileSource(`${servers.api}/short`),
    );
  });

  it('breaks the token: 401; mends it: 200', async () => {
    await signedIn();
    const good = await stored('access_token');
    await press('Break the token');
    await waitForAnswer('401 Invalid access token');
    const broken = (await stored('access_token')) ?? '';
    expect(broken.split('').filter((character, at) => character !== good?.charAt(at))).toHaveLength(1);
    expect(await page.locator('.tile').getAttribute('data-state')).toBe('refused');
    await press('Mend the token');
    await waitForAnswer('Ada Lovelace');
    expect(await stored('access_token')).toBe(good);
    expect(complaints).toEqual([]);
  });

  it('loses no press while an answer is on its way', async () => {
    await signedIn();
    const playlists = Promise.withResolvers<void>();
    await page.route(/\/v1\/me\/playlists/, async (route) => {
      await playlists.promise;
      await route.continue();
    });
    await press('Run getProfile()');
    await waitForAnswer('200: the API knows you');
    await press('Put it in the URL');
    await press('Break the token');
    playlists.resolve();
    await waitForAnswer('401 Invalid access token');
    expect(servers.seen.filter(({ path }) => path.includes('access_token='))).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  it('says so when a press waited behind a sign-out', async () => {
    await signedIn();
    await page.evaluate(() => {
      document.getElementById('sign-out')?.click();
      document.getElementById('break')?.click();
    });
    await waitForAnswer('There is no token here. Sign in again.');
    expect(await stored('access_token')).toBeNull();
    expect(complaints).toEqual([]);
  });

  it('puts the token in the URL and shows the refusal', async () => {
    await signedIn();
    await press('Put it in the URL');
    await waitForAnswer('400 A token in a URL is treated as exposed');
    const token = await stored('access_token');
    expect(servers.seen.at(-1)?.path).toBe(`/v1/me?access_token=${token}`);
  });

  it('refreshes by the button: another token, and the old one is dead', async () => {
    await signedIn();
    const before = await stored('access_token');
    await press('Refresh');
    await waitForAnswer('Refreshed');
    expect(await stored('access_token')).not.toBe(before);
    await press('Run getProfile()');
    await waitForAnswer('Ada Lovelace');
  });

  it('in the 30-second mode shows the end, what the API says then, and the way out', async () => {
    servers.settings.lifetimeSeconds = 3;
    await signedIn('/?api=short&run=1');
    const asked = servers.seen.filter(({ path }) => path.includes('/v1/')).map(({ path }) => path);
    expect(
      asked.filter((path) => !path.startsWith('/v1/playlists')).every((path) => path.startsWith('/short/')),
    ).toBe(true);
    await waitForAnswer('The access token ended.');
    await press('Run getProfile()');
    await waitForAnswer('401 The access token expired');
    expect(await page.locator('.tile').getAttribute('data-state')).toBe('ended');
    servers.settings.lifetimeSeconds = 30;
    await press('Refresh');
    await waitForAnswer('Refreshed');
    await press('Run getProfile()');
    await waitForAnswer('Ada Lovelace');
  });

  it('refreshes by itself when told to', async () => {
    servers.settings.lifetimeSeconds = 2;
    await signedIn('/?api=short&run=1');
    const before = await stored('access_token');
    servers.settings.lifetimeSeconds = 30;
    await page.getByLabel('Refresh by itself when it expires').check();
    await waitForAnswer('Refreshed');
    expect(await stored('access_token')).not.toBe(before);
  });

  it('signs out: revokes both tokens and forgets them', async () => {
    await signedIn();
    const [access, refresh] = [await stored('access_token'), await stored('refresh_token')];
    await press('Sign out');
    await waitForAnswer('Signed out');
    const revoked = servers.seen
      .filter(({ path }) => path === '/api/revoke')
      .map(({ form }) => form.get('token'));
    expect(revoked).toEqual([refresh, access]);
    expect([await stored('access_token'), await stored('refresh_token')]).toEqual([null, null]);
    await expect.poll(() => page.getByText('ada@example.test').count()).toBe(0);
  });

  it('asks nobody but the issuer and the API, and its policy would not let it', async () => {
    const origins = new Set<string>();
    page.on('request', (request) => origins.add(new URL(request.url()).origin));
    await signedIn();
    expect([...origins].toSorted()).toEqual([player.url, servers.issuer, servers.api].toSorted());
    const { headers } = await fetch(player.url);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`connect-src 'self' ${servers.issuer} ${servers.api}`);
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain('unsafe');
  });

  it('works by keyboard alone', async () => {
    await page.goto(player.url);
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    const reached: string[] = [];
    for (let presses = 0; presses < 6; presses += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(() => document.activeElement?.textContent?.trim() ?? ''));
    }
    expect(reached).toEqual([
      'Skip to content',
      'Web player',
      'One hour',
      '30 seconds',
      'Tessera',
      'Sign in',
    ]);
    await page.keyboard.press('Enter');
    await page.getByText('Your access token').waitFor();
  });

  it.each`
    scheme     | width
    ${'light'} | ${1280}
    ${'dark'}  | ${390}
  `(
    'has nothing that axe objects to ($scheme, $width px), and nothing beside the window',
    async ({ scheme, width }) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 800 });
      await page.goto(player.url);
      await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
      expect(await violationsOn(page)).toEqual([]);
      await signedIn();
      expect(await violationsOn(page)).toEqual([]);
      await press('Break the token');
      await waitForAnswer('401');
      expect(await violationsOn(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    },
  );
});

describe('getProfileSource', () => {
  it('cannot be broken out of by an address', () => {
    expect(getProfileSource("http://127.0.0.1:4410/a'+alert(1)+'")).toContain(
      "'http://127.0.0.1:4410/a%27+alert(1)+%27/v1/me'",
    );
    expect(() => getProfileSource('nowhere')).toThrow(TypeError);
  });

  it('takes an address with and without a slash at the end', () => {
    expect(getProfileSource('http://127.0.0.1:4410/')).toBe(getProfileSource('http://127.0.0.1:4410'));
  });
});
