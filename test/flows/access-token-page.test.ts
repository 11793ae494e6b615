// The page Access token in front of servers that answer as ours do: every line it shows is run as it stands, and
// every button is pressed in a real browser, with scripts and without.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import formbody from '@fastify/formbody';
import sparticuz from '@sparticuz/chromium';
import Fastify from 'fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoData } from '../../packages/server/src/pages/access-token/demo-data.ts';
import { registerAccessTokenPage } from '../../packages/server/src/pages/access-token/routes.ts';
import { registerAssets } from '../../packages/server/src/pages/assets.ts';
import { shownCode } from '../../packages/server/src/pages/testing/code-blocks.ts';
import { DEMO, GET_PROFILE_SOURCE } from '../../packages/server/src/pages/testing/samples.ts';

const run = promisify(execFile);
const SHORT_LIFETIME_SECONDS = 2;
const tokens = new Map<string, { endsAt: number; audience: string; revoked: boolean }>();
const servers: Server[] = [];
let demo: DemoData;
let browser: Browser;

/** Listens first, so that the address is known before the routes are made. */
async function listen(): Promise<{ origin: string; serve: (app: FastifyInstance) => Promise<void> }> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    serve: async (app) => {
      await app.ready();
      server.on('request', (request, response) => app.routing(request, response));
    },
  };
}

type Form = Record<string, string>;

/** JWTs nobody signed, and opaque strings: enough for the page, which verifies nothing itself. */
function issue(resource: string | undefined) {
  const lifetime = resource === demo.resources.musicShort ? SHORT_LIFETIME_SECONDS : 3600;
  const random = Buffer.from(crypto.getRandomValues(new Uint8Array(36)))
    .toString('base64url')
    .replace(/[-_]/g, 'x');
  const claims = Buffer.from(JSON.stringify({ aud: resource, sub: 'demo-app' })).toString('base64url');
  const value = resource === undefined ? `tsr_at_${random}x` : `eyJhbGciOiJFUzI1NiJ9.${claims}.${random}`;
  const audience = resource ?? demo.resources.music;
  tokens.set(value, { endsAt: Date.now() + lifetime * 1000, audience, revoked: false });
  return { access_token: value, token_type: 'Bearer', expires_in: lifetime };
}

