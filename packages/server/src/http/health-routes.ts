/** Health for whoever watches: alive, and ready to answer. */
import type { FastifyInstance } from 'fastify';

/** @param ready rejects while the server cannot serve */
export function registerHealth(app: FastifyInstance, ready: () => Promise<void>): void {
  for (const path of ['/health/live', '/health/alive', '/health/started']) {
    app.get(path, (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'up' }));
  }
  app.get('/health/ready', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    try {
      await ready();
      return reply.send({ status: 'up' });
    } catch {
      return reply.code(503).send({ status: 'down', reason: 'the database does not answer' });
    }
  });
}
