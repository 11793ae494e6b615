// What every listener refuses before a rule is asked, by real sockets: too large, too slow, too many (OP-03).
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenerLimitsOf } from '../../packages/server/src/config.ts';
import { listen, type Listening } from '../../packages/server/src/startup/listen.ts';
import { createMetricsApp, type MetricsApp } from '../../packages/server/src/startup/metrics-app.ts';
import { selfSigned } from '../certificates.ts';
import { startGateway, startUpstream, type TestGateway, type TestUpstream } from '../gateway.ts';
import { startTestServer, type TestServer } from '../harness.ts';

const LIMITS = { headers_timeout: 1, request_timeout: 2, keep_alive_timeout: 1, max_connections: 20 };

let server: TestServer;
let metrics: Listening & { readonly app: MetricsApp['app'] };
let upstream: TestUpstream;
let gateway: TestGateway;

beforeAll(async () => {
  const { cert, key } = await selfSigned();
  server = await startTestServer({
    store: 'sqlite',
    mutualTls: { cert, key },
    config: { ...LIMITS, dynamic_registration: 'open' },
  });
  const watched = createMetricsApp(server.issuer, listenerLimitsOf(LIMITS));
  watched.started(server.tessera);
  metrics = { ...(await listen(watched.app, '127.0.0.1', 0)), app: watched.app };
  upstream = await startUpstream();
  gateway = await startGateway({
    listen: [{ max_connections: 20 }],
    routes: { small: { path: '/small', upstream: upstream.url, open: true, max_body_bytes: 1000 } },
  });
});
afterAll(async () => {
  await Promise.all([metrics?.app.close(), gateway?.close(), upstream?.close(), server?.close()]);
});

interface Listener {
  readonly port: () => number;
  readonly tls?: true;
  /** The seconds within which headers must have come. */
  readonly headersSeconds: number;
  /** Answers 200, or refuses without a word to the log. */
  readonly path: string;
}

const portOf = (url: string): number => Number(new URL(url).port);
const LISTENERS: Readonly<Record<string, Listener>> = {
  server: { port: () => portOf(server.base), headersSeconds: 1, path: '/health/live' },
  'server, for certificates': {
    port: () => portOf(server.mutualTlsBase),
    tls: true,
    headersSeconds: 1,
    path: '/api/token',
  },
  metrics: { port: () => metrics.port, headersSeconds: 1, path: '/health/live' },
  gateway: { port: () => gateway.port, headersSeconds: 10, path: '/small' },
  'gateway, metrics': { port: () => portOf(gateway.managementUrl), headersSeconds: 10, path: '/health/live' },
};

async function open({ port, tls }: Listener): Promise<Socket> {
  const host = '127.0.0.1';
  const socket = tls
    ? connectTls({ host, port: port(), rejectUnauthorized: false })
    : connect({ host, port: port() });
  // Those that are too many are reset.
  socket.on('error', () => {});
  await once(socket, tls ? 'secureConnect' : 'connect');
  return socket;
}

/** What comes until the other side closes. */
function readToEnd(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => (received += text));
    socket.on('error', () => {}).on('close', () => resolve(received));
  });
}

async function send(listener: Listener, text: string): Promise<string> {
  const socket = await open(listener);
  const answer = readToEnd(socket);
  socket.write(text);
  return answer;
}

const refusedWith = (status: number) =>
  new RegExp(`^HTTP/1\\.1 ${status} [^]*"error":"[a-z_]+","error_description":"[^"]+"`);
const head = (...lines: readonly string[]): string => ['Host: localhost', ...lines, '', ''].join('\r\n');

describe.each(Object.entries(LISTENERS))('the listener of the %s', (_name, listener) => {
  it('refuses headers larger than 16 KiB with 431 (RFC 6585 §5)', async () => {
    const answer = await send(listener, `GET / HTTP/1.1\r\n${head(`X-Large: ${'x'.repeat(17_000)}`)}`);
    expect(answer).toMatch(refusedWith(431));
  });

  it('refuses ten thousand small headers, too', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `X-${index}: 1`);
    expect(await send(listener, `GET / HTTP/1.1\r\n${head(...many)}`)).toMatch(refusedWith(431));
  });

  it('refuses what is no HTTP with 400', async () => {
    expect(await send(listener, 'HELLO THERE\r\n\r\n')).toMatch(refusedWith(400));
  });
});

it('every listener gives up headers that come a byte now and then, with 408 (RFC 9110 §15.5.9)', async () => {
  const trickled = async (listener: Listener): Promise<void> => {
    const socket = await open(listener);
    const startedAt = performance.now();
    const answer = readToEnd(socket);
    socket.write(`GET ${listener.path} HTTP/1.1\r\nHost: localhost\r\nX-Slow: `);
    const trickle = setInterval(() => socket.writable && socket.write('x'), 200);
    expect(await answer).toMatch(refusedWith(408));
    clearInterval(trickle);
    const seconds = (performance.now() - startedAt) / 1000;
    expect(seconds).toBeGreaterThan(listener.headersSeconds - 0.1);
    expect(seconds).toBeLessThan(listener.headersSeconds + 10);
  };
  await Promise.all(Object.values(LISTENERS).map(trickled));
});

