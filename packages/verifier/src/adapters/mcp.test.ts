import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import express from 'express';
import type { RequestHandler } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDpopKey } from '../../../../test/dpop-key.ts';
import { AUDIENCE, NOW, startAuthorizationServer } from '../../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../../testing/authorization-server.ts';
import { createVerifier } from '../verifier.ts';
import type { Verifier } from '../verifier.ts';
import { oauthTokenVerifier, protect } from './mcp.ts';
import type { McpRequest } from './mcp.ts';

const METADATA_URL = 'https://music.example/.well-known/oauth-protected-resource';

interface McpApi {
  readonly url: string;
  close(): Promise<unknown>;
}

let issuer: TestAuthorizationServer;
let verifier: Verifier;
/** What the verifier of `down` is: its issuer does not answer. */
let down: Verifier;

beforeAll(async () => {
  issuer = await startAuthorizationServer();
  const options = { issuer: issuer.issuer, audience: AUDIENCE, clock: () => NOW };
  verifier = createVerifier(options);
  down = createVerifier({ ...options, jwks: () => Promise.reject(new Error('down')) });
});
afterAll(() => issuer.close());

const sdkNow = (): number => Math.floor(Date.now() / 1000);

async function listen(middleware: (req: McpRequest, res: never, next: never) => unknown): Promise<McpApi> {
  const app = express();
  app.use(middleware as unknown as RequestHandler);
  app.all('/mcp', (req, res) => {
    const { auth, body } = req as unknown as McpRequest;
    res.json({ auth: { ...auth, token: auth?.token === undefined ? 'none' : 'there' }, body });
  });
  app.use(
    ((error, _req, res, _next) =>
      void res.status(500).json({ error: String(error) })) as express.ErrorRequestHandler,
  );
  const server = createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    close: () => {
      server.closeAllConnections();
      server.close();
      return once(server, 'close');
    },
  };
}

const call = (name: string, id: number | string = 7) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: {} },
});

