/** Runs the MCP server by itself: `node --conditions=@tessera/source examples/mcp-server/src/main.ts [port] [issuer]`. */
import { startMusicMcpServer } from './index.ts';

const [port = '4440', issuer = 'http://localhost:4400'] = process.argv.slice(2);
const { url } = await startMusicMcpServer({ issuer, host: '127.0.0.1', port: Number(port) });
process.stdout.write(`The MCP server answers at ${url}, with tokens of ${issuer}.\n`);
