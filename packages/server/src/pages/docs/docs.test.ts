import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import Fastify from 'fastify';
import { Marked } from 'marked';
import { afterAll, describe, expect, it } from 'vitest';
import { readDocs } from './library.ts';
import { pageTarget, renderMarkdown } from './render-markdown.ts';
import { registerDocs } from './docs.ts';

const directory = mkdtempSync(join(tmpdir(), 'tessera-docs-'));
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(directory, name)), { recursive: true });
  writeFileSync(join(directory, name), text);
}

write(
  'docs/start/words.md',
  '# Words & more\n\nWhat *things* are\ncalled. See [how](../how-to/revoke.md#now).\n',
);
write('docs/how-to/revoke.md', '# Revoke `one`\n\n## Now\n\nDo it.\n\n## Now\n');
write('docs/questions.md', '# Questions\n');
write('docs/decisions/one.md', 'No heading.\n');
write('docs/picture.png', 'not a page');
write('secret.md', '# Secret\n');

const app = Fastify();
await registerDocs(app, { docsDirectory: join(directory, 'docs') });
const get = async (url: string) => await app.inject(url);

describe('/docs', () => {
  it.each([
    '/docs/nothing',
    '/docs/../secret.md',
    '/docs/..%2fsecret.md',
    '/docs/%2e%2e/secret',
    '/docs/start/..%2f..%2f..%2fsecret.md',
    '/docs/picture.png',
    '/docs//etc/passwd',
    '/docs/start/words.md.md',
    '/docs/__proto__',
    '/docs/<script>alert(1)</script>',
  ])('answers 404 to %s', async (url) => {
    const response = await get(url);
    expect(response.statusCode).toBe(404);
    expect(response.body).not.toMatch(/Secret|not a page|<script>alert/);
  });

  it('answers 404 with a page beside the map, under a policy', async () => {
    const { body, headers } = await get('/docs/nothing');
    expect(body).toContain('There is no such page');
    expect(body).toContain('href="/docs/start/words"');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it.each([
    ['/docs/start/words', '<title>Words &amp; more · Tessera</title>'],
    ['/docs/start/words', 'href="/docs/start/words" aria-current="page"'],
    ['/docs/start/words', 'href="../how-to/revoke#now"'],
    ['/docs/start/words', 'href="/docs/start/words.md"'],
    ['/docs/start/words/', '<h1'],
    ['/docs', 'What things are called. See how.'],
    ['/docs/', '<h1'],
    ['/docs/how-to', 'Revoke one'],
    ['/docs/questions', '<h1'],
    ['/docs/decisions/one', '<title>decisions/one'],
  ])('%s shows %s', async (url, shown) => {
    const { statusCode, body } = await get(url);
    expect(statusCode).toBe(200);
    expect(body).toContain(shown);
  });

  it('gives each page as the Markdown it is written in', async () => {
    const { body, headers } = await get('/docs/how-to/revoke.md');
    expect(headers['content-type']).toBe('text/markdown; charset=utf-8');
    expect(body).toBe('# Revoke `one`\n\n## Now\n\nDo it.\n\n## Now\n');
  });

  it('lists the folders in the order a reader meets them', () => {
    expect(readDocs(join(directory, 'docs')).folders.map(({ title }) => title)).toEqual([
      'Start',
      'How to',
      'More',
      'Decisions',
    ]);
  });
});

describe('/llms.txt', () => {
  it('names every page by its Markdown', async () => {
    const { body, headers } = await get('/llms.txt');
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(body).toContain(
      '## Start\n\n- [Words & more](/docs/start/words.md): What things are called. See how.',
    );
    expect(body.match(/^- \[/gm)).toHaveLength(4);
  });
});

describe('renderMarkdown', () => {
  it.each([
    ['a block of HTML', '<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['HTML in a line', 'a <b onclick="x">b</b>', '&lt;b onclick=&quot;x&quot;&gt;b&lt;/b&gt;'],
    ['HTML in code', '`<i>`', '<code>&lt;i&gt;</code>'],
    [
      'HTML in a code block',
      '```js\nif (a < b) x("</code>")\n```',
      'if (a &lt; b) x(&quot;&lt;/code&gt;&quot;)',
    ],
    ['HTML in a heading', '# a <img src=x>', '&lt;img src=x&gt;</h1>'],
    [
      'the end of an attribute',
      '[a](https://x.example/"onclick="y)',
      'https://x.example/&quot;onclick=&quot;y',
    ],
  ])('shows %s', (_what, markdown, shown) => {
    const rendered = renderMarkdown(markdown).toString();
    expect(rendered).toContain(shown);
    expect(rendered).not.toMatch(/<script|<img|<b |onclick="/);
  });

  it('links only to the web, to mail and to pages', () => {
    expect(
      renderMarkdown('[a](javascript:alert(1)) [b](data:text/html,x) [c](//evil.example)').toString(),
    ).not.toContain('<a');
  });

  it('gives headings of the same words different ids', () => {
    expect(
      [
        ...renderMarkdown('## Now\n\n## Now')
          .toString()
          .matchAll(/id="([^"]*)"/g),
      ].map(([, id]) => id),
    ).toEqual(['now', 'now-1']);
  });

  it.each([
    ['words.md', 'words'],
    ['../how-to/x.md#part', '../how-to/x#part'],
    ['#part', '#part'],
    ['https://a.example/x.md', 'https://a.example/x.md'],
    ['mailto:a@example.test', 'mailto:a@example.test'],
    ['JAVASCRIPT:x', undefined],
  ])('%s leads to %s', (href, target) => {
    expect(pageTarget(href)).toBe(target);
  });
});

/** The targets of all links, as they are written. */
function linksOf(markdown: string): readonly string[] {
  const links: string[] = [];
  const marked = new Marked();
  void marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type === 'link') links.push(String(token['href']));
  });
  return links;
}

describe('the documentation of this repository', () => {
  const library = readDocs(fileURLToPath(new URL('../../../../../docs', import.meta.url)));
  const pages = [...library.docs.values()];

  it.each(pages.map((doc) => [doc.path, doc] as const))(
    '%s has a title, a first paragraph and links that lead somewhere',
    (_path, doc) => {
      expect(doc.title).not.toBe(doc.path);
      // What it is about, not how to follow it.
      expect(doc.summary).toMatch(/^(?!The demo).*[.?!]$/);
      const inside = linksOf(doc.markdown).filter((href) => !/^(https?:|mailto:|#|\/)/.test(href));
      const targets = inside.map((href) =>
        posix.join(posix.dirname(doc.path), (pageTarget(href) ?? '').replace(/#.*/, '')),
      );
      expect(targets.filter((target) => !library.docs.has(target))).toEqual([]);
    },
  );

  it('has the page of words', () => {
    expect(library.docs.get('start/words')?.title).toBe('Words');
  });
});
