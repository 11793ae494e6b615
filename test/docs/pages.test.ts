// Every command and every program of the docs, run as shown against a demo of its own.
import { globSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../chromium.ts';
import { startPostgres, type TestPostgres } from '../postgres.ts';
import { type Demo, startReadersDemo } from './demo.ts';
import { type Block, blocksOf, readPage, root } from './markdown.ts';
import { pattern, runPage } from './run-page.ts';

const PAGES = ['README.md', ...globSync('docs/**/*.md', { cwd: root })].toSorted();

/** Blocks that are not run, by page and first line, each with its reason. */
const NOT_RUN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'README.md': {
    'npm start': 'It is how this test starts the demo, with free ports; what it prints is compared below.',
  },
  'docs/how-to/let-apps-register-themselves.md': {
    'TESSERA_DYNAMIC_REGISTRATION=initial_token TESSERA_OUTBOUND_ALLOW_HOSTS=localhost:5000 npm start':
      'It is how this test starts the demo, with free ports.',
  },
  'docs/how-to/second-factors.md': {
    'TESSERA_SECOND_FACTOR=required npm start':
      'It would start another demo; test/flows/second-step.test.ts runs a server with this setting.',
  },
  'docs/start/first-token.md': { 'npm start': 'It is how this test starts the demo, with free ports.' },
  'docs/quickstarts/nginx.md': {
    'location /v1/ {':
      'A fragment of the configuration of nginx; test/flows/gateway-forward-auth.test.ts runs one where nginx is installed.',
  },
  'docs/how-to/run-behind-a-proxy.md': {
    'location / {': 'A fragment of the configuration of nginx, not a program.',
  },
  'docs/how-to/use-postgresql.md': {
    'npm run tessera -- cluster status':
      'It shows two nodes, and the page starts one; test/flows/duty.test.ts runs three and asks for their status.',
    'TESSERA_DATABASE_URL=postgres://postgres@localhost/demo npm start -- --nodes 3':
      'It would start another demo; test/flows/demo-nodes.test.ts starts one of three nodes, and stops one of them.',
  },
  'docs/reference/proof.md': {
    'npm run proof -- R1 --rounds 200 --store postgres':
      'It takes long; proof/proof.test.ts runs each figure at its smallest.',
  },
  'docs/how-to/mutual-tls.md': {
    'curl --cert ledger.pem --key ledger.key --cacert tls/server.pem https://localhost:4443/api/token \\':
      'It takes a server that asks for certificates, which the demo does not; test/flows/mutual-tls.test.ts does it.',
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

/** Pages that show a code and go on; a program of the others waits until somebody enters it. */
const WAITS_FOR_NOBODY = new Set(['docs/how-to/agents.md']);

/** Languages of blocks that are run as they stand, or saved under their name for one that is run. */
const RUN = new Set(['sh', 'json']);
const SAVED = new Set(['js', 'html', 'yaml']);

let demo: Demo;
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
  demo = await startReadersDemo([
    ['postgres://tessera@db.internal/tessera', await postgres.createDatabase()],
  ]);
});
afterAll(async () => {
  await demo?.close();
  await postgres?.stop();
});

function reasonOf(page: string, block: Block): string | undefined {
  return NOT_RUN[page]?.[block.text.split('\n', 1)[0] ?? ''];
}

function linesNotRun(page: string): ReadonlySet<number> {
  const excused = blocksOf(readPage(page)).filter((block) => reasonOf(page, block) !== undefined);
  return new Set(excused.map(({ line }) => line));
}

describe.each(PAGES)('%s', (page) => {
  const text = readPage(page);
  const blocks = blocksOf(text);
  const skipped = new Set(
    blocks.filter((block) => reasonOf(page, block) !== undefined).map(({ line }) => line),
  );

  /** A page that is served is named by the program that serves it. */
  const namedInCommand = (fileName: string): boolean =>
    blocks.some(
      (block) => block.fileName !== fileName && block.language !== 'html' && block.text.includes(fileName),
    );

  it('has no block that is neither run nor excused', () => {
    const left = blocks.filter(
      ({ language, fileName, line, text: block }) =>
        !skipped.has(line) &&
        !RUN.has(language) &&
        !(SAVED.has(language) && fileName !== undefined && namedInCommand(fileName)) &&
        block !== printedBlock(page)?.text,
    );
    expect(left.map(({ line, language }) => `line ${line}: ${language}`)).toEqual([]);
    expect(Object.keys(NOT_RUN[page] ?? {}).length).toBe(skipped.size);
  });
});

