/** The gateway in front of an API: what passes, what each refusal is called, and that nothing refused reaches the API. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  EXP,
  INTROSPECTION_PATH,
  NOW,
  sendJson,
  startAuthorizationServer,
  type TestAuthorizationServer,
} from '../../packages/verifier/testing/authorization-server.ts';
import { createTokenString } from '@tessera/tokens';
import { headerSeen, startGateway, startUpstream, type TestGateway, type TestUpstream } from '../gateway.ts';

let issuer: TestAuthorizationServer;
let upstream: TestUpstream;
let gateway: TestGateway;
let now = NOW;

const opaque = (): string => createTokenString('at', (size) => crypto.getRandomValues(new Uint8Array(size)));

beforeAll(async () => {
  issuer = await startAuthorizationServer();
  upstream = await startUpstream();
  const check = { audience: AUDIENCE, scopes_all: ['read'] };
  gateway = await startGateway(
    {
      issuers: { main: { url: issuer.issuer, client_id: 'gateway', client_secret: 'secret' } },
      home_url: issuer.issuer,
      routes: {
        music: { path: '/v1', upstream: upstream.url, verify_access_token: check },
        short: {
          path: '/x-token',
          upstream: upstream.url,
          verify_access_token: { ...check, header: 'X-Token', prefix: '' },
        },
        any: {
          path: '/any',
          upstream: upstream.url,
          methods: ['GET'],
          verify_access_token: { audience: AUDIENCE, scopes_any: ['admin', 'write'] },
        },
        open: { path: '/open', upstream: `${upstream.url}/base`, open: true, strip_path: true },
      },
    },
    { clock: () => now },
  );
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
  await issuer.close();
});
beforeEach(() => {
  now = NOW;
  upstream.seen.length = 0;
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(gateway.url + path, { headers });
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe('S11: only a verifiable token passes, and each refusal has its own code', () => {
  const inactive = (reason: string): string => {
    const token = opaque();
    issuer.tokens.set(token, { active: false, tessera_reason: reason });
    return token;
  };
  const refusals: readonly [
    name: string,
    headers: () => Record<string, string>,
    status: number,
    code: string,
  ][] = [
    ['none', () => ({}), 401, 'missing_token'],
    ['malformed', () => bearer('not-a-token'), 401, 'malformed_token'],
    ['malformed header', () => ({ authorization: 'Bearer' }), 400, 'malformed_request'],
    ['unknown', () => bearer(opaque()), 401, 'unknown_token'],
    ['expired JWT', () => bearer(issuer.sign({ exp: NOW / 1000 })), 401, 'expired'],
    ['expired opaque', () => bearer(inactive('expired')), 401, 'expired'],
    ['revoked', () => bearer(inactive('revoked')), 401, 'revoked'],
    ['wrong audience', () => bearer(issuer.sign({ aud: 'https://other.example/' })), 401, 'wrong_audience'],
    ['wrong issuer', () => bearer(issuer.sign({ iss: 'https://other.example' })), 401, 'wrong_issuer'],
    ['missing scope', () => bearer(issuer.sign({ scope: 'write' })), 403, 'insufficient_scope'],
  ];

  it.each(refusals)('%s', async (_name, headers, status, code) => {
    const answer = await get('/v1/tracks', headers());
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="music"/);
    expect(answer.headers.get('www-authenticate')).toContain(
      `resource_metadata="${gateway.url}/.well-known/oauth-protected-resource/v1"`,
    );
    expect(upstream.seen).toEqual([]);
  });

  it('a good token passes, with the identity in headers and without the token', async () => {
    const answer = await get('/v1/tracks?market=GB', bearer(issuer.sign()));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ method: 'GET', url: '/v1/tracks?market=GB' });
    const [request] = upstream.seen;
    expect(headerSeen(request!, 'x-auth-subject')).toBe('usr_ada');
    expect(headerSeen(request!, 'x-auth-client')).toBe('client_player');
    expect(headerSeen(request!, 'x-auth-scope')).toBe('read write');
    expect(headerSeen(request!, 'authorization')).toBeUndefined();
  });

  it('the token may come in another header, and then only there', async () => {
    const token = issuer.sign();
    expect((await get('/x-token', { 'x-token': token })).status).toBe(200);
    expect(headerSeen(upstream.seen[0]!, 'x-token')).toBeUndefined();
    const wrongPlace = await get('/x-token', bearer(token));
    expect(wrongPlace.status).toBe(401);
    expect(await wrongPlace.json()).toMatchObject({ code: 'missing_token' });
    expect(upstream.seen).toHaveLength(1);
  });

  it('one of several scopes is enough where the route says so', async () => {
    expect((await get('/any', bearer(issuer.sign({ scope: 'write' })))).status).toBe(200);
    const refused = await get('/any', bearer(issuer.sign({ scope: 'read' })));
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('scope="admin write"');
  });

  it('an opaque token passes when the issuer says so, and 503 while it cannot be asked', async () => {
    const token = opaque();
    issuer.tokens.set(token, { active: true, ...issuer.claims() });
    expect((await get('/v1/me', bearer(token))).status).toBe(200);
    issuer.answers.set(INTROSPECTION_PATH, (res) => sendJson(res, {}, 500));
    const away = await get('/v1/me', bearer(token));
    issuer.answers.delete(INTROSPECTION_PATH);
    expect(away.status).toBe(503);
    expect(await away.json()).toMatchObject({ code: 'unavailable' });
    expect(upstream.seen).toHaveLength(1);
  });
});

describe('routes', () => {
  it('a path that no route has is 404, another method 405', async () => {
    expect(await (await get('/nothing')).json()).toMatchObject({ code: 'no_route' });
    const answer = await fetch(`${gateway.url}/any`, { method: 'POST' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET');
  });

  it('an open route passes everybody on, below the path of its upstream', async () => {
    expect(await (await get('/open/a?b=c')).json()).toEqual({ method: 'GET', url: '/base/a?b=c' });
  });

  it('`GET /` says what it is and leads home', async () => {
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(issuer.issuer);
  });

  it('serves the metadata of each API (RFC 9728)', async () => {
    const document = await (await get('/.well-known/oauth-protected-resource/v1')).json();
    expect(document).toMatchObject({ resource: AUDIENCE, authorization_servers: [issuer.issuer] });
  });
});

describe('what it tells about itself', () => {
  it('counts by route and outcome, and logs no token', async () => {
    const token = issuer.sign({ exp: EXP - 1 });
    await get(`/v1/${opaque()}/${token}`, bearer(token));
    await get('/v1/a', bearer('nonsense'));
    const metrics = await (await fetch(`${gateway.managementUrl}/metrics`)).text();
    expect(metrics).toContain('tessera_gateway_requests_total{outcome="passed",route="music",status="200"}');
    expect(metrics).toContain('outcome="malformed_token",route="music",status="401"');
    expect((await fetch(`${gateway.managementUrl}/health/ready`)).status).toBe(200);
    expect(gateway.log.join('\n')).toContain('"route":"music"');
    expect(gateway.log.join('\n')).not.toContain(token);
    expect(gateway.log.join('\n')).not.toMatch(/tsr_at_/);
    expect(metrics).not.toContain(token.slice(-20));
  });
});
