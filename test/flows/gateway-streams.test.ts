/** GW-45: whatever stays open ends with its token. And what passes through the gateway piece by piece does so whole. */
import { once } from 'node:events';
import { get, request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createTokenString } from '@tessera/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  AUDIENCE,
  INTROSPECTION_PATH,
  sendJson,
  startAuthorizationServer,
  type TestAuthorizationServer,
} from '../../packages/verifier/testing/authorization-server.ts';
import { headerSeen, startGateway, startUpstream, type TestGateway, type TestUpstream } from '../gateway.ts';

let issuer: TestAuthorizationServer;
let upstream: TestUpstream;
let gateway: TestGateway;
let sockets: WebSocketServer;

beforeAll(async () => {
  issuer = await startAuthorizationServer();
  upstream = await startUpstream();
  sockets = new WebSocketServer({ server: upstream.server });
  sockets.on('connection', (socket) =>
    socket.on('message', (data) => socket.send(`echo ${(data as Buffer).toString()}`)),
  );
  const check = { audience: AUDIENCE };
  gateway = await startGateway({
    issuers: { main: { url: issuer.issuer, client_id: 'gateway', client_secret: 'secret' } },
    routes: {
      api: { path: '/api', upstream: upstream.url, verify_access_token: check, response_timeout_seconds: 5 },
      open: { path: '/open', upstream: upstream.url, open: true, response_timeout_seconds: 1 },
      away: { path: '/away', upstream: 'http://127.0.0.1:1', open: true },
    },
  });
});
afterAll(async () => {
  sockets.close();
  await gateway.close();
  await upstream.close();
  await issuer.close();
});
const usual: TestUpstream['answer'] = (_request, response) => void response.end('{}');
beforeEach(() => {
  upstream.seen.length = 0;
  upstream.answer = usual;
});

/** Seconds; a token that ends at this second. */
const inFiveSeconds = (): number => Math.floor(Date.now() / 1000) + 5;
/** What a timer of this process for the same second was late by is the machine's fault; this much more is ours. */
const LATE_MS = 900;
/** Since the first timer of this process after that second, in milliseconds. Negative: too soon. */
const clockOf = (exp: number): (() => number) => {
  let rungAt = Infinity;
  setTimeout(() => (rungAt = Date.now()), exp * 1000 - Date.now());
  return () => (rungAt === Infinity ? Date.now() - exp * 1000 : Date.now() - rungAt);
};
const tokenUntil = (exp: number): string => issuer.sign({ iat: exp - 60, exp });
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const ask = (path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => get(gateway.url + path, { headers }, resolve).on('error', reject));

