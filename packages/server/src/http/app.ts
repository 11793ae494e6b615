/**
 * The HTTP application every room mounts its routes on: limits, request ids, the refusal of tokens in URLs, errors.
 * @spec RFC 9110, RFC 6750 §5.3
 */
import type { Random } from '@tessera/tokens';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import type { ClientCertificate } from '../domain/client-certificate.ts';
import type { Clock } from '../ports/clock.ts';
import type { RequestContext } from '../protocol/request-context.ts';
import {
  limitConnections,
  type ListenerLimits,
  listenerOptions,
  refuseBroken,
  USUAL_LIMITS,
} from './listener-limits.ts';
import { claimedClientId, notedRefusal, type NotedRefusal, noteRefusal } from './noted-refusals.ts';
import { NO_STORE } from './reply-headers.ts';
import { type Shedding, shedLoad } from './shed-load.ts';
import { type RequestTraces, traceRequests } from './traced-requests.ts';
import { isPageLoad } from './page-load.ts';
import { leaveOutPorts } from './plain-addresses.ts';
import { type PublicError, publicError, REQUEST_ID, sendOAuthError } from './respond.ts';

/** A page's form, which may carry a whole authorization request, and a report of leaked tokens: the largest there are. */
const BODY_LIMIT_BYTES = 128 * 1024;
/** A form or JSON that a client sends: the largest is a signed request or its metadata. */
export const CLIENT_BODY_BYTES = 64 * 1024;
/** Stands in the log for every path that leads nowhere: people paste tokens there, too. */
const NO_ROUTE = '(no such path)';
/** The query parameter that only an access token travels in (RFC 6750 §2.3, which we refuse). */
const TOKEN_PARAMETER = 'access_token';

export interface RequestReport {
  readonly requestId: string;
  readonly method: string;
  /** The path as the route spells it, because what was sent may hold what no log may hold. */
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly address: string;
  readonly error?: unknown;
  /** Turned away because there was too much to do. */
  readonly shed?: true;
  /** Present where a request to a path of ours was refused. Holds what no log may hold. */
  readonly refusal?: NotedRefusal;
}

export interface HttpDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly trustedProxies: readonly string[];
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly limits?: ListenerLimits;
  /** Absent: everything is taken. */
  readonly shedding?: Shedding;
  /** For people at an address where there is nothing, with the id of the request. Absent: they read JSON. */
  readonly notFoundPage?: (reference: string) => {
    readonly headers: Readonly<Record<string, string>>;
    readonly page: string;
  };
  /** Present where traces are on. */
  readonly traces?: RequestTraces;
  /** Called once for each answer. */
  readonly report: (report: RequestReport) => void;
  /** Called with a token that was found in a URL, and so is exposed. */
  readonly exposed: (token: string, context: RequestContext) => Promise<void>;
}

export function createHttpApp(dependencies: HttpDependencies): FastifyInstance {
  const { random, trustedProxies, tls, limits = USUAL_LIMITS, shedding, notFoundPage } = dependencies;
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    ...listening(limits, tls),
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    genReqId: createRequestIds(random),
    requestIdHeader: false,
    // What comes in on an open connection while the server closes is answered like anything else.
    return503OnClosing: false,
    // A client id may be a URL, percent-encoded.
    routerOptions: { maxParamLength: 1024 },
    // What the router itself refuses; left alone, it would quote the path.
    frameworkErrors: (error, _request, reply: FastifyReply) => void sendOAuthError(reply, publicError(error)),
    schemaController: WITHOUT_COMPILERS,
  }) as FastifyInstance;
  limitConnections(app.server, limits);
  if (trustedProxies.length > 0) leaveOutPorts(app);
  if (dependencies.traces !== undefined) {
    traceRequests(app, dependencies.traces, (request) => shownPath(app, request));
  }
  if (shedding !== undefined) shedLoad(app, shedding);
  reportAnswers(app, dependencies);
  refuseTokensInUrls(app, dependencies);
  app.setErrorHandler((error, request, reply) => {
    const known = publicError(error);
    if (request.wasShed) return sendOAuthError(reply, known);
    noteRefusal(request, { ...known, clientId: claimedClientId(request) }, error, known.fault);
    return sendOAuthError(reply, known);
  });
  app.decorateRequest('clientCertificate', undefined);
  app.decorate('allowedMethods', new Map<string, readonly string[]>());
  app.setNotFoundHandler((request, reply) => {
    const known = refuseUnmatched(app.allowedMethods.get(pathOf(request.url)));
    noteRefusal(request, known);
    if (notFoundPage === undefined || known.status !== 404 || !isPageLoad(request)) {
      return sendOAuthError(reply, known);
    }
    const { headers, page } = notFoundPage(request.id);
    return reply
      .code(404)
      .headers({ ...headers, [REQUEST_ID]: request.id })
      .send(page);
  });
  return app;
}

/**
 * Requests are checked by the rules, and by the schema compilers of the APIs. Fastify's own, a hundred files, would be
 * read at every start and never used.
 */
