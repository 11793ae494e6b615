import { get } from 'node:http';
import { connect as connectTls } from 'node:tls';
import { connect, createServer } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { assertFree, type Listening, listen, PortTaken } from './listen.ts';

// Made for this test; it opens nothing.
const CERT = `-----BEGIN CERTIFICATE-----
MIIBlDCCATmgAwIBAgIUYrOLORJTGx9sfS8MyTFB2lLP17owCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2MTEyMjE0MjkyMFoXDTI2MTEyNDE0
MjkyMFowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEG9+at6VS7CZwYVPh6PnkIsj6EKcbcJQL0S3+rI/2HR6Rxg4paGNUeHSr
SBx8H12lmZPY/bpf6mjzGXMUgiENK6NpMGcwHQYDVR0OBBYEFDnhki+fZFkuKqZK
4DIfBcVb5OGJMB8GA1UdIwQYMBaAFDnhki+fZFkuKqZK4DIfBcVb5OGJMA8GA1Ud
EwEB/wQFMAMBAf8wFAYDVR0RBA0wC4IJbG9jYWxob3N0MAoGCCqGSM49BAMCA0kA
MEYCIQC5MjaB978f/AIplU8PP+lxwv0RztyZ8IDObKZ0+aqdeAIhAIKgtfGPks3e
VLZmIz6TfwURonKArjj1TRfPgxFj9VL+
-----END CERTIFICATE-----`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqeY/0dMvhX+IHr/1
9OHZ5IFUouKmrKaPtILm/q2jdW2hRANCAAQb35q3pVLsJnBhU+Ho+eQiyPoQpxtw
lAvRLf6sj/YdHpHGDiloY1R4dKtIHHwfXaWZk9j9ul/qaPMZcxSCIQ0r
-----END PRIVATE KEY-----`;

const ADDRESSES = ['127.0.0.1', '::1'] as const;

let app: FastifyInstance;
let listening: Listening;

async function start(https?: { readonly cert: string; readonly key: string }): Promise<void> {
  app = Fastify({ requestTimeout: 30_000, ...(https === undefined ? {} : { https }) });
  app.get('/', (request, reply) => reply.send(request.ip));
  listening = await listen(app, 'localhost', 0);
}

/** What the server sends first to whoever speaks plain HTTP. */
function askInPlainText(host: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: listening.port }, () =>
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
    );
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });
}

describe('localhost', () => {
  afterEach(async () => {
    await listening.close();
    await app.close();
  });

  it.each(ADDRESSES)('answers on %s', async (host) => {
    await start();
    const body = await new Promise<string>((resolve, reject) => {
      get({ host, port: listening.port }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      }).on('error', reject);
    });
    expect(body).toBe(host);
  });

  it.each(ADDRESSES)('speaks nothing but TLS on %s where it has a certificate', async (host) => {
    await start({ cert: CERT, key: KEY });
    expect(await askInPlainText(host)).not.toContain('HTTP/1.1 200');
    const protocol = await new Promise<string | null>((resolve, reject) => {
      const socket = connectTls({ host, port: listening.port, rejectUnauthorized: false }, () => {
        resolve(socket.getProtocol());
        socket.destroy();
      }).on('error', reject);
    });
    expect(protocol).toBe('TLSv1.3');
  });
});

it('finds free ports that no outgoing connection takes meanwhile, another for each question', async () => {
  const found: number[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (let question = 0; question < 100; question += 1) found.push(await assertFree('localhost', 0));
  expect(new Set(found).size).toBe(100);
  // Linux gives those from 32768 on, others those from 49152 on.
  expect(Math.max(...found)).toBeLessThan(32_768);
  expect(Math.min(...found)).toBeGreaterThan(1023);
});

it('says that a port is taken', async () => {
  const taken = createServer();
  const port = await assertFree('127.0.0.1', 0);
  await new Promise<void>((resolve) => {
    taken.listen({ host: '127.0.0.1', port }, resolve);
  });
  await expect(assertFree('127.0.0.1', port, 'Ask again')).rejects.toThrow(PortTaken);
  await expect(assertFree('127.0.0.1', port, 'Ask again')).rejects.toThrow(
    `Port ${port} is taken. Ask again`,
  );
  taken.close();
});
