/** A gateway that runs: reloads, stops, counts allowances, issues inside tokens, adds what the upstream asks for. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGateway } from '@tessera/gateway/run';
import { createTokenString, hashTokenString } from '@tessera/tokens';
import { createVerifier } from '@tessera/verifier';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { assertFree } from '../../packages/server/src/startup/listen.ts';
import {
  AUDIENCE,
  METADATA_PATH,
  NOW,
  sendJson,
  startAuthorizationServer,
  type TestAuthorizationServer,
} from '../../packages/verifier/testing/authorization-server.ts';
import { headerSeen, startGateway, startUpstream, type TestUpstream } from '../gateway.ts';

let issuer: TestAuthorizationServer;
let upstream: TestUpstream;
let other: TestUpstream;
const running: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  [issuer, upstream, other] = await Promise.all([
    startAuthorizationServer(),
    startUpstream(),
    startUpstream(),
  ]);
});
afterAll(async () => {
  for (const one of running.toReversed()) await one.close();
  await Promise.all([issuer.close(), upstream.close(), other.close()]);
});
beforeEach(() => void (upstream.seen.length = 0));

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const issuers = (): object => ({ main: { url: issuer.issuer, client_id: 'g', client_secret: 's' } });

describe('allowances', () => {
  it('429 with the seconds to wait, for each app and each token by itself; they refill evenly', async () => {
    let now = NOW;
    const gateway = await startGateway(
      {
        issuers: issuers(),
        routes: {
          api: {
            upstream: upstream.url,
            verify_access_token: { audience: AUDIENCE },
            quotas: [
              { per: 'client', requests: 4, seconds: 40 },
              { per: 'token', requests: 2, seconds: 10 },
            ],
          },
        },
      },
      { clock: () => now },
    );
    running.push(gateway);
    const ask = (token: string): Promise<Response> => fetch(gateway.url, { headers: bearer(token) });
    const [one, two, third] = ['a', 'b', 'c'].map((jti) => issuer.sign({ jti })) as [string, string, string];
    const statuses: number[] = [];
    for (const token of [one, one, one, two, two, third]) statuses.push((await ask(token)).status);
    expect(statuses).toEqual([200, 200, 429, 200, 200, 429]);
    expect(upstream.seen).toHaveLength(4);
    const refused = await ask(third);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
    expect(await refused.json()).toMatchObject({ code: 'quota_exceeded' });
    const stranger = issuer.sign({ jti: 'd', client_id: 'another', sub: 'another' });
    expect((await ask(stranger)).status).toBe(200);
    now += 10_000;
    expect((await ask(third)).status).toBe(200);
    expect((await ask(third)).status).toBe(429);
  });
});

describe('inside tokens', () => {
  it('an opaque token outside is a signed JWT inside, that a verifier of its own takes', async () => {
    const managementPort = await assertFree('127.0.0.1', 0);
    const inside = `http://127.0.0.1:${managementPort}`;
    const gateway = await startGateway({
      issuers: issuers(),
      management: { port: managementPort },
      inside_tokens: { issuer: inside, lifetime_seconds: 30 },
      routes: {
        api: { upstream: upstream.url, verify_access_token: { audience: AUDIENCE }, token: 'inside' },
      },
    });
    running.push(gateway);
    const token = createTokenString('at', (size) => crypto.getRandomValues(new Uint8Array(size)));
    const exp = Math.floor(Date.now() / 1000) + 20;
    issuer.tokens.set(token, { active: true, ...issuer.claims({ exp, iat: exp - 60, org_id: 'org_1' }) });
    const ask = (): Promise<Response> =>
      fetch(gateway.url, { headers: { ...bearer(token), 'x-authorization': 'kept' } });
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(200);
    const [first, second] = upstream.seen.map((seen) => headerSeen(seen, 'authorization')?.slice(7) ?? '');
    expect(first).not.toContain(token);
    expect(second).toBe(first);
    const verifier = createVerifier({ issuer: inside, audience: AUDIENCE });
    const accessToken = await verifier.verify(first!);
    expect(accessToken).toMatchObject({
      format: 'jwt',
      sub: 'usr_ada',
      clientId: 'client_player',
      scopes: ['read', 'write'],
    });
    expect(accessToken.claims['org_id']).toBe('org_1');
    expect(accessToken.exp).toBeLessThanOrEqual(exp);
    expect(JSON.stringify(await (await fetch(`${inside}/.well-known/jwks.json`)).json())).not.toContain(
      '"d"',
    );
  });
});

describe('an API that wants a key of its own', () => {
  it('gets it from the gateway, whatever the caller sends', async () => {
    const gateway = await startGateway({
      issuers: issuers(),
      routes: {
        api: {
          upstream: upstream.url,
          verify_access_token: { audience: AUDIENCE },
          set_headers: { Authorization: 'Basic bGVnYWN5OmtleQ==', 'X-Api-Key': 'legacy' },
        },
      },
    });
    running.push(gateway);
    const exp = Math.floor(Date.now() / 1000) + 60;
    const headers = {
      ...bearer(issuer.sign({ exp, iat: exp - 60 })),
      'x-api-key': 'mine',
      x_api_key: 'mine',
    };
    expect((await fetch(gateway.url, { headers })).status).toBe(200);
    const [seen] = upstream.seen;
    expect(headerSeen(seen!, 'authorization')).toBe('Basic bGVnYWN5OmtleQ==');
    expect(headerSeen(seen!, 'x-api-key')).toBe('legacy');
    expect(JSON.stringify(seen!.rawHeaders)).not.toContain('mine');
    expect(gateway.log.join('')).not.toContain('legacy');
  });
});

describe('a new configuration', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tessera-gateway-'));
  const file = join(directory, 'gateway.yaml');
  const write = (settings: object): void =>
    writeFileSync(file, JSON.stringify({ listen: [{ port: 0 }], management: { port: 0 }, ...settings }));
  const open = (url: string): object => ({ routes: { api: { upstream: url, open: true } } });

  it('is gone on with, and no request is dropped; one that cannot be used changes nothing', async () => {
    write(open(upstream.url));
    const log: string[] = [];
    const gateway = await runGateway({ file, environment: {}, write: (line) => void log.push(line) });
    running.push({ close: () => gateway.stop() });
    const [url = ''] = gateway.urls;
    upstream.answer = (_request, response) => void response.end('one');
    other.answer = (_request, response) => void response.end('other');
    const text = async (): Promise<string> => (await fetch(url)).text();
    expect(await text()).toBe('one');

    // A request that is under way while the configuration changes ends as it began.
    let finish: () => void = () => {};
    upstream.answer = (_request, response) => {
      response.write('first half, ');
      finish = () => void response.end('second half');
    };
    const slow = fetch(url).then((answer) => answer.text());
    await expect.poll(() => upstream.seen.length).toBe(2);
    const statuses: number[] = [];
    const asking = new AbortController();
    const caller = (async () => {
      while (!asking.signal.aborted) statuses.push((await fetch(`${url}/x`)).status);
    })();
    upstream.answer = (_request, response) => void response.end('one');
    for (const target of [other, upstream, other]) {
      write(open(target.url));
      await gateway.reload();
    }
    expect(await text()).toBe('other');
    asking.abort();
    await caller;
    finish();
    expect(await slow).toBe('first half, second half');
    expect(statuses.length).toBeGreaterThan(0);
    expect(new Set(statuses)).toEqual(new Set([200]));

    writeFileSync(file, 'routes: { api: { upstream: 7, opn: true } }');
    await gateway.reload();
    expect(await text()).toBe('other');
    expect(log.at(-1)).toContain('routes.api.opn is not a setting; did you mean open?');
    const metrics = await (await fetch(`${gateway.managementUrl}/metrics`)).text();
    expect(metrics).toContain('tessera_gateway_reloads_total{outcome="refused"} 1');
  });

  it('is noticed by itself', async () => {
    write(open(upstream.url));
    const gateway = await runGateway({ file, environment: {}, write: () => {} });
    running.push({ close: () => gateway.stop() });
    other.answer = (_request, response) => void response.end('other');
    write(open(other.url));
    await expect.poll(async () => (await fetch(gateway.urls[0]!)).text()).toBe('other');
  });

  it('goes on with what is remembered: proofs and allowances are not forgotten', async () => {
    const settings = (further: object): object => ({
      issuers: issuers(),
      routes: {
        api: {
          path: '/api',
          upstream: upstream.url,
          verify_access_token: { audience: AUDIENCE },
          quotas: [{ per: 'client', requests: 1, seconds: 3600 }],
        },
        ...further,
      },
    });
    write(settings({}));
    const gateway = await runGateway({ file, environment: {}, write: () => {} });
    running.push({ close: () => gateway.stop() });
    const exp = Math.floor(Date.now() / 1000) + 60;
    const ask = async (): Promise<number> =>
      (await fetch(`${gateway.urls[0]}/api`, { headers: bearer(issuer.sign({ exp, iat: exp - 60 })) }))
        .status;
    expect(await ask()).toBe(200);
    expect(await ask()).toBe(429);
    write(settings({ more: { path: '/more', upstream: other.url, open: true } }));
    await gateway.reload();
    expect(await ask()).toBe(429);
  });

  it('a stream that outlasts several ends when its token is revoked, though the last knows nothing of its issuer', async () => {
    let events: ServerResponse | undefined;
    issuer.answers.set(METADATA_PATH, (res) =>
      sendJson(res, {
        issuer: issuer.issuer,
        jwks_uri: `${issuer.issuer}/.well-known/jwks.json`,
        tessera_events_endpoint: `${issuer.issuer}/events`,
      }),
    );
    issuer.answers.set('/events', (res) => {
      events ??= res;
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write('event: live\nid: 1\ndata: {}\n\n');
    });
    const routes = { api: { upstream: upstream.url, verify_access_token: { audience: AUDIENCE } } };
    write({ issuers: issuers(), routes });
    const gateway = await runGateway({ file, environment: {}, write: () => {} });
    running.push({ close: () => gateway.stop() });
    upstream.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n');
    };
    const exp = Math.floor(Date.now() / 1000) + 60;
    const headers = bearer(issuer.sign({ iat: exp - 60, exp, jti: 'long' }));
    const stream = await new Promise<IncomingMessage>((resolve) =>
      get(gateway.urls[0]!, { headers }, resolve),
    );
    stream.resume();
    await expect.poll(() => events !== undefined).toBe(true);
    write({
      issuers: issuers(),
      routes: { ...routes, more: { path: '/more', upstream: other.url, open: true } },
    });
    await gateway.reload();
    write({ routes: { api: { upstream: other.url, open: true } } });
    await gateway.reload();
    const token = Buffer.from(hashTokenString('long')).toString('base64url');
    events?.write(`event: ended\nid: 2\ndata: ${JSON.stringify({ token, exp })}\n\n`);
    await once(stream, 'end', { signal: AbortSignal.timeout(5000) });
    issuer.answers.clear();
  });
});

describe('stopping', () => {
  it('ends WebSockets, too, once the time is over', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(sockets, 'listening');
    const { port } = sockets.address() as { port: number };
    const gateway = await startGateway({
      routes: { api: { upstream: `http://127.0.0.1:${port}`, open: true } },
    });
    const socket = new WebSocket(gateway.url.replace('http', 'ws'));
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await gateway.close(50);
    expect((await closed)[0]).toBe(1006);
    sockets.close();
  });

  it('lets what is under way end, and takes nothing more', async () => {
    const gateway = await startGateway({ routes: { api: { upstream: upstream.url, open: true } } });
    let finish: () => void = () => {};
    upstream.answer = (_request, response) => {
      response.write('half, ');
      finish = () => void response.end('whole');
    };
    const answer = await new Promise<IncomingMessage>((resolve) => get(gateway.url, resolve));
    const stopped = gateway.close(5000);
    await expect(fetch(gateway.url)).rejects.toThrow();
    expect((await fetch(`${gateway.managementUrl}/health/ready`)).status).toBe(503);
    finish();
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    expect(text).toBe('half, whole');
    await stopped;
  });

  it('ends what does not end by itself once the time is over', async () => {
    const gateway = await startGateway({ routes: { api: { upstream: upstream.url, open: true } } });
    upstream.answer = (_request, response) => void response.write('for ever');
    const answer = await new Promise<IncomingMessage>((resolve) => get(gateway.url, resolve));
    answer.resume();
    answer.on('error', () => {});
    const ended = new Promise<void>((resolve) => answer.once('close', resolve));
    await gateway.close(50);
    await ended;
    expect(answer.complete).toBe(false);
  });
});
