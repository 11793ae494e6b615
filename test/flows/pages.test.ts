// The pages in a real browser: no accessibility violation, no overflow, no breach of their own content security
// policy, in light and dark, on a phone and on a desk, with scripts and without.
import { AxeBuilder } from '@axe-core/playwright';
import sparticuz from '@sparticuz/chromium';
import Fastify from 'fastify';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAssets } from '../../packages/server/src/pages/assets.ts';
import { pageHeaders } from '../../packages/server/src/pages/security-headers.ts';
import { PAGE_SAMPLES } from '../../packages/server/src/pages/testing/samples.ts';

const app = Fastify();
let base = '';
let browser: Browser;

beforeAll(async () => {
  registerAssets(app);
  for (const [name, page] of Object.entries(PAGE_SAMPLES)) {
    const headers = pageHeaders({ script: page.includes('<script') });
    app.get(`/${name}`, async (_request, reply) => await reply.headers(headers).send(page));
  }
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

describe.each(Object.keys(PAGE_SAMPLES))('%s', (name) => {
  it.each(VIEWS)(
    'has nothing to object to: $colorScheme, $width px',
    async ({ colorScheme, width, otherWidth }) => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
      try {
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on('console', (message) => void complaints.push(message.text()));
        page.on('pageerror', (error) => void complaints.push(error.message));
        await page.goto(`${base}/${name}`);
        const { violations } = await new AxeBuilder({ page })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
          .analyze();
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        ).toEqual([]);
        for (const reflowed of [width, otherWidth]) {
          await page.setViewportSize({ width: reflowed, height: 800 });
          expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
        }
        expect(complaints).toEqual([]);
      } finally {
        await context.close();
      }
    },
  );
});
