/** The gateway: takes requests, has each looked at, and passes on those that may go. Its configuration can be exchanged. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Fetch } from '@tessera/verifier';
import { redirection } from './cat/hand-over.ts';
import type { GatewayConfig } from './config/schema.ts';
import { createDpopNonces } from './dpop-nonces.ts';
import { answerQuestion } from './forward-auth/answer-question.ts';
import { createGeneration, type Generation } from './generation.ts';
import { answerHome } from './home.ts';
import { BadMessage } from './mcp/tool-calls.ts';
import type { Logger } from './observe/log.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { createPassages } from './proxy/passages.ts';
import { answerTo, GatewayError, JSON_HEADERS, type RefusalAnswer, withLength } from './refusal.ts';
import { report } from './observe/report.ts';
import type { Traces } from './observe/traces.ts';
import type { RequestTarget } from './request-target.ts';
import { admit, lookAt, passOn, routeOf } from './serve-request.ts';
import { serveWebSocket } from './serve-web-socket.ts';
import { challengeOptions, type Visit } from './visit.ts';

export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  /** Milliseconds since the epoch; `Date.now` unless given. */
  readonly clock?: () => number;
  /** Present where each request is a span. */
  readonly traces?: Traces;
  /** By which issuers are asked; the global `fetch` unless given. */
  readonly fetch?: Fetch;
  /** Called with a token that was found in a URL, and so is exposed. Never awaited. */
  readonly onExposedToken?: (token: string) => void;
}

export interface Gateway {
  readonly metrics: Metrics;
  readonly config: GatewayConfig;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** What upstreams that verify inside tokens fetch; undefined for other paths. */
  document(path: string): unknown;
  /** Goes on with another configuration; requests under way end with the one they began with. @throws TypeError */
  reload(config: GatewayConfig): Promise<void>;
  /** Whether requests are taken. */
  isReady(): boolean;
  /** Takes no more requests. */
  stop(): void;
  /** Ends every stream and connection to upstreams. */
  close(): Promise<void>;
}

/** @throws TypeError for settings that only turn out wrong here */
export async function createGateway(parts: GatewayParts): Promise<Gateway> {
  const { clock = Date.now } = parts;
  const nonces = {
    optional: createDpopNonces(false, clock),
    required: createDpopNonces(true, clock),
  };
  const generate = (config: GatewayConfig, previous: Generation | undefined): Promise<Generation> =>
    createGeneration({
      config,
      previous,
      clock,
      nonces: nonces[config.dpop_nonce],
      ...(parts.fetch === undefined ? {} : { fetch: parts.fetch }),
    });
  return new RunningGateway(parts, generate, await generate(parts.config, undefined));
}

class RunningGateway implements Gateway {
  readonly metrics = createMetrics();
  readonly #passages;
  readonly #parts: GatewayParts;
  readonly #generate: (config: GatewayConfig, previous: Generation | undefined) => Promise<Generation>;
  readonly #idPrefix = `req_${randomBytes(6).toString('base64url')}`;
  #generation: Generation;
  readonly #broken = new WeakSet<Socket>();
  #count = 0;
  #stopping = false;
  /** WebSockets: what closes the connections of a server knows nothing of them any more. */
  readonly #upgraded = new Set<Duplex>();
  #retired: Promise<void> = Promise.resolve();

  constructor(
    parts: GatewayParts,
    generate: (config: GatewayConfig, previous: Generation | undefined) => Promise<Generation>,
    first: Generation,
  ) {
    this.#parts = parts;
    this.#generate = generate;
    this.#generation = first;
    this.#passages = createPassages(parts.clock ?? Date.now);
  }

  get config(): GatewayConfig {
    return this.#generation.config;
  }

  document(path: string): unknown {
    return this.#generation.insideTokens?.documents.get(path);
  }