function isDemoApp(request: FastifyRequest): boolean {
  const { id, secret } = demo.confidentialClient;
  return request.headers.authorization === `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

async function issuer(): Promise<FastifyInstance> {
  const app = Fastify();
  await app.register(formbody);
  registerAssets(app);
  app.post<{ Body: Form }>('/api/token', async (request, reply) => {
    if (!isDemoApp(request)) return await reply.code(401).send({ error: 'invalid_client' });
    return issue(request.body['resource']);
  });
  app.post<{ Body: Form }>('/api/introspect', async (request, reply) => {
    const active = isDemoApp(request) && tokens.has(request.body['token'] ?? '');
    return await reply.send({ active });
  });
  app.post<{ Body: Form }>('/api/revoke', async (request, reply) => {
    const token = tokens.get(request.body['token'] ?? '');
    if (token && isDemoApp(request)) token.revoked = true;
    return await reply.send('');
  });
  app.get<{ Querystring: Form }>('/authorize', async (request, reply) => {
    const fine =
      request.query['redirect_uri'] === demo.publicClient.redirectUri && request.query['code_challenge'];
    return await reply.redirect(`${demo.issuer}/login?interaction=${fine ? 'waits' : 'broken'}`, 303);
  });
  await registerAccessTokenPage(app, { demo, fetch, getProfileSource: GET_PROFILE_SOURCE });
  return app;
}

function refusal(status: number, message: string) {
  return { status, body: { error: { status, message } } };
}

function answerTrack(request: FastifyRequest, audience: string): { status: number; body: object } {
  if (request.url.includes('access_token=')) return refusal(400, 'A token may not travel in a URL');
  const token = tokens.get(request.headers.authorization?.replace('Bearer ', '') ?? '');
  if (!token || token.audience !== audience) return refusal(401, 'Invalid access token');
  if (token.revoked) return refusal(401, 'The access token was revoked');
  if (Date.now() >= token.endsAt) return refusal(401, 'The access token expired');
  return { status: 200, body: { name: 'Maple Leaf Rag', type: 'track', id: demo.trackId } };
}

function musicApi(): FastifyInstance {
  const app = Fastify();
  for (const [path, audience] of [
    ['/v1/tracks/:id', demo.resources.music],
    [`${demo.shortPath}/tracks/:id`, demo.resources.musicShort],
  ] as const) {
    app.get(path, async (request, reply) => {
      const { status, body } = answerTrack(request, audience);
      return await reply.code(status).send(body);
    });
  }
  return app;
}

beforeAll(async () => {
  const [home, music] = [await listen(), await listen()];
  demo = { ...DEMO, issuer: home.origin, musicApi: music.origin };
  await home.serve(await issuer());
  await music.serve(musicApi());
  const args = ['--no-sandbox', '--no-zygote', '--disable-gpu'];
  browser = await chromium.launch({ executablePath: await sparticuz.executablePath(), args });
});

afterAll(async () => {
  await browser?.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

describe('the lines on the page', () => {
  it('all run as they stand, and end as the page says', async () => {
    const page = await (await fetch(demo.issuer)).text();
    const shell = shownCode(page).filter((shown) => shown.run === 'shell');
    const results = await Promise.all(
      shell.map(async ({ code }) => await run('bash', ['-euo', 'pipefail', '-c', code], { timeout: 20_000 })),
    );
    const outputs = results.map(({ stdout }) => stdout.trim());
    const expected = [
      /"access_token":"tsr_at_.*"expires_in":3600/,
      /"name":"Maple Leaf Rag"/,
      /^HTTP\/1.1 400 /,
      /^303 http:\/\/127\.0\.0\.1:\d+\/login\?interaction=waits$/,
      /^HTTP\/1.1 200 .*Maple Leaf Rag/s,
      /aud: 'https:\/\/music\.example\/'/,
      /^\{"active":true\}$/,
      /^HTTP\/1.1 401 .*revoked/s,
    ];
    expect(outputs).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(outputs[index]).toMatch(pattern);
  });

  it('getProfile() is a function that runs', async () => {
    const [shown] = shownCode(await (await fetch(demo.issuer)).text()).filter(
      ({ run: kind }) => kind === 'js',
    );
    const seen: unknown[] = [];
    const answer = async (_url: string, init: unknown) => {
      seen.push(init);
      return Response.json({ display_name: 'Ada' });
    };
    const page = { localStorage: { getItem: () => 'the-token' }, fetch: answer };
    expect(await runInNewContext(`${shown?.code}; getProfile();`, page)).toEqual({ display_name: 'Ada' });
    expect(seen).toEqual([{ headers: { Authorization: 'Bearer the-token' } }]);
  });
});

async function press(page: Page, name: string): Promise<void> {
  await Promise.all([page.waitForURL(/#/), page.getByRole('button', { name, exact: true }).click()]);
  await page.waitForLoadState('load');
}

const status = async (page: Page, action: string) =>
  await page.locator(`[data-answer="${action}"]`).getAttribute('data-status');

describe.each([{ javaScriptEnabled: true }, { javaScriptEnabled: false }])(
  'the buttons, $javaScriptEnabled',
  (options) => {
    it('lead from a token to its end', async () => {
      const context = await browser.newContext(options);
      try {
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
        await page.goto(demo.issuer);
        await press(page, 'Get a token');
        expect(await page.locator('[data-answer="get_token"]').textContent()).toContain('"expires_in": 3600');
        await press(page, 'Call the API');
        expect(await status(page, 'call_api')).toBe('200');
        const field = page.getByLabel('Access token');
        const value = await field.inputValue();
        await field.fill(`${value.slice(0, -2)}${value.at(-2) === 'a' ? 'b' : 'a'}${value.at(-1)}`);
        await press(page, 'Call the API');
        expect(await status(page, 'call_api')).toBe('401');
        expect(await page.getByText(/^Character \d+ is/).count()).toBe(1);
        await press(page, 'Try a 30-second token');
        await press(page, 'Call the API with it');
        expect(await status(page, 'call_short_api')).toBe('200');
        if (options.javaScriptEnabled) await page.locator('#expiry .tile.ended').waitFor();
        else await new Promise((resolve) => setTimeout(resolve, SHORT_LIFETIME_SECONDS * 1000));
        await press(page, 'Call the API with it');
        expect(await page.locator('[data-answer="call_short_api"]').textContent()).toContain(
          'The access token expired',
        );
        expect(await page.locator('#expiry .tile.ended').count()).toBe(1);
        await press(page, 'Get a new one');
        await press(page, 'Call the API with it');
        expect(await status(page, 'call_short_api')).toBe('200');
        await press(page, 'Put it in a URL');
        expect(await status(page, 'put_in_url')).toBe('400');
        await press(page, 'Revoke it');
        expect(await page.locator('#get .tile.revoked').count()).toBe(1);
        await page.getByLabel('Access token').fill(value);
        await press(page, 'Call the API');
        expect(await page.locator('[data-answer="call_api"]').textContent()).toContain('revoked');
        expect(page.url()).not.toContain('tsr_');
        expect(complaints).toEqual([]);
      } finally {
        await context.close();
      }
    });
  },
);
