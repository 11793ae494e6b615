/**
 * WebSockets: the handshake is passed on, then bytes both ways until one side ends, or the token does.
 * @spec RFC 9110 §7.8; RFC 6455 §4.2.1, §5.5.1, §7.4.1
 */
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HeaderList } from '../headers/request-headers.ts';
import { GatewayError } from '../refusal.ts';
import type { Upstream } from './upstream.ts';

// `import` of it would load Node's fetch as well, for the names of WebSocket: a twentieth of a start.
const { request: requestHttp } = process.getBuiltinModule('node:http');

/** Whether a request opens a WebSocket; any other upgrade is an ordinary request here. */
export function isWebSocketHandshake({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-key'] !== undefined
  );
}

export interface Tunnel {
  /** Rejects with a GatewayError while nothing was answered; resolves when both sides are closed. */
  readonly over: Promise<void>;
  /** Tells both sides that this is the end (close code 1008), and closes. */
  end(reason: Error): void;
}

export interface TunnelRequest {
  readonly upstream: Upstream;
  readonly target: string;
  readonly headers: HeaderList;
}

export function openTunnel(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: TunnelRequest,
): Tunnel {
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  let upstreamSocket: Duplex | undefined;
  let ended: Error | undefined;
  const outgoing = send(options);
  outgoing.then((sent) => {
    if (ended !== undefined || socket.destroyed) {
      // Whoever left while the token was looked at says so no more.
      sent.on('error', () => {});
      resolve();
      return sent.destroy();
    }
    sent.on('upgrade', (answer, other, otherHead) => {
      upstreamSocket = other;
      socket.write(headOf(answer));
      if (otherHead.length > 0) socket.write(otherHead);
      if (head.length > 0) other.write(head);
      join(socket, other, resolve);
    });
    sent.on('response', (answer) => {
      // Not what was asked for: the answer goes back as it is, and the connection with it.
      socket.write(headOf(answer, true));
      answer.pipe(socket);
      socket.once('close', resolve);
    });
    sent.on('timeout', () => sent.destroy(new GatewayError('upstream_timeout')));
    sent.on('error', (error) => {
      reject(
        ended ??
          (error instanceof GatewayError ? error : new GatewayError('upstream_unreachable', {}, error)),
      );
    });
    socket.once('close', () => sent.destroy());
    sent.end();
    return undefined;
  }, reject);
  return {
    over,
    end(reason) {
      ended = reason;
      if (upstreamSocket === undefined) return reject(reason);
      const code = Buffer.from([POLICY_VIOLATION >> 8, POLICY_VIOLATION & 0xff]);
      const payload = Buffer.concat([code, Buffer.from(reason.message.slice(0, 120))]);
      socket.end(Buffer.concat([Buffer.from([CLOSE_FRAME, payload.length]), payload]));
      upstreamSocket.destroy();
    },
  };
}

const POLICY_VIOLATION = 1008;
const CLOSE_FRAME = 0x88;

async function send({ upstream, target, headers }: TunnelRequest): Promise<ReturnType<typeof requestHttp>> {
  const { origin, responseTimeoutMs } = upstream;
  const hasHost = headers.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  const options: RequestOptions = {
    host: origin.hostname.replace(/^\[|\]$/g, ''),
    port: origin.port === '' ? undefined : Number(origin.port),
    path: target,
    method: 'GET',
    headers: [
      ...(hasHost ? [] : ['host', origin.host]),
      ...headers,
      'connection',
      'Upgrade',
      'upgrade',
      'websocket',
    ],
    timeout: responseTimeoutMs,
    agent: false,
  };
  if (origin.protocol === 'http:') return requestHttp(options);
  const { request } = await import('node:https');
  return request({ ...options, servername: origin.hostname });
}

/** @param isLast nothing else comes over this connection */
function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage, isLast = false): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage ?? ''}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (isLast && /^(?:connection|keep-alive|transfer-encoding)$/i.test(name)) continue;
    lines.push(`${name}: ${rawHeaders[index + 1] ?? ''}`);
  }
  if (isLast) lines.push('Connection: close');
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function join(one: Duplex, other: Duplex, over: () => void): void {
  one.pipe(other);
  other.pipe(one);
  for (const [side, opposite] of [
    [one, other],
    [other, one],
  ] as const) {
    side.on('error', () => opposite.destroy());
    side.on('close', () => {
      opposite.destroy();
      over();
    });
  }
}
