/** Test data that others publish, read from beside the repository where it is present. For tests only. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder =
  process.env['TESSERA_TEST_VECTORS'] ??
  fileURLToPath(new URL('../../../../shared/vectors', import.meta.url));

/** @returns the parsed file, of whatever shape it has, or undefined where the published vectors are not installed. */
export function readPublishedVectors(file: string): ReturnType<typeof JSON.parse> {
  const path = `${folder}/${file}`;
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** @returns the paths of the JSON files below a folder, sorted; empty where the published vectors are not installed. */
export function listPublishedVectors(below: string): readonly string[] {
  return globSync(`${below}/**/*.json`, { cwd: folder }).toSorted();
}
