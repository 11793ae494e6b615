import { StoreUnavailable } from '../../ports/store-errors.ts';
import { UniqueViolation } from '../database.ts';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNIQUE_VIOLATION = '23505';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const QUERY_CANCELED = '57014';
const READ_ONLY = '25006';
const LOCK_NOT_AVAILABLE = '55P03';
const IDLE_IN_TRANSACTION = '25P03';
const FEATURE_NOT_SUPPORTED = '0A000';
/** Connection exception, insufficient resources, operator intervention, system error. */
const UNAVAILABLE_CLASSES: ReadonlySet<string> = new Set(['08', '53', '57', '58']);

interface ServerError {
  readonly code: string;
  readonly table: string | undefined;
  readonly constraint: string | undefined;
  /** Where in PostgreSQL it was. */
  readonly routine: string | undefined;
}

/** What the server said, or nothing when the error is of another kind. */
function serverError(error: unknown): ServerError | undefined {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return undefined;
  const { code } = error;
  if (typeof code !== 'string') return undefined;
  return {
    code,
    table: 'table' in error && typeof error.table === 'string' ? error.table : undefined,
    constraint: 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : undefined,
    routine: 'routine' in error && typeof error.routine === 'string' ? error.routine : undefined,
  };
}

/** The column of a violated UNIQUE or PRIMARY KEY of one column, from the name PostgreSQL gives it. */
function violatedColumn({ table, constraint }: ServerError): string | undefined {
  if (table === undefined || !constraint?.startsWith(`${table}_`) || !constraint.endsWith('_key'))
    return undefined;
  return `${table}.${constraint.slice(table.length + 1, -'_key'.length)}`;
}

/** Undone, surely: because of another transaction, or because this node said nothing for too long. */
const UNDONE: ReadonlySet<string> = new Set([SERIALIZATION_FAILURE, DEADLOCK_DETECTED, IDLE_IN_TRANSACTION]);

/** Whether the same transaction may well succeed now. */
export function isTransient(error: unknown): boolean {
  const told = serverError(error);
  if (told === undefined) return false;
  if (UNDONE.has(told.code)) return true;
  // Two writers at once set a mark that only one row may have (an index of our own, not a column's key).
  return told.code === UNIQUE_VIOLATION && told.constraint === 'resources_one_default';
}

/** Whether a lock was not to be had for as long as was waited for it. */
export function isLockTimeout(error: unknown): boolean {
  return serverError(error)?.code === LOCK_NOT_AVAILABLE;
}

/**
 * Whether a statement that this connection has prepared was about a table as it was before a newer program added to
 * it. The connection has to go: it keeps the statement.
 */
export function isOutdatedStatement(error: unknown): boolean {
  const told = serverError(error);
  return told?.code === FEATURE_NOT_SUPPORTED && told.routine === 'RevalidateCachedQuery';
}

/** What pg says, in words only, when a connection ends, cannot be made or does not answer in time. */
const LOST =
  /^(Connection terminated|Query read timeout|timeout (expired|exceeded)|Client (has|was)|Cannot use a pool)/;

/** An error of the connection: of the operating system (it names the system call), or of pg itself. */
function isLostConnection(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some((each) => isLostConnection(each));
  return error instanceof Error && ('syscall' in error || LOST.test(error.message));
}

/** The error in the words of the ports; what has no word there keeps its message only. */
export function translatePostgresError(error: unknown): unknown {
  if (error instanceof StoreUnavailable) return error;
  const told = serverError(error);
  if (told === undefined) {
    return isLostConnection(error)
      ? new StoreUnavailable('the database cannot be reached', { cause: error })
      : error;
  }
  if (told.code === UNIQUE_VIOLATION) {
    const column = violatedColumn(told);
    return column === undefined ? plainError(error) : new UniqueViolation(column);
  }
  const unavailable =
    UNAVAILABLE_CLASSES.has(told.code.slice(0, 2)) ||
    UNDONE.has(told.code) ||
    [QUERY_CANCELED, READ_ONLY, LOCK_NOT_AVAILABLE].includes(told.code);
  return unavailable
    ? new StoreUnavailable('the database cannot answer now', { cause: error })
    : plainError(error);
}

/** What the server refused, without the values it quotes beside its message: they do not belong into a log. */
function plainError(error: unknown): Error {
  return new Error(error instanceof Error ? error.message : 'the database refused a statement');
}
