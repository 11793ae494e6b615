/** The gateway on its ports: callers on one, whoever watches it on another. */
import { readFileSync } from 'node:fs';
import type { Server, ServerOptions } from 'node:http';
import type { ListenerConfig } from './config/schema.ts';
import type { Gateway } from './gateway.ts';
import { createManagementServer } from './management.ts';
import { ARRIVAL, refuseBroken } from './broken-requests.ts';
import { isWebSocketHandshake } from './proxy/upgrade.ts';

// `import` of it would load Node's fetch as well, for the names of WebSocket: a twentieth of a start.
const { createServer } = process.getBuiltinModule('node:http');

export interface Listening {
  /** Where callers connect, in the order of the configuration. */
  readonly urls: readonly string[];
  readonly managementUrl: string;
  /** Takes no more requests, lets those under way end for so long, then ends them. */
  close(graceMs: number): Promise<void>;
}

/** @throws Error of the system where a port cannot be had */
export async function listen(gateway: Gateway): Promise<Listening> {
  const { listen: listeners, management } = gateway.config;
  const servers = await Promise.all(listeners.map((one) => createListener(one, gateway)));
  const managementServer = createManagementServer(gateway);
  const open: Server[] = [];
  try {
    for (const [index, { host, port }] of listeners.entries()) {
      const server = servers[index];
      // oxlint-disable-next-line no-await-in-loop -- what cannot be had is told in the order of the configuration
      if (server !== undefined) open.push(await bind(server, host, port));
    }
    open.push(await bind(managementServer, management.host, management.port));
  } catch (error) {
    for (const server of open) server.close();
    await gateway.close();
    throw error;
  }
  return {
    urls: listeners.map((one, index) => urlOf(one.tls === undefined ? 'http' : 'https', servers[index])),
    managementUrl: urlOf('http', managementServer),
    close: (graceMs) => close(gateway, servers, managementServer, graceMs),
  };
}

const SERVER_OPTIONS: ServerOptions = {
  insecureHTTPParser: false,
  requireHostHeader: true,
  ...ARRIVAL,
  // A body may be a large upload.
  requestTimeout: 300_000,
  keepAliveTimeout: 65_000,
  noDelay: true,
  // Any other upgrade is an ordinary request: HTTP/2 in clear text is not spoken here.
  shouldUpgradeCallback: isWebSocketHandshake,
};

async function createListener(
  { tls, max_connections: maxConnections }: ListenerConfig,
  gateway: Gateway,
): Promise<Server> {
  const server =
    tls === undefined
      ? createServer(SERVER_OPTIONS)
      : (await import('node:https')).createServer({
          ...SERVER_OPTIONS,
          handshakeTimeout: ARRIVAL.headersTimeout,
          ALPNProtocols: ['http/1.1'],
          minVersion: 'TLSv1.2',
          cert: readPem(tls.cert),
          key: readPem(tls.key ?? ''),
          // Who vouches for it is not asked: the token names the very certificate (RFC 8705 §2.2, §3).
          requestCert: tls.request_client_certificate,
          rejectUnauthorized: false,
        });
  server.on('request', gateway.handleRequest.bind(gateway));
  server.on('checkContinue', gateway.handleRequest.bind(gateway));
  server.on('upgrade', gateway.handleUpgrade.bind(gateway));
  server.on('clientError', refuseBroken);
  server.maxConnections = maxConnections;
  return server;
}

/** PEM itself, or the name of a file that holds it. */
function readPem(setting: string): string {
  return setting.trimStart().startsWith('-----BEGIN ') ? setting : readFileSync(setting, 'utf8');
}

function bind(server: Server, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

function urlOf(scheme: string, server: Server | undefined): string {
  const bound = server?.address();
  if (typeof bound !== 'object' || bound === null) throw new TypeError('the server does not listen');
  const { address, port, family } = bound;
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function close(
  gateway: Gateway,
  servers: readonly Server[],
  management: Server,
  graceMs: number,
): Promise<void> {
  gateway.stop();
  const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  for (const server of servers) {
    server.closeIdleConnections();
    // Those that are at work now are not kept open for a next request.
    server.keepAliveTimeout = 1;
  }
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([Promise.all(closed), grace]);
  clearTimeout(timer);
  for (const server of servers) server.closeAllConnections();
  management.close();
  management.closeAllConnections();
  await gateway.close();
}
