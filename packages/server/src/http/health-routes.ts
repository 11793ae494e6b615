/** Health for whoever watches: alive, started, and ready to answer. */
import type { FastifyInstance } from 'fastify';

export interface Health {
  /** Whether the database is open, brought up to this version, and the server listens. */
  started(): boolean;
  /** Rejects while the server cannot serve. */
  ready(): Promise<void>;
}

/** The server answers what it is asked, and wants to be asked no more: it is about to close. */
export class Leaving extends Error {
  override readonly name = 'Leaving';
}

/** Whoever asks wants to know now; a database that takes longer is not ready. */
const READY_WITHIN_MS = 2000;
const NOW = { 'cache-control': 'no-store' } as const;
const UP = { status: 'up' } as const;
const STARTING = { status: 'down', reason: 'the server is starting' } as const;

export function registerHealth(app: FastifyInstance, health: Health): void {
  for (const path of ['/health/live', '/health/alive']) {
    app.get(path, (_request, reply) => reply.headers(NOW).send(UP));
  }
  app.get('/health/started', (_request, reply) => {
    reply.headers(NOW);
    return health.started() ? reply.send(UP) : reply.code(503).send(STARTING);
  });
  app.get('/health/ready', async (_request, reply) => {
    reply.headers(NOW);
    if (!health.started()) return reply.code(503).send(STARTING);
    try {
      await inTime(health.ready());
      return reply.send(UP);
    } catch (error) {
      const reason = error instanceof Leaving ? 'the server is stopping' : 'the database does not answer';
      return reply.code(503).send({ status: 'down', reason });
    }
  });
}

async function inTime(ready: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(reject, READY_WITHIN_MS, new Error('too late'));
  });
  try {
    await Promise.race([ready, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
