import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../../../../test/postgres.ts';
import type { TestPostgres } from '../../../../../test/postgres.ts';
import type { Store } from '../../ports/store.ts';
import { accessToken, audit, client, user } from '../contract/samples.ts';
import { MIGRATIONS } from '../migrations/migrate.ts';
import type { Migration } from '../migrations/migration.ts';
import { openStore } from '../open-store.ts';

/** What a release may do to the tables of the one before: a column for each of them, a table, an index. */
const nextRelease = (tables: readonly string[]): Migration => ({
  number: 9001,
  minimumProgram: 20,
  statements: ({ integer }) => [
    ...tables.map((table) => `ALTER TABLE ${table} ADD COLUMN of_the_next_release ${integer}`),
    `CREATE TABLE of_the_next_release (id ${integer} PRIMARY KEY)`,
  ],
  indexes: [
    { name: 'clients_next_release', on: 'clients (of_the_next_release)' },
    { name: 'users_next_release', on: 'users (of_the_next_release)', only: 'sqlite' },
  ],
});

describe('migrations of a PostgreSQL database in use', () => {
  let postgres: TestPostgres;
  let url: string;
  let other: Client;
  let node: Store;
  const app = client();
  const person = user();
  beforeAll(async () => {
    postgres = await startPostgres();
    url = await postgres.createDatabase();
    other = new Client(url);
    await other.connect();
    node = await openStore({ url });
    await node.users.create(person, audit('user.created'));
    await node.clients.create(app, audit('client.created'));
  });
  afterAll(async () => {
    await node.close();
    await other.end();
    await postgres.stop();
  });

  const validIndexes = async (): Promise<readonly string[]> => {
    const { rows } = await other.query<{ relname: string }>(
      `SELECT relname FROM pg_class JOIN pg_index ON indexrelid = oid WHERE indisvalid AND relname LIKE '%_next_release'`,
    );
    return rows.map(({ relname }) => relname);
  };
  /** Each way to the database, with statements that were prepared before. */
  const useAll = (): Promise<unknown> =>
    Promise.all([
      node.users.find(person.id),
      node.users.findByEmail(person.email),
      node.users.list({ limit: 10 }),
      node.clients.update(app, audit('client.updated')),
      node.users.update(person, audit('user.updated')),
      node.accessTokens.issue(accessToken(undefined, { clientId: app.id })),
    ]);

  it('go on around nodes of the release before, which serve all the while', async () => {
    const { rows } = await other.query<{ relname: string }>(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
    );
    const tables = rows
      .map(({ relname }) => relname)
      .filter((name) => !['meta', 'applied_migrations'].includes(name));
    expect(tables.length).toBeGreaterThan(40);
    await useAll();
    let isOver = false;
    const serving = (async () => {
      for (let rounds = 0; ; rounds += 1) {
        // oxlint-disable-next-line no-await-in-loop -- as requests come
        await useAll();
        if (isOver) return rounds;
      }
    })();
    const migrations = [...MIGRATIONS, nextRelease(tables)];
    const next = await Promise.all([1, 2].map(() => openStore({ url, migrations, waitForIndexes: true })));
    isOver = true;
    expect(await serving).toBeGreaterThan(0);
    await useAll();
    await Promise.all(next.map((store) => store.close()));
    await expect.poll(validIndexes).toEqual(['clients_next_release']);
  });

  it('build an index anew that somebody left half built', async () => {
    await other.query(
      `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'clients_next_release'::regclass`,
    );
    const migrations = [...MIGRATIONS, nextRelease([])];
    const store = await openStore({ url, migrations });
    await expect.poll(validIndexes).toEqual(['clients_next_release']);
    await store.close();
  });

  it('step aside while a table is in use for long, so that nobody waits behind them', async () => {
    const slow = new Client(url);
    await slow.connect();
    await slow.query('BEGIN; SELECT count(*) FROM clients');
    const late: Migration = {
      number: 9002,
      minimumProgram: 20,
      statements: () => ['ALTER TABLE clients ADD COLUMN came_late TEXT'],
    };
    const migrations = [...MIGRATIONS, nextRelease([]), late];
    const opening = openStore({ url, migrations });
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%came_late%'`;
    await expect.poll(async () => (await other.query(waiting)).rowCount).toBe(1);
    // Stands behind the migration, and is let through although the slow one is still there.
    await useAll();
    await slow.query('COMMIT');
    await slow.end();
    const store = await opening;
    await store.close();
    expect((await other.query('SELECT came_late FROM clients')).rowCount).toBe(1);
  });
});
