/** The documentation as it lies in the repository, read once. Only what was found then can be asked for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { marked } from 'marked';

export interface Doc {
  /** Below the directory, without `.md`: `start/words`. */
  readonly path: string;
  /** Its first heading. */
  readonly title: string;
  /** What it is about, as text: its first paragraph, without what only readers of the page need. Empty if there is none. */
  readonly summary: string;
  readonly markdown: string;
}

/** Pages of one directory. */
export interface DocFolder {
  /** `quickstarts`; empty for the top. */
  readonly path: string;
  readonly title: string;
  readonly docs: readonly Doc[];
}

export interface DocLibrary {
  readonly docs: ReadonlyMap<string, Doc>;
  /** In the order a reader meets them. */
  readonly folders: readonly DocFolder[];
}

/** From the first token to the reasons why. A directory that is not named here comes after, by name. */
const FOLDER_ORDER = ['start', 'quickstarts', 'how-to', 'operate', 'reference', 'explain', '', 'decisions'];
const FOLDER_TITLES: Readonly<Record<string, string>> = { '': 'More', 'how-to': 'How to' };

export function readDocs(directory: string): DocLibrary {
  const docs = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => readDoc(directory, name.split(sep).join('/')))
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
  const paths = new Set(docs.map(({ path }) => folderOf(path)));
  const folders = [...paths].toSorted(byOrder).map((path) => ({
    path,
    title: FOLDER_TITLES[path] ?? path.charAt(0).toUpperCase() + path.slice(1),
    docs: docs.filter((doc) => folderOf(doc.path) === path),
  }));
  return { docs: new Map(docs.map((doc) => [doc.path, doc])), folders };
}

function readDoc(directory: string, name: string): Doc {
  const markdown = readFileSync(join(directory, name), 'utf8');
  const path = name.slice(0, -'.md'.length);
  const tokens = marked.lexer(markdown);
  const heading = tokens.find((token) => token.type === 'heading' && token['depth'] === 1);
  const paragraph = tokens.find((token) => token.type === 'paragraph');
  return {
    path,
    title: plainText(heading) || path,
    summary: summaryOf(plainText(paragraph)),
    markdown,
  };
}

/** Whole sentences only, and none that says how to start, leads to what stands below, or is only a label. */
function summaryOf(paragraph: string): string {
  const sentences = paragraph.match(/[^\s].*?(?:[.?!](?=\s|$)|$)/g) ?? [paragraph];
  const told = sentences.filter(
    (one) => !one.endsWith(':') && !/^(?:With t|T)he demo|^(?:Decision|Question|Context)\.$/.test(one),
  );
  return (told.length > 0 ? told : sentences).slice(0, 2).join(' ');
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function byOrder(one: string, other: string): number {
  return placeOf(one) - placeOf(other) || (one < other ? -1 : 1);
}

function placeOf(folder: string): number {
  const known = FOLDER_ORDER.indexOf(folder);
  return known === -1 ? FOLDER_ORDER.length : known;
}

/** The words of a heading or paragraph, without its markup. */
function plainText(
  token: { readonly raw: string; readonly tokens?: readonly unknown[] } | undefined,
): string {
  if (!token) return '';
  const words = (token.tokens ?? []).map((part) => textOf(part)).join('');
  return words.replace(/\s+/g, ' ').trim();
}

function textOf(part: unknown): string {
  if (typeof part !== 'object' || part === null) return '';
  if ('tokens' in part && Array.isArray(part.tokens))
    return part.tokens.map((inner) => textOf(inner)).join('');
  return 'text' in part && typeof part.text === 'string' ? part.text : '';
}
