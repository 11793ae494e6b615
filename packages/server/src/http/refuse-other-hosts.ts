/**
 * Answers under its own names only: a page elsewhere whose name is made to point at this machine (DNS rebinding)
 * reads nothing. For the demo, whose pages show its credentials.
 * @spec RFC 9110 §15.5.20
 */
import type { FastifyInstance } from 'fastify';
import { sendOAuthError } from './respond.ts';

/** @param hosts as browsers send them in `Host`, with the port */
export function refuseOtherHosts(app: FastifyInstance, hosts: readonly string[]): void {
  const own: ReadonlySet<string> = new Set(hosts);
  app.addHook('onRequest', (request, reply, done) => {
    if (own.has(request.headers.host ?? '')) return done();
    void sendOAuthError(reply, {
      status: 421,
      error: 'invalid_request',
      description: 'This server does not answer under this name',
      headers: {},
      fault: false,
    });
  });
}
