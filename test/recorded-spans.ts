// An SDK of OpenTelemetry as small as can be: keeps every span that was ended.
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
} from '@opentelemetry/api';

export interface RecordedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly attributes: Attributes;
  readonly failed: boolean;
}

/** Registered for this process, until the returned function is called. */
export function recordSpans(into: RecordedSpan[]): () => void {
  let count = 0;
  const start = (first: string, attributes: Attributes, parent: SpanContext | undefined): Span => {
    const spanId = (++count).toString(16).padStart(16, '0');
    const traceId = parent?.traceId ?? spanId.repeat(2);
    let name = first;
    let failed = false;
    const kept: Attributes = { ...attributes };
    const span = {
      spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
      setAttribute: (key: string, value: string) => ((kept[key] = value), span),
      setAttributes: (more: Attributes) => (Object.assign(kept, more), span),
      setStatus: () => ((failed = true), span),
      updateName: (other: string) => ((name = other), span),
      end: () =>
        void into.push({ name, traceId, spanId, parentId: parent?.spanId, attributes: kept, failed }),
    };
    return span as unknown as Span;
  };
  const tracer = {
    startSpan: (name: string, options: { attributes?: Attributes } = {}, within: Context = ROOT_CONTEXT) =>
      start(name, options.attributes ?? {}, trace.getSpanContext(within)),
    startActiveSpan: () => {
      throw new Error('not used');
    },
  };
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  const storage = new AsyncLocalStorage<Context>();
  context.setGlobalContextManager({
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (inside, run, self, ...given) => storage.run(inside, () => run.call(self as never, ...given)),
    bind: (_inside, target) => target,
    enable: () => context as never,
    disable: () => context as never,
  });
  propagation.setGlobalPropagator({
    inject(within, carrier: { traceparent?: string }) {
      const inside = trace.getSpanContext(within);
      if (inside !== undefined) carrier.traceparent = `00-${inside.traceId}-${inside.spanId}-01`;
    },
    extract(within, carrier: { readonly traceparent?: string }) {
      const [, traceId = '', spanId = ''] = carrier.traceparent?.split('-') ?? [];
      if (traceId === '') return within;
      return trace.setSpanContext(within, { traceId, spanId, traceFlags: 1, isRemote: true });
    },
    fields: () => ['traceparent'],
  });
  return () => {
    trace.disable();
    context.disable();
    propagation.disable();
  };
}
