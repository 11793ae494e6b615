/** The files of the console as `packages/console/build.mjs` left them: read when first asked for, served from memory. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIRECTORY = fileURLToPath(new URL('../../../../console/dist', import.meta.url));

export interface BuiltConsole {
  readonly script: string;
  readonly style: string;
  /** What the script needs at once, so that the browser need not find out step by step. */
  readonly preload: readonly string[];
  readonly files: ReadonlyMap<string, BuiltFile>;
}

export interface BuiltFile {
  readonly contentType: string;
  readonly body: Buffer;
  /** Absent where it would not be smaller. */
  readonly gzip?: Buffer;
}

interface Manifest {
  readonly script: string;
  readonly style: string;
  readonly preload: readonly string[];
  /** Name → whether there is a `.gz` beside it. */
  readonly files: Readonly<Record<string, boolean>>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  woff2: 'font/woff2',
  txt: 'text/plain; charset=utf-8',
};

/** @returns undefined where the console has not been built */
export function readBuiltConsole(directory = DIRECTORY): BuiltConsole | undefined {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const files = Object.entries(manifest.files).map(([name, gzipped]): [string, BuiltFile] => [
    name,
    {
      contentType: CONTENT_TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
      body: readFileSync(join(directory, name)),
      ...(gzipped && { gzip: readFileSync(join(directory, `${name}.gz`)) }),
    },
  ]);
  const { script, style, preload } = manifest;
  return { script, style, preload, files: new Map(files) };
}
