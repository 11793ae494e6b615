import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SQLITE } from '../migrations/migration.ts';
import { lockForThisProcess } from '../sqlite/process-lock.ts';
import { LOOKED_UP_TABLES } from '../sqlite/newest-rows.ts';
import { requireWritable } from '../sqlite/open-sqlite.ts';
import { runVerb, toSqlite } from '../sqlite/sqlite-database.ts';
import type { Value } from '../statement.ts';
import { StoreOpenError } from '../store-open-error.ts';
import type { Row } from './backup-file.ts';
import { type Filling, inOrder, isDerived, type Snapshot } from './database-ends.ts';

const BATCH = 500;

/** Reads beside the process that uses the database: a reader holds up nobody. @throws StoreOpenError */
export function openSqliteSnapshot(path: string): Snapshot {
  const file = resolve(path);
  if (path === ':memory:' || !existsSync(file)) {
    throw new StoreOpenError('bad_url', `There is no database in ${path}.`);
  }
  const connection = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  // The first read of the transaction is the moment that all others see.
  connection.exec('BEGIN');
  const names = tablesOf(connection);
  return {
    dialect: 'sqlite',
    has: (table) => names.includes(table),
    async *tables() {
      for (const name of inOrder(
        names.filter((table) => !isDerived(table)),
        referencesOf(connection, names),
      )) {
        const columns = columnsOf(connection, name);
        yield { name, columns, rows: rowsOf(connection, name, columns) };
      }
    },
    numbers: async (sql) => numbersOf(connection, sql),
    close: async () => connection.close(),
  };
}

async function* rowsOf(
  connection: DatabaseSync,
  table: string,
  columns: readonly string[],
): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = [];
  for (const row of connection.prepare(`SELECT ${columns.join(', ')} FROM ${table}`).iterate()) {
    batch.push(columns.map((column) => valueOf(row[column])));
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function valueOf(value: unknown): Value {
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    value instanceof Uint8Array
  ) {
    return value;
  }
  throw new TypeError('a column holds a value of another kind');
}

function tablesOf(connection: DatabaseSync): readonly string[] {
  return connection
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all()
    .map((row) => String(row['name']));
}

function columnsOf(connection: DatabaseSync, table: string): readonly string[] {
  return connection
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map((row) => String(row['name']));
}

function referencesOf(
  connection: DatabaseSync,
  tables: readonly string[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const of = connection.prepare('SELECT "table" AS other FROM pragma_foreign_key_list(?)');
  return new Map(tables.map((table) => [table, new Set(of.all(table).map((row) => String(row['other'])))]));
}

function numbersOf(connection: DatabaseSync, sql: string): readonly number[] {
  return connection
    .prepare(sql)
    .all()
    .map((row) => Number(Object.values(row)[0] ?? 0));
}

/** @throws StoreOpenError where another process uses the database */
export function openSqliteFilling(path: string): Filling {
  if (path === ':memory:') {
    throw new StoreOpenError('bad_url', 'A database in memory is gone with this command. Name a file.');
  }
  const file = resolve(path);
  requireWritable(file);
  const release = lockForThisProcess(file);
  const connection = new DatabaseSync(file, { timeout: 5000, enableForeignKeyConstraints: false });
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE');
  return {
    dialect: SQLITE,
    async columns() {
      return new Map(tablesOf(connection).map((table) => [table, new Set(columnsOf(connection, table))]));
    },
    run: async (verb) =>
      runVerb(verb(), (on, values) => {
        const made = connection.prepare(toSqlite(on));
        if (made.columns().length === 0) return { rows: [], changes: Number(made.run(...values).changes) };
        const rows = made.all(...values);
        return { rows, changes: rows.length };
      }),
    async insert(table, columns, rows) {
      const places = columns.map(() => '?').join(', ');
      const made = connection.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`);
      for (const row of rows) made.run(...row);
    },
    numbers: async (sql) => numbersOf(connection, sql),
    async settle() {
      for (const table of LOOKED_UP_TABLES) {
        connection.exec(
          `DELETE FROM ${table}_by_lookup; INSERT INTO ${table}_by_lookup SELECT lookup, seq FROM ${table} ORDER BY lookup;
           UPDATE meta SET value = (SELECT coalesce(max(seq), 0) FROM ${table}) WHERE key = '${table}_in_index'`,
        );
      }
      if (connection.prepare('PRAGMA foreign_key_check').all().length > 0) {
        throw new Error('rows of the backup name others that are not there');
      }
    },
    commit: async () => connection.exec('COMMIT'),
    async close() {
      if (connection.isTransaction) connection.exec('ROLLBACK');
      connection.close();
      release();
    },
  };
}
