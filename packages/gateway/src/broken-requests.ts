/**
 * What is no request, or never becomes one: headers too large, or too long in coming.
 * @spec RFC 9110 §15.5.1, §15.5.9; RFC 6585 §5
 */
import type { ServerOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { type GatewayErrorCode, gatewayErrors } from './refusal.ts';

// `import` of it would load Node's fetch as well: a twentieth of a start.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** For every listener: whoever sends a byte now and then holds a socket for a few seconds. */
export const ARRIVAL = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  /** How often Node looks for requests that take too long. */
  connectionsCheckingInterval: 1000,
} as const satisfies ServerOptions;

interface BrokenConnection extends Duplex {
  /** What is being answered on it. */
  readonly _httpMessage?: { readonly headersSent: boolean } | null;
}

/** Listens to `clientError`: the connection ends, because nobody knows where the next request would begin. */
export function refuseBroken(error: NodeJS.ErrnoException, socket: Duplex): void {
  const { _httpMessage: answering } = socket as BrokenConnection;
  // A connection that fails before it is one, TLS that does not begin, could not take an answer.
  const isRequest = /^(?:HPE_|ERR_HTTP_)/.test(error.code ?? '');
  if (!isRequest || !socket.writable || answering?.headersSent === true) {
    socket.destroy();
    return;
  }
  const code = refusalOf(error.code);
  const { status, description } = gatewayErrors[code];
  const body = JSON.stringify({ error: code, error_description: description, code });
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nCache-Control: no-store`;
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\nConnection: close\r\n\r\n`;
  socket.end(`${head}${body}`, () => socket.destroy());
}

function refusalOf(code: string | undefined): GatewayErrorCode {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'malformed_request';
}
