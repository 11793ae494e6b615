import type { FastifyInstance } from 'fastify';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { escapeHtml, sendPage } from '../pages/page.ts';

export interface HomeFacts {
  readonly name: string;
  readonly identifier: string;
  /** Where the Tessera server that issues the tokens answers. */
  readonly home: string;
  readonly apiUrl: () => string;
  readonly note: string;
}

/** `GET /`: says what this is and links home; a page for browsers, JSON for everything else. */
export function homeRoute(app: FastifyInstance, catalogue: Catalogue, facts: HomeFacts): void {
  app.get('/', (request, reply) => {
    const example = `${facts.apiUrl()}/v1/tracks/2TpxZ7JUBn3uw46aR7qd6V`;
    const metadata = `${facts.apiUrl()}/.well-known/oauth-protected-resource`;
    reply.header('Vary', 'Accept');
    if (!(request.headers.accept ?? '').includes('text/html')) {
      return reply.send({
        name: facts.name,
        identifier: facts.identifier,
        note: facts.note,
        tracks: catalogue.tracks.size,
        example,
        protected_resource_metadata: metadata,
        home: facts.home,
      });
    }
    return sendPage(
      reply,
      facts.name,
      `<p>An example API behind Tessera: ${catalogue.tracks.size} public-domain and freely given recordings. ${escapeHtml(facts.note)}</p>` +
        `<dl><dt>Identifier</dt><dd><code>${escapeHtml(facts.identifier)}</code></dd>` +
        `<dt>Try</dt><dd><code>curl ${escapeHtml(example)} -H "Authorization: Bearer &lt;token&gt;"</code></dd>` +
        `<dt>Metadata</dt><dd><a href="${escapeHtml(metadata)}">${escapeHtml(metadata)}</a></dd></dl>` +
        `<p><a href="${escapeHtml(facts.home)}">Get a token from Tessera</a></p>`,
    );
  });
}
