/**
 * An issuer may have a path, which the proxy in front takes away. Pages name each other from the root of this server;
 * what they say is put under the path here, in one place, on its way out.
 */
import type { FastifyInstance } from 'fastify';

/** The path of an issuer, without a slash at its end; empty where it has none. */
export function issuerPath(issuer: string): string {
  return new URL(issuer).pathname.replace(/\/$/, '');
}

/** Where an attribute of our own pages leads to this server. Quotes that were written by anybody else are entities. */
const OWN_ADDRESS = /(\s(?:href|src|action|formaction)=")\/(?!\/)/g;

/** To be called before there are routes. Costs nothing where the issuer has no path. */
export function leadUnderIssuerPath(app: FastifyInstance, issuer: string): void {
  const path = issuerPath(issuer);
  if (path === '') return;
  app.addHook('onSend', (_request, reply, payload, done) => {
    const location = reply.getHeader('location');
    if (typeof location === 'string' && /^\/(?!\/)/.test(location)) {
      void reply.header('location', `${path}${location}`);
    }
    const isPage = String(reply.getHeader('content-type')).startsWith('text/html');
    done(
      null,
      isPage && typeof payload === 'string'
        ? payload.replaceAll(OWN_ADDRESS, (_, attribute: string) => `${attribute}${path}/`)
        : payload,
    );
  });
}
