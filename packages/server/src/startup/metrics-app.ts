/** The second port: metrics and health, for whoever watches; not for the public. It may listen before the server is there. */
import Fastify, { type FastifyInstance } from 'fastify';
import { listening, WITHOUT_COMPILERS } from '../http/app.ts';
import { limitConnections, type ListenerLimits, USUAL_LIMITS } from '../http/listener-limits.ts';
import { registerHealth } from '../http/health-routes.ts';
import type { Tessera } from '../main.ts';

export interface MetricsApp {
  readonly app: FastifyInstance;
  /** The server listens: from now on it is started, and has metrics. */
  started(tessera: Pick<Tessera, 'metrics' | 'ready'>): void;
}

export function createMetricsApp(issuer: string, limits: ListenerLimits = USUAL_LIMITS): MetricsApp {
  const app = Fastify({
    logger: false,
    schemaController: WITHOUT_COMPILERS,
    bodyLimit: 1024,
    ...listening(limits),
  });
  limitConnections(app.server, limits);
  let running: Pick<Tessera, 'metrics' | 'ready'> | undefined;
  app.get('/metrics', async (_request, reply) => {
    if (running === undefined) return reply.code(503).type('text/plain').send('the server is starting\n');
    return reply.type(running.metrics.contentType).send(await running.metrics.text());
  });
  registerHealth(app, {
    started: () => running !== undefined,
    ready: async () => running?.ready(),
  });
  app.get('/', (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send(
        `Metrics and health of the Tessera server at ${issuer}\n/metrics  /health/live  /health/started  /health/ready\n`,
      ),
  );
  return {
    app,
    started(tessera) {
      running = tessera;
    },
  };
}
