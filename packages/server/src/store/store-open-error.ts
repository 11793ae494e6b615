export type StoreOpenErrorCode =
  /** The address of the database is not one that Tessera understands. */
  | 'bad_url'
  /** The directory or the file cannot be written. */
  | 'not_writable'
  /** Another process holds the SQLite database. */
  | 'in_use'
  /** The file is not an intact SQLite database. */
  | 'not_a_database'
  /** A newer program has changed the database in a way this one does not know. */
  | 'database_newer'
  /** PostgreSQL does not answer or does not let us in. */
  | 'cannot_connect';

/** Why the store could not be opened; the message is one line for a terminal and holds no password. */
export class StoreOpenError extends Error {
  override readonly name = 'StoreOpenError';
  readonly code: StoreOpenErrorCode;

  constructor(code: StoreOpenErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
