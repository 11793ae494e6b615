// MCP clients that no operator registered: known by the URL of a document, or registered by themselves.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTessera } from '../../packages/cli/src/testing/run-tessera.ts';
import { signInWithForms } from '../../packages/cli/src/testing/form-sign-in.ts';
import { startTestServer, STORES, type TestServer } from '../harness.ts';
import { connectMcp, McpClientStore, signInAndConnect, signInFor } from '../mcp-client.ts';
import { type McpServer, startMcp } from '../mcp-server.ts';

const LOOPBACK = 'http://localhost:51763/callback';

/** As Claude Code publishes it: loopback without a port, whatever port it listens on. */
const DOCUMENT = {
  client_name: 'Desktop agent',
  redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};

let publisher: Server;
let documentUrl: string;
beforeAll(async () => {
  publisher = createServer((_request, response) => {
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ client_id: documentUrl, ...DOCUMENT }));
  });
  await new Promise<void>((resolve) => {
    publisher.listen(0, '127.0.0.1', resolve);
  });
  documentUrl = `http://localhost:${(publisher.address() as AddressInfo).port}/agent.json`;
});
afterAll(() => {
  publisher.closeAllConnections();
  publisher.close();
});

describe.each(STORES)('MCP clients that nobody registered, on %s', (store) => {
  let server: TestServer;
  let mcp: McpServer;
  beforeAll(async () => {
    server = await startTestServer({
      store,
      config: { dynamic_registration: 'open', outbound_allow_hosts: [new URL(documentUrl).host] },
    });
    mcp = await startMcp(server);
  });
  afterAll(async () => {
    await mcp.close();
    await server.close();
  });

  it('prefer their own URL where the server takes it (MCP Client ID Metadata Documents)', async () => {
    const clientMetadataUrl = 'https://agent.example/client.json';
    const kept = new McpClientStore({ clientMetadataUrl, redirectUri: LOOPBACK });
    await expect(connectMcp(mcp.url, kept)).rejects.toThrow('Unauthorized');
    expect(kept.authorizationUrls[0]?.searchParams.get('client_id')).toBe(clientMetadataUrl);
  });

  it('sign in known by their document, at a port it does not name, and call', async () => {
    // The SDK itself takes https documents only; this one is on loopback, which the settings of the test open.
    const kept = new McpClientStore({ clientId: documentUrl, redirectUri: LOOPBACK });
    const { client, answer } = await signInAndConnect(server, mcp.url, kept);
    expect(answer.origin + answer.pathname).toBe(LOOPBACK);
    expect((await client.listTools()).tools).toHaveLength(3);
    expect(kept.kept?.refresh_token).toMatch(/^tsr_rt_/);
    await client.close();
  });

  it('register themselves where they have no document, and call (RFC 7591)', async () => {
    const kept = new McpClientStore({ redirectUri: LOOPBACK });
    const { client } = await signInAndConnect(server, mcp.url, kept);
    expect((await client.listTools()).tools).toHaveLength(3);
    expect(kept.information?.client_id).toBeDefined();
    await client.close();
  });

  it('send members that nobody knows, and are registered all the same (RFC 7591 §2)', async () => {
    const metadata = { resource: mcp.url, application_type: 'native', software_id: 'agent', x_anything: [1] };
    const kept = new McpClientStore({ redirectUri: LOOPBACK, metadata });
    const { client } = await signInAndConnect(server, mcp.url, kept);
    expect((await client.listTools()).tools).toHaveLength(3);
    await client.close();
  });

  it('step up to what the 403 of a tool names, whatever scopes the SDK registered them with', async () => {
    const kept = new McpClientStore({
      redirectUri: LOOPBACK,
      metadata: { grant_types: ['authorization_code'] },
    });
    const { client, transport } = await signInAndConnect(server, mcp.url, kept);
    expect(kept.information).not.toHaveProperty('scope');
    // A refresh token would be tried first, and lead to the same 403.
    kept.kept = { ...kept.kept!, refresh_token: undefined };
    await expect(client.callTool({ name: 'get_profile' })).rejects.toThrow('Unauthorized');
    const answer = await signInFor(server, kept);
    await transport.finishAuth(answer.searchParams.get('code') ?? '');
    const { content } = await client.callTool({ name: 'get_profile' });
    expect(content).toEqual([{ type: 'text', text: '{"name":"ada"}' }]);
    await client.close();
  });

  it('are told on the page that they cannot step up, if they are known by a document only', async () => {
    const kept = new McpClientStore({ clientId: documentUrl, redirectUri: LOOPBACK });
    const { client } = await signInAndConnect(server, mcp.url, kept);
    kept.kept = { ...kept.kept!, refresh_token: undefined };
    await expect(client.callTool({ name: 'get_profile' })).rejects.toThrow('Unauthorized');
    const page = await server.newBrowser().get(kept.authorizationUrls.at(-1)?.href ?? '');
    expect([page.status, page.leftFor]).toEqual([400, undefined]);
    expect(page.page).toContain('something it cannot have');
    await client.close();
  });

  it('leave nothing behind after `tessera mcp check`, which goes the whole way', async () => {
    let visit: Promise<string> | undefined;
    const { email, password } = server.person;
    const ended = await runTessera(['mcp', 'check', mcp.url, '--sign-in', '--no-open', '--output', 'json'], {
      onMessage: (stderr) => {
        const address = /^http:\S+\n/m.exec(stderr)?.[0].trim();
        if (address !== undefined) visit ??= signInWithForms(address, email, password);
      },
    });
    const checks: readonly Readonly<Record<string, string>>[] = JSON.parse(ended.stdout);
    const wrong = checks.filter(({ outcome }) => outcome === 'fail' || outcome === 'warn');
    expect(wrong).toEqual([]);
    expect(checks.at(-1)).toMatchObject({ check: 'the tools are listed', outcome: 'pass' });
    const registered =
      checks.find(({ check }) => check === 'clients that register themselves')?.['detail'] ?? '';
    expect(await server.tessera.store.clients.find(registered.replace('registered ', ''))).toBeUndefined();
  });
});
