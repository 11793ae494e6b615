// Every command and every program of the docs, run as shown against a demo of its own.
import { globSync } from 'node:fs';
import sparticuz from '@sparticuz/chromium';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo.ts';
import { type Block, blocksOf, readPage, root } from './markdown.ts';
import { pattern, runPage } from './run-page.ts';

const PAGES = ['README.md', ...globSync('docs/**/*.md', { cwd: root })].sort();

/** Blocks that are not run, by page and first line, each with its reason. */
const NOT_RUN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'README.md': {
    'npm start': 'It is how this test starts the demo, with free ports; what it prints is compared below.',
  },
  'docs/start/first-token.md': { 'npm start': 'It is how this test starts the demo, with free ports.' },
  'docs/how-to/use-postgresql.md': {
    'export TESSERA_ISSUER=https://id.example.com':
      'Needs a PostgreSQL at an address of the reader; the tests of the store run on one.',
  },
  'docs/how-to/run-behind-a-proxy.md': {
    'location / {': 'A fragment of the configuration of nginx, not a program.',
  },
};

/** Pages whose programs a person meets in a browser: where it goes, and what it shows after the sign-in. */
const IN_BROWSER: Readonly<Record<string, { readonly open: string; readonly shows: string }>> = {
  'docs/quickstarts/browser-app.md': {
    open: 'http://127.0.0.1:5000/',
    shows: '200 Ada Lovelace…401 Invalid access token',
  },
  'docs/quickstarts/web-server.md': {
    open: 'http://127.0.0.1:5000/login',
    shows: '"display_name":"Ada Lovelace"',
  },
};

/** Languages of blocks that are run or compared. The others are pictures of text: no program, no command. */
const RUN = new Set(['sh', 'json', 'js', 'html', 'yaml']);

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(async () => {
  await demo?.close();
});

function reasonOf(page: string, block: Block): string | undefined {
  return NOT_RUN[page]?.[block.text.split('\n', 1)[0] ?? ''];
}

describe.each(PAGES)('%s', (page) => {
  const text = readPage(page);
  const blocks = blocksOf(text);
  const skipped = new Set(
    blocks.filter((block) => reasonOf(page, block) !== undefined).map(({ line }) => line),
  );

  it('has no block that is neither run nor excused', () => {
    const left = blocks.filter(
      ({ language, fileName, line }) =>
        !skipped.has(line) &&
        language !== 'text' &&
        (!RUN.has(language) || (language !== 'sh' && language !== 'json' && fileName === undefined)),
    );
    expect(left.map(({ line, language }) => `line ${line}: ${language}`)).toEqual([]);
    expect(Object.keys(NOT_RUN[page] ?? {}).length).toBe(skipped.size);
  });

  if (blocks.some(({ language, line }) => language === 'sh' && !skipped.has(line))) {
    it('does what it says', { timeout: 180_000 }, async () => {
      const run = await runPage(text, demo, skipped);
      try {
        expect(run.differences).toEqual([]);
        const visit = IN_BROWSER[page];
        if (visit !== undefined) await expectInBrowser(demo.address(visit.open), visit.shows);
      } finally {
        await run.close();
      }
    });
  }
});

describe('npm start', () => {
  it('prints what README shows, and in at most twenty lines', () => {
    const shown = blocksOf(readPage('README.md')).find(({ text }) => text.startsWith('Tessera is ready'));
    expect(demo.printed.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    const lines = demo.address(shown?.text ?? 'README shows nothing').split('\n');
    const printed = demo.printed.trimEnd().split('\n');
    for (const [index, line] of lines.entries()) {
      expect(plain(printed[index] ?? '')).toMatch(pattern(plain(line)));
    }
    expect(printed.length).toBe(lines.length);
  });
});

/** Columns move with the length of a port or a password. */
function plain(line: string): string {
  return line.replaceAll(/ +/g, ' ').trim();
}

async function expectInBrowser(url: string, shows: string): Promise<void> {
  const args = ['--no-sandbox', '--no-zygote', '--disable-gpu'];
  const browser = await chromium.launch({ executablePath: await sparticuz.executablePath(), args });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.fill('#email', demo.account.email);
    await page.fill('#password', demo.account.password);
    await page.click('button[type=submit]');
    await page.click('button[value=allow]');
    await expect.poll(() => page.textContent('body'), { timeout: 10_000 }).toMatch(pattern(shows));
  } finally {
    await browser.close();
  }
}
