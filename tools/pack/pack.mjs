// `npm run pack`: builds the packages that an API installs and writes them to dist/ as tarballs, for `npm install <file>`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** In the order in which they need each other. */
const PACKAGES = ['tokens', 'verifier'];

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const destination = join(root, 'dist');

mkdirSync(destination, { recursive: true });
for (const file of readdirSync(destination)) if (file.endsWith('.tgz')) rmSync(join(destination, file));
for (const name of PACKAGES) {
  rmSync(join(root, 'packages', name, 'dist'), { recursive: true, force: true });
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(here, `${name}.json`)]);
  run('npm', ['pack', '--silent', '--pack-destination', destination], join(root, 'packages', name));
}

function run(command, options, directory = root) {
  const { status } = spawnSync(command, options, {
    cwd: directory,
    stdio: 'inherit',
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (status !== 0) process.exit(status ?? 1);
}