describe('the listeners of the server', () => {
  const { server: main } = LISTENERS;
  it('give up a body that comes a byte now and then, with 408', async () => {
    const socket = await open(main!);
    const answer = readToEnd(socket);
    const type = 'Content-Type: application/x-www-form-urlencoded';
    socket.write(`POST /api/token HTTP/1.1\r\n${head(type, 'Content-Length: 1000')}`);
    const trickle = setInterval(() => socket.writable && socket.write('x'), 200);
    expect(await answer).toMatch(refusedWith(408));
    clearInterval(trickle);
  });

  it('close a connection on which nothing is asked', async () => {
    const [silent, idle] = [await open(main!), await open(main!)];
    idle.write(`GET /health/live HTTP/1.1\r\n${head()}`);
    const answers = await Promise.all([readToEnd(silent), readToEnd(idle)]);
    expect(answers[0]).toMatch(/^(?:HTTP\/1\.1 408 |$)/);
    expect(answers[1]).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('close a connection that begins no TLS', async () => {
    const { port } = LISTENERS['server, for certificates']!;
    expect(await readToEnd(await open({ ...main!, port }))).toBe('');
  });

  it('take no more connections than the setting says, and answer those that are there', async () => {
    const sockets = await Promise.all(Array.from({ length: 30 }, () => open(main!)));
    const answers = sockets.map(readToEnd);
    await pause(50);
    for (const socket of sockets) {
      if (socket.writable) socket.write(`GET /health/live HTTP/1.1\r\n${head('Connection: close')}`);
    }
    const answered = (await Promise.all(answers)).filter((answer) => answer.startsWith('HTTP/1.1 200 '));
    expect(answered.length).toBeGreaterThan(0);
    expect(answered.length).toBeLessThanOrEqual(LIMITS.max_connections);
  });

  const FORM = 'application/x-www-form-urlencoded';
  it.each([
    ['/api/token', FORM, 64],
    ['/api/introspect', FORM, 64],
    ['/api/revoke', FORM, 64],
    ['/api/par', FORM, 64],
    ['/api/device', FORM, 64],
    ['/api/register', 'application/json', 64],
    ['/api/leaked-tokens', FORM, 128],
    ['/login', FORM, 128],
    ['/admin/v1/clients', 'application/json', 64],
  ])(
    '%s refuses a body that is larger than it takes, said or not, with 413',
    async (path, type, kibibytes) => {
      const larger = kibibytes * 1024 + 1;
      const said = head(`Content-Type: ${type}`, `Content-Length: ${larger}`);
      const answer = await send(main!, `POST ${path} HTTP/1.1\r\n${said}`);
      // Where a token is asked for first, nothing is read at all.
      expect(answer).toMatch(/^HTTP\/1\.1 (?:413|401|404) /);
      const chunk = `${larger.toString(16)}\r\n${'x'.repeat(larger)}\r\n0\r\n\r\n`;
      const chunked = head(`Content-Type: ${type}`, 'Transfer-Encoding: chunked', 'Connection: close');
      expect(await send(main!, `POST ${path} HTTP/1.1\r\n${chunked}${chunk}`)).toMatch(
        /^(?:HTTP\/1\.1 (?:413|401|404) |$)/,
      );
    },
  );
});

describe('the gateway', () => {
  const { gateway: front } = LISTENERS;
  it('passes a body on up to the size of its route', async () => {
    const answer = await fetch(`${gateway.url}/small`, { method: 'POST', body: 'x'.repeat(1000) });
    expect(answer.status).toBe(200);
  });

  it('refuses a larger one with 413, said or not', async () => {
    const reached = upstream.seen.length;
    const said = await fetch(`${gateway.url}/small`, { method: 'POST', body: 'x'.repeat(1001) });
    expect([said.status, await said.json()]).toMatchObject([413, { code: 'content_too_large' }]);
    const chunk = `3e9\r\n${'x'.repeat(1001)}\r\n0\r\n\r\n`;
    const answer = await send(
      front!,
      `POST /small HTTP/1.1\r\n${head('Transfer-Encoding: chunked')}${chunk}`,
    );
    expect(answer).toMatch(refusedWith(413));
    expect(upstream.seen).toHaveLength(reached);
  });

  it('takes no more connections than the setting says', async () => {
    const sockets = await Promise.all(Array.from({ length: 30 }, () => open(front!)));
    await pause(100);
    expect(sockets.filter((socket) => !socket.readableEnded && socket.readable).length).toBeLessThanOrEqual(
      20,
    );
    for (const socket of sockets) socket.destroy();
  });
});
