import { StoreUnavailable } from '../../ports/store-errors.ts';
import { UniqueViolation } from '../database.ts';

/** Primary result codes (https://www.sqlite.org/rescode.html) that are about the database, not about a statement. */
const UNAVAILABLE: ReadonlySet<number> = new Set([
  5, // SQLITE_BUSY
  6, // SQLITE_LOCKED
  7, // SQLITE_NOMEM
  8, // SQLITE_READONLY
  10, // SQLITE_IOERR
  11, // SQLITE_CORRUPT
  13, // SQLITE_FULL
  14, // SQLITE_CANTOPEN
  15, // SQLITE_PROTOCOL
  26, // SQLITE_NOTADB
]);
const CONSTRAINT_PRIMARYKEY = 1555;
const CONSTRAINT_UNIQUE = 2067;
const UNIQUE_MESSAGE = /UNIQUE constraint failed: (?<column>\w+\.\w+)/;

/** The extended result code of an error of node:sqlite. */
export function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined;
}

export function isUnavailable(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && UNAVAILABLE.has(code % 256);
}

/** The error in the words of the ports; what has no word there passes as it is. */
export function translateSqliteError(error: unknown): unknown {
  if (isUnavailable(error)) return new StoreUnavailable('the database cannot answer now', { cause: error });
  const code = sqliteCode(error);
  if (error instanceof Error && (code === CONSTRAINT_UNIQUE || code === CONSTRAINT_PRIMARYKEY)) {
    const column = UNIQUE_MESSAGE.exec(error.message)?.groups?.['column'];
    if (column !== undefined) return new UniqueViolation(column);
  }
  return error;
}
