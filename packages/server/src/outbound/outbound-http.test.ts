import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outbound, OutboundRefusal, type OutboundRefusalReason } from '../ports/outbound.ts';
import type { Address } from './destination.ts';
import { createOutbound } from './outbound-http.ts';

const attacks = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/ssrf-urls.json', import.meta.url), 'utf8'),
) as { readonly urls: readonly string[] };

let connections = 0;
const requests: { method: string; url: string; headers: Record<string, unknown>; body: string }[] = [];
const servers: Server[] = [];
let port: number;

/** On the loopback addresses that attacks try; counts everybody who so much as connects. */
beforeAll(async () => {
  port = await listenOn('127.0.0.1', 0);
  await listenOn('::1', port).catch(() => undefined);
});

afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function listenOn(host: string, wanted: number): Promise<number> {
  const server = createServer(answer);
  server.on('connection', () => connections++);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, host, resolve);
  });
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

const answer: RequestListener = (request, response) => {
  const chunks: Uint8Array[] = [];
  request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString();
    const { method = '', url = '', headers } = request;
    requests.push({ method, url, headers, body });
    const path = new URL(url, 'http://x').pathname;
    if (path === '/redirect') {
      response.writeHead(302, { location: `http://127.0.0.1:${port}/private` }).end();
    } else if (path === '/large') {
      response.writeHead(200).write(Buffer.alloc(10 * 1024 * 1024));
    } else if (path === '/large-by-its-word') {
      response.writeHead(200, { 'content-length': '10485760' }).write('{');
    } else if (path === '/drip') {
      response.writeHead(200).write('{');
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    } else if (path === '/gzip') {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('not read');
    } else if (path === '/broken') {
      response.writeHead(200, { 'content-length': '10' }).write('1');
      response.destroy();
    } else if (path !== '/silent') {
      response.writeHead(200, { 'cache-control': 'max-age=60' }).end('{"ok":true}');
    }
  });
};

async function reasonOf(fetching: Promise<unknown>): Promise<OutboundRefusalReason | undefined> {
  return fetching.then(
    () => undefined,
    (error: unknown) => {
      expect(error).toBeInstanceOf(OutboundRefusal);
      return (error as OutboundRefusal).reason;
    },
  );
}

/** Stands in for the DNS: each call gives the next answer. */
function names(...answers: readonly (readonly string[])[]): {
  resolve: () => Promise<readonly Address[]>;
  asked: () => number;
} {
  let asked = 0;
  return {
    resolve: () =>
      Promise.resolve(
        (answers[Math.min(asked++, answers.length - 1)] ?? []).map((address) => ({
          address,
          family: address.includes(':') ? 6 : 4,
        })),
      ),
    asked: () => asked,
  };
}

describe('what a stranger may make this server ask', () => {
  it.each(attacks.urls)('is never: %s', async (attack) => {
    const before = connections;
    const outbound = createOutbound({ clock: Date.now, resolve: names(['127.0.0.1']).resolve });
    const url = attack.replaceAll('CANARY', String(port));
    expect(await reasonOf(outbound.get(url))).toMatch(/^(url|address)$/);
    expect(await reasonOf(outbound.get(url.replace(/^http:/, 'https:')))).toMatch(/^(url|address)$/);
    expect(await reasonOf(outbound.post(url, '{}', 'application/json'))).toMatch(/^(url|address)$/);
    expect(connections).toBe(before);
  });

  it.each(['', 'example.com', '//example.com/', 'https://', 'https://user@example.com/'])(
    'is never what is no plain https URL: %j',
    async (url) => {
      const outbound = createOutbound({ clock: Date.now, resolve: names(['1.1.1.1']).resolve });
      expect(await reasonOf(outbound.get(url))).toBe('url');
    },
  );

  it('is never a name that stands for public and private addresses', async () => {
    const before = connections;
    const { resolve } = names(['93.184.216.34', '127.0.0.1']);
    const outbound = createOutbound({ clock: Date.now, resolve });
    expect(await reasonOf(outbound.get(`https://both.example:${port}/`))).toBe('address');
    expect(connections).toBe(before);
  });

  it('is not reached by a name that changes between check and connection', async () => {
    const before = connections;
    const dns = names(['93.184.216.34'], ['127.0.0.1']);
    const outbound = createOutbound({ clock: Date.now, resolve: dns.resolve });
    const reason = await reasonOf(outbound.get(`https://rebind.example:${port}/`, { timeoutMs: 300 }));
    expect(reason).toMatch(/^(timeout|unreachable)$/);
    expect(dns.asked()).toBe(1);
    expect(connections).toBe(before);
  });

  it('is told apart by port where the settings name one', async () => {
    const before = connections;
    const outbound = createOutbound({ clock: Date.now, allowHosts: ['127.0.0.1:1'] });
    expect(await reasonOf(outbound.get(`http://127.0.0.1:${port}/`))).toBe('url');
    expect(await reasonOf(outbound.get(`https://127.0.0.1:${port}/`))).toBe('address');
    expect(connections).toBe(before);
  });
});

