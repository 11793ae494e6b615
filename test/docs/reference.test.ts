// The pages of docs/reference are what the code says now.
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { referencePages } from '../../tools/docs/reference-pages.ts';
import { readPage, root } from './markdown.ts';

const pages = await referencePages();

describe('docs/reference', () => {
  it.each([...pages])('%s is in step with the code; `npm run docs` writes it', (page, text) => {
    expect(readPage(page)).toBe(text);
  });

  it('holds nothing else', () => {
    const files = readdirSync(`${root}docs/reference`).map((name) => `docs/reference/${name}`);
    const written = [...pages.keys()].filter((page) => page.startsWith('docs/reference/'));
    expect(files.toSorted()).toEqual(written.toSorted());
  });
});