describe('protect', () => {
  let api: McpApi;
  beforeAll(async () => {
    api = await listen(
      protect({
        verifier,
        scopes: ['read'],
        realm: 'mcp',
        resourceName: 'Tools',
        toolScopes: { search: [], add: ['write', 'read'], share: ['share'] },
      }),
    );
  });
  afterAll(() => api.close());

  const post = (body: unknown, token?: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(api.url, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    });

  it('answers no token with where to get one and what to ask for (RFC 9728 §5.1, MCP scope selection)', async () => {
    for (const method of ['POST', 'GET', 'DELETE']) {
      // oxlint-disable-next-line no-await-in-loop -- one server, one after the other
      const response = await fetch(api.url, { method });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe(
        `Bearer realm="mcp", scope="read", resource_metadata="${METADATA_URL}"`,
      );
    }
  });

  it.each([
    ['expired', () => issuer.sign({ exp: NOW / 1000 }), 'The access token expired'],
    [
      'for another API',
      () => issuer.sign({ aud: 'https://billing.example/' }),
      'The access token is for another API',
    ],
    ['of another issuer', () => issuer.sign({ iss: 'https://evil.example' }), 'another server'],
  ])(
    'answers a token that is %s with 401 invalid_token and the same pointers (RFC 6750 §3.1)',
    async (_, sign, said) => {
      const response = await post(call('search'), sign());
      expect(response.status).toBe(401);
      const challenge = response.headers.get('www-authenticate');
      expect(challenge).toContain('error="invalid_token"');
      expect(challenge).toContain(said);
      expect(challenge).toContain('scope="read"');
      expect(challenge).toContain(`resource_metadata="${METADATA_URL}"`);
    },
  );

  it.each(['GET', 'POST', 'OPTIONS'])(
    'serves its metadata at the well-known address, to %s without a token',
    async (method) => {
      const response = await fetch(new URL('/.well-known/oauth-protected-resource', api.url), { method });
      expect(response.status).toBe({ GET: 200, POST: 401, OPTIONS: 204 }[method]);
      if (method !== 'GET') return;
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(await response.json()).toEqual({
        resource: AUDIENCE,
        authorization_servers: [issuer.issuer],
        scopes_supported: ['read'],
        bearer_methods_supported: ['header'],
        resource_name: 'Tools',
      });
    },
  );

  it('takes a token from the header only (MCP Access Token Usage, RFC 6750 §2.3)', async () => {
    const response = await fetch(`${api.url}?access_token=${issuer.sign()}`, { method: 'POST' });
    expect(response.status).toBe(400);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_request"');
  });

  it('reads no body before the token is good', async () => {
    expect((await post('{ not json')).status).toBe(401);
    const response = await post('{ not json', issuer.sign());
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32700, message: 'The body is not JSON' },
    });
  });

  it('refuses a body beyond what a message needs (RFC 9110 §15.5.14)', async () => {
    const response = await post(`"${'x'.repeat(4 * 1024 * 1024)}"`, issuer.sign());
    expect(response.status).toBe(413);
  });

  it.each([
    ['a tool', call('add'), 'read', 'read write'],
    ['a tool, where even the basic scope is missing', call('add'), 'share', 'read write'],
    ['any message', { jsonrpc: '2.0', id: 1, method: 'tools/list' }, 'write', 'read'],
    ['a batch', [call('search'), call('share'), call('add')], 'read write', 'read share write'],
  ])(
    'answers %s with 403 and all that the operation needs, at once (MCP Scope Challenge)',
    async (_, body, scope, needed) => {
      const response = await post(body, issuer.sign({ scope }));
      expect(response.status).toBe(403);
      expect(response.headers.get('www-authenticate')).toBe(
        'Bearer realm="mcp", error="insufficient_scope", ' +
          'error_description="The access token does not have the scope that this needs", ' +
          `scope="${needed}", resource_metadata="${METADATA_URL}"`,
      );
    },
  );

  it.each(['purge', 'constructor', '__proto__'])(
    'lets nobody call %s, a tool without an entry',
    async (tool) => {
      const response = await post(call(tool, 'abc'), issuer.sign({ scope: 'read write share' }));
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        jsonrpc: '2.0',
        id: 'abc',
        error: { code: -32602, message: 'This tool is not known here' },
      });
    },
  );

  it.each([
    ['Mcp-Method', { 'mcp-method': 'tools/list' }],
    ['Mcp-Name', { 'mcp-method': 'tools/call', 'mcp-name': 'search' }],
  ])(
    'refuses %s that contradicts the body, by which a proxy may have decided (MCP HeaderMismatch)',
    async (_, headers) => {
      const response = await post(call('add'), issuer.sign(), headers);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ id: 7, error: { code: -32020 } });
    },
  );

  it('lets a call pass with the person, the client and the scopes for the tool', async () => {
    const headers = { 'mcp-method': 'tools/call', 'mcp-name': 'add' };
    const response = await post(call('add'), issuer.sign(), headers);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      auth: {
        token: 'there',
        clientId: 'client_player',
        scopes: ['read', 'write'],
        expiresAt: NOW / 1000 + 3600,
        resource: AUDIENCE,
        extra: { sub: 'usr_ada', kind: 'user' },
      },
      body: call('add'),
    });
    expect((await fetch(api.url, { headers: { authorization: `Bearer ${issuer.sign()}` } })).status).toBe(
      200,
    );
  });

  it('takes a token bound to a key with its proof, and says so where more is needed (RFC 9449 §7.1)', async () => {
    const key = await createDpopKey();
    const token = issuer.sign({ scope: 'read', cnf: { jkt: key.jkt } });
    const send = async (tool: string) => {
      const proof = await key.proof({ url: api.url, at: NOW, accessToken: token });
      return post(call(tool), undefined, { authorization: `DPoP ${token}`, dpop: proof });
    };
    expect((await send('search')).status).toBe(200);
    const refused = await send('add');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toMatch(
      /DPoP .*error="insufficient_scope".*scope="read write"/,
    );
    expect((await post(call('search'), token)).status).toBe(401);
  });

  it('takes a body that was read before it', async () => {
    const middleware = protect({ verifier, toolScopes: { add: ['admin'] } });
    const before = await listen((req, res, next) => {
      req.body = call('add');
      void middleware(req, res, next);
    });
    const response = await fetch(before.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${issuer.sign()}` },
    });
    await before.close();
    expect(response.status).toBe(403);
  });

  it('answers an outage with 503, and lets nothing pass when the verifier itself fails', async () => {
    const outage = await listen(protect({ verifier: down }));
    const broken = await listen(
      protect({
        verifier: { ...verifier, audience: AUDIENCE, verify: () => Promise.reject(new Error('a bug')) },
      }),
    );
    const headers = { authorization: `Bearer ${issuer.sign()}` };
    const statuses = [
      (await fetch(outage.url, { method: 'POST', headers })).status,
      (await fetch(broken.url, { method: 'POST', headers })).status,
    ];
    await Promise.all([outage.close(), broken.close()]);
    expect(statuses).toEqual([503, 500]);
  });

  it('refuses at once a scope of a tool that could never be granted', () => {
    expect(() => protect({ verifier, toolScopes: { add: ['a b'] } })).toThrow(TypeError);
  });
});

describe('oauthTokenVerifier, behind the bearer middleware of the SDK', () => {
  const sdk = (use: Verifier) =>
    requireBearerAuth({
      verifier: oauthTokenVerifier(use),
      requiredScopes: ['read'],
      resourceMetadataUrl: METADATA_URL,
      expectedResource: new URL(AUDIENCE),
    }) as never;

  /** The SDK looks at the real clock. */
  const current = (change: object = {}) => ({ iat: sdkNow(), exp: sdkNow() + 3600, ...change });

  it.each([
    ['no token', () => undefined, 401, 'invalid_token'],
    ['a damaged token', () => 'nonsense', 401, 'invalid_token'],
    [
      'a token for another API',
      () => issuer.sign(current({ aud: 'https://billing.example/' })),
      401,
      'invalid_token',
    ],
    ['a missing scope', () => issuer.sign(current({ scope: 'write' })), 403, 'insufficient_scope'],
  ])('%s: %s', async (_, token, status, error) => {
    const api = await listen(sdk(createVerifier({ issuer: issuer.issuer, audience: AUDIENCE })));
    const value = token();
    const headers = value === undefined ? undefined : { authorization: `Bearer ${value}` };
    const response = await fetch(api.url, { method: 'POST', ...(headers === undefined ? {} : { headers }) });
    await api.close();
    expect(response.status).toBe(status);
    const challenge = response.headers.get('www-authenticate');
    expect(challenge).toContain(`error="${error}"`);
    expect(challenge).toContain(`resource_metadata="${METADATA_URL}"`);
  });

  it('an outage is no fault of the token', async () => {
    const api = await listen(sdk(down));
    const response = await fetch(api.url, { headers: { authorization: `Bearer ${issuer.sign()}` } });
    await api.close();
    expect(response.status).toBe(500);
    expect(response.headers.get('www-authenticate')).toBeNull();
  });

  it('a good token reaches the handler', async () => {
    const api = await listen(sdk(createVerifier({ issuer: issuer.issuer, audience: AUDIENCE })));
    const response = await fetch(api.url, { headers: { authorization: `Bearer ${issuer.sign(current())}` } });
    await api.close();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      auth: { clientId: 'client_player', scopes: ['read', 'write'] },
    });
  });
});
