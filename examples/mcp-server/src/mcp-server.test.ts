import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createTokenString } from '@tessera/tokens';
import { createVerifier } from '@tessera/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BASIC_SCOPES, TOOL_SCOPES, startMusicMcpServer } from './index.ts';
import { createPlaylists } from './playlists.ts';

const ISSUER = 'https://id.example';
const NOW = 1_800_000_000_000;
const TOKENS: Readonly<
  Record<string, { readonly scope: string; readonly aud?: string; readonly sub?: string }>
> = {
  reader: { scope: 'catalog-read' },
  ada: { scope: 'catalog-read user-read-private playlist-modify-private' },
  app: { scope: 'catalog-read user-read-private', sub: 'player' },
  elsewhere: { scope: 'catalog-read', aud: 'https://billing.example/' },
};
/** The format that is asked about; any well-formed token string will do. */
const STRINGS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(TOKENS).map((name) => [name, createTokenString('at', randomBytes)]),
);

let server: Awaited<ReturnType<typeof startMusicMcpServer>>;
beforeAll(async () => {
  server = await startMusicMcpServer({
    issuer: ISSUER,
    host: '127.0.0.1',
    port: 0,
    verifier: (audience) =>
      createVerifier({
        issuer: ISSUER,
        audience,
        clock: () => NOW,
        introspect: (token) => introspect(token, audience),
      }),
    findPerson: async (sub) => (sub === 'usr_ada' ? { displayName: 'Ada Lovelace' } : undefined),
  });
});
afterAll(() => server.close());

function introspect(token: string, audience: string): unknown {
  const name = Object.keys(STRINGS).find((key) => STRINGS[key] === token);
  const { scope, aud = audience, sub = 'usr_ada' } = TOKENS[name ?? ''] ?? { scope: '' };
  if (name === undefined) return { active: false };
  return {
    active: true,
    iss: ISSUER,
    sub,
    client_id: 'player',
    scope,
    aud,
    exp: NOW / 1000 + 60,
    iat: NOW / 1000,
  };
}

function send(message: object, name?: string): Promise<Response> {
  return fetch(server.url, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(name === undefined ? {} : { authorization: `Bearer ${STRINGS[name]}` }),
    },
  });
}

const call = (tool: string, args: object = {}) => ({
  method: 'tools/call',
  params: { name: tool, arguments: args },
});

/** The client of the official SDK, with a token that it already has. */
async function connect(name: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(server.url), {
      requestInit: { headers: { authorization: `Bearer ${STRINGS[name]}` } },
    }),
  );
  return client;
}

async function callTool(
  name: string,
  tool: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  const client = await connect(name);
  const { content } = await client.callTool({ name: tool, arguments: args });
  await client.close();
  const [first] = Array.isArray(content) ? content : [];
  return first?.text;
}

describe('the MCP server refuses', () => {
  it('a message without a token, and says where to get one (RFC 9728 §5.1)', async () => {
    const response = await send({ method: 'initialize' });
    expect(response.status).toBe(401);
    const { origin } = new URL(server.url);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer realm="music", scope="catalog-read", resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`,
    );
  });

  it('a token that was issued for another API (MCP Token Audience Binding)', async () => {
    const response = await send(call('search_tracks', { text: 'blues' }), 'elsewhere');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('is for another API');
  });

  it.each([
    ['get_profile', 'catalog-read user-read-private'],
    ['add_to_playlist', 'catalog-read playlist-modify-private'],
  ])('%s without its permission, and names all it needs', async (tool, scope) => {
    const response = await send(call(tool), 'reader');
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain(`scope="${scope}"`);
    expect(response.headers.get('www-authenticate')).toContain('resource_metadata="http');
  });

  it('a host name that is not its own (DNS rebinding)', async () => {
    const { port } = new URL(server.url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest({ host: '127.0.0.1', port, path: '/mcp', headers: { host: 'evil.example' } }, (res) => {
        res.resume();
        resolve(res.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('what is no JSON, without a word of what went wrong inside', async () => {
    const response = await fetch(server.url, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${STRINGS['reader']}` },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: -32700, message: 'The body is not JSON' } });
  });

  it('other methods', async () => {
    const headers = { authorization: `Bearer ${STRINGS['reader']}` };
    expect((await fetch(server.url, { headers })).status).toBe(405);
    expect((await fetch(server.url, { method: 'DELETE', headers })).status).toBe(405);
  });
});

describe('the MCP server', () => {
  it.each(['', '/mcp'])(
    'serves its metadata at /.well-known/oauth-protected-resource%s (RFC 9728 §3.1)',
    async (path) => {
      const response = await fetch(
        `${new URL(server.url).origin}/.well-known/oauth-protected-resource${path}`,
      );
      expect(await response.json()).toEqual({
        resource: server.url,
        authorization_servers: [ISSUER],
        scopes_supported: [...BASIC_SCOPES],
        bearer_methods_supported: ['header'],
        resource_name: 'Music for models',
      });
    },
  );

  it('has an entry of scopes for every tool, and no others', async () => {
    const client = await connect('reader');
    const { tools } = await client.listTools();
    await client.close();
    expect(tools.map((tool) => tool.name).toSorted()).toEqual(Object.keys(TOOL_SCOPES).toSorted());
  });

  it('finds tracks by name and by artist', async () => {
    const found = JSON.parse(String(await callTool('reader', 'search_tracks', { text: 'dipper mouth' })));
    expect(found.tracks).toEqual([
      expect.objectContaining({ id: '2TpxZ7JUBn3uw46aR7qd6V', name: 'Dipper Mouth Blues' }),
    ]);
    expect(await callTool('reader', 'search_tracks', { text: 'OLIVER' })).toContain('Dipper Mouth Blues');
  });

  it('knows the person of the token', async () => {
    expect(await callTool('ada', 'get_profile')).toBe('{"name":"Ada Lovelace"}');
    expect(await callTool('app', 'get_profile')).toBe('Nobody is signed in');
  });

  it('adds to a playlist of that person alone', async () => {
    const args = { playlist: 'Blues', track_id: '2TpxZ7JUBn3uw46aR7qd6V' };
    await callTool('ada', 'add_to_playlist', args);
    const answer = String(await callTool('ada', 'add_to_playlist', args));
    expect(JSON.parse(answer).tracks).toHaveLength(2);
    expect(await callTool('ada', 'add_to_playlist', { ...args, track_id: 'x'.repeat(22) })).toBe(
      'There is no such track',
    );
  });
});

describe('playlists', () => {
  it('have room for a thousand tracks, a hundred a person', () => {
    const playlists = createPlaylists();
    const track = { id: 't' } as never;
    for (let count = 0; count < 100; count++) playlists.add('ada', `p${count}`, track);
    expect(() => playlists.add('ada', 'one more', track)).toThrow('no room');
    for (let count = 1; count < 1000; count++) playlists.add('ada', 'p0', track);
    expect(() => playlists.add('ada', 'p0', track)).toThrow('no room');
    expect(playlists.add('bob', 'p0', track)).toHaveLength(1);
  });
});
