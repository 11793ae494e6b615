// An issuer with a path, behind a proxy that takes the path away: pages, console, APIs and cookies stay below it.
import { createServer, request as forward, type Server } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIfChanged } from '../../packages/console/build.mjs';
import { launchBrowser } from '../chromium.ts';
import { ADMIN } from '../console-browser.ts';
import { startTestServer, type TestServer } from '../harness.ts';
import { createPkce, exchange, tokensOf } from '../oauth-calls.ts';
import { turnPage } from '../turn-page.ts';

const PATH = '/tessera';

let server: TestServer;
let proxy: Server;
let browser: Browser;
let page: Page;
/** What was asked for outside of the path. */
const astray: string[] = [];

beforeAll(async () => {
  await buildIfChanged();
  let target = '';
  proxy = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming;
    // Metadata are looked for beside the path, too (RFC 8414 §3.1).
    const isBelow = url === PATH || url.startsWith(`${PATH}/`);
    if (!isBelow && !url.startsWith('/.well-known/')) {
      astray.push(url);
      outgoing.writeHead(404).end();
      return;
    }
    const path = isBelow ? url.slice(PATH.length) || '/' : url;
    const onward = forward(`${target}${path}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const address = proxy.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  [server, browser] = await Promise.all([
    startTestServer({ store: 'sqlite', issuer: `http://localhost:${port}${PATH}` }),
    launchBrowser(),
  ]);
  target = server.base;
  page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(15_000);
});
afterAll(async () => {
  await browser?.close();
  proxy?.closeAllConnections();
  proxy?.close();
  await server?.close();
});

const ADDRESS = /\s(?:href|src|action|formaction)="([^"]*)"/g;

describe('below the path', () => {
  it.each(['/login', '/signup', '/recover', '/device', '/logout', '/explain', '/invitation'])(
    'are all addresses on %s',
    async (path) => {
      const answer = await fetch(`${server.issuer}${path}`);
      expect(new URL(answer.url).pathname.startsWith(`${PATH}/`)).toBe(true);
      const own = [...(await answer.text()).matchAll(ADDRESS)].map(([, address = '']) => address);
      expect(own.length).toBeGreaterThan(2);
      const origin = new URL(server.issuer).origin;
      const wrong = own.filter(
        (address) => !/^(?:#|https?:|mailto:)/.test(address) && !address.startsWith(`${PATH}/`),
      );
      expect(wrong).toEqual([]);
      for (const address of own.filter((each) => /\.(?:css|js|svg|woff2)$/.test(each))) {
        // oxlint-disable-next-line no-await-in-loop -- a handful
        expect([address, (await fetch(`${origin}${address}`)).status]).toEqual([address, 200]);
      }
    },
  );

  it('is what the metadata name, wherever clients look for them', async () => {
    const { origin } = new URL(server.issuer);
    for (const place of [
      `${server.issuer}/.well-known/openid-configuration`,
      `${origin}/.well-known/oauth-authorization-server${PATH}`,
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- two
      const metadata = (await (await fetch(place)).json()) as Record<string, unknown>;
      expect(metadata['issuer']).toBe(server.issuer);
      const named = Object.entries(metadata).filter(([name]) => /_(?:endpoint|uri)$/.test(name));
      expect(named.filter(([, url]) => !String(url).startsWith(`${server.issuer}/`))).toEqual([]);
    }
  });

  it('the console opens, makes a token, and comes back to its screen after a sign-in', async () => {
    await page.goto(`${server.issuer}/console/settings/tokens/new`);
    expect(new URL(page.url()).pathname).toBe(`${PATH}/login`);
    await page.fill('#email', ADMIN.email);
    await page.fill('#password', ADMIN.password);
    await page.click('button[type=submit]');
    await page.getByRole('heading', { name: 'Create a new personal access token' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`${PATH}/console/settings/tokens/new`);
    await page.getByRole('textbox', { name: 'Name' }).fill('below');
    await page.getByRole('group', { name: 'Permissions' }).getByRole('checkbox').first().check();
    await page.getByRole('button', { name: 'Create the token' }).click();
    await expect.poll(() => page.locator('.once code').innerText()).toMatch(/^tsr_pat_/);
    await page.getByRole('checkbox', { name: 'I have stored it' }).check();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('rowheader', { name: 'below' }).waitFor();
    await page.getByRole('link', { name: 'People', exact: true }).first().click();
    await page.getByRole('heading', { name: 'People' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`${PATH}/console/people`);
  });

  it('an app gets its code by sign-in and consent, and its tokens', async () => {
    const { confidential } = server.clients;
    const pkce = createPkce();
    const query = new URLSearchParams({
      client_id: confidential.id,
      response_type: 'code',
      redirect_uri: confidential.redirectUri,
      scope: 'openid profile',
      state: 'of the app',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
    });
    // Nobody listens where it ends: in a tab of its own, which is closed on the way there.
    const tab = await page.context().newPage();
    await tab.goto(`${server.issuer}/authorize?${query.toString()}`);
    expect(new URL(tab.url()).pathname).toBe(`${PATH}/consent`);
    const asked = tab.waitForRequest((request) => request.url().startsWith(confidential.redirectUri));
    await tab.getByRole('button', { name: 'Allow', exact: true }).click();
    const back = new URL((await asked).url());
    await tab.close();
    expect(back.searchParams.get('iss')).toBe(server.issuer);
    const { redirectUri } = confidential;
    const code = back.searchParams.get('code') ?? '';
    const answer = await exchange(server, { code, verifier: pkce.verifier, redirectUri, location: back });
    expect(tokensOf(answer)).toHaveProperty('idToken');
  });

  it('signs out', async () => {
    await page.goto(`${server.issuer}/logout`);
    await turnPage(page, () => page.click('main button[type=submit]'));
    expect(new URL(page.url()).pathname.startsWith(`${PATH}/`)).toBe(true);
    await page.goto(`${server.issuer}/console`);
    expect(new URL(page.url()).pathname).toBe(`${PATH}/login`);
  });

  it('nothing was asked for beside it', () => {
    expect(astray.filter((url) => url !== '/favicon.ico')).toEqual([]);
  });
});
