/** The two-minute demo, as a person does it: a real browser, the real processes, the real clock. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violationsOn } from '../axe.ts';
import { launchBrowser } from '../chromium.ts';
import { type DemoProcess, startDemo } from '../demo-process.ts';

let demo: DemoProcess;
let browser: Browser;

beforeAll(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

async function openPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  return page;
}

async function press(page: Page, name: string | RegExp): Promise<void> {
  await page
    .getByRole('button', { name, exact: typeof name === 'string' })
    .first()
    .click();
  await page.waitForLoadState();
}

async function signInAndAllow(page: Page): Promise<void> {
  const { email, password } = demo.state.account;
  await page.waitForURL(/\/login\?/);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await press(page, 'Sign in');
  await page.waitForURL(/\/consent\?/);
  await press(page, 'Allow');
}

async function expectAccessible(page: Page): Promise<void> {
  expect(await violationsOn(page)).toEqual([]);
}

describe('on the page Access token', () => {
  it('gets a token, calls the API, breaks the token, puts it in a URL and revokes it', async () => {
    const page = await openPage();
    await page.goto(demo.issuer);
    await expectAccessible(page);

    await press(page, 'Get a token');
    await expect.poll(() => page.locator('#get').innerText()).toContain('"expires_in": 3600');

    await press(page, 'Call the API');
    const call = page.locator('#call');
    await expect.poll(() => call.innerText()).toContain('200');
    await expect.poll(() => call.innerText()).toContain(demo.state.track_id);

    const field = page.getByLabel('Access token');
    const token = await field.inputValue();
    await field.fill(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`);
    await press(page, 'Call the API');
    await expect.poll(() => call.innerText()).toContain('401');
    await expect.poll(() => call.innerText()).toContain('error="invalid_token"');

    await press(page, 'Put it in a URL');
    const url = page.locator('#url');
    await expect.poll(() => url.innerText()).toContain('400');
    await expect.poll(() => url.innerText()).toMatch(/exposed/);
    await press(page, 'Revoke it');
    await page.getByLabel('Access token').fill(token);
    await press(page, 'Call the API');
    await expect.poll(() => call.innerText()).toContain('401');
    await expectAccessible(page);
  });

  it('works without JavaScript', async () => {
    const page = await openPage({ javaScriptEnabled: false });
    await page.goto(demo.issuer);
    await press(page, 'Get a token');
    await press(page, 'Call the API');
    await expect.poll(() => page.locator('#call').innerText()).toContain(demo.state.track_id);
  });

  it('watches a 30-second token run out: "The access token expired"', async () => {
    const page = await openPage();
    await page.goto(demo.issuer);
    await press(page, 'Try a 30-second token');
    await press(page, 'Call the API with it');
    const expiry = page.locator('#expiry');
    await expect.poll(() => expiry.innerText()).toContain(demo.state.track_id);
    await page.waitForTimeout(31_000);
    await press(page, 'Call the API with it');
    await expect.poll(() => expiry.innerText()).toContain('401');
    await expect.poll(() => expiry.innerText()).toContain('The access token expired');
    await press(page, 'Get a new one');
    await press(page, 'Call the API with it');
    await expect.poll(() => expiry.innerText()).toContain(demo.state.track_id);
  });
});

describe('in the web player', () => {
  it('runs getProfile() for Ada: sign in, consent, her name and playlists; then expiry, refresh and exposure', async () => {
    const page = await openPage();
    await page.goto(demo.issuer);
    await page.getByRole('link', { name: 'Run getProfile()' }).click();
    await signInAndAllow(page);
    await page.waitForURL(`${demo.player}/**`);
    await page.getByText('Ada Lovelace').first().waitFor();
    await page.getByText('First sides of jazz').first().waitFor();
    await expectAccessible(page);

    await press(page, 'Put it in the URL');
    await page.getByText(/A token in a URL is treated as exposed/).waitFor();
    await press(page, 'Refresh');
    await page.getByText('Refreshed: a new access token is kept here.').waitFor();
    await press(page, 'Run getProfile()');
    await page.getByText(/200: the API knows you as Ada Lovelace/).waitFor();
    await press(page, 'Break the token');
    await page.getByText(/401 Invalid access token/).waitFor();
    await expect.poll(() => page.locator('main').innerText()).toContain('One character was changed');
  });

  it('shows on the page the very function that runs', async () => {
    const page = await openPage();
    await page.goto(demo.issuer);
    const shown = await page.locator('#browser [data-run="js"]').innerText();
    const served = await (await fetch(`${demo.player}/get-profile.js`)).text();
    expect(served).toContain(shown.trim());
  });

  it('consents once: the second sign-in redirects without a page, until a dialog is asked for', async () => {
    const page = await openPage();
    await page.goto(`${demo.player}/?run=1`);
    await page.waitForURL(/\/login\?/);
    await page.getByLabel('Email').fill(demo.state.account.email);
    await page.getByLabel('Password').fill(demo.state.account.password);
    await press(page, 'Sign in');
    await page.waitForURL(`${demo.player}/**`); // agreed to before, in the test above
    await expect.poll(() => page.getByText('Ada Lovelace').first().innerText()).toContain('Ada Lovelace');
  });
});
