/**
 * `/status-lists` for everyone, `/events` for the APIs that take our tokens.
 * @spec draft-ietf-oauth-status-list-15 §8.1, §8.2, §9.3; HTML Living Standard §9.2
 */
import { Readable } from 'node:stream';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isPublicClient } from '../domain/client.ts';
import type { Clock } from '../ports/clock.ts';
import {
  authenticateClient,
  type ClientAuthenticationDependencies,
} from '../protocol/client-authentication/index.ts';
import { Form } from '../protocol/form.ts';
import { OAuthError } from '../protocol/oauth-error.ts';
import type { RevocationStreams } from '../protocol/revocation-stream.ts';
import type { StatusListFormat, StatusLists } from '../protocol/status-lists.ts';
import { CLIENT_BODY_BYTES, refuseOtherMethods, requestContext } from './app.ts';
import type { ClientCertificates } from './client-certificates.ts';
import { readCertificates } from './oauth-routes.ts';
import { ANY_ORIGIN, NO_STORE, PREFLIGHT } from './reply-headers.ts';
import { sendOAuthError } from './respond.ts';

export interface RevocationRouteDependencies {
  readonly clock: Clock;
  readonly authentication: ClientAuthenticationDependencies;
  readonly statusLists: StatusLists;
  readonly streams: RevocationStreams;
  /** Present where clients can show certificates. */
  readonly certificates?: ClientCertificates;
}

const LISTS = '/status-lists';
const EVENTS = '/events';
const MEDIA_TYPES = { jwt: 'application/statuslist+jwt', cwt: 'application/statuslist+cwt' } as const;
/** Caches on the way add to what a list's own `ttl` allows: they are given little. */
const SHARED_CACHE_SECONDS = 5;
/** A reader that takes nothing for so long is not there. */
const STALLED_MS = 20_000;

export async function registerRevocationRoutes(
  app: FastifyInstance,
  dependencies: RevocationRouteDependencies,
): Promise<void> {
  registerStatusLists(app, dependencies.statusLists);
  // Streams would keep the server from closing.
  app.addHook('preClose', (done) => {
    dependencies.streams.close();
    done();
  });
  await app.register(async (forms: FastifyInstance) => {
    forms.removeAllContentTypeParsers();
    await forms.register(formbody, { bodyLimit: CLIENT_BODY_BYTES });
    if (dependencies.certificates !== undefined) readCertificates(forms, dependencies.certificates);
    registerEvents(forms, dependencies);
  });
}

function registerStatusLists(app: FastifyInstance, lists: StatusLists): void {
  const maxAge = Math.min(lists.ttlSeconds, SHARED_CACHE_SECONDS);
  const cacheable = { ...ANY_ORIGIN, 'cache-control': `public, max-age=${maxAge}` };
  app.get(LISTS, async (_request, reply) =>
    reply.headers(cacheable).send({ status_lists: await lists.addresses() }),
  );
  app.get(`${LISTS}/:list`, async (request, reply) => {
    const { list } = request.params as { readonly list: string };
    if (Object.hasOwn(request.query as object, 'time'))
      return refuse(reply, 501, 'Past statuses are not kept');
    const format = formatFor(request.headers.accept);
    if (format === undefined) return refuse(reply, 406, 'Status lists are signed JWTs or CWTs');
    // Whoever has lost its place in the events must not be given what was known before.
    const fresh = request.headers['cache-control']?.includes('no-cache') === true;
    const found = /^(0|[1-9]\d{0,9})$/.test(list)
      ? await lists.find(Number(list), format, { fresh })
      : undefined;
    if (found === undefined) return refuse(reply, 404, 'There is no such status list');
    reply.headers(cacheable).headers({ etag: found.etag, vary: 'accept' });
    if (request.headers['if-none-match']?.includes(found.etag) === true) return reply.code(304).send();
    return reply.type(MEDIA_TYPES[format]).send(found.token);
  });
  for (const path of [LISTS, `${LISTS}/:list`]) {
    app.options(path, (_request, reply) => reply.headers(PREFLIGHT).code(204).send());
  }
  refuseOtherMethods(app, LISTS, ['GET', 'HEAD', 'OPTIONS']);
}

function refuse(reply: FastifyReply, status: number, description: string): FastifyReply {
  return sendOAuthError(reply, { status, error: 'invalid_request', description, headers: {}, fault: false });
}

/** What a reader likes best of the two; one that has no preference gets a JWT. */
function formatFor(accept: string | undefined): StatusListFormat | undefined {
  if (accept === undefined) return 'jwt';
  let best: { readonly format: StatusListFormat; readonly quality: number } | undefined;
  for (const each of accept.split(',')) {
    const [type = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase());
    const format =
      type === MEDIA_TYPES.cwt
        ? 'cwt'
        : [MEDIA_TYPES.jwt, 'application/*', '*/*'].includes(type)
          ? 'jwt'
          : undefined;
    const quality = Number(parameters.find((part) => part.startsWith('q='))?.slice(2) ?? 1);
    if (format !== undefined && quality > (best?.quality ?? 0)) best = { format, quality };
  }
  return best?.format;
}

/** GET with HTTP Basic, as an EventSource would; POST for credentials that stand in a form. */
function registerEvents(app: FastifyInstance, dependencies: RevocationRouteDependencies): void {
  const { clock, authentication, streams } = dependencies;
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const form = new Form(request.body);
    const context = requestContext(request, clock);
    const client = await authenticateClient(request.headers.authorization, form, context, authentication);
    if (isPublicClient(client)) {
      throw new OAuthError('invalid_client', 'What ends is told to clients with credentials');
    }
    const after = request.headers['last-event-id'];
    const stream = Readable.from(await streams.open(client, typeof after === 'string' ? after : undefined));
    endWhenStalled(reply, stream);
    return reply
      .headers({ ...NO_STORE, 'x-accel-buffering': 'no' })
      .type('text/event-stream')
      .send(stream);
  };
  // A stream for which nobody listens would be read to its end all the same.
  app.get(EVENTS, { exposeHeadRoute: false }, answer);
  app.post(EVENTS, answer);
  refuseOtherMethods(app, EVENTS, ['GET', 'POST']);
}

/** A reader that does not drain is cut off; it reads on from its place when it comes back. */
function endWhenStalled(reply: FastifyReply, stream: Readable): void {
  const { raw } = reply;
  let stalledSince: number | undefined;
  const timer = setInterval(() => {
    if (!raw.writableNeedDrain) stalledSince = undefined;
    else stalledSince ??= performance.now();
    if (stalledSince !== undefined && performance.now() - stalledSince >= STALLED_MS) raw.destroy();
  }, STALLED_MS / 4);
  timer.unref();
  stream.once('close', () => clearInterval(timer));
}
