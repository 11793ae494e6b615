// Runs before `npm start`, `npm test` and `npm run bench`: on a fresh clone it installs what the lock file names, and
// it builds the console where that has changed; otherwise it costs a few milliseconds.
// `node tools/install-if-missing.mjs run` is content with what runs the server, so that a first start does not wait for
// browsers and databases that only tests need.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfChanged } from '../packages/console/build.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const lock = join(root, 'package-lock.json');
const installed = join(root, 'node_modules/.package-lock.json'); // npm writes it at the end of an install
const developing = process.argv[2] !== 'run';

const fresh = !existsSync(join(root, 'node_modules'));
const current = existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
const complete = current && (!developing || existsSync(join(root, 'node_modules/vitest')));

if (!complete) {
  console.log('Installing packages (once) …');
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // Never on top of a full install: that would take the tools of whoever works here away.
  if (fresh && !developing) options.push('--omit=dev');
  const npm = spawnSync('npm', options, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    console.error('The packages could not be installed. Check the network and run `npm ci` to see why.');
    process.exit(1);
  }
}

await buildIfChanged();
