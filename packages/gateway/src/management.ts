/** The second port: health, metrics and the keys of inside tokens; not for the public. */
import type { Server, ServerResponse } from 'node:http';
import { ARRIVAL, refuseBroken } from './broken-requests.ts';
import type { Gateway } from './gateway.ts';
import { METRICS_CONTENT_TYPE } from './observe/metrics.ts';

// `import` of it would load Node's fetch as well, for the names of WebSocket: a twentieth of a start.
const { createServer } = process.getBuiltinModule('node:http');

export function createManagementServer(gateway: Gateway): Server {
  const server = createServer({ ...ARRIVAL, requestTimeout: 30_000 }, (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'GET only\n');
    switch (path) {
      case '/':
        return answer(
          response,
          200,
          `Tessera gateway: health and metrics\n/metrics  /health/live  /health/started  /health/ready\n${homeOf(gateway)}`,
        );
      case '/health/live':
        return answer(response, 200, 'live\n');
      // It listens once it has read its configuration.
      case '/health/started':
        return answer(response, 200, 'started\n');
      case '/health/ready':
        return gateway.isReady() ? answer(response, 200, 'ready\n') : answer(response, 503, 'stopping\n');
      case '/metrics':
        return void gateway.metrics.text().then(
          (text) => answer(response, 200, text, METRICS_CONTENT_TYPE),
          () => answer(response, 500, 'metrics failed\n'),
        );
      default: {
        const document = gateway.document(path);
        if (document === undefined) return answer(response, 404, 'nothing here\n');
        return answer(response, 200, JSON.stringify(document), 'application/json');
      }
    }
  });
  server.on('clientError', refuseBroken);
  return server;
}

function homeOf({ config }: Gateway): string {
  return config.home_url === undefined ? '' : `Home: ${config.home_url}\n`;
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
