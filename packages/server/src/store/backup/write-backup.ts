/** Writes a backup: everything in one pass, however much it is. */
import { createHash, createHmac } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Value } from '../statement.ts';
import {
  BACKUP_KIND,
  BACKUP_VERSION,
  BackupError,
  type BackupHead,
  type BackupTable,
  type RowCounts,
} from './backup-file.ts';

/**
 * Writes a backup for its owner alone. The file has its name once it is whole.
 * @param key vouches for the backup: who restores it needs the same
 * @throws BackupError where the file exists or cannot be written
 */
export async function writeBackup(
  path: string,
  head: BackupHead,
  tables: AsyncIterable<BackupTable>,
  key: Uint8Array,
): Promise<RowCounts> {
  await requireFree(path);
  const partial = `${path}.partial`;
  const file = await open(partial, 'wx', 0o600).catch((error: unknown) => {
    throw fileError(error, partial);
  });
  const counts: Record<string, number> = {};
  try {
    const lines = linesOf(head, tables, key, counts);
    await pipeline(lines, createGzip({ level: 4 }), file.createWriteStream({ flush: true }));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw fileError(error, path);
  }
  return counts;
}

/** What an operator can mend, in words; anything else as it is. */
function fileError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EEXIST') {
    return new BackupError(
      `${path} exists: a backup is being written there, or was stopped. Remove it then.`,
    );
  }
  return FILE_ERRORS.has(code) ? new BackupError(`${path} cannot be written (${code}).`) : error;
}

const FILE_ERRORS: ReadonlySet<string> = new Set([
  'EACCES',
  'EDQUOT',
  'EIO',
  'EISDIR',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

async function requireFree(path: string): Promise<void> {
  const there = await open(path).catch(() => undefined);
  if (there === undefined) return;
  await there.close();
  throw new BackupError(`${path} exists. Name another file: a backup is never written over.`);
}

async function* linesOf(
  head: BackupHead,
  tables: AsyncIterable<BackupTable>,
  key: Uint8Array,
  counts: Record<string, number>,
): AsyncGenerator<string> {
  const digests = [createHash('sha256'), createHmac('sha256', key)] as const;
  const line = (value: unknown): string => {
    const text = `${JSON.stringify(value)}\n`;
    for (const digest of digests) digest.update(text);
    return text;
  };
  yield line({
    kind: BACKUP_KIND,
    version: BACKUP_VERSION,
    ...head,
    note: 'Secrets in here are sealed with the master key, which is not in here. Keep the two apart.',
  });
  for await (const { name, columns, rows } of tables) {
    counts[name] = 0;
    yield line({ table: name, columns });
    for await (const batch of rows) {
      counts[name] += batch.length;
      yield batch.map((row) => line(row.map(encode))).join('');
    }
  }
  const [sum, vouched] = digests.map((digest) => digest.digest('hex'));
  yield `${JSON.stringify({ end: BACKUP_KIND, rows: counts, sha256: sum, vouched })}\n`;
}

function encode(value: Value): unknown {
  return value instanceof Uint8Array ? { b: Buffer.from(value).toString('base64') } : value;
}
