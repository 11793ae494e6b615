import type { ProtectedResourceMetadata, Verifier } from '@tessera/verifier';
import { protectedResourceMetadata } from '@tessera/verifier';
import { protect, serveProtectedResourceMetadata } from '@tessera/verifier/fastify';
import type { FastifyInstance, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { answerErrors, REALM } from './answer-errors.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import { ApiError, errorBody } from './errors.ts';
import type { FindPerson } from './people.ts';
import type { Allowances } from './playlists/allowances.ts';
import type { PlaylistLibrary } from './playlists/playlist-library.ts';
import { readMarket } from './reading/query.ts';
import type { RollingQuota } from './rolling-quota.ts';
import { albumRoutes } from './routes/albums.ts';
import { artistRoutes } from './routes/artists.ts';
import { homeRoute } from './routes/home.ts';
import { meRoutes } from './routes/me.ts';
import { ownedPlaylistRoutes } from './routes/owned-playlists.ts';
import { pageRoutes } from './routes/pages.ts';
import { playlistItemRoutes } from './routes/playlist-items.ts';
import { playlistRoutes } from './routes/playlists.ts';
import { searchRoutes } from './routes/search.ts';
import { trackRoutes } from './routes/tracks.ts';
import { musicScopes } from './scopes.ts';
import type { QuotaMode, View } from './shapes/view.ts';
import { messageOf, tokenOf } from './token-check.ts';

export interface OneApiOptions {
  readonly name: string;
  readonly note: string;
  /** The API's identifier: the audience of the tokens it takes. */
  readonly identifier: string;
  readonly issuer: string;
  readonly home: string;
  readonly apiUrl: () => string;
  readonly verifier: Verifier;
  readonly quota: RollingQuota;
  readonly quotaModeOf: (clientId: string) => QuotaMode;
  readonly catalogue: Catalogue;
  readonly library: PlaylistLibrary;
  readonly allowances: Allowances;
  readonly findPerson: FindPerson;
}

/** One API: its public pages and metadata, and behind the token check everything under `/v1`. */
export function oneApi(app: FastifyInstance, options: OneApiOptions): void {
  const { catalogue, library, findPerson, apiUrl } = options;
  const metadataUrl = (): string => `${apiUrl()}/.well-known/oauth-protected-resource`;
  answerErrors(app, metadataUrl);
  homeRoute(app, catalogue, options);
  pageRoutes(app, catalogue, apiUrl);
  app.register(serveProtectedResourceMetadata(describeResource(options)));

  app.register(
    async (guarded) => {
      guarded.addHook('onRequest', checkToken(options.verifier, metadataUrl));
      guarded.addHook('onRequest', checkQuota(options.quota));
      guarded.addHook('onSend', async (_request, reply) => void reply.header('Cache-Control', 'no-store'));
      const viewOf = (request: FastifyRequest): View => ({
        apiUrl: apiUrl(),
        mode: options.quotaModeOf(tokenOf(request).clientId),
        market: readMarket(request.query),
      });
      trackRoutes(guarded, catalogue, viewOf);
      albumRoutes(guarded, catalogue, viewOf);
      artistRoutes(guarded, catalogue, viewOf);
      searchRoutes(guarded, catalogue, viewOf);
      meRoutes(guarded, findPerson, viewOf);
      ownedPlaylistRoutes(guarded, catalogue, library, findPerson, viewOf);
      playlistRoutes(guarded, catalogue, library, findPerson, viewOf);
      playlistItemRoutes(guarded, catalogue, library, options.allowances, viewOf);
    },
    { prefix: '/v1' },
  );
}

/** Lets a request pass that carries a good token for this API, and answers all others. */
function checkToken(verifier: Verifier, metadataUrl: () => string): onRequestAsyncHookHandler {
  // Built at the first request: on port 0 the address of the metadata is known only once the server listens.
  let check: ReturnType<typeof protect> | undefined;
  return (request, reply) => {
    check ??= protect({
      verifier,
      realm: REALM,
      resourceMetadataUrl: metadataUrl(),
      basicPersonalTokens: true,
      onError: (error) => errorBody(error.status, messageOf(error)),
    });
    return check(request, reply);
  };
}

/** Counts the call for the app that makes it, whatever address it comes from. */
function checkQuota(quota: RollingQuota) {
  return async (request: FastifyRequest): Promise<void> => {
    const answer = quota.take(tokenOf(request).clientId);
    if (answer.allowed) return;
    const headers = { 'Retry-After': String(answer.retryAfterSeconds) };
    throw new ApiError(429, 'API rate limit exceeded', { headers });
  };
}

/** RFC 9728: where a client that was refused learns who issues tokens for this API. */
function describeResource({ identifier, issuer, name, home }: OneApiOptions): ProtectedResourceMetadata {
  return protectedResourceMetadata({
    resource: identifier,
    authorizationServers: [issuer],
    scopesSupported: musicScopes.map((scope) => scope.name),
    resourceName: name,
    resourceDocumentation: home,
  });
}
