// Broken requests, by the thousand and from a seed: never an answer of ours that is at fault, never a hang, and the
// server goes on. `FUZZ_SEED` and `FUZZ_REQUESTS` look further.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueAdminToken } from '../../packages/server/src/startup/first-start.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { SECOND } from '../movable-clock.ts';
import { type Outcome, sendBroken } from '../broken-request.ts';
import { apiSamples, oauthSamples, pageSamples } from '../fuzz-samples.ts';
import { asItIs, breakSample, type Broken, createDice, type Sample } from '../mutations.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import { exchange, requestToken, signInAndConsent, tokensOf } from '../oauth-calls.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20261122);
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 1800);
const BATCH = 60;
const AT_ONCE = 6;
const LONGEST_MS = 10_000;

describe.each(STORES)('broken requests on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let adminToken: string;

  beforeAll(async () => {
    server = await startTestServer({ store });
    browser = server.newBrowser();
    const administrator = await server.tessera.store.users.findByEmail('admin@example.test');
    adminToken = await issueAdminToken(server.tessera, administrator!);
    await server.registerClient({ id: 'fuzzed', name: 'To be changed' });
    await signInAndConsent(server, browser, { parameters: { scope: 'openid catalog-read' } });
  });
  afterAll(() => server?.close());

  const all = async (round: number): Promise<readonly Sample[]> => {
    const fuzzed = { server, browser, adminToken };
    return [
      ...(await oauthSamples(fuzzed)),
      ...(await pageSamples(fuzzed)),
      ...(await apiSamples(fuzzed, `f${SEED}-${round}`)),
    ];
  };

  const send = (broken: Broken): Promise<Outcome> => sendBroken(server.base, broken, LONGEST_MS);

  it('begin as requests that are accepted', async () => {
    const samples = await all(-1);
    const refused: string[] = [];
    for (const sample of samples) {
      // A wrong password is what the sample of the sign-in has; one request too many makes no difference to it.
      const allowed = sample.name === 'login' ? [401] : [];
      // oxlint-disable-next-line no-await-in-loop -- some need the one before
      const { status, text } = await send(asItIs(sample));
      if (status >= 400 && !allowed.includes(status))
        refused.push(`${sample.name}: ${status} ${text.slice(0, 200)}`);
    }
    expect(refused).toEqual([]);
  });

  it(`get an answer that is not our fault, ${REQUESTS} times (R5), seed ${SEED}`, async () => {
    const dice = createDice(SEED);
    const faults: string[] = [];
    const statuses = new Map<number, number>();
    for (let sent = 0; sent < REQUESTS; sent += BATCH) {
      // oxlint-disable no-await-in-loop -- fresh samples for each batch
      // So that limits of a minute do not hide what lies behind them.
      server.clock.advance(61 * SECOND);
      browser = await signedInBrowser();
      const samples = await all(sent);
      const batch = Array.from({ length: BATCH }, () => {
        const sample = samples[dice(samples.length)]!;
        return { sample, broken: breakSample(sample, dice) };
      });
      const lanes = Array.from({ length: AT_ONCE }, (_, lane) =>
        batch.filter((_one, index) => index % AT_ONCE === lane),
      );
      await Promise.all(
        lanes.map(async (lane) => {
          for (const { sample, broken } of lane) {
            const { status, text } = await send(broken).catch((error: unknown) => ({
              status: 0,
              text: String(error),
            }));
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            // What Node itself cannot parse, it may refuse by closing; a hang it may not.
            if (status >= 500 || text.includes('no answer in time')) {
              faults.push(`${sample.name}, ${broken.how}: ${status} ${text.slice(0, 300)}`);
            }
          }
        }),
      );
      // oxlint-enable no-await-in-loop
    }
    expect(faults).toEqual([]);
    expect(server.log.filter((line) => /"level":(50|60)/.test(line))).toEqual([]);
    // Both kinds of answers: what is refused, and what is tolerated.
    const count = (from: number, to: number): number =>
      [...statuses].reduce((sum, [status, times]) => (status >= from && status < to ? sum + times : sum), 0);
    expect(count(400, 500)).toBeGreaterThan(REQUESTS / 4);
    expect(count(200, 400)).toBeGreaterThan(REQUESTS / 20);
    expect(count(0, 1)).toBeLessThan(REQUESTS / 20);
  });

  /** A batch may have ended the session. */
  async function signedInBrowser(): Promise<NoScriptBrowser> {
    const page = await browser.get('/login');
    if (page.page.includes('action="/logout"')) return browser;
    const fresh = server.newBrowser();
    await signInAndConsent(server, fresh, { parameters: { scope: 'openid catalog-read' } });
    return fresh;
  }

  const LINES: readonly (readonly [string, string])[] = [
    ['nothing of HTTP', '\0\x01\x02\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a path with spaces', 'GET /a b c HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['no host (RFC 9112 §3.2)', 'GET / HTTP/1.1\r\n\r\n'],
    [
      'two lengths (RFC 9112 §6.3)',
      'POST /api/token HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\na=b',
    ],
    [
      'length and chunks (RFC 9112 §6.1)',
      'POST /api/token HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a broken chunk', 'POST /api/token HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n'],
    ['a header of 64 kB', `GET / HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(65_536)}\r\n\r\n`],
    ['3000 headers', `GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(3000)}\r\n`],
    ['a folded header', 'GET / HTTP/1.1\r\nhost: x\r\na: b\r\n c\r\n\r\n'],
    ['another version', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n'],
    ['an absolute target', 'GET http://evil.example/ HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['a target of %', 'GET /%%%%% HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'],
    [
      'two Authorization headers',
      'GET /userinfo HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n',
    ],
    ['TRACE', 'TRACE /authorize HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncookie: a=b\r\n\r\n'],
  ];
  it.each(LINES)('that are hardly HTTP are answered with 4xx or closed: %s (GW-35)', async (_name, bytes) => {
    const answer = await sendBytes(bytes);
    const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
    if (status === undefined) expect(answer).toBe('');
    else expect(Number(status)).toSatisfy((value: number) => value >= 300 && value < 500);
    expect(answer.match(/^HTTP\/1\.1 /gm)?.length ?? 0).toBeLessThan(2);
  });

  function sendBytes(bytes: string): Promise<string> {
    const { port } = new URL(server.base);
    return new Promise((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.end(Buffer.from(bytes, 'latin1')));
      const chunks: Buffer[] = [];
      socket.setTimeout(LONGEST_MS, () => resolve('no answer in time'));
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('error', () => resolve(Buffer.concat(chunks).toString('latin1')));
      socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    });
  }

  it('leave the server in order', async () => {
    const answer = await requestToken(
      server,
      { grant_type: 'client_credentials' },
      server.clients.confidential,
    );
    expect(answer.status).toBe(200);
    const authorized = await signInAndConsent(server, server.newBrowser(), {
      parameters: { scope: 'openid' },
    });
    expect(tokensOf(await exchange(server, authorized)).idToken).not.toBe('');
    expect((await fetch(`${server.base}/health/ready`)).status).toBe(200);
  });
});
