// Limits as those meet them who are limited: the right status, the right Retry-After, on every node the same.
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueAdminToken } from '../../packages/server/src/startup/first-start.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { basic, encode, tokensOf, requestToken, postForm } from '../oauth-calls.ts';

const CLIENT_CREDENTIALS = { grant_type: 'client_credentials' };
const RETRY_AFTER = /^[1-9]\d*$/;

describe.each(STORES)('limits on %s', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      store,
      config: {
        trusted_proxies: ['127.0.0.1', '::1'],
        dynamic_registration: 'open',
        limit_registrations_per_address: '4/10m',
        limit_client_failures_per_client_and_address: '6/1m',
      },
    });
    if (store === 'postgres') await server.addNode();
  });
  afterAll(() => server?.close());

  const nodeOf = (turn: number): string => server.nodes[turn % server.nodes.length]!;

  it('hold for all nodes together, however many ask at the same time', async () => {
    const register = (turn: number): Promise<Response> =>
      fetch(`${nodeOf(turn)}/api/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.20' },
        body: JSON.stringify({
          redirect_uris: [`https://app-${turn}.example/cb`],
          client_name: `App ${turn}`,
        }),
      });
    const answers = await Promise.all(Array.from({ length: 12 }, (_, turn) => register(turn)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(4);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([
        429,
        expect.stringMatching(RETRY_AFTER),
      ]);
      // oxlint-disable-next-line no-await-in-loop -- each is there already
      expect(await answer.json()).toMatchObject({ error: 'slow_down' });
    }
  });

  it('say when the next try fits, and let it in then', async () => {
    const wrong = (turn: number): Promise<Response> =>
      fetch(`${nodeOf(turn)}/api/token`, {
        method: 'POST',
        headers: {
          authorization: basic(server.clients.confidential.id, 'wrong'),
          'content-type': 'application/x-www-form-urlencoded',
          'x-forwarded-for': '198.51.100.21',
        },
        body: encode(CLIENT_CREDENTIALS),
      });
    for (let turn = 0; turn < 6; turn++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await wrong(turn)).status).toBe(401);
    }
    const refused = await wrong(1);
    const seconds = Number(refused.headers.get('retry-after'));
    expect(refused.status).toBe(429);
    expect(seconds).toBeGreaterThan(30);
    expect(seconds).toBeLessThanOrEqual(60);
    server.clock.advance(seconds * 1000);
    expect((await wrong(0)).status).toBe(401);
  });
});

describe('rates of requests', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      store: 'sqlite',
      config: {
        trusted_proxies: ['127.0.0.1', '::1'],
        rate_per_client: '5/1h',
        rate_per_address: '20/1h',
        rate_per_token: '3/1h',
        rate_per_account: '7/1h',
      },
    });
  });
  afterAll(() => server?.close());

  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

  it('per client: only who has proven to be it takes from it', async () => {
    const { confidential } = server.clients;
    const wrong = { ...confidential, secret: 'wrong' };
    for (let turn = 0; turn < 8; turn++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await postForm(server, '/api/token', CLIENT_CREDENTIALS, wrong, from('203.0.113.1'));
    }
    for (let turn = 0; turn < 5; turn++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = await postForm(
        server,
        '/api/token',
        CLIENT_CREDENTIALS,
        confidential,
        from('203.0.113.2'),
      );
      expect(answer.status).toBe(200);
    }
    const refused = await postForm(
      server,
      '/api/introspect',
      { token: 'x' },
      confidential,
      from('203.0.113.3'),
    );
    expect([refused.status, refused.body['error']]).toEqual([429, 'slow_down']);
    expect(refused.headers.get('retry-after')).toMatch(/^7[0-2][0-9]$/);
  });

  it('per address: refuses before anything is read, and never health', async () => {
    const ask = (path: string) => fetch(`${server.base}${path}`, from('203.0.113.9'));
    for (let turn = 0; turn < 20; turn++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await ask('/userinfo')).status).toBe(401);
    }
    const refused = await ask('/userinfo');
    const retryAfter = expect.stringMatching(/^1[67][0-9]$|^180$/);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, retryAfter]);
    const page = await ask('/login');
    expect([page.status, page.headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8']);
    const text = await page.text();
    expect(text).toContain('Too much was asked for from here');
    expect(text).not.toContain('start again');
    const api = await ask('/account/v1/profile');
    expect([api.status, api.headers.get('content-type')]).toEqual([
      429,
      expect.stringContaining('problem+json'),
    ]);
    // Three were turned away: two that prove who they are, and a page that is open to anybody.
    const metrics = await server.tessera.metrics.text();
    expect(metrics).toContain('tessera_requests_shed_total{reason="rate_per_address",turn="first"} 1\n');
    expect(metrics).toContain('tessera_requests_shed_total{reason="rate_per_address",turn="last"} 2\n');
    for (const path of ['/health/live', '/health/ready', '/.well-known/jwks.json']) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await ask(path)).status).toBe(200);
    }
    expect((await fetch(`${server.base}/login`, from('203.0.113.10'))).status).toBe(200);
  });

  it.each([
    ['203.0.113.20:50', '203.0.113.20'],
    ['[2001:db8:0:20::1]:50', '2001:db8:0:20::1'],
  ])('per address: the port that a proxy adds is none of it: %s…', async (address, plain) => {
    const statuses: number[] = [];
    for (let turn = 10; turn <= 30; turn++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      statuses.push((await fetch(`${server.base}/userinfo`, from(`${address}${turn}`))).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), 429]);
    expect(server.log.findLast((line) => line.includes('"path":"/userinfo"'))).toContain(
      `"address":"${plain}"`,
    );
  });

  it('per token and per person at the APIs of the server', async () => {
    const person = await server.tessera.store.users.findByEmail('admin@example.test');
    const call = async (token: string): Promise<Response> =>
      fetch(`${server.base}/admin/v1/keys`, {
        headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': '203.0.113.30' },
      });
    const statuses: number[] = [];
    for (let number = 0; number < 3; number++) {
      // oxlint-disable no-await-in-loop -- one after the other
      const token = await issueAdminToken(server.tessera, person!);
      for (let turn = 0; turn < 4; turn++) statuses.push((await call(token)).status);
      // oxlint-enable no-await-in-loop
    }
    expect(statuses).toEqual([200, 200, 200, 429, 200, 200, 200, 429, 200, 429, 429, 429]);
  });
});

