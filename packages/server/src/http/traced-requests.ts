/** A span for each request, and everything that its answer needs inside of it. Mounted only where traces are on. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface RequestTraces {
  request(method: string, requestId: string, headers: Readonly<Record<string, unknown>>): RequestTrace;
}

interface RequestTrace {
  within(run: () => void): void;
  end(answer: { readonly path: string; readonly status: number }): void;
}

/** @param pathOf the path of an answered request, as the route spells it */
export function traceRequests(
  app: FastifyInstance,
  traces: RequestTraces,
  pathOf: (request: FastifyRequest) => string,
): void {
  const open = new WeakMap<FastifyRequest, RequestTrace>();
  app.addHook('onRequest', (request, _reply, done) => {
    const trace = traces.request(request.method, request.id, request.headers);
    open.set(request, trace);
    trace.within(done);
  });
  // The body arrives in events of the socket, which know of no request.
  app.addHook('preValidation', (request, _reply, done) => {
    const trace = open.get(request);
    if (trace === undefined) done();
    else trace.within(done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    open.get(request)?.end({ path: pathOf(request), status: reply.statusCode });
    done();
  });
}
