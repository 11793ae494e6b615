// The pages in a real browser: no accessibility violation, no overflow, no breach of their own content security
// policy, in light and dark, on a phone and on a desk, with scripts and without.
import sparticuz from '@sparticuz/chromium';
import Fastify from 'fastify';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAssets } from '../../packages/server/src/pages/assets.ts';
import { pageHeaders } from '../../packages/server/src/pages/security-headers.ts';
import { shownCode } from '../../packages/server/src/pages/testing/code-blocks.ts';
import { formPostPage, SUBMIT_SCRIPT_HASH } from '../../packages/server/src/pages/form-post-page.ts';
import { PAGE_SAMPLES } from '../../packages/server/src/pages/testing/samples.ts';
import { violationsOn } from '../axe.ts';

/** Where pictures of the pages go, for whoever wants to look at them. */
const PICTURES = process.env['TESSERA_PICTURES'];

const app = Fastify();
let base = '';
let browser: Browser;

beforeAll(async () => {
  registerAssets(app);
  for (const [name, page] of Object.entries(PAGE_SAMPLES)) {
    // The page that leaves by itself stays without its script, to be looked at; below it leaves.
    const shown = name === 'form-post' ? page.replace(/<script>.*<\/script>/, '') : page;
    const headers = pageHeaders({ script: shown.includes('<script') });
    app.get(`/${name}`, async (_request, reply) => await reply.headers(headers).send(shown));
  }
  app.get('/form-post-alive', async (_request, reply) => {
    const action = `${base}/posted`;
    const headers = pageHeaders({ formAction: [action], scriptHash: SUBMIT_SCRIPT_HASH });
    return await reply.headers(headers).send(formPostPage({ action, fields: { state: '"><b>' } }));
  });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      done(null, body);
    },
  );
  app.post('/posted', async (request, reply) => await reply.send(`got ${String(request.body)}`));
  base = await app.listen({ host: '127.0.0.1', port: 0 });
  // The arguments that come with the package turn web security off and run everything in one process.
  const args = ['--no-sandbox', '--no-zygote', '--disable-gpu'];
  browser = await chromium.launch({ executablePath: await sparticuz.executablePath(), args });
});

afterAll(async () => {
  await browser?.close();
  await app.close();
});

const VIEWS = [
  { colorScheme: 'light', width: 1280, otherWidth: 320 },
  { colorScheme: 'dark', width: 390, otherWidth: 768 },
] as const;

describe.each(VIEWS)('$colorScheme, $width px', ({ colorScheme, width, otherWidth }) => {
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    const context = await browser.newContext({ colorScheme });
    page = await context.newPage();
    page.on('console', (message) => void complaints.push(message.text()));
    page.on('pageerror', (error) => void complaints.push(error.message));
  });

  it.each(Object.keys(PAGE_SAMPLES))('nothing to object to: %s', async (name) => {
    complaints.length = 0;
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`${base}/${name}`);
    expect(await violationsOn(page)).toEqual([]);
    for (const reflowed of [width, otherWidth]) {
      await page.setViewportSize({ width: reflowed, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
      if (PICTURES === undefined) continue;
      // oxlint-disable-next-line no-await-in-loop -- one page
      await page.screenshot({ path: `${PICTURES}/page-${name}-${reflowed}.png`, fullPage: true });
    }
    expect(complaints).toEqual([]);
  });
});

it('is told of a page with something to object to', async () => {
  const page = await browser.newPage();
  await page.setContent('<html lang="en"><title>t</title><main><h1>h</h1><img src="x"></main>');
  expect(await violationsOn(page)).toEqual([expect.stringContaining('image-alt: <img')]);
  expect(await violationsOn(page, ['image-alt'])).toHaveLength(1);
  expect(await violationsOn(page, ['color-contrast'])).toEqual([]);
  await page.close();
});

describe('an answer by form', () => {
  it.each([true, false])('goes to the app, with scripts: %s', async (javaScriptEnabled) => {
    const context = await browser.newContext({ javaScriptEnabled });
    try {
      const page = await context.newPage();
      await page.goto(`${base}/form-post-alive`);
      if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL(`${base}/posted`);
      await expect.poll(() => page.innerText('body')).toBe('got state=%22%3E%3Cb%3E');
    } finally {
      await context.close();
    }
  });
});

describe('the script of the pages', () => {
  it('counts a token down to its end on the tile, and says so', async () => {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.clock.install();
      await page.goto(`${base}/access-token-exposed`);
      const tile = page.locator('#expiry .tile');
      expect(await tile.getAttribute('class')).toContain('ends-soon');
      await page.clock.runFor(5000);
      await expect.poll(() => tile.innerText()).toContain('ends in 00:03');
      expect(await tile.locator('progress').getAttribute('value')).toBe('3');
      await page.clock.runFor(3000);
      expect(await tile.getAttribute('class')).toContain('ended');
      await expect.poll(() => tile.innerText()).toContain('ended');
      await expect.poll(() => page.locator('#live').innerText()).toBe('The token has ended.');
    } finally {
      await context.close();
    }
  });

  it('copies the code of a block, exactly', async () => {
    const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
    try {
      const page = await context.newPage();
      await page.goto(`${base}/access-token`);
      await page.locator('figure.code').first().getByRole('button', { name: 'Copy' }).click();
      await page.locator('#live').getByText('Copied').waitFor();
      const [first] = shownCode(PAGE_SAMPLES['access-token'] ?? '');
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(first?.code);
    } finally {
      await context.close();
    }
  });
});
