// What MCP clients do that others do not: each line was seen in one of them.
import {
  buildDiscoveryUrls,
  discoverAuthorizationServerMetadata,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { PrivateKeyJwtProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asserted, createClientKey, signAssertion } from '../assertions.ts';
import { startTestServer, STORES, type TestServer } from '../harness.ts';
import { connectMcp } from '../mcp-client.ts';
import { type McpServer, startMcp } from '../mcp-server.ts';
import {
  authorizeUrl,
  createPkce,
  exchange,
  postForm,
  refresh,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import type { RegisteredClient } from '../registrations.ts';

const key = createClientKey('agent-key');

function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

describe.each(STORES)('MCP clients on %s', (store) => {
  let server: TestServer;
  let mcp: McpServer;
  let desktop: RegisteredClient;
  beforeAll(async () => {
    server = await startTestServer({ store });
    mcp = await startMcp(server);
    desktop = await server.registerClient({
      id: 'desktop',
      applicationType: 'native',
      tokenEndpointAuthMethod: 'none',
      redirectUris: [
        'http://localhost/callback',
        'http://127.0.0.1/callback',
        'http://[::1]/callback',
        'http://127.0.0.1:33418/',
        'http://127.0.0.1/',
      ],
    });
    await server.registerClient({
      id: 'agent',
      tokenEndpointAuthMethod: 'private_key_jwt',
      redirectUris: [],
      grantTypes: ['client_credentials'],
      metadata: { jwks: { keys: [key.jwk] } },
    });
  });
  afterAll(async () => {
    await mcp.close();
    await server.close();
  });

  const signIn = (parameters: Readonly<Record<string, string>>) =>
    signInAndConsent(server, server.newBrowser(), {
      client: desktop,
      parameters: { resource: mcp.url, ...parameters },
    });

  it.each([
    ['Claude Code, whose document names no port', 'http://localhost:51763/callback'],
    ['Codex and others on the IPv4 address', 'http://127.0.0.1:39999/callback'],
    ['one on the IPv6 address', 'http://[::1]:39999/callback'],
    ['Visual Studio Code on its usual port', 'http://127.0.0.1:33418/'],
    ['Visual Studio Code when that port is taken', 'http://127.0.0.1:40123/'],
  ])('come back to any port on loopback (RFC 8252 §7.3): %s', async (_, redirectUri) => {
    const authorized = await signIn({ redirect_uri: redirectUri, scope: 'catalog-read' });
    expect(authorized.location.href.startsWith(`${redirectUri}?code=`)).toBe(true);
    expect((await exchange(server, authorized, desktop, { resource: mcp.url })).status).toBe(200);
  });

  it.each([
    ['another path', 'http://127.0.0.1:39999/callback/x'],
    ['another spelling of the host', 'http://127.1:39999/callback'],
    ['another host', 'http://127.0.0.2:39999/callback'],
    ['a port that is none', 'http://127.0.0.1:99999/callback'],
    ['user information', 'http://x@127.0.0.1:39999/callback'],
    ['a name that only begins like loopback', 'http://localhost.example:39999/callback'],
    ['https', 'https://127.0.0.1:39999/callback'],
  ])('come back nowhere else: %s', async (_, redirectUri) => {
    const visit = await server
      .newBrowser()
      .get(authorizeUrl(server, desktop, createPkce(), { resource: mcp.url, redirect_uri: redirectUri }));
    expect(visit.status).toBe(400);
    expect(visit.leftFor).toBeUndefined();
  });

  it('name the resource at the authorization endpoint and at the token endpoint (RFC 8707 §2)', async () => {
    const both = await exchange(server, await signIn({ scope: 'catalog-read' }), desktop, {
      resource: mcp.url,
    });
    expect(payloadOf(tokensOf(both).accessToken)['aud']).toBe(mcp.url);
    const only = await exchange(server, await signIn({ scope: 'catalog-read' }), desktop);
    expect(payloadOf(tokensOf(only).accessToken)['aud']).toBe(mcp.url);
  });

  it('cannot choose another audience once a person has agreed (RFC 8707 §2.2)', async () => {
    const authorized = await signIn({ scope: 'catalog-read' });
    const other = await exchange(server, authorized, desktop, { resource: 'https://opaque.example/' });
    expect(other.body['error']).toBe('invalid_target');
    const tokens = tokensOf(await exchange(server, authorized, desktop, { resource: mcp.url }));
    const renewed = await refresh(server, tokens.refreshToken, desktop, {
      resource: 'https://opaque.example/',
    });
    expect(renewed.body['error']).toBe('invalid_target');
  });

  it('may ask for no scope, and get the default ones', async () => {
    const answer = await exchange(server, await signIn({}), desktop, { resource: mcp.url });
    expect(answer.body['scope']).toBe('catalog-read');
  });

  it('ask for offline_access where it is listed, and can renew (MCP Refresh Tokens)', async () => {
    const metadata = await discoverAuthorizationServerMetadata(server.issuer);
    expect(metadata?.scopes_supported).toContain('offline_access');
    const authorized = await signIn({ scope: 'catalog-read offline_access' });
    const tokens = tokensOf(await exchange(server, authorized, desktop, { resource: mcp.url }));
    const renewed = await refresh(server, tokens.refreshToken, desktop, { resource: mcp.url });
    expect(renewed.status).toBe(200);
    expect(payloadOf(tokensOf(renewed).accessToken)['aud']).toBe(mcp.url);
  });

  it('renew at the same time, and all of them go on (a client with several windows)', async () => {
    const authorized = await signIn({ scope: 'catalog-read' });
    const { refreshToken } = tokensOf(await exchange(server, authorized, desktop, { resource: mcp.url }));
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => refresh(server, refreshToken, desktop, { resource: mcp.url })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  it('have the answer of the server they asked, good or bad (RFC 9207)', async () => {
    const good = await signIn({ scope: 'catalog-read' });
    expect(good.location.searchParams.get('iss')).toBe(server.issuer);
    const bad = await server.newBrowser().get(
      authorizeUrl(server, desktop, createPkce(), {
        redirect_uri: 'http://127.0.0.1:39999/callback',
        resource: 'https://unknown.example/mcp',
      }),
    );
    expect(bad.leftFor?.searchParams.get('error')).toBe('invalid_target');
    expect(bad.leftFor?.searchParams.get('iss')).toBe(server.issuer);
  });

  it('authenticate by an assertion alone, without client_id (MCP OAuth Client Credentials)', async () => {
    const { now } = server.clock;
    const assertion = await signAssertion(key, { clientId: 'agent', audience: server.issuer, at: now() });
    const answer = await postForm(server, '/api/token', {
      grant_type: 'client_credentials',
      resource: mcp.url,
      scope: 'catalog-read',
      ...asserted(assertion),
    });
    expect(answer.status).toBe(200);
    expect(payloadOf(tokensOf(answer).accessToken)).toMatchObject({ aud: mcp.url, client_id: 'agent' });
  });

  it('do so with the official SDK, and call', async () => {
    const kept = new PrivateKeyJwtProvider({
      clientId: 'agent',
      privateKey: { ...key.privateKey.export({ format: 'jwk' }) },
      algorithm: 'ES256',
      scope: 'catalog-read',
      expectedIssuer: server.issuer,
    });
    const { client } = await connectMcp(mcp.url, kept);
    expect((await client.listTools()).tools).toHaveLength(3);
    await client.close();
  });

  it('send headers of their own to the metadata, from pages of any origin (MCP Inspector)', async () => {
    for (const path of ['/.well-known/oauth-authorization-server', '/api/token']) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const preflight = await fetch(`${server.base}${path}`, {
        method: 'OPTIONS',
        headers: {
          origin: 'http://localhost:6274',
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'mcp-protocol-version',
        },
      });
      expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
      expect(preflight.headers.get('access-control-allow-headers')).toMatch(/\*|mcp-protocol-version/);
    }
  });
});

describe('an issuer with a path', () => {
  it('is found at all the places that clients try, under exactly its name (RFC 8414 §3.1, §5)', async () => {
    const server = await startTestServer({ store: 'sqlite', issuer: 'https://as.example/tenant' });
    const urls = buildDiscoveryUrls(server.issuer);
    expect(urls).toHaveLength(3);
    for (const { url } of urls) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const response = await fetch(`${server.base}${url.pathname}`, { headers: { host: 'as.example' } });
      expect([url.pathname, response.status]).toEqual([url.pathname, 200]);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await response.json()).toMatchObject({
        issuer: 'https://as.example/tenant',
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      });
    }
    await server.close();
  });
});
