/**
 * Passes a request on and its answer back, piece by piece, no faster than either side reads.
 * @spec RFC 9110 §7.6, §15.6.3, §15.6.5; RFC 9112 §6, §8
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { withHandedOver } from '../cat/hand-over.ts';
import { HOP_BY_HOP } from '../headers/forbidden-headers.ts';
import { type HeaderList, headersForCaller } from '../headers/request-headers.ts';
import { GatewayError } from '../refusal.ts';
import type { Upstream } from './upstream.ts';

export interface ForwardRequest {
  readonly upstream: Upstream;
  /** Path and query for the upstream. */
  readonly target: string;
  readonly headers: HeaderList;
  /** More bytes of a body are not passed on; 0: any number. */
  readonly maxBodyBytes: number;
  /** In place of the request's own body, where that was read already. */
  readonly body?: Buffer;
  /** Headers for the answer besides those of the upstream. */
  readonly handed?: HeaderList;
}

/** An answer under way. */
export interface Forwarding {
  /** Resolves once the answer is over; rejects with the reason why there is none, or why it was ended. */
  readonly over: Promise<void>;
  /** Ends it. Before an answer began `over` rejects with the reason; an event stream ends; any other is cut off. */
  end(reason: Error): void;
}

export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  options: ForwardRequest,
): Forwarding {
  const relay = new Relay(request, response, options);
  relay.start();
  return relay;
}

class Relay implements Dispatcher.DispatchHandler, Forwarding {
  readonly over: Promise<void>;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #options: ForwardRequest;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #reason: Error | undefined;
  #isEventStream = false;
  #mayRepeat: boolean;

  constructor(request: IncomingMessage, response: ServerResponse, options: ForwardRequest) {
    this.#request = request;
    this.#response = response;
    this.#options = options;
    this.#mayRepeat = !hasBody(request) && (request.method === 'GET' || request.method === 'HEAD');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.over = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    // Whoever left while the token was looked at says so no more.
    if (this.#response.destroyed) return this.#resolve();
    this.#response.on('close', () => {
      if (!this.#response.writableFinished) this.end(new Error('the caller is gone'));
      this.#resolve();
    });
    this.#dispatch();
  }

  end(reason: Error): void {
    this.#reason ??= reason;
    if (this.#response.headersSent) {
      // Whoever reads a stream of events sees its end and connects again; any other answer must not look whole.
      if (this.#isEventStream) this.#response.end();
      else this.#response.destroy();
    }
    this.#controller?.abort(reason);
    if (this.#controller === undefined) this.#reject(reason);
  }

  #dispatch(): void {
    const pool = this.#options.upstream.pool();
    if (pool instanceof Promise) pool.then((ready) => this.#dispatchBy(ready), this.#reject);
    else this.#dispatchBy(pool);
  }

  #dispatchBy(pool: Dispatcher): void {
    if (this.#reason !== undefined) return;
    const { target, headers, body, maxBodyBytes } = this.#options;
    const request = this.#request;
    const own = maxBodyBytes === 0 || request.headers['content-length'] !== undefined ? request : undefined;
    const sent = body ?? (hasBody(request) ? (own ?? Readable.from(upTo(maxBodyBytes, request))) : null);
    pool.dispatch({ path: target, method: request.method ?? 'GET', headers, body: sent }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#reason !== undefined) controller.abort(this.#reason);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    statusMessage?: string,
  ): void {
    const response = this.#response;
    if (status < 200) return this.#passHints(status, headers);
    const { 'content-type': type } = headers;
    this.#isEventStream = typeof type === 'string' && type.startsWith('text/event-stream');
    response.on('drain', () => controller.resume());
    const { handed } = this.#options;
    const list = headersForCaller(headers, HOP_BY_HOP);
    response.writeHead(status, statusMessage, handed === undefined ? list : withHandedOver(list, handed));
    // A stream's first event may be long in coming; that it has begun is told now.
    if (this.#isEventStream) response.flushHeaders();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#response.write(chunk)) controller.pause();
  }

  onResponseEnd(
    _controller: Dispatcher.DispatchController,
    trailers: Record<string, string | string[] | undefined>,
  ): void {
    const names = Object.keys(trailers);
    if (names.length > 0)
      this.#response.addTrailers(names.map((name) => [name, String(trailers[name])] as [string, string]));
    this.#response.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#reason !== undefined) {
      // Ended from here: whoever could be told has been.
      this.#reject(this.#reason);
    } else if (this.#response.headersSent) {
      this.#response.destroy();
    } else if (this.#mayRepeat && isBrokenConnection(error)) {
      // A connection that was kept open may be closed by the other side just as it is used.
      this.#mayRepeat = false;
      this.#dispatch();
    } else {
      this.#reject(toGatewayError(error));
    }
  }

  #passHints(status: number, { link }: Record<string, string | string[] | undefined>): void {
    if (status !== 103 || link === undefined || this.#response.headersSent) return;
    try {
      this.#response.writeEarlyHints({ link });
    } catch {
      // Node reads them closer than the standard does, several in one header for instance: an answer needs none.
    }
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function isBrokenConnection(error: Error): boolean {
  return /^(?:UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(codeOf(error));
}

/** A body whose length nobody said. */
async function* upTo(maxBytes: number, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new GatewayError('content_too_large', { connection: 'close' });
    yield chunk;
  }
}

function toGatewayError(error: Error): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = codeOf(error);
  const isTimeout = code.includes('TIMEOUT') || code === 'ETIMEDOUT';
  return new GatewayError(isTimeout ? 'upstream_timeout' : 'upstream_unreachable', {}, error);
}
