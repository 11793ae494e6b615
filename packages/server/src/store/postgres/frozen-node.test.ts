import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../../../../test/postgres.ts';
import type { TestPostgres } from '../../../../../test/postgres.ts';
import type { Database } from '../database.ts';
import { change, row, statement } from '../statement.ts';
import { openPostgres } from './open-postgres.ts';

const NOW = 1_790_000_000_000;
const hold = statement('test_hold', 'SELECT value FROM held FOR UPDATE');
const add = statement('test_add', 'UPDATE held SET value = value + $1');

describe('a node that is frozen in the middle of a transaction', () => {
  let postgres: TestPostgres;
  let database: Database;
  let other: Client;
  beforeAll(async () => {
    postgres = await startPostgres();
    const url = await postgres.createDatabase();
    database = await openPostgres({ url, clock: () => NOW });
    // As patient as another node is.
    other = new Client({ connectionString: url, statement_timeout: 5000 });
    await other.connect();
    await other.query('CREATE TABLE held (value bigint); INSERT INTO held VALUES (0)');
  });
  afterAll(async () => {
    await other.end();
    await database.close();
    await postgres.stop();
  });

  it('lets go of what it holds before others have waited in vain, and begins anew when it goes on', async () => {
    const frozen = new Int32Array(new SharedArrayBuffer(4));
    let begun = 0;
    let others: Promise<unknown> | undefined;
    await database.write(function* () {
      begun += 1;
      yield* row(hold);
      if (begun === 1) {
        others = other.query('UPDATE held SET value = value + 1');
        Atomics.wait(frozen, 0, 0, 7000);
      }
      yield* change(add, 10);
    });
    await others;
    expect(begun).toBe(2);
    expect((await other.query('SELECT value::int FROM held')).rows).toEqual([{ value: 11 }]);
  });
});
