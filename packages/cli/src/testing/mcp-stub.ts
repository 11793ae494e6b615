/** An MCP server and its authorization server in one, small and obedient; tests make it go wrong at single points. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface McpStub {
  readonly origin: string;
  readonly url: string;
  /** Method and path of each request. */
  readonly requests: string[];
  /** The headers and bodies of requests to the MCP endpoint. */
  readonly calls: { readonly authorization: string | undefined; readonly body: string }[];
  challenge: string | undefined;
  readonly resource: Record<string, unknown>;
  readonly issuer: Record<string, unknown>;
  /** What replaces the usual answer of a path. */
  readonly answers: Map<string, (res: ServerResponse, body: string) => void>;
  /** Which mistakes of clients the authorization endpoint overlooks. */
  readonly overlooks: Set<'pkce' | 'redirect' | 'resource' | 'iss' | 'state'>;
  readonly tokenResponse: Record<string, unknown>;
  streams: boolean;
  /** What a person's browser does at the address: agrees, and goes where it is sent. */
  agree(address: string): Promise<void>;
  close(): Promise<unknown>;
}

export const TOKEN = 'a-token-that-nobody-may-see';
export const CODE = 'a-code-that-nobody-may-see';
export const REGISTRATION_TOKEN = 'a-registration-token-that-nobody-may-see';

export function sendJson(
  res: ServerResponse,
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  const all = { 'content-type': 'application/json', 'access-control-allow-origin': '*', ...headers };
  res.writeHead(status, all).end(JSON.stringify(value));
}

export async function startMcpStub(): Promise<McpStub> {
  const http = createServer((req, res) => void respond(stub, req, res));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const url = `${origin}/mcp`;
  const stub: McpStub = {
    origin,
    url,
    requests: [],
    calls: [],
    challenge: `Bearer realm="x, y", scope="read", resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`,
    resource: { resource: url, authorization_servers: [origin], scopes_supported: ['read'] },
    issuer: {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      registration_endpoint: `${origin}/register`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
      scopes_supported: ['read'],
    },
    answers: new Map(),
    overlooks: new Set(),
    tokenResponse: { access_token: TOKEN, token_type: 'Bearer', expires_in: 3600 },
    streams: false,
    async agree(address) {
      const { searchParams } = new URL(address);
      const back = new URL(searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', CODE);
      back.searchParams.set('state', searchParams.get('state') ?? '');
      if (!stub.overlooks.has('iss')) back.searchParams.set('iss', String(stub.issuer['issuer']));
      await fetch(back);
    },
    close() {
      http.closeAllConnections();
      http.close();
      return once(http, 'close');
    },
  };
  return stub;
}

async function respond(stub: McpStub, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(req.url ?? '/', stub.origin);
  stub.requests.push(`${req.method} ${pathname}`);
  const body = await text(req);
  const answer = stub.answers.get(pathname);
  if (answer !== undefined) return answer(res, body);
  if (pathname === '/mcp') return respondAsMcp(stub, req, res, body);
  if (/^\/\.well-known\/oauth-protected-resource(\/mcp)?$/.test(pathname))
    return sendJson(res, stub.resource);
  if (/^\/\.well-known\/(oauth-authorization-server|openid-configuration)$/.test(pathname)) {
    return sendJson(res, stub.issuer);
  }
  if (pathname === '/authorize') return respondToAuthorization(stub, searchParams, res);
  if (pathname === '/register') {
    const told = { client_id: 'registered', registration_client_uri: `${stub.origin}/register/registered` };
    return sendJson(
      res,
      { ...JSON.parse(body), ...told, registration_access_token: REGISTRATION_TOKEN },
      201,
    );
  }
  if (pathname === '/token') return sendJson(res, stub.tokenResponse, 200, { 'cache-control': 'no-store' });
  res.writeHead(pathname === '/register/registered' ? 204 : 404).end();
}

function respondAsMcp(stub: McpStub, req: IncomingMessage, res: ServerResponse, body: string): void {
  const { authorization } = req.headers;
  stub.calls.push({ authorization, body });
  if (authorization !== `Bearer ${TOKEN}`) {
    const headers: Record<string, string> =
      stub.challenge === undefined ? {} : { 'www-authenticate': stub.challenge };
    return sendJson(res, { error: 'invalid_token' }, 401, headers);
  }
  const { id, method } = JSON.parse(body === '' ? '{}' : body);
  const result = method === 'tools/list' ? { tools: [{ name: 'one' }] } : { protocolVersion: '2025-11-25' };
  const message = { jsonrpc: '2.0', id, result };
  if (!stub.streams) return sendJson(res, message, 200, { 'mcp-session-id': 'session-1' });
  // The stream stays open behind its answer.
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.write(`event: message\ndata: {"jsonrpc":"2.0","method":"notifications/x"}\n\n`);
  res.write(`data: ${JSON.stringify(message)}\n\n`);
}

function respondToAuthorization(stub: McpStub, asked: URLSearchParams, res: ServerResponse): void {
  const redirectUri = asked.get('redirect_uri') ?? '';
  const known = stub.overlooks.has('redirect') || !redirectUri.includes('.invalid');
  if (!known) return void res.writeHead(400).end('This address is not registered.');
  const error =
    asked.get('code_challenge') === null && !stub.overlooks.has('pkce')
      ? 'invalid_request'
      : asked.get('resource') !== stub.resource['resource'] && !stub.overlooks.has('resource')
        ? 'invalid_target'
        : redirectUri.includes('.invalid')
          ? 'server_error'
          : undefined;
  if (error === undefined) return void res.writeHead(200, { 'content-type': 'text/html' }).end('Sign in');
  const back = new URL(redirectUri);
  back.searchParams.set('error', error);
  if (!stub.overlooks.has('state')) back.searchParams.set('state', asked.get('state') ?? '');
  if (!stub.overlooks.has('iss')) back.searchParams.set('iss', String(stub.issuer['issuer']));
  res.writeHead(302, { location: back.href }).end();
}

/** A JWT that nobody signed. */
export function jwt(claims: object): string {
  return [{ alg: 'ES256', typ: 'at+jwt' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat('A'.repeat(86))
    .join('.');
}
