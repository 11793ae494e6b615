/** The API behind the proxies: the same small answer to every request, as fast as Node gives one. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerCalls } from '../program.ts';

const body = JSON.stringify({ name: 'Gymnopédie No. 1', ok: true });
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  response.writeHead(200, headers).end(body);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

answerCalls(
  { listen: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
  () => new Promise<void>((resolve) => server.close(() => resolve())),
);
