/**
 * The form of a backup: lines of JSON, compressed. A head that says what it is, each table with its rows, and an end that
 * counts the rows and vouches for every byte before it.
 */
import type { Value } from '../statement.ts';

export const BACKUP_VERSION = 1;
/** What the first and the last line say. */
export const BACKUP_KIND = 'tessera backup';

/** What a backup says of itself before its rows. */
export interface BackupHead {
  /** What the tables have been through. */
  readonly migrations: readonly number[];
  /** Of the program that wrote it. */
  readonly program: string;
  readonly database: 'sqlite' | 'postgres';
  /** Milliseconds; everything in it is as it was then. */
  readonly takenAt: number;
  /** The newest row of tables to which whatever happens adds one: they tell whether anything has happened since. */
  readonly newest: Readonly<Record<string, number>>;
}

export type Row = readonly Value[];

/** A table as it stands in a backup; its rows must be read before the next table. */
export interface BackupTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly Row[]>;
}

/** How many rows of each table. */
export type RowCounts = Readonly<Record<string, number>>;

/** A file that is no backup, is broken, or was made for another program; the message is for a terminal. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}
