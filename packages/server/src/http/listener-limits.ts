/**
 * What every listener takes, whoever knocks: how large a header may be, how long a request may take to arrive, how
 * many connections there are. Whoever sends a byte now and then holds a socket for a few seconds.
 * @spec RFC 9110 §15.5.1, §15.5.9; RFC 6585 §5
 */
import type { ServerOptions } from 'node:http';
import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ListenerTimes {
  /** All of them seconds. */
  readonly headersSeconds: number;
  readonly requestSeconds: number;
  readonly keepAliveSeconds: number;
}

export interface ListenerLimits extends ListenerTimes {
  readonly connections: number;
}

/** For a listener that no setting speaks of. */
export const USUAL_LIMITS: ListenerLimits = {
  headersSeconds: 10,
  requestSeconds: 30,
  keepAliveSeconds: 65,
  connections: 10_000,
};

/** Request line and headers together. */
export const MAX_HEADER_BYTES = 16 * 1024;

/** How often Node looks for requests that take too long to arrive. */
const CHECKED_EVERY_MS = 1000;

/** A certificate is shown within the time of the headers. */
export interface ListenerOptions extends ServerOptions {
  readonly handshakeTimeout: number;
}

/** For Node's own `createServer`, by http and by https. */
export function listenerOptions(limits: ListenerLimits): ListenerOptions {
  return {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: limits.headersSeconds * 1000,
    requestTimeout: limits.requestSeconds * 1000,
    keepAliveTimeout: limits.keepAliveSeconds * 1000,
    handshakeTimeout: limits.headersSeconds * 1000,
    connectionsCheckingInterval: CHECKED_EVERY_MS,
  };
}

/** More connections are closed at once; what is no request is answered in the form of the OAuth endpoints. */
export function limitConnections(server: Server, { connections }: ListenerLimits): void {
  server.maxConnections = connections;
}

interface BrokenConnection extends Duplex {
  /** What is being answered on it. */
  readonly _httpMessage?: { readonly headersSent: boolean } | null;
}

/** Listens to `clientError`: nobody knows where the next request would begin, so the connection ends. */
export function refuseBroken(error: NodeJS.ErrnoException, socket: Duplex): void {
  const { _httpMessage: answering } = socket as BrokenConnection;
  // A connection that fails before it is one, TLS that does not begin, could not take an answer.
  const isRequest = /^(?:HPE_|ERR_HTTP_)/.test(error.code ?? '');
  if (!isRequest || !socket.writable || answering?.headersSent === true) {
    socket.destroy();
    return;
  }
  const [status, description] = refusalOf(error.code);
  const body = JSON.stringify({ error: 'invalid_request', error_description: description });
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nCache-Control: no-store`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\nConnection: close\r\n\r\n${body}`, () => socket.destroy());
}

function refusalOf(code: string | undefined): readonly [status: string, description: string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return ['431 Request Header Fields Too Large', 'The headers of the request are too large'];
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return ['413 Content Too Large', 'The request body is too large'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['408 Request Timeout', 'The request took too long to arrive'];
    default:
      return ['400 Bad Request', 'The request could not be read'];
  }
}