  handleRequest(request: IncomingMessage, response: ServerResponse): void {
    // Where one request could be read in two ways, nobody knows what the next one is.
    if (this.#broken.has(request.socket)) return;
    const visit = this.#begin(request);
    void this.#serve(visit, response)
      .catch((error: unknown) => this.#refuse(visit, response, error))
      .finally(() => {
        if (visit.status === 0) visit.status = response.statusCode;
        this.#end(visit);
      });
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const visit = this.#begin(request);
    socket.on('error', () => socket.destroy());
    this.#upgraded.add(socket);
    socket.once('close', () => this.#upgraded.delete(socket));
    void serveWebSocket(visit, socket, head, {
      passages: this.#passages,
      exposed: this.#exposed,
      enter: this.#enterRoute,
    })
      .catch((error: unknown) => refuseUpgrade(socket, this.#refusal(visit, error)))
      .finally(() => this.#end(visit));
  }

  async reload(config: GatewayConfig): Promise<void> {
    const previous = this.#generation;
    const next = await this.#generate(config, previous);
    this.#generation = next;
    this.#retired = retireAfter(this.#retired, previous, next);
  }

  isReady(): boolean {
    return !this.#stopping;
  }

  stop(): void {
    this.#stopping = true;
  }

  async close(): Promise<void> {
    this.#stopping = true;
    this.#passages.close();
    for (const socket of this.#upgraded) socket.destroy();
    await this.#retired;
    await this.#generation.retire(undefined);
  }

  #begin(request: IncomingMessage): Visit {
    const generation = this.#generation;
    generation.enter();
    const id = this.#idPrefix + (this.#count++).toString(36);
    const { traces } = this.#parts;
    return {
      id,
      request,
      generation,
      startedAt: performance.now(),
      outcome: 'passed',
      status: 0,
      ...(traces === undefined ? {} : { trace: traces.request(request, id) }),
    };
  }

  async #serve(visit: Visit, response: ServerResponse): Promise<void> {
    if (this.#stopping) response.setHeader('connection', 'close');
    const { request, generation } = visit;
    const target = this.#lookAt(visit);
    if (generation.askedBy?.isQuestion(target.path) === true) {
      return answerQuestion(visit, response, generation.askedBy, this.#exposed);
    }
    if (generation.serveMetadata(target.path, request, response)) return undefined;
    if (target.path === '/' && answerHome(visit, response)) return undefined;
    const route = routeOf(visit);
    this.#enterRoute(route.name);
    const admitted = await admit(visit, route.guard);
    const elsewhere = admitted.passed && redirection(admitted.passed.accessToken);
    if (elsewhere !== undefined) {
      const rest = request.complete ? {} : { connection: 'close' };
      response.writeHead(elsewhere.status, { ...elsewhere.headers, ...rest }).end();
      return undefined;
    }
    if (request.headers.expect !== undefined) response.writeContinue();
    return passOn(visit, response, route, admitted, this.#passages);
  }

  #lookAt(visit: Visit): RequestTarget {
    try {
      return lookAt(visit, this.#exposed);
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'ambiguous_framing') {
        this.#broken.add(visit.request.socket);
      }
      throw error;
    }
  }

  readonly #enterRoute = (name: string): void => this.metrics.opened(name);

  readonly #exposed = (token: string): void => {
    this.metrics.exposed();
    this.#parts.onExposedToken?.(token);
  };

  #refusal(visit: Visit, error: unknown): RefusalAnswer {
    const refusal =
      error instanceof BadMessage
        ? withLength({ status: error.status, code: error.code, headers: JSON_HEADERS, body: error.body })
        : answerTo(error, challengeOptions(visit));
    visit.outcome = refusal.code;
    visit.status = refusal.status;
    if (refusal.status >= 500 || !(error instanceof GatewayError)) visit.failure = error;
    return { ...refusal, headers: { ...refusal.headers, 'x-request-id': visit.id } };
  }

  #refuse(visit: Visit, response: ServerResponse, error: unknown): void {
    const { status, headers, body } = this.#refusal(visit, error);
    // Ended after it began: that was done in the way its reader understands.
    if (response.headersSent || response.destroyed) {
      visit.status = response.statusCode;
      return;
    }
    // What is left of the body would be read as the next request's, or waited for.
    const rest = visit.request.complete ? {} : { connection: 'close' };
    response.writeHead(status, { ...headers, ...rest }).end(visit.request.method === 'HEAD' ? '' : body);
  }

  #end(visit: Visit): void {
    const { generation, route } = visit;
    if (route !== undefined) this.metrics.closed(route.name);
    report(visit, this.metrics, this.#parts.logger);
    generation.leave();
  }
}

/** One after the other: what one leaves behind may still be in use by one before it. */
async function retireAfter(others: Promise<void>, one: Generation, next: Generation): Promise<void> {
  await others;
  await one.retire(next);
}

/** Before the handshake is over there is no response to write to. */
function refuseUpgrade(socket: Duplex, { status, headers, body }: RefusalAnswer): void {
  const all = { ...headers, connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  if (socket.writable) socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${body}`);
}
