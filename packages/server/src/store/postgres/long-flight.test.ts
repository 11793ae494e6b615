import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../../../../test/postgres.ts';
import type { TestPostgres } from '../../../../../test/postgres.ts';
import type { Database } from '../database.ts';
import { lastly, statement, step, throughAll } from '../statement.ts';
import { createPostgresDatabase } from './postgres-database.ts';

/** In the place of the seconds that a statement may take. */
const WITHIN_MS = 400;
const note = statement('test_note', 'INSERT INTO noted (what) SELECT $1 FROM pg_sleep(0.3)');
const slow = 'INSERT INTO noted (what) SELECT $1 FROM pg_sleep(0.6)';

describe('statements that travel together', () => {
  let postgres: TestPostgres;
  let database: Database;
  let other: Client;
  beforeAll(async () => {
    postgres = await startPostgres();
    const url = await postgres.createDatabase();
    other = new Client(url);
    await other.connect();
    await other.query('CREATE TABLE noted (what text)');
    const patience = { query_timeout: WITHIN_MS, statement_timeout: WITHIN_MS };
    database = createPostgresDatabase({ connectionString: url, ...patience });
  });
  afterAll(async () => {
    await database.close();
    await other.end();
    await postgres.stop();
  });
  const write = (on: typeof note, ...all: readonly string[]): Promise<void> =>
    database.write(function* () {
      yield* lastly(...all.map((what) => step(on, what)));
    });
  const noted = async (): Promise<readonly unknown[]> =>
    (await other.query<{ what: string }>('SELECT what FROM noted')).rows.map(({ what }) => what);

  it('each have their time, whatever those before them take', async () => {
    await write(note, 'one', 'two', 'three');
    expect(await noted()).toEqual(['one', 'two', 'three']);
  });
  it('are given more where everything that is alive is looked through, and only there', async () => {
    await write(throughAll(statement('test_all', slow)), 'four');
    await expect(write(statement('test_slow', slow), 'five')).rejects.toMatchObject({
      name: 'StoreUnavailable',
    });
    expect((await noted()).at(-1)).toBe('four');
  });
});
