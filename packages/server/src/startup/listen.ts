/** Listening: on loopback by both addresses, with one clear line where a port is taken. */
import { randomInt } from 'node:crypto';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/** The port cannot be had; the message is for a terminal. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

export interface Listening {
  readonly port: number;
  /** One for each address; connections of the second are answered by the first. */
  readonly servers: readonly Server[];
  close(): Promise<void>;
}

/** Below those that systems give to outgoing connections, one of which might take a port before it is listened at. */
const QUIET_PORTS = { from: 10_000, to: 32_000 };
const TRIES = 50;
/** Another for each question: what was found free a moment ago may not be in use yet. */
let nextPort = randomInt(QUIET_PORTS.from, QUIET_PORTS.to);

/**
 * Whether the port can be had, asked before anything else is started.
 * @param fix what to do about a taken port, for a terminal: "Set TESSERA_PORT to another"
 * @returns the port, or a free one for 0
 * @throws PortTaken
 */
export async function assertFree(host: string, port: number, fix = 'Choose another'): Promise<number> {
  const first = host === 'localhost' ? '127.0.0.1' : host;
  if (port !== 0) return probe(first, port, fix);
  for (let attempt = 1; ; attempt += 1) {
    const quiet = nextPort;
    nextPort = quiet + 1 < QUIET_PORTS.to ? quiet + 1 : QUIET_PORTS.from;
    try {
      // oxlint-disable-next-line no-await-in-loop -- until one is free
      return await probe(first, quiet, fix);
    } catch (error) {
      if (attempt === TRIES) throw error;
    }
  }
}

async function probe(host: string, port: number, fix: string): Promise<number> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
    return port;
  } catch (error) {
    throw listenError(error, host, port, fix);
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** A server, or an application with one. */
interface Listenable {
  readonly server: Server;
  listen(where: { readonly host: string; readonly port: number }): Promise<unknown>;
}

/** A server of Node's as something to listen with. */
export function listenable(server: Server): Listenable {
  return {
    server,
    listen: (where) =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(where, () => {
          server.off('error', reject);
          resolve();
        });
      }),
  };
}

/**
 * @param host `localhost` listens on 127.0.0.1 and, where the machine has it, on ::1
 * @throws PortTaken
 */
export async function listen(
  app: Listenable,
  host: string,
  port: number,
  fix = 'Choose another',
): Promise<Listening> {
  const first = host === 'localhost' ? '127.0.0.1' : host;
  try {
    await app.listen({ host: first, port });
  } catch (error) {
    throw listenError(error, first, port, fix);
  }
  const bound = (app.server.address() as AddressInfo).port;
  const second = host === 'localhost' ? await listenOnIpv6(app, bound, fix) : undefined;
  return {
    port: bound,
    servers: second === undefined ? [app.server] : [app.server, second],
    // The connections are the application's own by now: they end when it closes.
    close: async () => void second?.close(),
  };
}

/** Hands its connections to the application's own server: TLS, limits and timeouts are the same by both addresses. */
async function listenOnIpv6(app: Listenable, port: number, fix: string): Promise<Server | undefined> {
  const server = createServer(
    { noDelay: true, allowHalfOpen: !(app.server instanceof TlsServer) },
    (socket) => app.server.emit('connection', socket),
  );
  // Counted apart by Node: each address takes as many.
  server.maxConnections = app.server.maxConnections;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '::1', port }, resolve);
    });
    return server;
  } catch (error) {
    // A machine without IPv6 does well without it; a port taken there is as bad as on 127.0.0.1.
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw listenError(error, '::1', port, fix);
    return undefined;
  }
}

function listenError(error: unknown, host: string, port: number, fix: string): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new PortTaken(`Port ${port} is taken. ${fix} or stop that program.`);
  }
  if (code === 'EACCES')
    return new PortTaken(`Port ${port} needs more rights than this user has. Choose one above 1023.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new PortTaken(`${host} is not an address of this machine. Choose another host.`);
  }
  return error instanceof Error ? error : new Error('cannot listen');
}
