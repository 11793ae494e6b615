import { statement } from './statement.ts';
import type { Statement } from './statement.ts';

export type ColumnType = 'text' | 'integer' | 'bytes';

/**
 * An INSERT of whole rows into one table. Single rows go through `statement`; a database that gains by it may write
 * many rows at once, which is why the columns are known.
 */
export interface Insertion {
  readonly table: string;
  readonly columns: readonly (readonly [name: string, type: ColumnType])[];
  readonly statement: Statement;
}

/** @param columns in the order in which values are given */
export function insertion(table: string, columns: Readonly<Record<string, ColumnType>>): Insertion {
  const names = Object.keys(columns);
  const places = names.map((_, index) => `$${index + 1}`);
  const inserting = statement(
    `${table}_insert`,
    `INSERT INTO ${table} (${names.join(', ')}) VALUES (${places.join(', ')})`,
  );
  return {
    table,
    columns: Object.entries(columns),
    statement: names[0] === 'lookup' ? { ...inserting, addsLookupTo: table } : inserting,
  };
}