describe('answers that are refused', () => {
  it.each<[string, string, OutboundRefusalReason]>([
    ['a redirect, wherever it leads', '/redirect', 'redirect'],
    ['10 MB', '/large', 'too_large'],
    ['10 MB by its own word', '/large-by-its-word', 'too_large'],
    ['one that never ends', '/drip', 'timeout'],
    ['none', '/silent', 'timeout'],
    ['a compressed one, which nobody asked for', '/gzip', 'unreachable'],
    ['one that breaks off', '/broken', 'unreachable'],
  ])('%s', async (_what, path, reason) => {
    const outbound = open();
    expect(await reasonOf(outbound.get(`http://127.0.0.1:${port}${path}`, { timeoutMs: 500 }))).toBe(reason);
    expect(requests.map(({ url }) => url)).not.toContain('/private');
  });

  it('one byte over the limit; at the limit it passes', async () => {
    const outbound = open();
    const size = '{"ok":true}'.length;
    const url = `http://127.0.0.1:${port}/`;
    expect(await reasonOf(outbound.get(url, { maxBytes: size - 1 }))).toBe('too_large');
    expect((await outbound.get(url, { maxBytes: size })).status).toBe(200);
  });

  it('a name that takes longer than the time for everything', async () => {
    const outbound = createOutbound({ clock: Date.now, resolve: () => new Promise(() => {}) });
    expect(await reasonOf(outbound.get('https://slow.example/', { timeoutMs: 50 }))).toBe('timeout');
  });

  it('a name nobody has', async () => {
    const resolve = (): Promise<never> => Promise.reject(new Error('ENOTFOUND'));
    const outbound = createOutbound({ clock: Date.now, resolve });
    expect(await reasonOf(outbound.get('https://nobody.example/'))).toBe('unreachable');
  });
});

describe('traffic', () => {
  it('is refused when an origin has too much of it, and counted from the start of the request', async () => {
    const outbound = createOutbound({
      clock: () => 0,
      resolve: () => new Promise(() => {}),
      traffic: { concurrent: 16, concurrentPerOrigin: 1 },
    });
    const first = reasonOf(outbound.get('https://a.example/', { timeoutMs: 50 }));
    expect(await reasonOf(outbound.get('https://a.example/other'))).toBe('busy');
    expect(await first).toBe('timeout');
    expect(await reasonOf(outbound.get('https://a.example/', { timeoutMs: 50 }))).toBe('timeout');
  });
});

describe('what goes out', () => {
  it('gets without a cookie or credential, and gives status, headers and body', async () => {
    const outbound = open();
    const found = await outbound.get(`http://127.0.0.1:${port}/plain?x=1`, {
      accept: 'application/jwk-set+json',
    });
    expect(found.status).toBe(200);
    expect(found.headers.get('cache-control')).toBe('max-age=60');
    expect(Buffer.from(found.body).toString()).toBe('{"ok":true}');
    const seen = requests.find(({ url }) => url === '/plain?x=1');
    expect(seen?.headers).toEqual({
      accept: 'application/jwk-set+json',
      'accept-encoding': 'identity',
      'user-agent': 'Tessera',
      host: `127.0.0.1:${port}`,
      connection: 'close',
    });
  });

  it('posts a body with its type', async () => {
    const outbound = open();
    await outbound.post(`http://127.0.0.1:${port}/hook`, 'ä=1', 'application/x-www-form-urlencoded');
    const seen = requests.find(({ url }) => url === '/hook');
    expect(seen).toMatchObject({ method: 'POST', body: 'ä=1' });
    expect(seen?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  });

  it('goes to the addresses that were checked, by a name that is asked once', async () => {
    const dns = names(['127.0.0.1'], ['127.0.0.2']);
    const outbound = createOutbound({
      clock: Date.now,
      allowHosts: [`pinned.example:${port}`],
      resolve: dns.resolve,
    });
    expect((await outbound.get(`http://pinned.example:${port}/pinned`)).status).toBe(200);
    expect(dns.asked()).toBe(1);
    expect(requests.at(-1)?.headers['host']).toBe(`pinned.example:${port}`);
  });
});

function open(): Outbound {
  return createOutbound({ clock: Date.now, allowHosts: ['127.0.0.1'] });
}
