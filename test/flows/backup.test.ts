/** A backup of a server at work, and a restore after which nothing that was revoked is good again. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreBackup } from '../../packages/server/src/store/backup/restore-backup.ts';
import { takeBackup } from '../../packages/server/src/store/backup/take-backup.ts';
import { startGateway, startUpstream, type TestGateway, type TestUpstream } from '../gateway.ts';
import { startNode, STORES } from '../harness.ts';
import { createMovableClock } from '../movable-clock.ts';
import { startPostgres, type TestPostgres } from '../postgres.ts';
import { registerClient, type RegisteredClient, registerResource } from '../registrations.ts';

const JWT_API = 'https://restored-jwt.example/';
const OPAQUE_API = 'https://restored-opaque.example/';

/** One address for one server after the other. */
interface Front {
  readonly url: string;
  to: number;
  readonly server: Server;
}

async function startFront(): Promise<Front> {
  const server = createServer((socket) => {
    const onwards = connect(front.to, 'localhost');
    for (const each of [socket, onwards]) each.on('error', () => each.destroy());
    socket.on('close', () => onwards.destroy());
    onwards.on('close', () => socket.destroy());
    socket.pipe(onwards).pipe(socket);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const front: Front = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    to: 0,
    server,
  };
  return front;
}

let postgres: TestPostgres;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tessera-restore-'));
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe.each(STORES)('on %s', (store) => {
  const clock = createMovableClock();
  const log: string[] = [];
  const masterKey = randomBytes(32);
  const key = randomBytes(32);
  let databases = 0;
  let front: Front;
  let node: Awaited<ReturnType<typeof startNode>>;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let app: RegisteredClient;
  let checker: RegisteredClient;
  let url: string;

  const newDatabase = async (): Promise<string> => {
    databases += 1;
    return store === 'sqlite'
      ? `sqlite:${join(directory, `${store}-${databases}.db`)}`
      : postgres.createDatabase();
  };
  async function start(): Promise<void> {
    node = await startNode({ store, url, issuer: front.url, clock, log, masterKey });
    front.to = Number(new URL(node.base).port);
  }

  beforeAll(async () => {
    front = await startFront();
    url = await newDatabase();
    await start();
    checker = await registerClient(node.tessera, { id: 'gateway', grantTypes: [] });
    app = await registerClient(node.tessera, { id: 'caller' });
    const shared = { resourceServers: [checker.id] };
    await registerResource(node.tessera, { identifier: JWT_API, ...shared });
    await registerResource(node.tessera, { identifier: OPAQUE_API, tokenFormat: 'opaque', ...shared });
    upstream = await startUpstream();
    const route = (path: string, audience: string): object => ({
      path,
      upstream: upstream.url,
      verify_access_token: { audience, scopes_all: ['read'] },
    });
    gateway = await startGateway(
      {
        issuers: {
          main: {
            url: front.url,
            client_id: checker.id,
            client_secret: checker.secret,
            introspection_cache_seconds: 60,
          },
        },
        routes: { jwt: route('/jwt', JWT_API), opaque: route('/opaque', OPAQUE_API) },
      },
      { clock: clock.now },
    );
  });
  afterAll(async () => {
    await gateway?.close();
    await upstream?.close();
    await node?.close();
    front?.server.close();
  });

  const post = (path: string, who: RegisteredClient, body: Record<string, string>): Promise<Response> =>
    fetch(node.base + path, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${who.id}:${who.secret}`).toString('base64')}` },
      body: new URLSearchParams(body),
    });
  async function newToken(resource: string): Promise<string> {
    const answer = await post('/api/token', app, {
      grant_type: 'client_credentials',
      resource,
      scope: 'read',
    });
    const { access_token: token } = (await answer.json()) as { access_token?: string };
    if (token === undefined) throw new Error(`no token: ${answer.status}`);
    return token;
  }
  const atGateway = async (path: string, token: string): Promise<number> =>
    (await fetch(`${gateway.url}/${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
  const isActive = async (token: string): Promise<unknown> =>
    ((await (await post('/api/introspect', checker, { token })).json()) as { active: unknown }).active;

  it('a backup under load is whole, and what was revoked after it stays revoked', async () => {
    const jwt = await newToken(JWT_API);
    const opaque = await newToken(OPAQUE_API);
    const living = await newToken(JWT_API);
    expect([
      await atGateway('jwt', jwt),
      await atGateway('jwt', living),
      await atGateway('opaque', opaque),
    ]).toEqual([200, 200, 200]);
    // Tokens are issued all the while.
    const over = new AbortController();
    let issued = 0;
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!over.signal.aborted) {
          // oxlint-disable-next-line no-await-in-loop -- one after the other, four times
          await newToken(OPAQUE_API);
          issued += 1;
        }
      }),
    );
    await expect.poll(() => issued).toBeGreaterThan(20);
    const path = join(directory, `${store}.backup`);
    const before = issued;
    const rows = await takeBackup({ url, path, key, version: '1', clock: clock.now });
    over.abort();
    await load;
    expect(rows['access_tokens']).toBeGreaterThanOrEqual(before);

    for (const token of [jwt, opaque]) {
      // oxlint-disable-next-line no-await-in-loop -- two
      expect((await post('/api/revoke', app, { token })).status).toBe(200);
    }
    await expect.poll(() => atGateway('jwt', jwt)).toBe(401);
    await node.close();
    clock.advance(5000);

    url = await newDatabase();
    const options = { path, keys: [key], clock: clock.now, newId: () => 'aud_restored' };
    expect((await restoreBackup({ url, ...options })).tokens).toBe('ended');
    clock.advance(2000);
    await start();
    expect(await Promise.all([jwt, opaque, living].map(isActive))).toEqual([false, false, false]);
    for (const [name, token] of [
      ['jwt', jwt],
      ['jwt', living],
      ['opaque', opaque],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- three
      await expect.poll(() => atGateway(name, token)).toBe(401);
    }
    // And the server is one that works, with the apps that it had.
    const next = await newToken(JWT_API);
    await expect.poll(() => atGateway('jwt', next)).toBe(200);
    expect(await isActive(next)).toBe(true);
    expect(await atGateway('opaque', await newToken(OPAQUE_API))).toBe(200);
    expect(await atGateway('jwt', living)).toBe(401);
  });

  it('a database that moves takes its tokens along', async () => {
    const jwt = await newToken(JWT_API);
    const opaque = await newToken(OPAQUE_API);
    await node.close();
    const path = join(directory, `${store}-moved.backup`);
    await takeBackup({ url, path, key, version: '1', clock: clock.now });
    const source = url;
    // From one kind to the other.
    url = store === 'sqlite' ? await postgres.createDatabase() : `sqlite:${join(directory, 'moved.db')}`;
    const options = { path, keys: [key], clock: clock.now, newId: () => 'aud_moved' };
    expect((await restoreBackup({ url, ...options, source })).tokens).toBe('kept');
    await start();
    expect(await Promise.all([jwt, opaque].map(isActive))).toEqual([true, true]);
    expect([await atGateway('jwt', jwt), await atGateway('opaque', opaque)]).toEqual([200, 200]);
    expect((await post('/api/revoke', app, { token: jwt })).status).toBe(200);
    await expect.poll(() => atGateway('jwt', jwt)).toBe(401);
  });
});
