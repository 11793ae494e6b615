/**
 * An MCP server whose door is the Tessera verifier: who has no token is told where to get one, and a token opens only the
 * tools it was granted for.
 * @spec MCP Authorization 2026-07-28; RFC 9728 §3, §5.1; RFC 8707 §2
 */
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Verifier } from '@tessera/verifier';
import { createVerifier } from '@tessera/verifier';
import { type McpRequest, protect } from '@tessera/verifier/mcp';
import type { Express, NextFunction, Request, Response } from 'express';
import { createPlaylists } from './playlists.ts';
import type { FindPerson } from './tools.ts';
import { BASIC_SCOPES, TOOL_SCOPES, toolsFor } from './tools.ts';

export interface McpServerOptions {
  /** The Tessera server that issues the tokens. */
  readonly issuer: string;
  /** The URL of this MCP server, which is also its identifier: clients ask for tokens for it, and only those are good. */
  readonly url: string;
  /** Makes the verifier, where the usual one is not wanted. */
  readonly verifier?: (audience: string) => Verifier;
  readonly findPerson?: FindPerson;
}

/** Builds the MCP server, without listening. */
export function createMusicMcpServer(options: McpServerOptions): Express {
  const { issuer, url, findPerson = async () => undefined } = options;
  const verifier = options.verifier?.(url) ?? createVerifier({ issuer, audience: url });
  const door = protect({
    verifier,
    scopes: BASIC_SCOPES,
    toolScopes: TOOL_SCOPES,
    realm: 'music',
    resourceName: 'Music for models',
  });
  const playlists = createPlaylists();

  // On loopback it answers to no other host's name, so that no page in a browser can reach it by a trick of DNS.
  const app = createMcpExpressApp({ host: new URL(url).hostname.replaceAll(/[[\]]/g, '') });
  app.disable('x-powered-by');
  app.use(door);
  app.all(new URL(url).pathname, async (req: Request & McpRequest, res: Response) => {
    if (req.method !== 'POST') return void res.status(405).set('allow', 'POST').end();
    // No sessions: each message stands for itself and brings its own token.
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    const server = toolsFor(String(req.auth?.extra?.['sub']), findPerson, playlists);
    res.once('close', () => void server.close());
    await server.connect(transport);
    return transport.handleRequest(req, res, req.body);
  });
  app.use(hideErrors);
  return app;
}

/** What went wrong inside is nobody's business outside. Express knows this function by its four arguments. */
function hideErrors(error: unknown, _req: Request, res: Response, _next: NextFunction): void {
  const status = Object(error).status === 400 ? 400 : 500;
  const message = status === 400 ? 'The body is not JSON' : 'Something went wrong here';
  res
    .status(status)
    .json({ jsonrpc: '2.0', id: null, error: { code: status === 400 ? -32700 : -32603, message } });
}
