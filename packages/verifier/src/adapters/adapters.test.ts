import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { Hono } from 'hono';
import { calculateJwkThumbprint, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIENCE, NOW, startAuthorizationServer } from '../../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../../testing/authorization-server.ts';
import type { AccessToken } from '../access-token.ts';
import { protectedResourceMetadata, protectedResourceMetadataUrl } from '../protected-resource-metadata.ts';
import { createVerifier } from '../verifier.ts';
import type { Verifier } from '../verifier.ts';
import * as expressAdapter from './express.ts';
import * as fastifyAdapter from './fastify.ts';
import * as fetchAdapter from './fetch.ts';
import * as honoAdapter from './hono.ts';
import * as nodeAdapter from './node.ts';

const RESOURCE = 'https://music.example/v1';
const METADATA_URL = protectedResourceMetadataUrl(RESOURCE);
const metadata = protectedResourceMetadata({
  resource: RESOURCE,
  authorizationServers: ['https://id.example'],
});

let issuer: TestAuthorizationServer;
let verifier: Verifier;
let usual: Verifier;
/** What answers for `verifier` at the moment. */
let current: Pick<Verifier, 'verify'>;

/** The API of these tests: `/me` needs `read`, `/own` answers refusals in its own way. */
interface Api {
  readonly origin: string;
  close(): Promise<unknown>;
}

const options = () => ({ verifier, scopes: ['read'], realm: 'music', resourceMetadataUrl: METADATA_URL });
const ownBody = (error: { status: number; description: string }) => ({
  error: { status: error.status, message: error.description },
});
const show = ({ sub, format }: AccessToken) => ({ sub, format });

function originOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

async function listen(server: Server): Promise<Api> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: originOf(server),
    close: () => {
      server.closeAllConnections();
      server.close();
      return once(server, 'close');
    },
  };
}

function startNodeApi(): Promise<Api> {
  const me = nodeAdapter.protect(options());
  const own = nodeAdapter.protect({ ...options(), onError: ownBody });
  const wellKnown = nodeAdapter.serveProtectedResourceMetadata(metadata);
  return listen(
    createServer((req: nodeAdapter.ProtectableRequest, res) => {
      const done: nodeAdapter.Next = (error) => {
        res.writeHead(error === undefined ? 200 : 500, { 'content-type': 'application/json' });
        res.end(JSON.stringify(req.accessToken === undefined ? {} : show(req.accessToken)));
      };
      wellKnown(req, res, () => void (req.url?.startsWith('/own') === true ? own : me)(req, res, done));
    }),
  );
}

function startExpressApi(): Promise<Api> {
  const app = express();
  // The handler of last resort writes what it gets to the console unless it is told not to.
  app.set('env', 'test');
  app.use(expressAdapter.serveProtectedResourceMetadata(metadata));
  const own = expressAdapter.protect({ ...options(), onError: ownBody });
  app.all('/me', expressAdapter.protect(options()), (req, res) => void res.json(show(req.accessToken!)));
  app.get('/own', own, (req, res) => void res.json(show(req.accessToken!)));
  return listen(createServer(app));
}

function startHonoApi(): Promise<Api> {
  const app = new Hono();
  app.onError((_error, c) => c.json({}, 500));
  app.use(honoAdapter.serveProtectedResourceMetadata(metadata));
  const own = honoAdapter.protect({ ...options(), onError: ownBody });
  app.all('/me', honoAdapter.protect(options()), (c) => c.json(show(c.get('accessToken'))));
  app.get('/own', own, (c) => c.json(show(c.get('accessToken'))));
  return listen(createAdaptorServer({ fetch: app.fetch }) as Server);
}

async function startFastifyApi(): Promise<Api> {
  const app: FastifyInstance = Fastify();
  await app.register(fastifyAdapter.serveProtectedResourceMetadata(metadata));
  const own = fastifyAdapter.protect({ ...options(), onError: ownBody });
  app.get('/me', { onRequest: fastifyAdapter.protect(options()) }, (request) => show(request.accessToken!));
  app.post('/me', { onRequest: fastifyAdapter.protect(options()) }, (request) => show(request.accessToken!));
  app.get('/own', { onRequest: own }, (request) => show(request.accessToken!));
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return { origin, close: () => app.close() };
}

