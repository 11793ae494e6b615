// A node that loses its database: it says so in time, in the shape of each standard, and comes back by itself.
import { DatabaseSync } from 'node:sqlite';
import { hashTokenString } from '@tessera/tokens';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventSource, openEventSource } from '../../packages/verifier/src/event-source.ts';
import { adminToken } from '../admin-calls.ts';
import { startTestServer, type TestServer } from '../harness.ts';
import {
  authorizeUrl,
  basic,
  createPkce,
  encode,
  introspect,
  requestToken,
  revoke,
  tokensOf,
} from '../oauth-calls.ts';
import { headOf } from '../settled-endings.ts';

/** What docs/operate/monitoring.md promises. */
const ANSWERED_WITHIN_MS = 10_000;
const PATIENCE = { interval: 100 };
const CLIENT_CREDENTIALS = { grant_type: 'client_credentials' };

/** How the database is lost, and how it comes back. */
const LOSSES = [
  [
    'is stopped',
    (server: TestServer) => server.postgres!.halt(),
    (server: TestServer) => server.postgres!.start(),
  ],
  [
    'hangs',
    (server: TestServer) => server.postgres!.freeze(),
    (server: TestServer) => server.postgres!.thaw(),
  ],
] as const;

describe('a node whose PostgreSQL', () => {
  let server: TestServer;
  let admin: string;
  let token: string;
  let listening: EventSource;
  /** The hashes of the tokens that a reader of the stream was told of, in order. */
  const heard: string[] = [];

  beforeAll(async () => {
    server = await startTestServer({ store: 'postgres', ownPostgres: true });
    admin = await adminToken(server);
    token = await newToken();
    const { id, secret = '' } = server.clients.musicServer;
    listening = openEventSource({
      address: async () => `${server.base}/events`,
      headers: { authorization: basic(id, secret) },
      fetch: undefined,
      onEvent: ({ event, data }) => {
        if (event === 'ended') heard.push((JSON.parse(data) as { readonly token: string }).token);
      },
      onCut: () => {},
    });
  });
  afterAll(async () => {
    listening?.close();
    await server?.close();
  });

  async function newToken(): Promise<string> {
    return tokensOf(await requestToken(server, CLIENT_CREDENTIALS, server.clients.confidential)).accessToken;
  }
  /** As the stream names it. */
  const nameOf = (one: string): string => Buffer.from(hashTokenString(one)).toString('base64url');
  const heardOf = (revoked: string): boolean => heard.includes(nameOf(revoked));
  async function revokeNew(): Promise<string> {
    const fresh = await newToken();
    expect((await revoke(server, fresh, server.clients.confidential)).status).toBe(200);
    return fresh;
  }

  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.base}${path}`, { headers, redirect: 'manual' });
  const post = (path: string, form: Record<string, string>): Promise<Response> => {
    const { id, secret = '' } = server.clients.confidential;
    const headers = {
      authorization: basic(id, secret),
      'content-type': 'application/x-www-form-urlencoded',
    };
    return fetch(`${server.base}${path}`, { method: 'POST', headers, body: encode(form) });
  };

  /** Everything that cannot be answered without the database, with the shape in which it says so. */
  const requests = (): readonly (readonly [shape: 'oauth' | 'problem' | 'page', Promise<Response>])[] => [
    ['oauth', post('/api/token', CLIENT_CREDENTIALS)],
    ['oauth', post('/api/token', { grant_type: 'refresh_token', refresh_token: 'tsr_rt_unknown' })],
    ['oauth', post('/api/introspect', { token })],
    ['oauth', post('/api/revoke', { token })],
    ['oauth', post('/api/par', { response_type: 'code' })],
    ['oauth', post('/api/device', {})],
    ['oauth', get('/userinfo', { authorization: `Bearer ${token}` })],
    ['problem', get('/admin/v1/users', { authorization: `Bearer ${admin}` })],
    ['problem', get('/account/v1/profile', { authorization: `Bearer ${admin}` })],
    [
      'page',
      get(
        new URL(authorizeUrl(server, server.clients.confidential, createPkce())).href.slice(
          server.base.length,
        ),
      ),
    ],
  ];

  async function expectUnavailable(shape: 'oauth' | 'problem' | 'page', answer: Response): Promise<void> {
    const text = await answer.text();
    expect([shape, answer.url, answer.status]).toEqual([shape, answer.url, 503]);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    if (shape === 'oauth')
      expect(JSON.parse(text)).toMatchObject({
        error: expect.stringMatching(/^(temporarily_)?unavailable$/),
      });
    else if (shape === 'problem')
      expect(JSON.parse(text)).toMatchObject({ status: 503, type: expect.any(String) });
    else expect(text).toContain('<!doctype html>');
    expect(text).not.toMatch(/postgres|127\.0\.0\.1|5432/i);
  }

  const readyStatus = async (): Promise<number> => (await get('/health/ready')).status;
  const allGood = async (): Promise<boolean> =>
    (await post('/api/token', CLIENT_CREDENTIALS)).status === 200 &&
    (await introspect(server, token)).body['active'] === true &&
    (await readyStatus()) === 200;

  it.each(LOSSES)(
    '%s answers 503 in time, keeps its keys published, and comes back',
    async (_, lose, regain) => {
      await expect.poll(allGood, PATIENCE).toBe(true);
      const keys = await (await get('/.well-known/jwks.json')).text();
      const metadata = await (await get('/.well-known/openid-configuration')).text();
      const before = await revokeNew();
      await expect.poll(() => heardOf(before), PATIENCE).toBe(true);
      await lose(server);
      // Longer than anything read before is believed.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      for (const round of ['the first to notice', 'those who come later']) {
        const startedAt = performance.now();
        // oxlint-disable-next-line no-await-in-loop -- one round after the other
        await Promise.all(requests().map(async ([shape, answer]) => expectUnavailable(shape, await answer)));
        expect([round, performance.now() - startedAt < ANSWERED_WITHIN_MS]).toEqual([round, true]);
      }
      expect(await readyStatus()).toBe(503);
      expect((await get('/health/live')).status).toBe(200);
      expect(await (await get('/.well-known/jwks.json')).text()).toBe(keys);
      expect(await (await get('/.well-known/openid-configuration')).text()).toBe(metadata);
      await regain(server);
      await expect.poll(allGood, PATIENCE).toBe(true);
      const after = await revokeNew();
      await expect.poll(() => heardOf(after), PATIENCE).toBe(true);
    },
  );

  it('drops every connection, again and again: nothing that ended is missed, nor told twice once it has a place', async () => {
    await expect.poll(allGood, PATIENCE).toBe(true);
    const other = new Client(server.databaseUrl);
    await other.connect();
    const revoked: string[] = [];
    for (let round = 0; round < 4; round++) {
      // oxlint-disable-next-line no-await-in-loop -- a cut follows the other
      const [first, second] = await Promise.all([newToken(), newToken()]);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await Promise.all([
        other.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tessera'`,
        ),
        revokeInTheEnd(first),
        revokeInTheEnd(second),
      ]);
      revoked.push(first, second);
    }
    await expect.poll(() => revoked.every(heardOf), PATIENCE).toBe(true);
    await expect.poll(allGood, PATIENCE).toBe(true);
    await headOf(server.tessera.store);
    // Whoever has heard of this one has read on past those.
    const last = await revokeNew();
    await expect.poll(() => heardOf(last), PATIENCE).toBe(true);
    const from = heard.length;
    await other.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tessera'`,
    );
    await other.end();
    await expect.poll(allGood, PATIENCE).toBe(true);
    const after = await newToken();
    await revokeInTheEnd(after);
    await expect.poll(() => heardOf(after), PATIENCE).toBe(true);
    expect(heard.slice(from).filter((one) => revoked.map(nameOf).includes(one))).toEqual([]);
    expect(server.log.filter((line) => line.includes('"status":500'))).toEqual([]);
  });

  /** As an app does: what was answered 503 is asked again. */
  async function revokeInTheEnd(one: string): Promise<void> {
    await expect
      .poll(async () => (await revoke(server, one, server.clients.confidential)).status, PATIENCE)
      .toBe(200);
  }
});

describe('a node whose SQLite file', () => {
  it('somebody else writes to refuses what it cannot write, goes on reading, and comes back', async () => {
    const server = await startTestServer({ store: 'sqlite' });
    try {
      const { confidential } = server.clients;
      const ask = () => requestToken(server, CLIENT_CREDENTIALS, confidential);
      const token = tokensOf(await ask()).accessToken;
      const other = new DatabaseSync(server.databaseUrl.slice('sqlite:'.length));
      other.exec('BEGIN IMMEDIATE');
      const refused = await ask();
      expect([refused.status, refused.body['error']]).toEqual([503, 'temporarily_unavailable']);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect((await introspect(server, token)).body['active']).toBe(true);
      expect((await fetch(`${server.base}/.well-known/jwks.json`)).status).toBe(200);
      other.exec('ROLLBACK');
      other.close();
      expect((await ask()).status).toBe(200);
    } finally {
      await server.close();
    }
  });
});
