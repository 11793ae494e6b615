/**
 * Traces by OpenTelemetry, where the operator turned them on and registered an SDK: this package brings its API only,
 * and that is not even loaded otherwise. A span says route, status and the names of our statements; never a query, a
 * header, a body, a token, a person or an app.
 * @spec W3C Trace Context §3.2
 */
import type { Context, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import type { Tracing } from '../ports/tracing.ts';

type Api = typeof import('@opentelemetry/api');

export interface Traces extends Tracing {
  /** A request arrived. @param headers of which only the trace context is read */
  request(method: string, requestId: string, headers: Readonly<Record<string, unknown>>): RequestTrace;
}

export interface RequestTrace {
  /** What is started inside belongs to the request. */
  within(run: () => void): void;
  /** @param path as the route spells it */
  end(answer: { readonly path: string; readonly status: number }): void;
}

/** The API of OpenTelemetry is not installed; the message is for a terminal. */
export class TracesMissing extends Error {
  override readonly name = 'TracesMissing';
}

/** Upper case letters only: a method may be anything that Node takes. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** @throws TracesMissing */
export async function openTraces(): Promise<Traces> {
  let api: Api;
  try {
    api = await import('@opentelemetry/api');
  } catch (cause) {
    throw new TracesMissing(
      'traces is on, and @opentelemetry/api is not installed. Install it with an SDK of OpenTelemetry, or set TESSERA_TRACES=off',
      { cause },
    );
  }
  return createTraces(api, api.trace.getTracer('tessera'));
}

function createTraces(api: Api, tracer: Tracer): Traces {
  const { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api;
  const failed = (span: Span): void => void span.setStatus({ code: SpanStatusCode.ERROR });
  const open = (name: string, options: SpanOptions, parent: Context): readonly [Span, Context] => {
    const span = tracer.startSpan(name, options, parent);
    return [span, trace.setSpan(parent, span)];
  };
  return {
    async span(name, attributes, run) {
      const [span, inside] = open(name, { kind: SpanKind.CLIENT, attributes }, context.active());
      try {
        return await context.with(inside, run);
      } catch (error) {
        // Its message may quote what a client sent.
        if (error instanceof Error) span.setAttribute('error.type', error.name);
        failed(span);
        throw error;
      } finally {
        span.end();
      }
    },
    request(method, requestId, { traceparent, tracestate }) {
      const carrier = {
        ...(typeof traceparent === 'string' ? { traceparent } : {}),
        ...(typeof tracestate === 'string' ? { tracestate } : {}),
      };
      const known = METHODS.has(method) ? method : '_OTHER';
      const attributes = { 'http.request.method': known, 'tessera.request_id': requestId };
      const parent = propagation.extract(ROOT_CONTEXT, carrier);
      const [span, inside] = open(known, { kind: SpanKind.SERVER, attributes }, parent);
      return {
        within: (run) => context.with(inside, run),
        end({ path, status }) {
          span.updateName(`${known} ${path}`);
          span.setAttributes({ 'http.route': path, 'http.response.status_code': status });
          if (status >= 500) failed(span);
          span.end();
        },
      };
    },
  };
}
