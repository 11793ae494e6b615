import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNewestRows, type NewestRows } from './newest-rows.ts';

const CAPACITY = 4;
const TABLES = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE things (seq INTEGER PRIMARY KEY, lookup INTEGER NOT NULL) STRICT;
  CREATE TABLE things_by_lookup (
    lookup INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (lookup, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER things_leave AFTER DELETE ON things BEGIN
    DELETE FROM things_by_lookup WHERE lookup = old.lookup AND seq = old.seq;
  END;
`;
const FIND = `SELECT seq FROM things WHERE lookup = ?1 AND seq IN (
  SELECT newest_things(?1) UNION ALL SELECT seq FROM things_by_lookup WHERE lookup = ?1)`;

describe('the newest rows of a table', () => {
  let database: DatabaseSync;
  let newest: NewestRows;
  beforeEach(() => {
    database = new DatabaseSync(':memory:');
    database.exec(TABLES);
    newest = createNewestRows(database, 'things', CAPACITY);
  });
  afterEach(() => database.close());

  const insert = (lookup: number): void => {
    const { lastInsertRowid } = database.prepare('INSERT INTO things (lookup) VALUES (?)').run(lookup);
    newest.inserted(lookup, Number(lastInsertRowid));
  };
  const transaction = (lookups: readonly number[], end: 'COMMIT' | 'ROLLBACK' = 'COMMIT'): void => {
    database.exec('BEGIN');
    for (const lookup of lookups) insert(lookup);
    newest.beforeCommit();
    database.exec(end);
    if (end === 'COMMIT') newest.committed();
  };
  /** What was in memory is gone. */
  const restart = (): void => {
    newest = createNewestRows(database, 'things', CAPACITY);
  };
  const found = (lookup: number): readonly number[] =>
    database
      .prepare(FIND)
      .all(lookup)
      .map((row) => Number(row['seq']));
  const inIndex = (): number =>
    Number(database.prepare('SELECT count(*) AS rows FROM things_by_lookup').get()?.['rows']);

  it('are found before they are in the index, while they move, and afterwards', () => {
    const lookups = [70, 10, 50, 30, 20, 60, 40, 2 ** 48 - 1, 0, 5];
    for (const [index, lookup] of lookups.entries()) {
      transaction([lookup]);
      expect(lookups.slice(0, index + 1).map(found), `after ${lookup}`).toEqual(
        lookups.slice(0, index + 1).map((_, before) => [before + 1]),
      );
    }
    expect(inIndex()).toBeGreaterThanOrEqual(CAPACITY);
    expect(inIndex()).toBeLessThan(lookups.length);
  });
  it('are found again after a restart at any moment', () => {
    const lookups = [70, 10, 50, 30, 20, 60, 40, 90, 80, 5, 15, 25];
    for (const [index, lookup] of lookups.entries()) {
      transaction([lookup]);
      restart();
      expect(lookups.slice(0, index + 1).every((before) => found(before).length === 1)).toBe(true);
    }
  });
  it('are not lost when the transaction that moves them is rolled back', () => {
    transaction([70, 10, 50]);
    transaction([30, 20], 'ROLLBACK');
    expect(inIndex()).toBe(0);
    transaction([60]);
    restart();
    expect([70, 10, 50, 60].map((lookup) => found(lookup).length)).toEqual([1, 1, 1, 1]);
    expect([30, 20].map((lookup) => found(lookup).length)).toEqual([0, 0]);
  });
  it('are found although a rolled back row had their number and its batch has moved since', () => {
    transaction([70, 10, 50]);
    transaction([30], 'ROLLBACK');
    transaction([31]);
    for (const lookup of [1, 2, 3]) transaction([lookup]);
    restart();
    expect([70, 10, 50, 31, 1, 2, 3].every((lookup) => found(lookup).length === 1)).toBe(true);
  });
  it('of the same lookup are all found', () => {
    transaction([7, 7]);
    transaction([7]);
    expect(found(7)).toEqual([1, 2, 3]);
    restart();
    expect(found(7)).toEqual([1, 2, 3]);
  });
  it('leave nothing behind in the index when they were deleted before they moved', () => {
    transaction([70, 10, 50]);
    database.exec('DELETE FROM things WHERE lookup = 10');
    transaction([30]);
    for (const lookup of [1, 2, 3]) transaction([lookup]);
    expect(found(10)).toEqual([]);
    expect(database.prepare('SELECT * FROM things_by_lookup WHERE lookup = 10').all()).toEqual([]);
  });
  it('are found after a restart when all the rows before them are gone and their numbers come again', () => {
    for (let lookup = 1; lookup <= 20; lookup += 1) transaction([lookup]);
    database.exec('DELETE FROM things');
    expect(inIndex()).toBe(0);
    restart();
    for (const lookup of [101, 102, 103]) transaction([lookup]);
    restart();
    expect([101, 102, 103].map(found)).toEqual([[1], [2], [3]]);
  });
});
