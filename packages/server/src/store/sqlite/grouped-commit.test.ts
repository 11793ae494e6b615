import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../ports/store-errors.ts';
import { createGroupedCommit } from './grouped-commit.ts';
import type { GroupedCommit } from './grouped-commit.ts';
import { isUnavailable } from './sqlite-errors.ts';

describe('grouped commit', () => {
  let connection: DatabaseSync;
  let commits: GroupedCommit;
  let executed: string[];
  /** Statements that fail the next time they are executed. */
  let failing: Map<string, Error>;

  const exec = (sql: string): void => {
    executed.push(sql);
    const error = failing.get(sql);
    failing.delete(sql);
    if (error !== undefined) throw error;
    connection.exec(sql);
  };
  const insert = (value: number) => (): number => {
    connection.prepare('INSERT INTO t (v) VALUES (?)').run(value);
    return value;
  };
  const kept = (): unknown[] =>
    connection
      .prepare('SELECT v FROM t ORDER BY v')
      .all()
      .map((row) => row['v']);

  beforeEach(() => {
    connection = new DatabaseSync(':memory:');
    connection.exec('CREATE TABLE t (v INTEGER UNIQUE, big TEXT) STRICT');
    executed = [];
    failing = new Map();
    commits = createGroupedCommit({
      begin: () => exec('BEGIN IMMEDIATE'),
      commit: () => exec('COMMIT'),
      rollback: () => exec('ROLLBACK'),
      inTransaction: () => connection.isTransaction,
      isUnavailable,
    });
  });
  afterEach(() => connection.close());

  it('lets a refused write fail alone', async () => {
    const outcomes = await Promise.allSettled([1, 2, 1, 3].map((value) => commits.submit(insert(value))));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(kept()).toEqual([1, 2, 3]);
    expect(connection.isTransaction).toBe(false);
  });
  it('undoes all that a refused write had done', async () => {
    const half = commits.submit(() => {
      insert(10)();
      throw new Error('half done');
    });
    await expect(half).rejects.toThrow('half done');
    expect(kept()).toEqual([]);
  });
  it('rejects the whole group when BEGIN fails, and begins anew', async () => {
    failing.set('BEGIN IMMEDIATE', new Error('database is locked'));
    const outcomes = await Promise.allSettled([1, 2].map((value) => commits.submit(insert(value))));
    expect(outcomes.map((each) => each.status === 'rejected' && each.reason)).toEqual([
      expect.any(StoreUnavailable),
      expect.any(StoreUnavailable),
    ]);
    expect(await commits.submit(insert(3))).toBe(3);
    expect(kept()).toEqual([3]);
  });
  it('rejects the whole group when COMMIT fails, keeps nothing of it, and begins anew', async () => {
    failing.set('COMMIT', new Error('disk I/O error'));
    const outcomes = await Promise.allSettled([1, 2].map((value) => commits.submit(insert(value))));
    expect(outcomes.map((each) => each.status === 'rejected' && each.reason)).toEqual([
      expect.any(StoreUnavailable),
      expect.any(StoreUnavailable),
    ]);
    expect(kept()).toEqual([]);
    expect(await Promise.all([commits.submit(insert(1)), commits.submit(insert(4))])).toEqual([1, 4]);
    expect(kept()).toEqual([1, 4]);
  });
  it('rejects the rest of a replay when COMMIT fails in the middle of it', async () => {
    const writes = [1, 1, 2, 3].map((value) => commits.submit(insert(value)));
    failing.set('COMMIT', new Error('disk I/O error'));
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.map((each) => (each.status === 'rejected' ? each.reason.name : each.value))).toEqual(
      Array.from({ length: 4 }, () => 'StoreUnavailable'),
    );
    expect(kept()).toEqual([]);
  });
  it('rejects the whole group when the disk is full, and begins anew when there is room', async () => {
    const pages = connection.prepare('PRAGMA page_count').get()?.['page_count'];
    connection.exec(`PRAGMA max_page_count = ${Number(pages) + 2}`);
    const outcomes = await Promise.allSettled([
      commits.submit(insert(1)),
      commits.submit(() =>
        connection.prepare('INSERT INTO t (v, big) VALUES (2, ?)').run('x'.repeat(100_000)),
      ),
      commits.submit(insert(3)),
    ]);
    expect(outcomes.map((each) => each.status === 'rejected' && each.reason)).toEqual(
      Array.from({ length: 3 }, () => expect.any(StoreUnavailable)),
    );
    expect(kept()).toEqual([]);
    connection.exec('PRAGMA max_page_count = 1000000');
    expect(await commits.submit(insert(5))).toBe(5);
  });
  it('shares one transaction among the writes of a turn, and resolves after its commit', async () => {
    const first = commits.submit(insert(1)).then(() => executed.push('resolved'));
    const second = commits.submit(insert(2));
    expect(executed).toEqual([]);
    await Promise.all([first, second]);
    expect(executed).toEqual(['BEGIN IMMEDIATE', 'COMMIT', 'resolved']);
    await commits.submit(insert(3));
    expect(executed.filter((sql) => sql === 'COMMIT')).toHaveLength(2);
  });
  it('commits what is queued when it closes, and takes no more', async () => {
    const queued = commits.submit(insert(1));
    commits.close();
    expect(kept()).toEqual([1]);
    expect(await queued).toBe(1);
    await expect(commits.submit(insert(2))).rejects.toThrow(StoreUnavailable);
  });
});
