/** The second port: metrics and health, for whoever watches; not for the public. */
import Fastify, { type FastifyInstance } from 'fastify';
import { listening, WITHOUT_COMPILERS } from '../http/app.ts';
import { limitConnections, type ListenerLimits, USUAL_LIMITS } from '../http/listener-limits.ts';
import { registerHealth } from '../http/health-routes.ts';
import type { Tessera } from '../main.ts';

export function createMetricsApp(
  { metrics, ready, issuer }: Tessera,
  limits: ListenerLimits = USUAL_LIMITS,
): FastifyInstance {
  const app = Fastify({
    logger: false,
    schemaController: WITHOUT_COMPILERS,
    bodyLimit: 1024,
    ...listening(limits),
  });
  limitConnections(app.server, limits);
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  registerHealth(app, ready);
  app.get('/', (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send(`Metrics and health of the Tessera server at ${issuer}\n/metrics  /health/live  /health/ready\n`),
  );
  return app;
}