/** How many requests the gateway has under way. */
const openRequests = async (): Promise<number> => {
  const metrics = await (await fetch(`${gateway.managementUrl}/metrics`)).text();
  return [...metrics.matchAll(/^tessera_gateway_open_requests\S* (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
};

describe('GW-45: nothing outlives its token', () => {
  it('a WebSocket is closed at the second its token expires', async () => {
    const exp = inFiveSeconds();
    const late = clockOf(exp);
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/api/ws`, {
      headers: bearer(tokenUntil(exp)),
    });
    await once(socket, 'open');
    socket.send('hello');
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(String(message)).toBe('echo hello');
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, String(reason)]).toEqual([1008, 'The access token expired']);
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
    expect(late()).toBeLessThan(LATE_MS);
    await expect.poll(() => sockets.clients.size).toBe(0);
  });

  it('a WebSocket needs a token from the start', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/api/ws`);
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="api"/);
    answer.destroy();
    expect(sockets.clients.size).toBe(0);
  });

  it('a WebSocket with its token in the URL is refused', async () => {
    const socket = new WebSocket(
      `${gateway.url.replace('http', 'ws')}/api/ws?access_token=${tokenUntil(inFiveSeconds())}`,
    );
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(answer.statusCode).toBe(400);
    answer.destroy();
  });

  it('what the upstream answers in place of a WebSocket goes back as it is', async () => {
    upstream.server.removeAllListeners('upgrade');
    upstream.answer = (_request, response) => void response.writeHead(426, { 'x-why': 'no' }).end('not here');
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/open/none`);
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect([answer.statusCode, answer.headers['x-why']]).toEqual([426, 'no']);
    answer.destroy();
    sockets = new WebSocketServer({ server: upstream.server });
  });

  it('a stream of events ends at that second, so that its reader comes back and is refused', async () => {
    upstream.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write('data: tick\n\n'), 100);
      response.on('close', () => clearInterval(timer));
    };
    const exp = inFiveSeconds();
    const late = clockOf(exp);
    const answer = await ask('/api/events', bearer(tokenUntil(exp)));
    let received = '';
    for await (const chunk of answer) received += String(chunk);
    expect(received).toContain('data: tick\n\n');
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
    expect(late()).toBeLessThan(LATE_MS);
    expect((await ask('/api/events', bearer(tokenUntil(exp)))).statusCode).toBe(401);
  });

  it('a request that still waits for its answer is answered 401', async () => {
    upstream.answer = () => {};
    const exp = inFiveSeconds();
    const late = clockOf(exp);
    const answer = await ask('/api/poll', bearer(tokenUntil(exp)));
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('The access token expired');
    expect(late()).toBeLessThan(LATE_MS);
    answer.resume();
  });

  it('a download is cut off, so that it does not look whole', async () => {
    upstream.answer = (_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(100)), 100);
      response.on('close', () => clearInterval(timer));
    };
    const answer = await ask('/api/file', bearer(tokenUntil(inFiveSeconds())));
    answer.resume();
    await expect(once(answer, 'end')).rejects.toThrow(/aborted/);
  });

  it('a stream ends when its token is revoked', async () => {
    upstream.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n');
    };
    const token = createTokenString('at', (size) => crypto.getRandomValues(new Uint8Array(size)));
    const exp = Math.floor(Date.now() / 1000) + 60;
    issuer.tokens.set(token, { active: true, ...issuer.claims({ iat: exp - 60, exp }) });
    const answer = await ask('/api/events', bearer(token));
    issuer.tokens.set(token, { active: false, tessera_reason: 'revoked' });
    answer.resume();
    await once(answer, 'end');
    expect(gateway.log.at(-1)).toContain('"outcome":"revoked"');
  });
});

describe('what passes through', () => {
  it('goes on while it comes: a body in pieces, both ways', async () => {
    upstream.answer = usual;
    upstream.server.removeAllListeners('request');
    upstream.server.on('request', (request, response) => request.pipe(response));
    const call = httpRequest(`${gateway.url}/open/echo`, { method: 'POST' });
    call.write('one');
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    const pieces: string[] = [];
    for await (const piece of answer) {
      if (pieces.push(String(piece)) === 1) call.end('two');
    }
    expect(pieces).toEqual(['one', 'two']);
  });

  it('waits for a slow reader: the gateway does not hold what is not read', async () => {
    let sent = 0;
    upstream.server.removeAllListeners('request');
    upstream.server.on('request', (_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const push = (): void => {
        while (sent < 200 * 1024 * 1024) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', push);
        }
        response.end();
      };
      push();
    });
    const answer = await ask('/open/large');
    answer.pause();
    let before = -1;
    while (before !== sent) {
      before = sent;
      await wait(150);
    }
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    answer.destroy();
  });

  it('a caller that leaves takes its request with it', async () => {
    let gone = false;
    upstream.server.removeAllListeners('request');
    upstream.server.on('request', (_request, response) => {
      response.on('close', () => (gone = true));
      response.write('x');
    });
    const answer = await ask('/open/leave');
    answer.on('error', () => {});
    answer.destroy();
    await expect.poll(() => gone).toBe(true);
  });

  it.each([
    ['an answer', 'an answer'],
    ['a large answer', 'x'.repeat(4 * 1024 * 1024)],
  ])('a caller that leaves while its token is looked at leaves nothing behind: %s', async (_what, body) => {
    let isAsked = false;
    let answerIssuer: (() => void) | undefined;
    issuer.answers.set(INTROSPECTION_PATH, (res) => {
      isAsked = true;
      answerIssuer = () => sendJson(res, { active: true, ...issuer.claims({ iat: exp - 60, exp }) });
    });
    upstream.server.removeAllListeners('request');
    upstream.server.on('request', (_request, response) => void response.end(body));
    const exp = inFiveSeconds() + 3600;
    const token = createTokenString('at', (size) => crypto.getRandomValues(new Uint8Array(size)));
    const call = get(`${gateway.url}/api/leave`, { headers: bearer(token), agent: false });
    call.on('error', () => {});
    await expect.poll(() => isAsked).toBe(true);
    call.destroy();
    await wait(50);
    answerIssuer?.();
    await expect.poll(openRequests).toBe(0);
    issuer.answers.clear();
  });
  it('a caller that leaves before its WebSocket is open leaves no connection to the upstream behind', async () => {
    let answerIssuer: (() => void) | undefined;
    const exp = inFiveSeconds() + 3600;
    issuer.answers.set(INTROSPECTION_PATH, (res) => {
      answerIssuer = () => sendJson(res, { active: true, ...issuer.claims({ iat: exp - 60, exp }) });
    });
    const token = createTokenString('at', (size) => crypto.getRandomValues(new Uint8Array(size)));
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/api/leave`, {
      headers: bearer(token),
    });
    socket.on('error', () => {});
    await expect.poll(() => answerIssuer !== undefined).toBe(true);
    socket.terminate();
    await wait(50);
    answerIssuer?.();
    await expect.poll(openRequests).toBe(0);
    expect(sockets.clients.size).toBe(0);
    issuer.answers.clear();
  });

  it('an answer whose hints Node will not pass on', async () => {
    upstream.server.removeAllListeners('request');
    upstream.server.on('request', (_request, response) => {
      const link = '</a.css>; rel=preload; as=style, </b.js>; rel=preload; as=script';
      response.socket?.write(`HTTP/1.1 103 Early Hints\r\nLink: ${link}\r\n\r\n`);
      setTimeout(() => response.end('{}'), 20);
    });
    expect((await ask('/open/hints')).statusCode).toBe(200);
  });
  it('trailers, hints, and several cookies', async () => {
    upstream.server.removeAllListeners('request');
    upstream.server.on('request', (_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeHead(200, {
        trailer: 'X-Sum',
        'set-cookie': ['a=1', 'b=2'],
        connection: 'X-Hop',
        'x-hop': '1',
      });
      response.write('body');
      response.addTrailers({ 'X-Sum': '42' });
      response.end();
    });
    const hints: unknown[] = [];
    const call = get(`${gateway.url}/open/x`);
    call.on('information', ({ statusCode, headers }) => hints.push([statusCode, headers['link']]));
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(answer.headers['x-hop']).toBeUndefined();
    expect(answer.trailers).toEqual({ 'x-sum': '42' });
    expect(hints).toEqual([[103, '</style.css>; rel=preload']]);
  });

  it('a caller that waits for `100 Continue` gets it once its token is good, and not before', async () => {
    upstream.server.removeAllListeners('request');
    upstream.server.on('request', (request, response) =>
      request.resume().on('end', () => response.end('ok')),
    );
    const send = (path: string, headers: Record<string, string>) => {
      const call = httpRequest(gateway.url + path, {
        method: 'PUT',
        headers: { expect: '100-continue', ...headers },
      });
      call.flushHeaders();
      let continued = false;
      call.on('continue', () => {
        continued = true;
        call.end('body');
      });
      return once(call, 'response').then(([answer]) => {
        (answer as IncomingMessage).resume();
        call.destroy();
        return { status: (answer as IncomingMessage).statusCode, continued };
      });
    };
    expect(await send('/api/x', {})).toEqual({ status: 401, continued: false });
    expect(await send('/api/x', bearer(tokenUntil(inFiveSeconds() + 60)))).toEqual({
      status: 200,
      continued: true,
    });
  });

  it('an upstream that is not there: 502; one that does not answer: 504', async () => {
    upstream.server.removeAllListeners('request');
    upstream.server.on('request', () => {});
    const away = await ask('/away');
    expect(away.statusCode).toBe(502);
    const slow = await ask('/open/slow');
    expect(slow.statusCode).toBe(504);
    for (const answer of [away, slow]) answer.resume();
    expect(gateway.log.at(-1)).toContain('"outcome":"upstream_timeout"');
  });

  it('an answer that breaks off breaks off for the caller', async () => {
    upstream.server.removeAllListeners('request');
    upstream.server.on('request', (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('some');
      setTimeout(() => response.destroy(), 50);
    });
    const answer = await ask('/open/broken');
    answer.resume();
    await expect(once(answer, 'end')).rejects.toThrow(/aborted/);
  });

  it('a HEAD, a 204 and a 304 have no body, and the connection stays usable', async () => {
    upstream.server.removeAllListeners('request');
    upstream.server.on('request', (request, response) => {
      const status = Number(request.url?.slice(-3));
      response.writeHead(status, status === 200 ? { 'content-length': '1000' } : {}).end();
    });
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 304],
    ] as const) {
      const answer = await fetch(`${gateway.url}/open/${status}`, { method });
      expect([answer.status, await answer.text()]).toEqual([status, '']);
    }
  });

  it('the upstream sees its own host', async () => {
    upstream.server.removeAllListeners('request');
    upstream.server.on('request', (request, response) => {
      const { rawHeaders, headers } = request;
      upstream.seen.push({ method: '', url: '', rawHeaders, headers, body: '' });
      response.end();
    });
    await fetch(`${gateway.url}/open/x`);
    expect(headerSeen(upstream.seen[0]!, 'host')).toBe(new URL(upstream.url).host);
  });
});

it('thousands of streams to one upstream leave room for the next request', async () => {
  upstream.answer = (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (request.url?.endsWith('/stream') === true) response.write('data: {}\n\n');
    else response.end('answered');
  };
  const streams: IncomingMessage[] = [];
  try {
    for (let hundreds = 0; hundreds < 15; hundreds++) {
      const opened = Promise.all(Array.from({ length: 100 }, () => ask('/open/stream')));
      // oxlint-disable-next-line no-await-in-loop -- a few at a time
      const heard = await Promise.race([opened, wait(4000)]);
      expect([hundreds, heard?.length]).toEqual([hundreds, 100]);
      streams.push(...(heard ?? []));
    }
    const next = await ask('/open/next');
    expect(next.statusCode).toBe(200);
    next.resume();
  } finally {
    for (const stream of streams) stream.destroy();
  }
});
