import type { Migration } from './migration.ts';

/**
 * SQLite finds tokens by tables beside theirs, which are filled in batches, in place of indexes that are kept with each
 * token (sqlite/newest-rows). An older program would not fill them, so it may not use the database any more.
 */
export const sqliteLookupTables: Migration = {
  number: 9,
  minimumProgram: 9,
  statements: ({ name }) =>
    name === 'sqlite' ? ['access_tokens', 'refresh_tokens'].flatMap((table) => lookupTable(table)) : [],
};

function lookupTable(table: string): readonly string[] {
  return [
    `DROP INDEX ${table}_lookup`,
    `CREATE TABLE ${table}_by_lookup (
       lookup INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (lookup, seq)
     ) STRICT, WITHOUT ROWID`,
    `INSERT INTO ${table}_by_lookup SELECT lookup, seq FROM ${table} ORDER BY lookup`,
    `INSERT INTO meta SELECT '${table}_in_index', coalesce(max(seq), 0) FROM ${table}`,
    `CREATE TRIGGER ${table}_leave_lookup AFTER DELETE ON ${table} BEGIN
       DELETE FROM ${table}_by_lookup WHERE lookup = old.lookup AND seq = old.seq;
     END`,
  ];
}
