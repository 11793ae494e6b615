// `npm run pack`: builds the packages that an API installs, and the console that a server serves, and writes them to
// dist/ as tarballs, for `npm install <file>`.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfChanged } from '../../packages/console/build.mjs';

/** In the order in which they need each other. */
const PACKAGES = ['tokens', 'verifier'];

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const destination = join(root, 'dist');
const compiler = findCompiler();

mkdirSync(destination, { recursive: true });
for (const file of readdirSync(destination)) if (file.endsWith('.tgz')) rmSync(join(destination, file));
for (const name of PACKAGES) {
  rmSync(join(root, 'packages', name, 'dist'), { recursive: true, force: true });
  const typeRoots = join(compiler, '@types');
  run(process.execPath, [
    join(compiler, 'typescript/bin/tsc'),
    '-p',
    join(here, `${name}.json`),
    '--typeRoots',
    typeRoots,
  ]);
  run('npm', ['pack', '--silent', '--pack-destination', destination], join(root, 'packages', name));
}

await packConsole();

/** What it is made of is bundled in: installed, it needs no other package. */
async function packConsole() {
  await buildIfChanged();
  const source = join(root, 'packages/console');
  const {
    dependencies: _,
    devDependencies: __,
    ...description
  } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const bundled = mkdtempSync(join(tmpdir(), 'tessera-console-'));
  try {
    writeFileSync(join(bundled, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
    cpSync(join(source, 'dist'), join(bundled, 'dist'), { recursive: true });
    run('npm', ['pack', '--silent', '--pack-destination', destination], bundled);
  } finally {
    rmSync(bundled, { recursive: true, force: true });
  }
}

/**
 * Where the compiler is installed. A first `npm start` leaves it out; then it is put beside everything else, because
 * a full install would take the packages of a running demo away.
 */
function findCompiler() {
  const installed = join(root, 'node_modules');
  if (existsSync(join(installed, 'typescript')) && existsSync(join(installed, '@types/node')))
    return installed;
  const apart = join(installed, '.cache/pack');
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const wanted = ['typescript', '@types/node'].map(
    (name) => `${name}@${packages[`node_modules/${name}`].version}`,
  );
  mkdirSync(apart, { recursive: true });
  run(
    'npm',
    ['install', '--no-save', '--no-audit', '--no-fund', '--silent', '--prefix', apart, ...wanted],
    apart,
  );
  return join(apart, 'node_modules');
}

function run(command, options, directory = root) {
  // What npm tells its scripts would make an npm inside take this repository for its own.
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^npm_(config_(local_prefix|prefix|global)|package|lifecycle|command)/.test(name),
  );
  const { status } = spawnSync(command, options, {
    cwd: directory,
    stdio: 'inherit',
    env: Object.fromEntries(environment),
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (status !== 0) process.exit(status ?? 1);
}
