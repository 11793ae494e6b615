import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestListener } from 'node:http';
import type { McpServerOptions } from './mcp-server.ts';
import { createMusicMcpServer } from './mcp-server.ts';

export { createMusicMcpServer } from './mcp-server.ts';
export type { McpServerOptions } from './mcp-server.ts';
export { BASIC_SCOPES, TOOL_SCOPES } from './tools.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where clients reach it; `http://host:port/mcp` unless given. */
  readonly url?: string;
}

/** Starts the MCP server. `url` is its address and its identifier. */
export async function startMusicMcpServer({
  host,
  port,
  url,
  ...options
}: ListenOptions & Omit<McpServerOptions, 'url'>): Promise<{ url: string; close: () => Promise<void> }> {
  const http = createServer();
  http.listen(port, host);
  await once(http, 'listening');
  const address = url ?? `http://${host}:${(http.address() as AddressInfo).port}/mcp`;
  http.on('request', createMusicMcpServer({ ...options, url: address }) as RequestListener);
  return {
    url: address,
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}