const WITH_COMMANDS = PAGES.filter((page) =>
  blocksOf(readPage(page)).some((block) => block.language === 'sh' && reasonOf(page, block) === undefined),
);

describe.each(WITH_COMMANDS)('%s', (page) => {
  it('does what it says', { timeout: 180_000 }, async () => {
    const text = readPage(page);
    const person = enterCodes();
    const look = WAITS_FOR_NOBODY.has(page) ? undefined : person.look;
    const run = await runPage(text, demo, linesNotRun(page), look);
    await person.done();
    try {
      expect(run.differences).toEqual([]);
      expect(run.compared).toBeGreaterThan(0);
      const visit = IN_BROWSER[page];
      if (visit !== undefined) await expectInBrowser(demo.address(visit.open), visit.shows);
    } finally {
      await run.close();
    }
  });
});

describe('the docs as the server shows them', () => {
  it('lead nowhere that is not there', { timeout: 60_000 }, async () => {
    const seen = new Map<string, Promise<string>>();
    const open = (url: string): Promise<string> => {
      const known =
        seen.get(url) ?? fetch(url).then(async (answer) => `${answer.status} ${await answer.text()}`);
      seen.set(url, known);
      return known;
    };
    const dead: string[] = [];
    for (const page of PAGES.filter((path) => path.startsWith('docs/'))) {
      const url = demo.address(`http://localhost:4400/${page.replace(/\.md$/, '')}`);
      const text = await open(url);
      for (const [, href = ''] of text.matchAll(/<a href="([^"]+)"/g)) {
        const { origin, pathname, hash } = new URL(href, url);
        if (origin !== new URL(url).origin) continue;
        const target = await open(origin + pathname);
        const found = target.startsWith('200 ') && (hash === '' || target.includes(`id="${hash.slice(1)}"`));
        if (!found) dead.push(`${page}: ${href}`);
      }
    }
    expect(dead).toEqual([]);
    expect(seen.size).toBeGreaterThan(PAGES.length);
  });
});

describe('npm start', () => {
  it('prints what README shows, and in at most twenty lines', () => {
    const shown = printedBlock('README.md');
    expect(demo.printed.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    const lines = demo.address(shown?.text ?? 'README shows nothing').split('\n');
    const printed = demo.printed.trimEnd().split('\n');
    for (const [index, line] of lines.entries()) {
      expect(plain(printed[index] ?? '')).toMatch(pattern(plain(line)));
    }
    expect(printed.length).toBe(lines.length);
  });
});

/** The block of README that shows what `npm start` prints. */
function printedBlock(page: string): Block | undefined {
  return page === 'README.md'
    ? blocksOf(readPage(page)).find(({ language }) => language === 'text')
    : undefined;
}

/** Columns move with the length of a port or a password. */
function plain(line: string): string {
  return line.replaceAll(/ +/g, ' ').trim();
}

/** The person who enters in a browser whatever code a page of the docs shows (RFC 8628 §3.3). */
function enterCodes(): { readonly look: (output: string) => void; readonly done: () => Promise<void> } {
  let entering: Promise<void> | undefined;
  return {
    look(output) {
      const [code] = /\b[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}\b/.exec(output) ?? [];
      if (code !== undefined) entering ??= enterCode(code);
    },
    done: async () => await entering,
  };
}

async function enterCode(code: string): Promise<void> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    // Several programs run beside it, on a machine that may be busy; the code itself is good for minutes.
    page.setDefaultTimeout(90_000);
    await page.goto(demo.address('http://localhost:4400/device'));
    await page.fill('#email', demo.account.email);
    await page.fill('#password', demo.account.password);
    await page.click('button[type=submit]');
    await page.fill('#user_code', code);
    await page.click('button[value=look]');
    await page.click('button[value=allow]');
    await page.getByRole('heading', { name: 'The device is connected' }).waitFor();
  } finally {
    await browser.close();
  }
}

async function expectInBrowser(url: string, shows: string): Promise<void> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.fill('#email', demo.account.email);
    await page.fill('#password', demo.account.password);
    await page.click('button[type=submit]');
    await page.click('button[value=allow]');
    await expect.poll(() => page.textContent('body')).toMatch(pattern(shows));
  } finally {
    await browser.close();
  }
}
