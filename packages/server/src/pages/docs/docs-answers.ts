/** What the docs answer to a path, from memory. */
import type { FastifyReply } from 'fastify';
import { pageHeaders } from '../security-headers.ts';
import { docPage, listPage, noSuchDocPage } from './docs-page.ts';
import { type DocLibrary, readDocs } from './library.ts';
import { llmsText } from './llms.ts';

export interface DocsAnswers {
  /** The map of all pages. */
  map(reply: FastifyReply): FastifyReply;
  /** A page, its Markdown, or the list of a folder. */
  page(path: string, reply: FastifyReply): FastifyReply;
  /** `/llms.txt`. */
  llms(reply: FastifyReply): FastifyReply;
}

/** Reads the whole directory. */
export function createDocsAnswers(docsDirectory: string): DocsAnswers {
  const library = readDocs(docsDirectory);
  return {
    map: (reply) => showPage(reply, listPage('Docs', library.folders, library)),
    page: (path, reply) => show(path.replace(/\/$/, ''), reply, library),
    llms: (reply) => sendText(reply, 'text/plain', llmsText(library)),
  };
}

/** Looks the path up among the pages that were read; it is never used as the name of a file. */
function show(path: string, reply: FastifyReply, library: DocLibrary): FastifyReply {
  if (path === '') return showPage(reply, listPage('Docs', library.folders, library));
  const isMarkdown = path.endsWith('.md');
  const doc = library.docs.get(isMarkdown ? path.slice(0, -'.md'.length) : path);
  if (doc) {
    if (isMarkdown) return sendText(reply, 'text/markdown', doc.markdown);
    return showPage(reply, docPage(doc, library));
  }
  const folder = library.folders.find((one) => one.path === path);
  if (folder) return showPage(reply, listPage(folder.title, [folder], library));
  return showPage(reply.code(404), noSuchDocPage(library));
}

function showPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.headers({ ...pageHeaders({ script: true }), 'cache-control': 'no-cache' }).send(page);
}

function sendText(reply: FastifyReply, type: 'text/plain' | 'text/markdown', text: string): FastifyReply {
  return reply
    .headers({ 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' })
    .type(`${type}; charset=utf-8`)
    .send(text);
}
