import { DatabaseSync } from 'node:sqlite';
import { StoreOpenError } from '../store-open-error.ts';
import { isUnavailable } from './sqlite-errors.ts';

/**
 * Makes this process the only one that uses a database: an empty database beside it is kept locked. The lock is the
 * operating system's and ends with the process, however it ends. The database itself stays readable for backups.
 * @returns lets go
 * @throws StoreOpenError `in_use`
 */
export function lockForThisProcess(file: string): () => void {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!isUnavailable(error)) throw error;
    throw new StoreOpenError(
      'in_use',
      `The database ${file} is in use by another Tessera process. SQLite serves one process: stop the other one, or use PostgreSQL.`,
      { cause: error },
    );
  }
  return () => lock.close();
}
