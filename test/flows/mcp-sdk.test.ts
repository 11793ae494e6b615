// The client of the official SDK signs in to the example MCP server, as an MCP host does it for a person.
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, STORES, type TestServer } from '../harness.ts';
import { connectMcp, McpClientStore, signInAndConnect, signInFor } from '../mcp-client.ts';
import { type McpServer, startMcp } from '../mcp-server.ts';
import { HOUR, MINUTE } from '../movable-clock.ts';

const LOOPBACK = 'http://127.0.0.1:39041/callback';

function payloadOf(token: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString());
}

describe.each(STORES)('the MCP SDK against %s', (store) => {
  let server: TestServer;
  let mcp: McpServer;
  beforeAll(async () => {
    server = await startTestServer({ store });
    mcp = await startMcp(server);
    const native = { applicationType: 'native', tokenEndpointAuthMethod: 'none' } as const;
    // Portless, as the documents of Claude Code name them.
    const redirectUris = ['http://127.0.0.1/callback', 'http://localhost/callback'];
    await server.registerClient({ ...native, id: 'desktop', redirectUris });
    await server.registerClient({
      ...native,
      id: 'no-refresh',
      redirectUris,
      grantTypes: ['authorization_code'],
    });
    await server.registerClient({
      id: 'hosted',
      secret: 'tsr_cs_for-this-test-alone',
      scopes: ['catalog-read'],
    });
  });
  afterAll(async () => {
    await mcp.close();
    await server.close();
  });

  it('is told where to sign in, and asks for what the 401 names (MCP Scope Selection Strategy)', async () => {
    const kept = new McpClientStore({ clientId: 'desktop', redirectUri: LOOPBACK });
    await expect(connectMcp(mcp.url, kept)).rejects.toThrow('Unauthorized');
    const [address] = kept.authorizationUrls;
    expect(address?.href.startsWith(`${server.issuer}/authorize?`)).toBe(true);
    expect(address?.searchParams.get('resource')).toBe(mcp.url);
    expect(address?.searchParams.get('scope')).toBe('catalog-read');
    expect(address?.searchParams.get('code_challenge_method')).toBe('S256');
  });

  it('signs in with a client that the operator registered, at any port, and calls a tool', async () => {
    const kept = new McpClientStore({ clientId: 'desktop', redirectUri: LOOPBACK });
    const { client, answer } = await signInAndConnect(server, mcp.url, kept);
    expect(answer.origin + answer.pathname).toBe(LOOPBACK);
    expect(answer.searchParams.get('iss')).toBe(server.issuer);
    const { content } = await client.callTool({ name: 'search_tracks', arguments: { text: 'dipper' } });
    expect(JSON.stringify(content)).toContain('Dipper Mouth Blues');
    expect(payloadOf(kept.kept?.access_token)).toMatchObject({
      aud: mcp.url,
      client_id: 'desktop',
      scope: 'catalog-read',
      sub: server.person.user.id,
    });
    await client.close();
  });

  it('renews an expired token by itself, and the person is not asked again', async () => {
    const kept = new McpClientStore({ clientId: 'desktop', redirectUri: LOOPBACK });
    const { client } = await signInAndConnect(server, mcp.url, kept);
    const before = kept.kept;
    server.clock.advance(HOUR + MINUTE);
    await client.listTools();
    server.clock.reset();
    await client.close();
    expect(kept.kept?.access_token).not.toBe(before?.access_token);
    expect(kept.kept?.refresh_token).not.toBe(before?.refresh_token);
    expect(kept.authorizationUrls).toHaveLength(1);
  });

  it('steps up: the 403 of a tool leads to a consent with all that the call needs (MCP Step-Up)', async () => {
    const kept = new McpClientStore({ clientId: 'no-refresh', redirectUri: LOOPBACK });
    const { client, transport } = await signInAndConnect(server, mcp.url, kept);
    await expect(client.callTool({ name: 'get_profile' })).rejects.toThrow('Unauthorized');
    expect(kept.authorizationUrls.at(-1)?.searchParams.get('scope')).toBe('catalog-read user-read-private');
    const answer = await signInFor(server, kept);
    await transport.finishAuth(answer.searchParams.get('code') ?? '');
    const { content } = await client.callTool({ name: 'get_profile' });
    expect(content).toEqual([{ type: 'text', text: '{"name":"ada"}' }]);
    await client.close();
  });

  it('has a token of its own by client credentials (MCP OAuth Client Credentials)', async () => {
    const kept = new ClientCredentialsProvider({
      clientId: 'hosted',
      clientSecret: 'tsr_cs_for-this-test-alone',
      scope: 'catalog-read',
      expectedIssuer: server.issuer,
    });
    const { client } = await connectMcp(mcp.url, kept);
    expect((await client.listTools()).tools).toHaveLength(3);
    expect(payloadOf(kept.tokens()?.access_token)).toMatchObject({ aud: mcp.url, sub: 'hosted' });
    await client.close();
  });

  it.each([
    ['as it is written', false],
    ['with a slash, as older SDKs do', true],
  ])('names an API without a path %s, and its tokens are good there', async (_, reserializeResource) => {
    const bare = await startMcp(server, (address) => new URL(address).origin);
    const kept = new McpClientStore({ clientId: 'desktop', redirectUri: LOOPBACK, reserializeResource });
    const { client } = await signInAndConnect(server, bare.url, kept);
    expect((await client.listTools()).tools).toHaveLength(3);
    const [address] = kept.authorizationUrls;
    expect(address?.searchParams.get('resource')).toBe(bare.url + (reserializeResource ? '/' : ''));
    expect(payloadOf(kept.kept?.access_token)['aud']).toBe(bare.url);
    await client.close();
    await bare.close();
  });
});
