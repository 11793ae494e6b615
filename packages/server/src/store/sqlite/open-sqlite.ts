import { accessSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../database.ts';
import { MIGRATIONS, migrate } from '../migrations/migrate.ts';
import { type Migration, SQLITE } from '../migrations/migration.ts';
import type { Verb } from '../statement.ts';
import { StoreOpenError } from '../store-open-error.ts';
import { lockForThisProcess } from './process-lock.ts';
import { createSqliteDatabase, runVerb, toSqlite } from './sqlite-database.ts';
import { sqliteCode } from './sqlite-errors.ts';

const MEMORY = ':memory:';
/** Waiting holds up everything: whoever else writes to the file, which nobody should, makes writes fail instead. */
const BUSY_MS = 250;
const NOT_A_DATABASE = new Set([11, 26]);

/**
 * Durable at each commit; foreign keys hold; the page cache is bounded (8 MB), so that the process stays small
 * however large the database grows. Token ids are random, so a commit touches as many pages of the index as it has
 * rows: a longer log (16 MB) lets a checkpoint write each page once for many commits.
 */
const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  PRAGMA cache_size = -8192;
  PRAGMA mmap_size = 0;
  PRAGMA temp_store = MEMORY;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
`;

/**
 * Opens the database in `path` (or `:memory:`), made and migrated as needed, for this process alone.
 * @throws StoreOpenError
 */
export function openSqlite(
  path: string,
  clock: Clock,
  migrations: readonly Migration[] = MIGRATIONS,
  committed?: (writes: number) => void,
): Database {
  const migrateIt = migrate(SQLITE, clock(), migrations);
  if (path === MEMORY) return open(MEMORY, migrateIt, () => {}, committed);
  const file = resolve(path);
  requireWritable(file);
  const release = lockForThisProcess(file);
  try {
    return open(file, migrateIt, release, committed);
  } catch (error) {
    release();
    throw error;
  }
}

/** The file holds hashes and sealed keys: it is made for its owner alone. */
export function requireWritable(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    accessSync(dirname(file), constants.W_OK);
    closeSync(openSync(file, 'a', 0o600));
    closeSync(openSync(`${file}.lock`, 'a', 0o600));
  } catch (error) {
    throw new StoreOpenError(
      'not_writable',
      `The database ${file} cannot be written (${codeOf(error)}). Give this user write access to the file and its directory.`,
      { cause: error },
    );
  }
}

function open(
  file: string,
  migrateIt: Verb<void>,
  release: () => void,
  committed: ((writes: number) => void) | undefined,
): Database {
  const connection = new DatabaseSync(file, { timeout: 5000, enableForeignKeyConstraints: true });
  try {
    connection.exec(SETTINGS);
    migrateNow(connection, migrateIt);
    connection.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    return createSqliteDatabase(connection, release, committed);
  } catch (error) {
    connection.close();
    if (NOT_A_DATABASE.has((sqliteCode(error) ?? 0) % 256)) {
      throw new StoreOpenError('not_a_database', `The file ${file} is not an intact SQLite database.`, {
        cause: error,
      });
    }
    throw error;
  }
}

function migrateNow(connection: DatabaseSync, migrateIt: Verb<void>): void {
  connection.exec('BEGIN IMMEDIATE');
  try {
    runVerb(migrateIt, (on, values) => {
      const rows = connection.prepare(toSqlite(on)).all(...values);
      return { rows, changes: rows.length };
    });
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
