// Runs before `npm start`, `npm test` and `npm run bench`: on a fresh clone it installs what the lock file names,
// afterwards it costs a few milliseconds.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const lock = join(root, 'package-lock.json');
const installed = join(root, 'node_modules/.package-lock.json'); // npm writes it at the end of an install

const complete = existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
if (!complete) {
  console.log('Installing packages (once, about half a minute) …');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    console.error('The packages could not be installed. Check the network and run `npm ci` to see why.');
    process.exit(1);
  }
}
