import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { getProfileSource } from './get-profile-source.ts';

export interface WebPlayerOptions {
  /** The Tessera server where people sign in. */
  readonly issuer: string;
  /** Where the music API answers; its 30-second twin is under `/short`. */
  readonly musicApi: string;
  /** A public client: the player has no secret. */
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** The identifier of the music API; without it no API is named and tokens are opaque. */
  readonly audience?: string;
  readonly shortAudience?: string;
  /** The address of the Tessera server that the page leads back to. */
  readonly home: string;
}

const PUBLIC = fileURLToPath(new URL('./public/', import.meta.url));
const INDEX = readFileSync(`${PUBLIC}index.html`, 'utf8');
const GET_PROFILE = '/get-profile.js';

/** The page, its scripts and its settings. Nothing here ever sees a token: the page talks to issuer and API itself. */
export async function webPlayer(app: FastifyInstance, options: WebPlayerOptions): Promise<void> {
  const { musicApi, home } = options;
  const policy = contentSecurityPolicy(options);
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-cache',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    });
  });

  const page = (script: string): string =>
    INDEX.replaceAll('{{home}}', escapeAttribute(home)).replaceAll('{{getProfile}}', script);
  app.get<{ Querystring: { api?: unknown } }>('/', (request, reply) =>
    reply.type('text/html').send(page(request.query.api === 'short' ? `/short${GET_PROFILE}` : GET_PROFILE)),
  );
  app.get('/callback', (_request, reply) => reply.type('text/html').send(page(GET_PROFILE)));
  app.get('/config.json', () => ({
    issuer: options.issuer,
    clientId: options.clientId,
    redirectUri: `${app.listeningOrigin}/callback`,
    scope: options.scopes.join(' '),
    home,
    apis: {
      music: { url: musicApi, ...(options.audience !== undefined && { identifier: options.audience }) },
      short: {
        url: `${musicApi}/short`,
        ...(options.shortAudience !== undefined && { identifier: options.shortAudience }),
      },
    },
  }));
  app.get(GET_PROFILE, (_request, reply) => reply.type('text/javascript').send(getProfileSource(musicApi)));
  app.get(`/short${GET_PROFILE}`, (_request, reply) =>
    reply.type('text/javascript').send(getProfileSource(`${musicApi}/short`)),
  );
  await app.register(fastifyStatic, {
    root: PUBLIC,
    index: false,
    cacheControl: false,
    globIgnore: ['index.html', 'get-profile.js'],
    wildcard: false,
  });
}

/** Scripts and styles from here alone; requests to the issuer and the API; no frame, no form, no markup from text. */
function contentSecurityPolicy({ issuer, musicApi }: WebPlayerOptions): string {
  const [issuerOrigin, apiOrigin] = [new URL(issuer).origin, new URL(musicApi).origin];
  return [
    "default-src 'self'",
    `connect-src 'self' ${issuerOrigin} ${apiOrigin}`,
    `img-src 'self' ${apiOrigin}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