/** A fetch handler behind the smallest of bridges, so that it is met over real HTTP as well. */
function startFetchApi(): Promise<Api> {
  const me = fetchAdapter.protect(options())((_, accessToken) => Response.json(show(accessToken)));
  const own = fetchAdapter.protect({ ...options(), onError: ownBody })((_, accessToken) =>
    Response.json(show(accessToken)),
  );
  const wellKnown = fetchAdapter.serveProtectedResourceMetadata(metadata);
  const handle = async (request: Request): Promise<Response> =>
    wellKnown(request) ?? (new URL(request.url).pathname === '/own' ? own(request) : me(request));
  const server = createServer((req, res) => {
    const headers = new Headers();
    for (let index = 0; index < req.rawHeaders.length; index += 2) {
      headers.append(req.rawHeaders[index]!, req.rawHeaders[index + 1]!);
    }
    const request = new Request(`http://api.example${req.url}`, { method: req.method ?? 'GET', headers });
    handle(request)
      .catch(() => new Response('{}', { status: 500 }))
      .then(async (response) => {
        res.writeHead(response.status, Object.fromEntries(response.headers));
        res.end(Buffer.from(await response.arrayBuffer()));
        return undefined;
      })
      .catch(() => res.destroy());
  });
  return listen(server);
}

/** A request that no client library would send. */
async function sendRaw(origin: string, lines: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.write([...lines, `Host: ${hostname}`, 'Connection: close', '', ''].join('\r\n'));
  return text(socket);
}

beforeAll(async () => {
  issuer = await startAuthorizationServer();
  usual = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, clock: () => NOW });
  verifier = {
    issuer: usual.issuer,
    issuers: usual.issuers,
    audience: usual.audience,
    forget: (hash) => usual.forget(hash),
    close: () => usual.close(),
    verify: (presented, needed) => current.verify(presented, needed),
  };
});
afterAll(() => issuer.close());
beforeEach(() => {
  current = usual;
});

