/** `tessera backup`, `tessera restore` and `tessera key rewrap`: what the command line does at the database itself. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deriveKey } from '@tessera/tokens';
import { rewrap, type Rewrapped } from './assembly/rewrap.ts';
import { type Config, ConfigError, masterKeyBytes } from './config.ts';
import { ensureDataDirectory, requireMasterKey, withOther } from './startup/master-key.ts';
import type { RowCounts } from './store/backup/backup-file.ts';
import { type Restored, restoreBackup } from './store/backup/restore-backup.ts';
import { takeBackup } from './store/backup/take-backup.ts';
import { openBeside } from './store/sealed/beside.ts';

/** Writes everything that the database holds into one file, whether or not a server runs. @throws BackupError, ConfigError, StoreOpenError */
export function backup(config: Config, path: string): Promise<RowCounts> {
  const key = backupKey(requireMasterKey(config));
  return takeBackup({ url: config.database_url, path, key, version: version(), clock: Date.now });
}

/**
 * Fills the database, which must be empty, from a backup.
 * @param source see `RestoreOptions`
 * @throws BackupError, ConfigError, StoreOpenError
 */
export function restore(config: Config, path: string, source?: string): Promise<Restored> {
  const keys = [withOther(requireMasterKey(config), config)].flat().map(backupKey);
  const file = /^sqlite:(?!:memory:)(.+)$/.exec(config.database_url)?.[1];
  if (file !== undefined) ensureDataDirectory(dirname(file));
  return restoreBackup({
    url: config.database_url,
    path,
    keys,
    clock: Date.now,
    newId: () => randomBytes(16).toString('base64url'),
    ...(source !== undefined && { source }),
  });
}

/** Passes over the database until one finds nothing left: servers may still seal with the old key. */
const PASSES = 5;

/**
 * Seals everything anew under another master key, while the server runs.
 * @param oldFile a file that holds the key that was @param newFile a file that holds the key that comes
 * @throws ConfigError, StoreOpenError
 */
export async function rewrapKeys(config: Config, oldFile: string, newFile: string): Promise<Rewrapped> {
  const [oldKey, newKey] = [keyIn(oldFile), keyIn(newFile)];
  if (Buffer.compare(oldKey, newKey) === 0) throw new ConfigError(['Both files hold the same key.']);
  const beside = await openBeside(config.database_url);
  try {
    let sealed = 0;
    for (let pass = 0; ; pass += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one pass after the other
      const done = await rewrap({ beside, oldKey, newKey, random: randomBytes });
      sealed += done.sealed;
      if (done.sealed === 0 || pass === PASSES) return { ...done, sealed };
    }
  } finally {
    await beside.close();
  }
}

function keyIn(file: string): Uint8Array {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new ConfigError([`${file} cannot be read.`]);
  }
  const key = masterKeyBytes(text.trim());
  if (key === undefined) throw new ConfigError([`${file} does not hold 32 bytes in base64url.`]);
  return key;
}

function backupKey(masterKey: Uint8Array): Uint8Array {
  return deriveKey(masterKey, 'backups');
}

/** Of this program, as its package says. */
function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
