/** The words in which the two databases differ when tables are made. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  /** 64-bit integers: times in milliseconds, flags, counts. */
  readonly integer: string;
  readonly bytes: string;
  /** A key that counts up with each row. */
  readonly sequence: string;
  /** What follows a table's columns. */
  readonly strict: string;
}

export const SQLITE: Dialect = {
  name: 'sqlite',
  integer: 'INTEGER',
  bytes: 'BLOB',
  sequence: 'INTEGER PRIMARY KEY',
  strict: ' STRICT',
};

export const POSTGRES: Dialect = {
  name: 'postgres',
  integer: 'BIGINT',
  bytes: 'BYTEA',
  sequence: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  strict: '',
};

/** One step of the schema. Migrations only add; what an older program needs is removed a release later. */
export interface Migration {
  /** Its own; a database remembers the number of each migration it has been through. */
  readonly number: number;
  /** The oldest program, by the schema number it was made with, that may still use the database afterwards. */
  readonly minimumProgram: number;
  /**
   * One transaction: quick, because other nodes wait for the tables that it changes.
   * @param now milliseconds since the epoch
   */
  statements(dialect: Dialect, now: number): readonly string[];
  /**
   * On PostgreSQL, before the transaction, one by one: what may take its time and holds nobody up. Each may have been run
   * before, also after the transaction.
   */
  readonly ahead?: (dialect: Dialect, now: number) => readonly string[];
  /** Indexes over tables that may be large by now. */
  readonly indexes?: readonly Index[];
}

/**
 * An index that nothing but speed depends on (so never a unique one). On PostgreSQL it is built while the nodes go on
 * writing; until then they work without it.
 */
export interface Index {
  readonly name: string;
  /** `table (column, …)`, with its WHERE. */
  readonly on: string;
  /** Only there; absent: on both. */
  readonly only?: Dialect['name'];
}
