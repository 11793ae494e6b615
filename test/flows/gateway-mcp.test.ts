/** The gateway in front of an MCP server: which tool a message calls decides which scopes it takes. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  NOW,
  startAuthorizationServer,
  type TestAuthorizationServer,
} from '../../packages/verifier/testing/authorization-server.ts';
import { createDpopKey } from '../dpop-key.ts';
import { startGateway, startUpstream, type TestGateway, type TestUpstream } from '../gateway.ts';

const AUDIENCE = 'https://tools.example/mcp';
let issuer: TestAuthorizationServer;
let upstream: TestUpstream;
let gateway: TestGateway;

beforeAll(async () => {
  [issuer, upstream] = await Promise.all([startAuthorizationServer(), startUpstream()]);
  gateway = await startGateway(
    {
      issuers: { main: { url: issuer.issuer } },
      routes: {
        tools: {
          path: '/mcp',
          upstream: upstream.url,
          verify_access_token: { audience: AUDIENCE, scopes_all: ['mcp'] },
          mcp: { tools: { look: [], write: ['files:write'], erase: ['files:write', 'files:erase'] } },
        },
      },
    },
    { clock: () => NOW },
  );
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([issuer.close(), upstream.close()]);
});
beforeEach(() => void (upstream.seen.length = 0));

const token = (scope: string): string => issuer.sign({ aud: AUDIENCE, scope });
const call = (name: string, id: unknown = 1): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: {} },
});
function post(body: unknown, scope = 'mcp', headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token(scope)}`, ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
}

describe('calls that are refused reach nobody', () => {
  it.each([
    ['without the scope of the tool', call('write'), 'mcp', 'mcp files:write'],
    ['with one of its two', call('erase'), 'mcp files:write', 'mcp files:write files:erase'],
    ['as one of a batch', [call('look'), call('write')], 'mcp', 'mcp files:write'],
    ['without the scope of the server', call('look'), 'files:write', 'mcp'],
    ['a ping without it', { jsonrpc: '2.0', id: 1, method: 'ping' }, 'files:write', 'mcp'],
  ])('%s: 403 that names all that it takes at once', async (_name, body, scope, needed) => {
    const answer = await post(body, scope);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(answer.headers.get('www-authenticate')).toContain(`scope="${needed}"`);
    expect(answer.headers.get('www-authenticate')).toContain('resource_metadata="');
    expect(upstream.seen).toEqual([]);
  });

  it('without a token the body is not even read', async () => {
    const answer = await fetch(`${gateway.url}/mcp`, { method: 'POST', body: '{' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('scope="mcp"');
  });

  it('a tool without an entry is not known, whoever calls it', async () => {
    for (const name of ['other', 'constructor', '__proto__', 'Look', 'look ']) {
      const answer = await post(call(name), 'mcp files:write files:erase');
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ id: 1, error: { code: -32602 } });
    }
    expect(upstream.seen).toEqual([]);
  });

  const nested = '{"jsonrpc":"2.0","id":1,"method":"ping","params":{}';
  it.each([
    ['another method in other letters', `${nested},"Method":"tools/call","Params":{"name":"erase"}}`, 400],
    [
      'another name in other letters',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"look","NAME":"erase"}}',
      400,
    ],
    ['no JSON', '{"jsonrpc":', 400],
    ['a byte order mark', '\uFEFF{"jsonrpc":"2.0","id":1,"method":"ping"}', 400],
    ['no UTF-8', Buffer.from('{"jsonrpc":"2.0","id":1,"method":"p\xffng"}', 'latin1'), 400],
    ['more than 4 MB', `{"a":"${'x'.repeat(4 * 1024 * 1024)}"}`, 413],
  ])('%s', async (_name, body, status) => {
    const answer = await post(body, 'mcp files:write files:erase');
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ jsonrpc: '2.0', error: { code: expect.any(Number) } });
    expect(upstream.seen).toEqual([]);
  });

  it('a compressed body, which nobody has looked into', async () => {
    const answer = await post(gzipSync(JSON.stringify(call('erase'))), 'mcp', { 'content-encoding': 'gzip' });
    expect(answer.status).toBe(415);
    expect(upstream.seen).toEqual([]);
  });

  it('headers that say another tool than the body', async () => {
    const answer = await post(call('erase'), 'mcp files:write files:erase', {
      'mcp-method': 'tools/call',
      'mcp-name': 'look',
    });
    expect(answer.status).toBe(400);
    expect(upstream.seen).toEqual([]);
  });

  it('another method than MCP has', async () => {
    const answer = await fetch(`${gateway.url}/mcp`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token('mcp')}` },
      body: JSON.stringify(call('erase')),
    });
    expect(answer.status).toBe(405);
    expect(upstream.seen).toEqual([]);
  });
});

describe('calls that pass', () => {
  it('reach the server as they were read', async () => {
    expect((await post(call('look'))).status).toBe(200);
    expect((await post([call('look'), call('erase', 'two')], 'mcp files:write files:erase')).status).toBe(
      200,
    );
    expect(upstream.seen.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      call('look'),
      [call('look'), call('erase', 'two')],
    ]);
    expect(upstream.seen[0]!.headers.authorization).toBeUndefined();
  });

  it('a member that came twice reaches the server once, as it was judged; numbers keep their digits', async () => {
    const body =
      '{"jsonrpc":"2.0","id":12345678901234567890,"method":"tools/call","params":{"name":"erase","name":"look","n":1.50}}';
    expect((await post(body)).status).toBe(200);
    expect(upstream.seen[0]!.body).toBe(
      '{"jsonrpc":"2.0","id":12345678901234567890,"method":"tools/call","params":{"name":"look","n":1.50}}',
    );
  });

  it('a proof of possession is spent once for a call', async () => {
    const key = await createDpopKey();
    const bound = issuer.sign({ aud: AUDIENCE, scope: 'mcp', cnf: { jkt: key.jkt } });
    const dpop = await key.proof({ url: `${gateway.url}/mcp`, at: NOW, accessToken: bound });
    expect((await post(call('look'), 'mcp', { authorization: `DPoP ${bound}`, dpop })).status).toBe(200);
    const refused = await post(call('look'), 'mcp', { authorization: `DPoP ${bound}`, dpop });
    expect(refused.headers.get('www-authenticate')).toMatch(/^DPoP /);
  });

  it('the answer may be a stream of events, and a GET opens one', async () => {
    upstream.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: {"jsonrpc":"2.0"}\n\n');
    };
    const answer = await post(call('look'));
    expect(await answer.text()).toBe('data: {"jsonrpc":"2.0"}\n\n');
    const opened = await fetch(`${gateway.url}/mcp`, {
      headers: { authorization: `Bearer ${token('mcp')}` },
    });
    expect(opened.headers.get('content-type')).toBe('text/event-stream');
  });

  it('the metadata are where a client of that address looks (RFC 9728 §3.1)', async () => {
    const document = await fetch(`${gateway.url}/.well-known/oauth-protected-resource/mcp`);
    expect(await document.json()).toMatchObject({ resource: AUDIENCE, scopes_supported: ['mcp'] });
    expect(document.headers.get('access-control-allow-origin')).toBe('*');
  });
});
