/**
 * Traces by OpenTelemetry, where the configuration turns them on and the operator registered an SDK: this package brings
 * its API only, and that is not even loaded otherwise. A span says route, outcome and status; never a path, a query, a
 * header, a token, a person or an app.
 * @spec W3C Trace Context §3.2, §4.3
 */
import type { IncomingMessage } from 'node:http';
import type { Context, Span } from '@opentelemetry/api';
import type { HeaderList } from '../headers/request-headers.ts';

type Api = typeof import('@opentelemetry/api');

export interface Traces {
  /** A request arrived. Of its headers only the trace context is read. */
  request(request: IncomingMessage, id: string): RequestTrace;
}

export interface RequestTrace {
  /** It goes on to an upstream. @returns its headers, those of the trace context in place of the caller's */
  forwarded(headers: HeaderList, upstream: URL): HeaderList;
  end(of: { readonly route: string; readonly outcome: string; readonly status: number }): void;
}

/** Upper case letters only: a method may be anything that Node takes. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const CONTEXT_HEADERS = ['traceparent', 'tracestate'] as const;

/** @throws TypeError when the API of OpenTelemetry is not installed; the message is for a terminal */
export async function openTraces(): Promise<Traces> {
  let api: Api;
  try {
    api = await import('@opentelemetry/api');
  } catch (cause) {
    throw new TypeError(
      'traces is on, and @opentelemetry/api is not installed. Install it with an SDK of OpenTelemetry, or take traces out',
      { cause },
    );
  }
  return { request: (request, id) => new TracedRequest(api, request, id) };
}

class TracedRequest implements RequestTrace {
  readonly #api: Api;
  readonly #method: string;
  readonly #span: Span;
  readonly #inside: Context;
  #upstream: Span | undefined;

  constructor(api: Api, { method = '', headers }: IncomingMessage, id: string) {
    const { propagation, ROOT_CONTEXT, SpanKind, trace } = api;
    this.#api = api;
    this.#method = METHODS.has(method) ? method : '_OTHER';
    const carrier = Object.fromEntries(
      CONTEXT_HEADERS.flatMap((name) => {
        const value = headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    );
    const parent = propagation.extract(ROOT_CONTEXT, carrier);
    const attributes = { 'http.request.method': this.#method, 'tessera.request_id': id };
    this.#span = this.#tracer().startSpan(this.#method, { kind: SpanKind.SERVER, attributes }, parent);
    this.#inside = trace.setSpan(parent, this.#span);
  }

  forwarded(headers: HeaderList, { hostname, port, protocol }: URL): HeaderList {
    const { propagation, SpanKind, trace } = this.#api;
    const attributes = {
      'http.request.method': this.#method,
      'server.address': hostname,
      'server.port': Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port),
    };
    const options = { kind: SpanKind.CLIENT, attributes };
    this.#upstream = this.#tracer().startSpan(this.#method, options, this.#inside);
    const carrier: Record<string, unknown> = {};
    propagation.inject(trace.setSpan(this.#inside, this.#upstream), carrier);
    // Without a propagator the caller's own go on.
    if (typeof carrier['traceparent'] !== 'string') return headers;
    const names: readonly string[] = CONTEXT_HEADERS;
    const others = headers.filter(
      (_, index) => !names.includes(headers[index - (index % 2)]?.toLowerCase() ?? ''),
    );
    return others.concat(
      names.flatMap((name) => (typeof carrier[name] === 'string' ? [name, carrier[name]] : [])),
    );
  }

  end({ route, outcome, status }: Parameters<RequestTrace['end']>[0]): void {
    const failed = { code: this.#api.SpanStatusCode.ERROR };
    const answered = { 'http.response.status_code': status };
    this.#span.updateName(`${this.#method} ${route}`);
    this.#span.setAttributes({ 'tessera.route': route, 'tessera.outcome': outcome, ...answered });
    if (status >= 500) this.#span.setStatus(failed);
    this.#span.end();
    // Else the answer is not the upstream's, or was ended.
    if (outcome === 'passed') this.#upstream?.setAttributes(answered);
    if (outcome !== 'passed' || status >= 500) this.#upstream?.setStatus(failed);
    this.#upstream?.end();
  }

  #tracer() {
    return this.#api.trace.getTracer('tessera-gateway');
  }
}