describe.each([
  ['fetch', startFetchApi],
  ['node', startNodeApi],
  ['fastify', startFastifyApi],
  ['express', startExpressApi],
  ['hono', startHonoApi],
])('the %s adapter', (_, start) => {
  let api: Api;
  beforeAll(async () => {
    api = await start();
  });
  afterAll(() => api.close());

  const get = (path: string, token?: string, init: RequestInit = {}) =>
    fetch(api.origin + path, {
      ...init,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });

  it('answers a request without a token by a challenge without an error code (RFC 6750 §3.1)', async () => {
    const response = await get('/me');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer realm="music", scope="read", resource_metadata="${METADATA_URL}"`,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toEqual({
      error: 'missing_token',
      error_description: 'An access token is needed',
    });
  });

  it('answers an expired token with the reason (RFC 6750 §3.1)', async () => {
    const response = await get('/me', issuer.sign({ exp: NOW / 1000 }));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer realm="music", error="invalid_token", error_description="The access token expired", ' +
        `scope="read", resource_metadata="${METADATA_URL}"`,
    );
    expect(await response.json()).toEqual({
      error: 'invalid_token',
      error_description: 'The access token expired',
    });
  });

  it('answers a missing scope with 403 and what is needed (RFC 6750 §3.1)', async () => {
    const response = await get('/me', issuer.sign({ scope: 'write' }));
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(response.headers.get('www-authenticate')).toContain('scope="read"');
  });

  it('answers a token in the URL with 400, even beside a good one (RFC 6750 §2.3)', async () => {
    const response = await get('/me?access_token=x', issuer.sign());
    expect(response.status).toBe(400);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_request"');
    expect(await response.text()).not.toContain('access_token=x');
  });

  it('answers two Authorization headers with 400 (RFC 9110 §5.3)', async () => {
    const header = `Authorization: Bearer ${issuer.sign()}`;
    expect(await sendRaw(api.origin, ['GET /me HTTP/1.1', header, header])).toMatch(/^HTTP\/1\.1 400 /);
    expect(await sendRaw(api.origin, ['GET /me HTTP/1.1', header])).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('does not read a token from a form (OAuth 2.1 §5.1)', async () => {
    const body = new URLSearchParams({ access_token: issuer.sign() });
    expect((await fetch(`${api.origin}/me`, { method: 'POST', body })).status).toBe(401);
  });

  it('answers HEAD without a body', async () => {
    const response = await get('/me', undefined, { method: 'HEAD' });
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('');
  });

  it('lets the API give the body its own shape, while status and challenge stay', async () => {
    const response = await get('/own', issuer.sign({ exp: NOW / 1000 }));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await response.json()).toEqual({ error: { status: 401, message: 'The access token expired' } });
  });

  it('answers an outage with 503 and no challenge', async () => {
    current = createVerifier({
      issuer: issuer.issuer,
      audience: AUDIENCE,
      clock: () => NOW,
      jwks: () => Promise.reject(new Error('down')),
    });
    const response = await get('/me', issuer.sign());
    expect(response.status).toBe(503);
    expect(response.headers.get('www-authenticate')).toBeNull();
    expect(await response.json()).toMatchObject({ error: 'unavailable' });
  });

  it('lets nothing pass when the verifier itself fails', async () => {
    current = { verify: () => Promise.reject(new Error('a bug')) };
    expect((await get('/me', issuer.sign())).status).toBe(500);
  });

  it('hands the access token to the handler', async () => {
    const response = await get('/me', issuer.sign());
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ sub: 'usr_ada', format: 'jwt' });
  });

  it('serves the metadata to any origin (RFC 9728 §3)', async () => {
    for (const path of [
      '/.well-known/oauth-protected-resource',
      '/.well-known/oauth-protected-resource/v1',
    ]) {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('content-type')).toContain('application/json');
      expect(await response.json()).toEqual(metadata);
      const preflight = await get(path, undefined, { method: 'OPTIONS' });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
      expect(preflight.headers.get('access-control-allow-headers')).toBe('*');
    }
    expect((await get('/.well-known/oauth-protected-resource/v2')).status).not.toBe(200);
  });
});

describe('the node adapter behind a router', () => {
  it('sees a token in the URL that the router cut off, and trusts no access token that was there before', async () => {
    const middleware = nodeAdapter.protect({ verifier });
    const api = await listen(
      createServer((req: nodeAdapter.ProtectableRequest, res) => {
        Object.assign(req, { originalUrl: req.url, url: '/', accessToken: { sub: 'forged' } });
        void middleware(req, res, () => res.end(req.accessToken?.sub));
      }),
    );
    const headers = { authorization: `Bearer ${issuer.sign()}` };
    expect((await fetch(`${api.origin}/x?access_token=y`, { headers })).status).toBe(400);
    expect((await fetch(`${api.origin}/x`)).status).toBe(401);
    expect(await (await fetch(`${api.origin}/x`, { headers })).text()).toBe('usr_ada');
    await api.close();
  });
});

describe('the express adapter in a router', () => {
  it('sees a token in the URL that the router cut off', async () => {
    const app = express();
    const router = express.Router();
    router.use(expressAdapter.protect({ verifier }));
    router.get('/', (req, res) => void res.send(req.accessToken?.sub));
    app.use('/x', router);
    const api = await listen(createServer(app));
    const headers = { authorization: `Bearer ${issuer.sign()}` };
    expect((await fetch(`${api.origin}/x?access_token=y`, { headers })).status).toBe(400);
    expect((await fetch(`${api.origin}/x`)).status).toBe(401);
    expect(await (await fetch(`${api.origin}/x`, { headers })).text()).toBe('usr_ada');
    await api.close();
  });
});

describe('the hono adapter', () => {
  it('needs nothing but Request and Response', async () => {
    const app = new Hono();
    app.use(honoAdapter.serveProtectedResourceMetadata(metadata));
    app.get('/me', honoAdapter.protect({ verifier }), (c) => c.text(c.get('accessToken').sub));
    const headers = { authorization: `Bearer ${issuer.sign()}` };
    expect(await (await app.request('/me', { headers })).text()).toBe('usr_ada');
    expect((await app.request('/me')).status).toBe(401);
    expect((await app.request('/.well-known/oauth-protected-resource')).status).toBe(200);
    const twice = new Headers(headers);
    twice.append('authorization', headers.authorization);
    expect((await app.request('/me', { headers: twice })).status).toBe(400);
  });
});

describe.each([
  ['node', startNodeApi],
  ['fastify', startFastifyApi],
  ['express', startExpressApi],
  ['hono', startHonoApi],
])('a bound token on %s', (_, start) => {
  it.each([
    ['the URL that was called', (origin: string) => `${origin}/me`, 200],
    ['another path', (origin: string) => `${origin}/own`, 401],
    ['another host', () => 'http://evil.example/me', 401],
  ])('passes with a proof for %s only (RFC 9449 §4.3 9)', async (__, htu, status) => {
    const api = await start();
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = publicKey.export({ format: 'jwk' });
    const token = issuer.sign({ cnf: { jkt: await calculateJwkThumbprint(jwk) } });
    const ath = createHash('sha256').update(token).digest('base64url');
    const dpop = await new SignJWT({
      jti: randomUUID(),
      htm: 'GET',
      htu: htu(api.origin),
      iat: NOW / 1000,
      ath,
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .sign(privateKey);
    const response = await fetch(`${api.origin}/me`, { headers: { authorization: `DPoP ${token}`, dpop } });
    await api.close();
    expect(response.status).toBe(status);
  });
});

describe('protect refuses at once', () => {
  it.each([
    ['a scope that could never be granted', { scopes: ['read write'] }],
    ['a quote in a scope', { scopes: ['"'] }],
    ['a metadata address that is no URL', { resourceMetadataUrl: '/.well-known/x' }],
  ])('%s', (_, wrong) => {
    for (const { protect } of [fetchAdapter, nodeAdapter, fastifyAdapter, expressAdapter, honoAdapter]) {
      expect(() => protect({ verifier, ...wrong })).toThrow(TypeError);
    }
  });
});
