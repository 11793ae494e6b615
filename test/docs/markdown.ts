/** Reads a page of the docs: its code blocks, its links, its headings. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Block {
  /** The word after the fence. */
  readonly language: string;
  readonly text: string;
  /** The line of the page where the block's text begins, counted from 1. */
  readonly line: number;
  /** The name in the comment of the first line: the reader saves the block under it. */
  readonly fileName: string | undefined;
}

const FENCE = /^(`{3,})(\w*)\s*$/;
const FILE_NAME = /^(?:\/\/|#|<!--) ([\w.-]+\.\w+)(?: -->)?$/;

/** @param page path from the root of the repository */
export function readPage(page: string): string {
  return readFileSync(`${root}${page}`, 'utf8');
}

export function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { readonly fence: string; readonly language: string; readonly line: number } | undefined;
  let lines: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (open === undefined) {
      const [, fence, language = ''] = FENCE.exec(line) ?? [];
      if (fence === undefined) continue;
      open = { fence, language, line: index + 2 };
      lines = [];
    } else if (line === open.fence) {
      const fileName = FILE_NAME.exec(lines[0] ?? '')?.[1];
      blocks.push({ language: open.language, text: lines.join('\n'), line: open.line, fileName });
      open = undefined;
    } else {
      lines.push(line);
    }
  }
  if (open !== undefined) throw new Error(`The block of line ${open.line} is not closed`);
  return blocks;
}

/** The text of a page without its code blocks and code spans. */
function proseOf(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
}

/** Targets of links that stay in the repository. */
export function linksOf(text: string): readonly string[] {
  return [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

/** The anchors of a page, made from its headings as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#{1,6} (.+)$/gm)) {
    const plain = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = plain;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${plain}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
