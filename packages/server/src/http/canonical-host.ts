/**
 * One name for the browser: whoever opens a page by 127.0.0.1 or [::1] is led to the issuer's `localhost`, because
 * cookies, form checks and passkeys belong to one origin.
 */
import type { FastifyInstance } from 'fastify';
import { isPageLoad } from './page-load.ts';

/** Only page loads, only between the names of loopback, only on the issuer's own port: no other host is ever trusted. */
export function leadToIssuerHost(app: FastifyInstance, issuer: string): void {
  const { hostname, port, origin } = new URL(issuer);
  if (hostname !== 'localhost') return;
  const others: ReadonlySet<string> = new Set([`127.0.0.1:${port}`, `[::1]:${port}`]);
  app.addHook('onRequest', (request, reply, done) => {
    const { host } = request.headers;
    if (host === undefined || !others.has(host) || !isPageLoad(request)) return done();
    // A target that does not begin with a slash would become part of the host's name.
    if (!request.url.startsWith('/')) return done();
    void reply.redirect(`${origin}${request.url}`, 303);
  });
}
