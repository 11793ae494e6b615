import type { Socket } from 'node:net';
import cors from '@fastify/cors';
import type { Verifier } from '@tessera/verifier';
import { createVerifier, TokenError } from '@tessera/verifier';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { fastify } from 'fastify';
import { answerErrors, answerUnknownPaths } from './answer-errors.ts';
import { catalogue } from './catalogue/catalogue.ts';
import { errorBody } from './errors.ts';
import { watchRoutes } from './known-paths.ts';
import type { OneApiOptions } from './one-api.ts';
import { oneApi } from './one-api.ts';
import type { FindPerson } from './people.ts';
import { createAllowances } from './playlists/allowances.ts';
import { openPlaylistFile } from './playlists/playlist-file.ts';
import { createPlaylistLibrary } from './playlists/playlist-library.ts';
import { createRollingQuota } from './rolling-quota.ts';
import type { QuotaMode } from './shapes/view.ts';

export interface MusicApiOptions {
  /** The Tessera server that issues the tokens. */
  readonly issuer: string;
  /** The identifier of the API; `https://music.example/` unless set. */
  readonly audience?: string;
  /** The identifier of the second API, under `/short`, whose tokens live 30 seconds. */
  readonly shortAudience?: string;
  /** The credentials with which this API asks the issuer about opaque tokens. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** The address of the Tessera server that `GET /` leads to. */
  readonly home: string;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** Without it nobody is known, and `/v1/me` answers 404. */
  readonly findPerson?: FindPerson;
  /** Which fields an app gets; `extended` unless set. */
  readonly quota?: QuotaMode | ((clientId: string) => QuotaMode);
  /** How many calls an app may make in any 30 seconds; 1000 unless set. */
  readonly requestsPerWindow?: number;
  /** Makes the verifier of an API, where the usual one is not wanted. */
  readonly verifier?: (audience: string) => Verifier;
  /** A JSON file that keeps the playlists; without it they live as long as the process. */
  readonly dataFile?: string;
  /** The address under which callers reach this API, when it is not the one it listens on. */
  readonly publicUrl?: string;
}

const WINDOW_MS = 30_000;
const MAX_BODY_BYTES = 64 * 1024;

/** Builds the music API, and its short-lived twin under `/short`, without listening. */
export async function createMusicApi(options: MusicApiOptions): Promise<FastifyInstance> {
  const { issuer, home, clock = Date.now, quota: quotaMode = 'extended' } = options;
  const file = options.dataFile === undefined ? undefined : openPlaylistFile(options.dataFile);
  const stored = (await file?.read()) ?? [];

  const app = fastify({
    // No request log: whatever logs requests must leave out the query and the Authorization header.
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (_error, _request, reply: FastifyReply) =>
      void reply.code(400).send(errorBody(400, 'The URL cannot be read')),
  });
  const origin = (): string => options.publicUrl ?? app.listeningOrigin;

  const knownPaths = watchRoutes(app);
  await app.register(cors, {
    origin: '*',
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'DPoP'],
    exposedHeaders: ['Retry-After', 'WWW-Authenticate'],
    maxAge: 600,
    strictPreflight: false,
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('X-Content-Type-Options', 'nosniff');
    refuseTokenInUrl(request.url);
  });
  answerErrors(app, () => `${origin()}/.well-known/oauth-protected-resource`);
  answerUnknownPaths(app, knownPaths);
  app.addHook('onClose', async () => file?.settled());

  const shared = {
    issuer,
    home,
    catalogue,
    library: createPlaylistLibrary({ catalogue, clock, stored, file }),
    allowances: createAllowances(clock),
    findPerson: options.findPerson ?? (async () => undefined),
    quotaModeOf: typeof quotaMode === 'function' ? quotaMode : () => quotaMode,
  };
  for (const { prefix, ...described } of describeApis(options)) {
    const verifier = verifierFor(described.identifier, options);
    app.addHook('onClose', async () => verifier.close());
    const one: OneApiOptions = {
      ...shared,
      ...described,
      apiUrl: () => origin() + prefix,
      verifier,
      quota: createRollingQuota({ limit: options.requestsPerWindow ?? 1000, windowMs: WINDOW_MS, clock }),
    };
    await app.register(async (scope) => oneApi(scope, one), { prefix });
  }
  return app;
}

function describeApis(options: MusicApiOptions) {
  return [
    {
      prefix: '',
      name: 'Music API',
      note: 'Its tokens are good for one hour.',
      identifier: options.audience ?? 'https://music.example/',
    },
    {
      prefix: '/short',
      name: 'Music API, 30-second tokens',
      note: 'The same catalogue; its tokens live 30 seconds, so that nobody has to wait an hour to see one expire.',
      identifier: options.shortAudience ?? 'https://music-short.example/',
    },
  ];
}

function verifierFor(audience: string, options: MusicApiOptions): Verifier {
  if (options.verifier !== undefined) return options.verifier(audience);
  return createVerifier({
    issuer: options.issuer,
    audience,
    ...(options.clientId !== undefined && { clientId: options.clientId }),
    ...(options.clientSecret !== undefined && { clientSecret: options.clientSecret }),
    ...(options.clock !== undefined && { clock: options.clock }),
  });
}

/** The token check refuses a token in the URL too; this one also guards the paths that need no token. */
function refuseTokenInUrl(url: string): void {
  const query = url.split('?', 2)[1];
  if (query !== undefined && new URLSearchParams(query).has('access_token'))
    throw new TokenError('token_in_url');
}

/** What is not HTTP at all, or has headers beyond the limit, never reaches a route. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const body = JSON.stringify(errorBody(status, 'The request cannot be read'));
  socket.end(
    `HTTP/1.1 ${status} Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
