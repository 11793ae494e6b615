// Builds the console into dist/, if what it is made of has changed since. Runs before `npm start`, where Node may be an
// older one: so it is JavaScript, and touches no package unless there is something to build.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const dist = join(here, 'dist');
const MANIFEST = join(dist, 'manifest.json');
/** Beside the sources: how it is built, and the versions of what is built in. */
const ALWAYS = ['packages/console/build.mjs', 'packages/console/package.json', 'package-lock.json'];

/** What the formats of tokens import of Node; src/node has what reading a token needs of it. */
const NODE_MODULES = ['node:buffer', 'node:crypto', 'node:net', 'node:util', 'node:zlib'];

/** @returns whether there was something to build */
export async function buildIfChanged() {
  const built = readManifest();
  if (built !== undefined && built.sources === fingerprint(built.inputs)) return false;
  await build();
  return true;
}

function readManifest() {
  try {
    return JSON.parse(readFileSync(MANIFEST, 'utf8'));
  } catch {
    return undefined;
  }
}

/** One hash over the names and contents of files; undefined if one has gone. */
function fingerprint(files) {
  const hash = createHash('sha256');
  try {
    for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}

async function build() {
  const esbuild = await import('esbuild');
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: {
      console: 'packages/console/src/main.tsx',
      style: 'packages/console/src/style/console.css',
    },
    outdir: 'packages/console/dist',
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
    conditions: ['@tessera/source'],
    jsx: 'automatic',
    minify: true,
    legalComments: 'linked',
    loader: { '.woff2': 'file' },
    alias: Object.fromEntries(NODE_MODULES.map((name) => [name, './packages/console/src/node/modules.ts'])),
    inject: ['packages/console/src/node/buffer.ts'],
    define: { 'process.env.NODE_ENV': '"production"' },
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  await write(result);
}

/** Into a directory beside, and then in one step to its place: a server that is running reads whole builds only. */
async function write({ outputFiles, metafile }) {
  const fresh = join(here, `.dist-${process.pid}`);
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const files = {};
  for (const { path, contents } of outputFiles) {
    const name = basename(path);
    writeFileSync(join(fresh, name), contents);
    const packed = gzipSync(contents, { level: 9 });
    files[name] = packed.length < contents.length * 0.9;
    if (files[name]) writeFileSync(join(fresh, `${name}.gz`), packed);
  }
  const outputs = Object.entries(metafile.outputs);
  const nameOf = (entryPoint) =>
    basename(outputs.find(([, output]) => output.entryPoint === entryPoint)?.[0] ?? '');
  const script = nameOf('packages/console/src/main.tsx');
  const inputs = [
    ...ALWAYS,
    ...Object.keys(metafile.inputs).filter((file) => !file.includes('node_modules/')),
  ];
  const manifest = {
    sources: fingerprint(inputs),
    inputs,
    script,
    style: nameOf('packages/console/src/style/console.css'),
    preload: loadedWith(script, metafile.outputs),
    files,
  };
  writeFileSync(join(fresh, 'manifest.json'), JSON.stringify(manifest, null, 2));
  rmSync(dist, { recursive: true, force: true });
  try {
    renameSync(fresh, dist);
  } catch (error) {
    // Another process has just put the same there.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** What a script imports before it runs. */
function loadedWith(script, outputs) {
  const found = new Set();
  const visit = (path) => {
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind !== 'import-statement' || found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(`packages/console/dist/${script}`);
  return [...found].map((path) => basename(path));
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const fresh = await buildIfChanged();
  const took = `${Math.round(performance.now() - started)} ms`;
  console.log(fresh ? `Built ${relative(process.cwd(), dist)} in ${took}` : `Nothing has changed (${took})`);
}
