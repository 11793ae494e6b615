import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { runVerb, toSqlite } from '../sqlite/sqlite-database.ts';
import { MIGRATIONS, migrate } from './migrate.ts';
import { type Migration, POSTGRES, SQLITE } from './migration.ts';

const NOW = 1_790_000_000_000;
/** The last number that was given while a database knew one number only. */
const LAST_BEFORE_THE_TABLE = 24;
/** Numbers up to that one which were never given: a migration with one of them would be taken for an applied one. */
const NEVER_GIVEN = [3, 11, 23];

/** The one statement that is no addition by its looks. */
const EXCHANGE = MIGRATIONS.find(({ number }) => number === 31)
  ?.statements(POSTGRES, NOW)[0]
  ?.replaceAll(/\s+/g, ' ')
  .trim();

const run = (database: DatabaseSync, migrations: readonly Migration[]): void => {
  runVerb(migrate(SQLITE, NOW, migrations), (on, values) => {
    const rows = database.prepare(toSqlite(on)).all(...values);
    return { rows, changes: rows.length };
  });
};
const numbersIn = (database: DatabaseSync): readonly unknown[] =>
  database
    .prepare('SELECT number FROM applied_migrations ORDER BY number')
    .all()
    .map((row) => row['number']);
const making = (number: number, minimumProgram = 20): Migration => ({
  number,
  minimumProgram,
  statements: () => [`CREATE TABLE made_by_${number} (id TEXT PRIMARY KEY)`],
});
const numbers = MIGRATIONS.map(({ number }) => number);

describe('migrations', () => {
  it('are all applied, and none of them twice', () => {
    const database = new DatabaseSync(':memory:');
    run(database, MIGRATIONS);
    run(database, MIGRATIONS);
    expect(numbersIn(database)).toEqual(numbers);
  });

  it('are applied also when one with a lower number lands later', () => {
    const database = new DatabaseSync(':memory:');
    run(database, [...MIGRATIONS, making(999)]);
    run(database, [...MIGRATIONS, making(998), making(999)]);
    expect(numbersIn(database)).toEqual([...numbers, 998, 999]);
    expect(database.prepare('SELECT * FROM made_by_998').all()).toEqual([]);
  });

  it('go on in a database that knows one number only', () => {
    const database = new DatabaseSync(':memory:');
    const before = MIGRATIONS.filter(({ number }) => number <= LAST_BEFORE_THE_TABLE);
    run(database, before);
    database.exec('DROP TABLE applied_migrations');
    run(database, [...before, making(998)]);
    expect(numbersIn(database)).toEqual([...before.map(({ number }) => number), 998]);
    expect(database.prepare(`SELECT value FROM meta WHERE key = 'schema'`).get()).toEqual({ value: 998 });
  });

  it('are left alone where a newer program made them, unless they ask for it', () => {
    const database = new DatabaseSync(':memory:');
    run(database, [...MIGRATIONS, making(998)]);
    run(database, MIGRATIONS);
    run(database, [...MIGRATIONS, making(998), making(999, 999)]);
    expect(() => run(database, [...MIGRATIONS, making(998)])).toThrow('it needs schema 999');
    // Knows of a later one, and yet not of the one that asks for programs that know it.
    expect(() => run(database, [...MIGRATIONS, making(1000)])).toThrow('it needs schema 999');
  });

  it('have numbers of their own, in order, and none that was passed over', () => {
    expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
    expect(numbers.filter((number) => NEVER_GIVEN.includes(number))).toEqual([]);
  });

  // What a program of the release before does with the database has to go on working: see decision 0049.
  it.each(
    MIGRATIONS.filter(({ number }) => number > LAST_BEFORE_THE_TABLE).flatMap((migration) =>
      [SQLITE, POSTGRES].map((dialect) => [migration.number, dialect.name, migration, dialect] as const),
    ),
  )('only add: %i on %s', (_number, _name, migration, dialect) => {
    const statements = migration.statements(dialect, NOW).map((sql) => sql.replaceAll(/\s+/g, ' ').trim());
    const made = new Set(statements.flatMap((sql) => /^CREATE TABLE (\w+)/.exec(sql)?.[1] ?? []));
    expect(statements.filter((sql) => !adds(sql, made))).toEqual([]);
  });
});

/** What takes nothing away from a program that knows nothing of it. @param made tables of the same migration */
function adds(sql: string, made: ReadonlySet<string>): boolean {
  const [, altered] = /^ALTER TABLE (\w+)/.exec(sql) ?? [];
  if (altered !== undefined) {
    // Whoever inserts a row without the column must get one; so it may be absent, or has a default.
    if (/ ADD COLUMN /.test(sql)) return !/ NOT NULL(?! DEFAULT)/.test(sql) && !/ (UNIQUE|CHECK)\b/.test(sql);
    return made.has(altered);
  }
  const [, indexed] = /^CREATE (?:UNIQUE )?INDEX \w+ ON (\w+)/.exec(sql) ?? [];
  // An index over a table that may be large: `indexes`.
  if (indexed !== undefined) return made.has(indexed);
  // The table of tokens for one of the same name: held to this by nouns/token-partitions.test.ts, with a node of the release
  // before on both.
  if (sql === EXCHANGE) return true;
  return /^(CREATE (TABLE|SEQUENCE|VIEW|TRIGGER|FUNCTION) |INSERT INTO )/.test(sql);
}