describe('a node that is late', () => {
  it('turns away what is open to anybody, and answers health and those who prove who they are', async () => {
    const server = await startTestServer({ store: 'sqlite', config: { overload_wait: 100 } });
    // Each turn of the event loop takes longer than it may.
    const block = setInterval(() => {
      const until = performance.now() + 75;
      while (performance.now() < until);
    }, 1);
    try {
      await expect
        .poll(async () => (await fetch(`${server.base}/login`)).status, { interval: 100 })
        .toBe(503);
      const page = await fetch(`${server.base}/login`);
      expect([page.status, page.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await page.text()).toContain('Too many people are here at once');
      const device = await fetch(`${server.base}/api/device`, { method: 'POST' });
      expect([device.status, await device.json()]).toMatchObject([503, { error: 'temporarily_unavailable' }]);
      expect((await fetch(`${server.base}/health/ready`)).status).toBe(200);
      expect((await fetch(`${server.base}/.well-known/jwks.json`)).status).toBe(200);
    } finally {
      clearInterval(block);
    }
    await expect.poll(async () => (await fetch(`${server.base}/login`)).status).toBe(200);
    // Too many to tell of each.
    expect(server.log.filter((line) => line.includes('temporarily_unavailable'))).toEqual([]);
    // But for one number.
    const metrics = await server.tessera.metrics.text();
    expect(/^tessera_requests_shed_total\{reason="busy",turn="first"\} (\d+)$/m.exec(metrics)?.[1]).toMatch(
      /^[1-9]/,
    );
    await server.close();
  });

  it('gives back the place of one who is gone before the answer', async () => {
    const server = await startTestServer({ store: 'sqlite', config: { overload_wait: 400 } });
    const { port } = new URL(server.base);
    const body = encode({ token: 'x', ...CLIENT_CREDENTIALS });
    for (let turn = 0; turn < 1200; turn++) {
      const socket = connect({ host: '127.0.0.1', port: Number(port) });
      socket.on('error', () => {});
      socket.write(
        `POST /api/leaked-tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        () => setTimeout(() => socket.destroy(), 5),
      );
      // oxlint-disable-next-line no-await-in-loop -- not all at once
      if (turn % 50 === 49) await pause(20);
    }
    await expect.poll(async () => (await fetch(`${server.base}/login`)).status).toBe(200);
    const { accessToken } = tokensOf(
      await requestToken(server, CLIENT_CREDENTIALS, server.clients.confidential),
    );
    expect(accessToken).toMatch(/^tsr_at_/);
    await server.close();
  });
});
