import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../../../../test/postgres.ts';
import type { TestPostgres } from '../../../../../test/postgres.ts';
import { accessToken, audit, bytes, client } from '../contract/samples.ts';
import { openStore, StoreOpenError } from '../open-store.ts';

const run = async (url: string, sql: string): Promise<readonly Record<string, unknown>[]> => {
  const connection = new Client({ connectionString: url });
  await connection.connect();
  const { rows } = await connection.query<Record<string, unknown>>(sql);
  await connection.end();
  return rows;
};
const refusal = async (url: string): Promise<StoreOpenError> => {
  const error: unknown = await openStore({ url }).catch((caught: unknown) => caught);
  if (!(error instanceof StoreOpenError)) throw new Error('not refused', { cause: error });
  expect(error.message).toMatch(/^[\x20-\x7e]+$/);
  return error;
};

describe('a PostgreSQL database', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop(), 60_000);

  it('is refused when nobody answers, or answers no, without the password in the message', async () => {
    const url = new URL(await postgres.createDatabase());
    const nobody = await refusal('postgres://someone:hush-hush@127.0.0.1:1/none');
    expect(nobody.code).toBe('cannot_connect');
    expect(nobody.message).toContain('127.0.0.1:1/none');
    url.password = 'hush-hush';
    const wrong = await refusal(url.href);
    expect(wrong.code).toBe('cannot_connect');
    expect(`${nobody.message} ${wrong.message}`).not.toContain('hush-hush');
    url.pathname = '/none';
    expect((await refusal(url.href)).code).toBe('cannot_connect');
    expect((await refusal('postgres://a:hush-hush@host:port/x')).message).not.toContain('hush-hush');
  });
  it.each(['12/hush-hush@127.0.0.1:1', '12?hush-hush@127.0.0.1:1', '12#hush-hush@127.0.0.1:1', 'x/hush@h'])(
    'is refused without a word of the password %s, which is not written as URLs want it',
    async (rest) => {
      const { code, message } = await refusal(`postgres://tessera:${rest}/none`);
      expect(code).toBe('bad_url');
      expect(message).not.toMatch(/hush|12|none/);
      expect(message).toContain('%2F');
    },
  );
  it('is refused with the name of a certificate that is not there', async () => {
    const { code, message } = await refusal(
      'postgres://a:hush-hush@127.0.0.1:1/none?sslrootcert=/no/such.pem',
    );
    expect([code, message]).toEqual([
      'bad_url',
      'The database URL names a file that cannot be read: /no/such.pem.',
    ]);
  });
  it('is refused when a newer program made it unreadable for this one', async () => {
    const url = await postgres.createDatabase();
    await (await openStore({ url })).close();
    await run(url, `UPDATE meta SET value = 999999 WHERE key = 'minimum_program'`);
    expect((await refusal(url)).code).toBe('database_newer');
  });
  it('is migrated once by many nodes that start at once, and again by none', async () => {
    const url = await postgres.createDatabase();
    const stores = await Promise.all([1, 2, 3, 4].map(() => openStore({ url })));
    await Promise.all(stores.map((store) => store.close()));
    await (await openStore({ url })).close();
    expect(await run(url, 'SELECT count(*)::int AS n FROM organizations')).toEqual([{ n: 1 }]);
  });
  it('lets a row of a group fail alone', async () => {
    const url = await postgres.createDatabase();
    const store = await openStore({ url });
    await run(url, `ALTER TABLE audit_events ADD CHECK (actor <> 'nobody')`);
    const events = ['one', 'nobody', 'two'].map((actor) => audit('sign_in', { actor }));
    const outcomes = await Promise.allSettled(events.map((event) => store.audit.record(event)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await store.audit.list({}, { limit: 10 })).items.map(({ actor }) => actor).toSorted()).toEqual([
      'one',
      'two',
    ]);
    await store.close();
  });
  it('works off a burst, though who stands last waits longer than for a connection to be made', async () => {
    const url = await postgres.createDatabase();
    const store = await openStore({ url });
    await run(
      url,
      `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END $$;
       CREATE TRIGGER slow BEFORE INSERT ON clients FOR EACH ROW EXECUTE FUNCTION slow()`,
    );
    const writes = Array.from({ length: 400 }, () => store.clients.create(client(), audit('client.created')));
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
    await store.close();
  });
  it('waits for writes under way when it closes, and takes no more', async () => {
    const url = await postgres.createDatabase();
    const store = await openStore({ url });
    const app = client();
    const writing = Promise.all([
      store.clients.create(app, audit('client.created')),
      store.audit.record(audit('sign_in')),
    ]);
    await store.close();
    await writing;
    await store.close();
    await expect(store.audit.record(audit('sign_in'))).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await expect(store.ping()).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(await run(url, 'SELECT count(*)::int AS n FROM audit_events')).toEqual([{ n: 2 }]);
  });
  it('is let go of though it hangs', async () => {
    const store = await openStore({ url: await postgres.createDatabase() });
    store.endings.onWritten(() => {});
    await Promise.all([store.ping(), store.users.list({ limit: 1 })]);
    await postgres.freeze();
    const closing = store.close().then(() => 'closed');
    const outcome = await Promise.race([closing, wait(10_000, 'open')]);
    postgres.thaw();
    expect(outcome).toBe('closed');
  });
  it('is unavailable while its connections are cut or the server is down, and comes back by itself', {
    timeout: 60_000,
  }, async () => {
    const url = await postgres.createDatabase();
    const warnings: string[] = [];
    const store = await openStore({ url, logger: { warn: (_, message) => warnings.push(message) } });
    const app = client();
    await store.clients.create(app, audit('client.created'));
    const attempts = (): readonly Promise<unknown>[] => [
      store.ping(),
      store.accessTokens.find(bytes()),
      store.accessTokens.issue(accessToken(undefined, { clientId: app.id })),
      store.clients.update(app, audit('client.updated')),
      store.users.list({ limit: 1 }),
    ];
    await Promise.all(attempts());
    const other = new URL(url);
    other.pathname = '/postgres';
    const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tessera'`;
    await run(other.href, cut);
    const allGood = async (): Promise<boolean> =>
      (await Promise.allSettled(attempts())).every(({ status }) => status === 'fulfilled');
    await expect.poll(allGood).toBe(true);

    expect(warnings).toContain('lost a connection to PostgreSQL');
    await postgres.halt();
    const outcomes = await Promise.allSettled(attempts());
    expect(outcomes.map((each) => (each.status === 'rejected' ? each.reason.name : 'fulfilled'))).toEqual(
      outcomes.map(() => 'StoreUnavailable'),
    );
    await postgres.start();
    await expect.poll(allGood).toBe(true);
    await store.close();
  });
  it('says that it answers once every connection of the token path does', async () => {
    const store = await openStore({ url: await postgres.createDatabase() });
    const finds = (count: number): Promise<readonly PromiseSettledResult<unknown>[]> =>
      Promise.allSettled(Array.from({ length: count }, () => store.accessTokens.find(bytes())));
    await finds(4);
    await postgres.halt();
    // Each finds out at a time of its own, and tries again at times of its own.
    await finds(1);
    await wait(125);
    await finds(1);
    await postgres.start();
    const answers = (): Promise<boolean> =>
      store.ping().then(
        () => true,
        () => false,
      );
    // oxlint-disable-next-line no-await-in-loop -- until it says so, and then at once
    while (!(await answers())) await wait(1);
    expect((await finds(4)).map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
    await store.close();
  });
});
