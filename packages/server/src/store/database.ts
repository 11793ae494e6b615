import type { Insertion } from './insertion.ts';
import type { StoreFigures } from '../ports/store-observer.ts';
import type { Statement, Value, Verb } from './statement.ts';

/** What the nouns need of a database; SQLite and PostgreSQL each give one. Every method: @throws StoreUnavailable */
export interface Database {
  /** One quick read outside of a transaction. `Row` names the columns that the statement selects. */
  find<Row extends object>(statement: Statement, ...values: Value[]): Promise<readonly Row[]>;
  /** A read that may take longer and must not hold up the quick ones. */
  scan<Row extends object>(statement: Statement, ...values: Value[]): Promise<readonly Row[]>;
  /**
   * Runs a verb in one transaction: all of it or nothing. Resolves when it is durable.
   * @param verb called again when the transaction has to be replayed
   * @throws UniqueViolation
   */
  write<Result>(verb: () => Verb<Result>): Promise<Result>;
  /** Adds one row and nothing else; resolves when it is durable. May share a statement with its neighbours. */
  append(insertion: Insertion, values: readonly Value[]): Promise<void>;
  /** Set where access tokens lie in partitions by their expiry. */
  readonly hasPartitions?: true;
  /** How many rows of a large table one `scan` may look at. */
  readonly scanWindow: number;
  /** How long another process's write may go unnoticed; 0 where there is no other process. */
  readonly foreignWriteAgeMs: number;
  /**
   * Tells of each write that may have ended access tokens while it is under way: with the token's lookup, or without
   * one when it may be any. Absent where other processes write too.
   */
  readonly onTokenEnd?: (ended: (lookup: number | undefined) => void) => void;
  /**
   * @param wake called after rows may have been added to the table of events, here or elsewhere; now and then for nothing
   * @returns ends it
   */
  onEvents(wake: () => void): () => void;
  ping(): Promise<void>;
  /** Of its pool, where it has one. */
  connections?(): NonNullable<StoreFigures['connections']>;
  close(): Promise<void>;
}

/** A value that must be unique is taken. */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation';
  /** `table.column`. */
  readonly column: string;

  constructor(column: string) {
    super(`${column} is taken`);
    this.column = column;
  }
}
