/** A backup of a database that is in use: everything as it was at one moment. */
import type { Clock } from '../../ports/clock.ts';
import { MIGRATIONS } from '../migrations/migrate.ts';
import { StoreOpenError } from '../store-open-error.ts';
import type { RowCounts } from './backup-file.ts';
import type { Snapshot } from './database-ends.ts';
import { openSqliteSnapshot } from './sqlite-ends.ts';
import { writeBackup } from './write-backup.ts';

export interface BackupOptions {
  readonly url: string;
  readonly path: string;
  /** Vouches for the backup. */
  readonly key: Uint8Array;
  /** Of this program. */
  readonly version: string;
  readonly clock: Clock;
}

/** What happens adds a row to one of these. */
const TELLING = { events: 'id', audit_events: 'seq', access_tokens: 'seq', refresh_tokens: 'seq' } as const;

/** @returns how many rows of each table @throws BackupError, StoreOpenError */
export async function takeBackup({ url, path, key, version, clock }: BackupOptions): Promise<RowCounts> {
  const snapshot = await openSnapshot(url);
  try {
    if (!snapshot.has('meta')) {
      throw new StoreOpenError(
        'bad_url',
        'There is nothing to back up: the database has no tables of Tessera.',
      );
    }
    const head = {
      migrations: await migrationsOf(snapshot),
      program: version,
      database: snapshot.dialect,
      takenAt: clock(),
      newest: await newestRows(snapshot),
    };
    return await writeBackup(path, head, snapshot.tables(), key);
  } finally {
    await snapshot.close();
  }
}

/** A database from before there was a list of them has been through all up to its newest. */
async function migrationsOf(snapshot: Snapshot): Promise<readonly number[]> {
  const [newest = 0] = await snapshot.numbers("SELECT value FROM meta WHERE key = 'schema'");
  const listed = snapshot.has('applied_migrations')
    ? await snapshot.numbers('SELECT number FROM applied_migrations ORDER BY number')
    : [];
  return listed.length > 0
    ? listed
    : MIGRATIONS.map(({ number }) => number).filter((number) => number <= newest);
}

/** @throws StoreOpenError */
export async function openSnapshot(url: string): Promise<Snapshot> {
  if (url.startsWith('sqlite:')) return openSqliteSnapshot(url.slice('sqlite:'.length));
  const { openPostgresSnapshot } = await import('./postgres-ends.ts');
  return openPostgresSnapshot(url);
}

export async function newestRows(snapshot: Snapshot): Promise<Readonly<Record<string, number>>> {
  const newest: Record<string, number> = {};
  for (const [table, column] of Object.entries(TELLING)) {
    // oxlint-disable-next-line no-await-in-loop -- four, on one connection
    [newest[table] = 0] = await snapshot.numbers(`SELECT max(${column}) FROM ${table}`);
  }
  return newest;
}