export const WITHOUT_COMPILERS: NonNullable<FastifyServerOptions['schemaController']> = {
  compilersFactory: { buildValidator: () => refuseSchema, buildSerializer: () => refuseSchema },
};

function refuseSchema(): never {
  throw new Error('A route with a schema needs the compilers of its API');
}

/** What Fastify makes its server with. */
export function listening(
  limits: ListenerLimits,
  tls?: { readonly cert: string; readonly key: string },
): Pick<FastifyServerOptions, 'requestTimeout' | 'keepAliveTimeout' | 'clientErrorHandler'> {
  const options = listenerOptions(limits);
  return {
    requestTimeout: limits.requestSeconds * 1000,
    keepAliveTimeout: limits.keepAliveSeconds * 1000,
    clientErrorHandler: (error, socket) => refuseBroken(error, socket),
    ...(tls === undefined ? { http: options } : { https: { ...options, cert: tls.cert, key: tls.key } }),
  };
}

/** What rules want to know of a request. */
export function requestContext(request: FastifyRequest, clock: Clock): RequestContext {
  const context = { at: clock(), requestId: request.id, address: request.ip };
  const { clientCertificate: certificate } = request;
  const { dpop } = request.headers;
  if (dpop === undefined) return certificate === undefined ? context : { ...context, certificate };
  const { method, url, protocol, host } = request;
  return {
    ...context,
    ...(certificate === undefined ? {} : { certificate }),
    dpop: { header: String(dpop), method, origin: `${protocol}://${host}`, path: pathOf(url) },
  };
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What a path takes, where that was said. */
    allowedMethods: Map<string, readonly string[]>;
  }
  interface FastifyRequest {
    /** Read only where clients authenticate. */
    clientCertificate: ClientCertificate | undefined;
  }
}

/** Answers every other method of a path with 405 and `Allow` (RFC 9110 §15.5.6), without a route for each. */
export function refuseOtherMethods(app: FastifyInstance, path: string, allowed: readonly string[]): void {
  app.allowedMethods.set(path, allowed);
}

/** No route matched: the path takes other methods, or there is nothing there. */
function refuseUnmatched(allowed: readonly string[] | undefined): PublicError {
  const common = { error: 'invalid_request', fault: false } as const;
  if (allowed === undefined) {
    return { ...common, status: 404, description: 'There is nothing at this path', headers: {} };
  }
  const methods = allowed.join(', ');
  return {
    ...common,
    status: 405,
    description: `This path takes ${methods} only`,
    headers: { allow: methods },
  };
}

/** As the route spells it: what was sent may hold what nobody may keep. */
function shownPath(app: FastifyInstance, request: FastifyRequest): string {
  return request.routeOptions.url ?? knownPath(app, request) ?? NO_ROUTE;
}

/** A path of ours that was asked for by another method; it holds nothing a client made up. */
function knownPath(app: FastifyInstance, request: FastifyRequest): string | undefined {
  const path = pathOf(request.url);
  return app.allowedMethods.has(path) ? path : undefined;
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

function createRequestIds(random: Random): () => string {
  const prefix = Buffer.from(random(6)).toString('base64url');
  let count = 0;
  return () => `req_${prefix}${(count++).toString(36)}`;
}

function reportAnswers(app: FastifyInstance, { report }: HttpDependencies): void {
  app.addHook('onResponse', (request, reply, done) => {
    const refusal = notedRefusal(request);
    const path = shownPath(app, request);
    report({
      requestId: request.id,
      method: request.method,
      path,
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
      address: request.ip,
      ...(request.wasShed ? { shed: true } : {}),
      ...(refusal?.failure === undefined ? {} : { error: refusal.failure }),
      ...(refusal === undefined || path === NO_ROUTE ? {} : { refusal }),
    });
    done();
  });
}

const TOKEN_IN_URL: PublicError = {
  status: 400,
  error: 'invalid_request',
  description: 'An access token may not travel in a URL; treat this one as exposed and revoke it',
  // An API says so wherever no token came that it takes (RFC 6750 §3).
  headers: { 'www-authenticate': 'Bearer realm="Tessera", error="invalid_request"' },
  fault: false,
};

/** A token in a URL is in logs and histories by now: refused wherever it turns up, and taken as exposed. */
function refuseTokensInUrls(app: FastifyInstance, { clock, exposed }: HttpDependencies): void {
  app.addHook('onRequest', (request, reply, done) => {
    const token = tokenInQuery(request.url);
    if (token === undefined) return done();
    noteRefusal(request, { ...TOKEN_IN_URL, token });
    exposed(token, requestContext(request, clock)).then(
      () => sendOAuthError(reply.headers(NO_STORE), TOKEN_IN_URL),
      done,
    );
  });
}

/** The value of the token parameter, however its name is spelled; an empty one counts too. */
function tokenInQuery(url: string): string | undefined {
  const start = url.indexOf('?');
  if (start === -1) return undefined;
  const query = url.slice(start + 1);
  // The name may be percent-encoded too; only then is the whole query worth reading.
  if (!query.includes(TOKEN_PARAMETER) && !query.includes('%')) return undefined;
  return new URLSearchParams(query).get(TOKEN_PARAMETER) ?? undefined;
}
