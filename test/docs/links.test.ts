// Links lead somewhere, paths exist, and pages keep their promises of form.
import { existsSync, globSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, blocksOf, linksOf, readPage, root } from './markdown.ts';

const AT_ROOT = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'STANDARDS.md',
];
const DOCS = globSync('docs/**/*.md', { cwd: root }).toSorted();
const PAGES = [...AT_ROOT, ...DOCS];

describe.each(PAGES)('%s', (page) => {
  const text = readPage(page);

  it('links to pages and headings that exist', () => {
    const dead = linksOf(text).filter((link) => {
      const [path = '', anchor] = link.split('#', 2);
      const target = path === '' ? page : normalize(join(dirname(page), path));
      if (!existsSync(root + target) || !statSync(root + target).isFile()) return true;
      return anchor !== undefined && !anchorsOf(readPage(target)).has(anchor);
    });
    expect(dead).toEqual([]);
  });

  it('names paths that exist', () => {
    const paths = [...text.matchAll(/`((?:packages|examples|test|tools|docs|\.ci)\/[\w./-]+)`/g)].map(
      ([, path = '']) => path,
    );
    expect(paths.filter((path) => !existsSync(root + path))).toEqual([]);
  });

  it('begins with its title', () => {
    expect(text).toMatch(/^# \S/);
  });
});

describe('ARCHITECTURE.md', () => {
  it('names files of the standards and of the walks that exist', () => {
    const text = readPage('ARCHITECTURE.md');
    const standards = [...text.matchAll(/`((?:server|verifier|tokens)\/src\/[\w./-]+)`/g)].map(
      ([, path]) => `packages/${path}`,
    );
    const walks = blocksOf(text)
      .flatMap((block) => [
        ...block.text.matchAll(/\b((?:http|protocol|access|ports|tokens|verifier)\/[\w/-]+\.ts)\b/g),
      ])
      .map(([, path = '']) => {
        const [room = '', ...rest] = path.split('/');
        return room === 'tokens' || room === 'verifier'
          ? `packages/${room}/src/${rest.join('/')}`
          : `packages/server/src/${path}`;
      });
    expect(standards.length).toBeGreaterThan(20);
    expect(walks.length).toBeGreaterThan(10);
    expect([...standards, ...walks].filter((path) => !existsSync(root + path))).toEqual([]);
  });
});

describe('README.md', () => {
  it('has at most 150 lines', () => {
    expect(readPage('README.md').split('\n').length - 1).toBeLessThanOrEqual(150);
  });
});

describe.each(DOCS.filter((page) => page.startsWith('docs/quickstarts/') && !page.endsWith('/index.md')))(
  '%s',
  (page) => {
    const text = readPage(page);

    it('has at most 40 lines', () => {
      expect(text.split('\n').length - 1).toBeLessThanOrEqual(40);
    });

    it('ends with a call that passes and one that is refused', () => {
      const end = text.slice(-700);
      expect(end).toMatch(/\b200\b/);
      expect(end).toMatch(/\b401\b/);
    });
  },
);

describe('the docs', () => {
  it('are all on the map', () => {
    const mapped = new Set(linksOf(readPage('docs/index.md')).map((link) => `docs/${link}`));
    const decisions = new Set(
      linksOf(readPage('docs/decisions/index.md')).map((link) => `docs/decisions/${link}`),
    );
    const lost = DOCS.filter((page) => page !== 'docs/index.md' && !mapped.has(page) && !decisions.has(page));
    expect(lost).toEqual([]);
  });
});
