/** Both ends of a backup: a database that is read at one moment, and an empty one that is filled. */
import type { Verb } from '../statement.ts';
import type { Dialect } from '../migrations/migration.ts';
import type { BackupTable, Row } from './backup-file.ts';

/** Everything as it was at one moment, whatever is written meanwhile. */
export interface Snapshot {
  readonly dialect: Dialect['name'];
  has(table: string): boolean;
  /** A table after those that its rows name. */
  tables(): AsyncIterable<BackupTable>;
  /** The first column of what a statement gives; 0 for nothing. */
  numbers(sql: string): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** A database that nobody uses, filled in one transaction. */
export interface Filling {
  readonly dialect: Dialect;
  /** By table; empty for a database without tables. */
  columns(): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  run<Result>(verb: () => Verb<Result>): Promise<Result>;
  insert(table: string, columns: readonly string[], rows: readonly Row[]): Promise<void>;
  numbers(sql: string): Promise<readonly number[]>;
  /** What the database itself keeps beside the rows: numbers that count on, look-up tables. @throws Error */
  settle(): Promise<void>;
  commit(): Promise<void>;
  /** Lets go; without a commit before it, of everything that was done. */
  close(): Promise<void>;
}

/** Tables that only one of the databases has, and works out by itself. */
export function isDerived(table: string): boolean {
  return (
    table === 'meta' ||
    table === 'applied_migrations' ||
    table.endsWith('_by_lookup') ||
    table.startsWith('sqlite_')
  );
}

/** A table after those that it refers to. @param references by table */
export function inOrder(
  tables: readonly string[],
  references: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  const ordered = new Set<string>();
  const visit = (table: string, from: ReadonlySet<string>): void => {
    if (ordered.has(table) || from.has(table)) return;
    for (const other of references.get(table) ?? []) visit(other, new Set([...from, table]));
    ordered.add(table);
  };
  for (const table of tables.toSorted()) visit(table, new Set());
  return [...ordered];
}
