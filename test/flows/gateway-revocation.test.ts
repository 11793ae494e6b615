/** The gateway beside a real Tessera: what ends there is refused here, and ends what is still open. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, startUpstream, type TestGateway, type TestUpstream } from '../gateway.ts';
import { startTestServer, STORES, type TestServer } from '../harness.ts';

const JWT_API = 'https://gateway-jwt.example/';
const OPAQUE_API = 'https://gateway-opaque.example/';
/** Far less than the token or its cache would last; what is promised is measured by the benchmark. */
const PATIENCE_MS = 30_000;

describe.each(STORES)('on %s', (store) => {
  let server: TestServer;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let app: { id: string; secret: string | undefined };

  beforeAll(async () => {
    server = await startTestServer({ store });
    upstream = await startUpstream();
    const checker = await server.registerClient({ id: 'gateway', grantTypes: [] });
    app = await server.registerClient({ id: 'caller' });
    const shared = { resourceServers: [checker.id] };
    await server.registerResource({ identifier: JWT_API, ...shared });
    await server.registerResource({ identifier: OPAQUE_API, tokenFormat: 'opaque', ...shared });
    const route = (path: string, audience: string): object => ({
      path,
      upstream: upstream.url,
      verify_access_token: { audience, scopes_all: ['read'] },
    });
    gateway = await startGateway({
      issuers: {
        main: {
          url: server.issuer,
          client_id: checker.id,
          client_secret: checker.secret,
          introspection_cache_seconds: 60,
        },
      },
      routes: { jwt: route('/jwt', JWT_API), opaque: route('/opaque', OPAQUE_API) },
    });
  });
  afterAll(async () => {
    await gateway?.close();
    await upstream?.close();
    await server?.close();
  });

  const basic = (): string => `Basic ${Buffer.from(`${app.id}:${app.secret}`).toString('base64')}`;
  const form = (path: string, body: Record<string, string>): Promise<Response> =>
    fetch(server.base + path, {
      method: 'POST',
      headers: { authorization: basic() },
      body: new URLSearchParams(body),
    });
  async function newToken(resource: string): Promise<string> {
    const answer = await form('/api/token', { grant_type: 'client_credentials', resource, scope: 'read' });
    return ((await answer.json()) as { access_token: string }).access_token;
  }
  const ask = (path: string, token: string): Promise<Response> =>
    fetch(gateway.url + path, { headers: { authorization: `Bearer ${token}` } });

  describe.each([
    ['jwt', JWT_API],
    ['opaque', OPAQUE_API],
  ])('a token that is %s', (name, resource) => {
    it('passes, and once it is revoked is refused, though it was remembered', async () => {
      const token = await newToken(resource);
      for (let count = 0; count < 3; count++) expect((await ask(`/${name}`, token)).status).toBe(200);
      expect((await form('/api/revoke', { token })).status).toBe(200);
      const answer = await refusedSoon(() => ask(`/${name}`, token));
      expect([answer.status, await answer.json()]).toEqual([
        401,
        expect.objectContaining({ code: 'revoked' }),
      ]);
    });

    it('ends the stream it opened when it is revoked', async () => {
      upstream.answer = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n');
      };
      const token = await newToken(resource);
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        get(`${gateway.url}/${name}`, { headers: { authorization: `Bearer ${token}` } }, resolve).on(
          'error',
          reject,
        );
      });
      answer.resume();
      expect(answer.statusCode).toBe(200);
      await form('/api/revoke', { token });
      await once(answer, 'end');
      upstream.answer = (_request, response) => void response.end('{}');
      await expect.poll(() => gateway.log.join('\n')).toContain('"outcome":"revoked"');
    });
  });

  it('a token in a URL of the gateway is refused, and neither log holds it', async () => {
    const token = await newToken(OPAQUE_API);
    const answer = await fetch(`${gateway.url}/opaque?access_token=${token}`);
    expect(answer.status).toBe(400);
    expect(gateway.exposed).toContain(token);
    expect([...gateway.log, ...server.log].join('\n')).not.toContain(token.slice(7, -6));
  });

  async function refusedSoon(send: () => Promise<Response>): Promise<Response> {
    const until = performance.now() + PATIENCE_MS;
    let answer = await send();
    while (answer.status === 200 && performance.now() < until) answer = await send();
    return answer;
  }
});
