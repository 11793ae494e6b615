/** A page of the documentation, a list of pages, or "not found", each beside the map of all. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { layout } from '../layout.ts';
import type { Doc, DocFolder, DocLibrary } from './library.ts';
import { renderMarkdown } from './render-markdown.ts';

export function docPage(doc: Doc, library: DocLibrary): string {
  const main = html`${renderMarkdown(doc.markdown)}
<p class="small muted"><a href="/docs/${doc.path}.md">This page as Markdown</a></p>`;
  return frame(doc.title, main, library, doc.path);
}

/** The pages of one directory, or of all. */
export function listPage(title: string, folders: readonly DocFolder[], library: DocLibrary): string {
  const main = html`<h1>${title}</h1>
${folders.map(
  (folder) => html`<section>${folders.length > 1 && html`<h2>${folder.title}</h2>`}<dl class="listing">
${folder.docs.map(
  ({
    path,
    title: name,
    summary,
  }) => html`<div><dt><a href="/docs/${path}">${name}</a></dt><dd>${summary}</dd></div>
`,
)}</dl></section>
`,
)}`;
  return frame(title, main, library);
}

export function noSuchDocPage(library: DocLibrary): string {
  const main = html`<h1>There is no such page</h1>
<p>The documentation has no page at this address. It may have moved: look in the map, or start at <a href="/docs">the list of all pages</a>.</p>`;
  return frame('Not found', main, library);
}

function frame(title: string, main: Html, library: DocLibrary, current?: string): string {
  return layout({
    title,
    main: html`<div class="prose">${main}</div>`,
    shape: 'side',
    side: map(library, current),
    sideLast: true,
    links: [{ href: '/docs', text: 'Docs' }],
    script: 'enhance.js',
  });
}

function map({ folders }: DocLibrary, current: string | undefined): Html {
  return html`<nav class="map" aria-label="Docs">
${folders.map(
  ({ title, docs }) => html`<h2>${title}</h2><ol>${docs.map(
    ({ path, title: name }) =>
      html`<li><a href="/docs/${path}"${path === current && html` aria-current="page"`}>${name}</a></li>`,
  )}</ol>
`,
)}</nav>`;
}
