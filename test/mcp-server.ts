// The example MCP server in front of a test server, registered as an API there.
import { startMusicMcpServer } from '@tessera/example-mcp-server';
import { createVerifier } from '@tessera/verifier';
import type { TestServer } from './harness.ts';

const SCOPES = [
  { name: 'catalog-read', description: 'Read tracks, artists and albums' },
  { name: 'user-read-private', description: 'See your name' },
  { name: 'playlist-modify-private', description: 'Change your private playlists' },
];
export interface McpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** @param urlOf where it says it is, which is also what it is registered as; the address it listens on unless given */
export async function startMcp(
  server: TestServer,
  urlOf: (address: string) => string = (address) => address,
): Promise<McpServer> {
  const verifier = (audience: string) =>
    createVerifier({ issuer: server.issuer, audience, clock: server.clock.now });
  const options = {
    issuer: server.issuer,
    host: '127.0.0.1',
    verifier,
    findPerson: (sub: string) => server.tessera.store.users.find(sub),
  };
  const first = await startMusicMcpServer({ ...options, port: 0 });
  let mcp = first;
  if (urlOf(first.url) !== first.url) {
    await first.close();
    mcp = await startMusicMcpServer({
      ...options,
      port: Number(new URL(first.url).port),
      url: urlOf(first.url),
    });
  }
  await server.registerResource({
    identifier: mcp.url,
    scopes: SCOPES,
    defaultScopes: ['catalog-read'],
    allowUrlClients: true,
  });
  return mcp;
}
