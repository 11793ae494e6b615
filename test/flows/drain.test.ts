/** `tessera serve` leaves without dropping a request (RFC 9112 §9.6). */
import { Agent, get } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { serveSettings, ServeProcesses } from '../serve-process.ts';

const processes = new ServeProcesses();
afterEach(() => processes.kill());

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

function ask(port: number, path: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: agent ?? false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, body }));
      answer.on('error', reject);
    }).on('error', reject);
  });
}

it('answers whatever comes in on a connection that was open, and refuses new ones', async () => {
  const served = await processes.start(serveSettings());
  const statuses = new Set<number | undefined>();
  let answered = 0;
  const client = async (): Promise<string | undefined> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- one connection asks one thing at a time
        statuses.add((await ask(served.port, '/.well-known/jwks.json', agent)).status);
        answered += 1;
      }
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    } finally {
      agent.destroy();
    }
  };
  const clients = Array.from({ length: 8 }, client);
  await expect.poll(() => answered).toBeGreaterThan(200);
  expect(await served.stop()).toBe(0);
  expect([...statuses]).toEqual([200]);
  expect(new Set(await Promise.all(clients))).toEqual(new Set(['ECONNREFUSED']));
});

it('goes on for as long as it is told, not ready any more', async () => {
  const served = await processes.start({ ...serveSettings(), TESSERA_SHUTDOWN_DELAY: '2' });
  expect((await ask(served.port, '/health/live')).status).toBe(200);
  const ended = served.stop();
  await expect.poll(async () => (await ask(served.metricsPort, '/health/ready')).status).toBe(503);
  const ready = await ask(served.port, '/health/ready');
  expect([ready.status, ready.body]).toEqual([503, expect.stringContaining('the server is stopping')]);
  expect((await ask(served.port, '/health/live')).status).toBe(200);
  expect(await ended).toBe(0);
});
