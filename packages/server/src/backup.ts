/** `tessera backup` and `tessera restore`. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deriveKey } from '@tessera/tokens';
import type { Config } from './config.ts';
import { ensureDataDirectory, requireMasterKey } from './startup/master-key.ts';
import type { RowCounts } from './store/backup/backup-file.ts';
import { type Restored, restoreBackup } from './store/backup/restore-backup.ts';
import { takeBackup } from './store/backup/take-backup.ts';

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
  const keys = [backupKey(requireMasterKey(config))];
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

function backupKey(masterKey: Uint8Array): Uint8Array {
  return deriveKey(masterKey, 'backups');
}

/** Of this program, as its package says. */
function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
