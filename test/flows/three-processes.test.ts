// Three processes on one PostgreSQL behind a balancer: one is killed, the database restarts. What was acknowledged stands.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEVICE_CODE_GRANT } from '../../packages/server/src/domain/client.ts';
import { type Balancer, startBalancer } from '../balancer.ts';
import { act, createActor, createJournal, type Journal, newBrowser } from '../cluster-traffic.ts';
import { startTestServer, type TestProcess, type TestServer } from '../harness.ts';
import { authorizeUrl, createPkce, introspect, refresh } from '../oauth-calls.ts';

const ACTORS = 4;
const FLOWS = 7;
const PATIENCE = { timeout: 60_000, interval: 50 };

describe('three processes on one PostgreSQL, of which one is killed and whose database restarts', () => {
  let server: TestServer;
  let processes: TestProcess[];
  let balancer: Balancer;
  let behind: TestServer;
  let stop = (): void => {};
  const journal: Journal = createJournal();

  beforeAll(async () => {
    const config = { duty_turn: 1, duty_lease: 2 };
    server = await startTestServer({ store: 'postgres', ownPostgres: true, config });
    processes = await Promise.all([1, 2, 3].map(() => server.addProcess(config)));
    balancer = await startBalancer(processes.map(({ base }) => base));
    behind = { ...server, base: balancer.base };
  });
  afterAll(async () => {
    stop();
    await balancer?.close();
    await server?.close();
  });

  /** Whole flows all the time, one node killed at random, the database restarted. */
  async function run(): Promise<void> {
    const tv = await server.registerClient({
      id: 'tv',
      applicationType: 'native',
      redirectUris: [],
      tokenEndpointAuthMethod: 'none',
      grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
    });
    const actors = await Promise.all(
      Array.from({ length: ACTORS }, async (_, index) => {
        const person = await server.registerPerson({ email: `person-${index}@example.test` });
        return createActor(behind, person, tv, journal);
      }),
    );
    let isOver = false;
    stop = () => {
      isOver = true;
    };
    const acting = Promise.all(actors.map((actor, index) => act(actor, index * 2, () => isOver)));
    const done = (): number => Object.values(journal.done).reduce((sum, count) => sum + count, 0);
    await until(() => Object.keys(journal.done).length === FLOWS);
    await processes[Math.floor(Math.random() * 3)]?.kill();
    const atKill = done();
    await until(() => done() - atKill > ACTORS);
    await server.postgres?.halt();
    await server.postgres?.start();
    const atRestart = done();
    await until(() => done() - atRestart > FLOWS);
    stop();
    await acting;
  }

  /** At once where something is wrong already. */
  async function until(isReached: () => boolean): Promise<void> {
    await expect.poll(() => journal.surprises.length > 0 || isReached(), PATIENCE).toBe(true);
    expect(journal.surprises).toEqual([]);
  }

  it('every flow went through, and nothing else than a lost node or database was ever answered', async () => {
    await run();
    expect(journal.surprises).toEqual([]);
    expect(journal.interrupted).toBeGreaterThan(0);
  });

  it('every token that was given is good, and every one that was revoked is not', async () => {
    const isActive = async (token: string): Promise<unknown> =>
      (await introspect(behind, token)).body['active'];
    const found = await Promise.all([...journal.live].map(isActive));
    expect(found.filter((active) => active !== true)).toEqual([]);
    const gone = await Promise.all([...journal.revoked].map(isActive));
    expect(gone.filter((active) => active !== false)).toEqual([]);
    expect(Math.min(journal.live.size, journal.revoked.size)).toBeGreaterThan(0);
  });

  it('every sign-in can be renewed with the last refresh token it was given', async () => {
    const answers = await Promise.all(
      [...journal.refreshTokens].map((token) => refresh(behind, token, server.clients.publicWeb)),
    );
    expect(answers.filter(({ status }) => status !== 200).map(({ text }) => text)).toEqual([]);
    expect(answers.length).toBeGreaterThan(0);
  });

  it('whatever counts once was counted once', async () => {
    expect(journal.usedTwice.filter((count) => count > 1)).toEqual([]);
    const database = new Client(server.databaseUrl);
    await database.connect();
    const doubled = await database.query(
      'SELECT grant_id FROM refresh_families GROUP BY grant_id HAVING count(*) > 1',
    );
    await database.end();
    expect(doubled.rows).toEqual([]);
  });

  it('whoever signed out stays signed out', async () => {
    expect(journal.signedOut.length).toBeGreaterThan(0);
    for (const { cookies } of journal.signedOut) {
      const browser = newBrowser({ ...server, base: server.base });
      for (const [name, value] of cookies) browser.cookies.set(name, value);
      const url = authorizeUrl(server, server.clients.publicWeb, createPkce(), { prompt: 'none' });
      // oxlint-disable-next-line no-await-in-loop -- a few
      const { leftFor } = await browser.get(url);
      expect(leftFor?.searchParams.get('error')).toBe('login_required');
    }
  });

  it('the duty goes on, with a number for each turn', async () => {
    const { number } = (await server.tessera.store.cluster.state()).duty;
    await expect
      .poll(async () => (await server.tessera.store.cluster.state()).duty.number, PATIENCE)
      .toBeGreaterThan(number);
    const turns = await server.tessera.store.cluster.turns(1000);
    expect(new Set(turns.map((turn) => turn.number)).size).toBe(turns.length);
  });
});
