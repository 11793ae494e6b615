// A gateway for tests: real, on a free port, in front of an upstream that counts what reaches it.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { createGateway, createLogger, type Gateway, listen, type Traces } from '@tessera/gateway';
import { checkGatewayConfig } from '@tessera/gateway/config';
import type { Fetch } from '@tessera/verifier';

/** A request as the upstream got it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface TestUpstream {
  readonly url: string;
  /** Everything that reached it. */
  readonly seen: SeenRequest[];
  /** How many connections were opened to it. */
  connections: number;
  /** Stands in for the usual answer. */
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
  readonly server: ReturnType<typeof createServer>;
  close(): Promise<void>;
}

const usualAnswer: TestUpstream['answer'] = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ method: request.method, url: request.url }));
};

export async function startUpstream(): Promise<TestUpstream> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
    request.on('end', () => {
      const { method = '', url = '', rawHeaders, headers } = request;
      upstream.seen.push({ method, url, rawHeaders, headers, body });
      upstream.answer(request, response, body);
    });
    request.on('error', () => {});
  });
  server.on('connection', () => upstream.connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upstream: TestUpstream = {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    seen: [],
    connections: 0,
    answer: usualAnswer,
    server,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return upstream;
}

export interface TestGateway {
  readonly url: string;
  readonly managementUrl: string;
  readonly port: number;
  readonly gateway: Gateway;
  /** Every line that was logged. */
  readonly log: readonly string[];
  /** Tokens that were found in URLs. */
  readonly exposed: readonly string[];
  close(graceMs?: number): Promise<void>;
}

/** @param settings as the YAML says them; ports are free ones unless given */
export async function startGateway(
  settings: Record<string, unknown>,
  options: { readonly clock?: () => number; readonly fetch?: Fetch; readonly traces?: Traces } = {},
): Promise<TestGateway> {
  const config = checkGatewayConfig({
    listen: [{ port: 0 }],
    management: { port: 0 },
    log_level: 'debug',
    ...settings,
  });
  const log: string[] = [];
  const exposed: string[] = [];
  const gateway = await createGateway({
    config,
    logger: createLogger(config.log_level, (line) => void log.push(line)),
    onExposedToken: (token) => void exposed.push(token),
    ...options,
  });
  const listening = await listen(gateway);
  const url = listening.urls[0] ?? '';
  return {
    url,
    managementUrl: listening.managementUrl,
    port: Number(new URL(url).port),
    gateway,
    log,
    exposed,
    close: (graceMs = 0) => listening.close(graceMs),
  };
}

/** Sends bytes as they are. @returns everything that came back until the other side closed, or nothing more came */
export function sendRaw(
  port: number,
  text: string,
  { quietMs = 50 } = {},
): Promise<{ text: string; closed: boolean }> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(text, 'latin1'));
    let received = '';
    let timer: NodeJS.Timeout | undefined;
    const finish = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text: received, closed });
    };
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => finish(false), quietMs);
    };
    timer = setTimeout(() => finish(false), 5000);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      wait();
    });
    socket.on('error', () => finish(true));
    socket.on('close', () => finish(true));
  });
}

/** The value of a header that the upstream got once; fails to be that if it came twice. */
export function headerSeen({ rawHeaders }: SeenRequest, name: string): string | undefined {
  const found: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name.toLowerCase()) found.push(rawHeaders[index + 1] ?? '');
  }
  return found.length === 0 ? undefined : found.join(' AND ');
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
