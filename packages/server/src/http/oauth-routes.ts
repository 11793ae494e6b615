/**
 * The OAuth and OpenID Connect endpoints: reads the request, asks the rule, writes the answer.
 * @spec RFC 6749 §3.2, RFC 7009, RFC 7662, RFC 8414, OpenID Connect Core §5.3
 */
import formbody from '@fastify/formbody';
import { protectedResourceMetadataUrl, type Verifier } from '@tessera/verifier';
import { protect } from '@tessera/verifier/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../ports/clock.ts';
import type { Clients } from '../ports/clients.ts';
import type { RequestRate } from '../limits/request-rates.ts';
import type { Users } from '../ports/users.ts';
import type { DeviceAuthorizationEndpoint } from '../protocol/endpoints/device-authorization.ts';
import {
  introspect,
  type IntrospectionDependencies,
  introspectSigned,
} from '../protocol/endpoints/introspection.ts';
import { type MetadataSettings, openidConfiguration } from '../protocol/endpoints/metadata.ts';
import {
  pushAuthorizationRequest,
  type PushDependencies,
} from '../protocol/endpoints/pushed-authorization-request.ts';
import { revoke, type RevocationDependencies } from '../protocol/endpoints/revocation.ts';
import type { TokenEndpoint } from '../protocol/endpoints/token.ts';
import { userinfo } from '../protocol/endpoints/userinfo.ts';
import { Form } from '../protocol/form.ts';
import type { KeyRing } from '../protocol/key-ring.ts';
import { OAuthError } from '../protocol/oauth-error.ts';
import { ownApiMetadata } from '../protocol/own-apis.ts';
import { CLIENT_BODY_BYTES, refuseOtherMethods, requestContext } from './app.ts';
import type { ClientCertificates } from './client-certificates.ts';
import { issuerPath } from './issuer-path.ts';
import { presentedToken } from './presented-token.ts';
import { noteRefusal } from './noted-refusals.ts';
import { ANY_ORIGIN, NO_STORE, PREFLIGHT } from './reply-headers.ts';
import { publicError, REQUEST_ID } from './respond.ts';

export interface OAuthRouteDependencies {
  readonly issuer: string;
  readonly clock: Clock;
  readonly keyRing: KeyRing;
  readonly users: Users;
  /** What the metadata say beyond the constants. */
  readonly metadata: MetadataSettings;
  readonly clients: Clients;
  readonly token: TokenEndpoint;
  readonly device: DeviceAuthorizationEndpoint;
  /** The types of every API, for the metadata (RFC 9396 §10). */
  readonly authorizationDetailsTypes: () => Promise<readonly string[]>;
  readonly push: PushDependencies;
  readonly introspection: IntrospectionDependencies;
  readonly revocation: RevocationDependencies;
  /** The nonce for the next proof, where the setting asks for nonces: it goes with every answer to a proof. */
  readonly dpopNonce?: () => string;
  /** Present where clients can show certificates. */
  readonly certificates?: ClientCertificates;
  /** Checks tokens whose audience is the issuer. */
  readonly issuerVerifier: Verifier;
  /** Absent where one token may be used as often as its app likes. */
  readonly ratePerToken?: RequestRate | undefined;
  readonly counts: OAuthCounts;
}

/** Told of each answer; must cost nothing. */
export interface OAuthCounts {
  issued(grantType: string | undefined): void;
  refused(grantType: string | undefined, error: string): void;
  introspected(isActive: boolean): void;
}

const TOKEN_PATHS = ['/api/token', '/oauth/token', '/oauth2/token'];
const PUBLIC_FOR_FIVE_MINUTES = { ...ANY_ORIGIN, 'cache-control': 'public, max-age=300' };
/** Parameters that belong in the body: in a query they would be in every log on the way (RFC 6749 §2.3.1). */
const BODY_ONLY = [
  'client_secret',
  'code',
  'code_verifier',
  'refresh_token',
  'token',
  'password',
  'client_assertion',
  'device_code',
  'subject_token',
  'actor_token',
  'assertion',
];

/** RFC 9701 §4: asks for the signed form. */
const INTROSPECTION_JWT = 'application/token-introspection+jwt';

const AUTHORIZATION = 'authorization';
const TOKEN_HEADERS = { ...NO_STORE, ...ANY_ORIGIN } as const;

export async function registerOAuthRoutes(
  app: FastifyInstance,
  dependencies: OAuthRouteDependencies,
): Promise<void> {
  registerMetadata(app, dependencies);
  await app.register(async (forms: FastifyInstance) => {
    forms.removeAllContentTypeParsers();
    await forms.register(formbody, { bodyLimit: CLIENT_BODY_BYTES });
    if (dependencies.certificates !== undefined) readCertificates(forms, dependencies.certificates);
    registerTokenEndpoint(forms, dependencies);
    registerDeviceAuthorization(forms, dependencies);
    registerPushedRequests(forms, dependencies);
    registerIntrospection(forms, dependencies);
    registerRevocation(forms, dependencies);
    registerUserinfo(forms, dependencies);
  });
}

/** Of the clients that may show one. */
export function readCertificates(app: FastifyInstance, certificates: ClientCertificates): void {
  app.addHook('onRequest', (request, _reply, done) => {
    request.clientCertificate = certificates.of(request);
    done();
  });
}

function registerMetadata(
  app: FastifyInstance,
  { issuer, keyRing, metadata, authorizationDetailsTypes }: OAuthRouteDependencies,
): void {
  // One document under both names: some clients read only the OAuth one and then look for UserInfo in it.
  const document = openidConfiguration(issuer, metadata);
  for (const name of ['openid-configuration', 'oauth-authorization-server']) {
    for (const path of metadataPaths(name, issuerPath(issuer))) {
      publish(app, path, async (reply) => {
        const types = await authorizationDetailsTypes();
        return reply.send(
          types.length === 0 ? document : { ...document, authorization_details_types_supported: types },
        );
      });
    }
  }
  for (const own of ownApiMetadata(issuer)) {
    const { pathname } = new URL(protectedResourceMetadataUrl(own.resource));
    publish(app, pathname, (reply) => reply.send(own));
  }
  publish(app, '/.well-known/jwks.json', async (reply) => reply.send(await keyRing.jwks()));
}

/** All three places clients look in when the issuer has a path (RFC 8414 §3.1, §5). */
function metadataPaths(name: string, path: string): readonly string[] {
  const plain = `/.well-known/${name}`;
  return path === '' ? [plain] : [plain, `${plain}${path}`, `${path}${plain}`];
}

function publish(app: FastifyInstance, path: string, answer: (reply: FastifyReply) => unknown): void {
  app.get(path, (_request, reply) => answer(reply.headers(PUBLIC_FOR_FIVE_MINUTES)));
  app.options(path, preflight);
  refuseOtherMethods(app, path, ['GET', 'HEAD', 'OPTIONS']);
}

function registerTokenEndpoint(
  app: FastifyInstance,
  { token, clock, dpopNonce, counts }: OAuthRouteDependencies,
): void {
  for (const path of TOKEN_PATHS) {
    app.post(path, async (request, reply) => {
      const form = readForm(request);
      const context = requestContext(request, clock);
      if (context.dpop !== undefined && dpopNonce !== undefined) reply.header('dpop-nonce', dpopNonce());
      let response;
      try {
        response = await token(request.headers.authorization, form, context);
      } catch (error) {
        counts.refused(form.get('grant_type'), publicError(error).error);
        throw error;
      }
      counts.issued(form.get('grant_type'));
      return reply.headers(TOKEN_HEADERS).send(response);
    });
    app.options(path, preflight);
    refuseOtherMethods(app, path, ['POST', 'OPTIONS']);
  }
}

function registerDeviceAuthorization(app: FastifyInstance, { device, clock }: OAuthRouteDependencies): void {
  app.post('/api/device', async (request, reply) => {
    const form = readForm(request);
    const answer = await device(request.headers.authorization, form, requestContext(request, clock));
    return reply.headers(NO_STORE).send(answer);
  });
  refuseOtherMethods(app, '/api/device', ['POST']);
}

function registerPushedRequests(
  app: FastifyInstance,
  { push, clock, dpopNonce }: OAuthRouteDependencies,
): void {
  app.post('/api/par', async (request, reply) => {
    const form = readForm(request);
    const context = requestContext(request, clock);
    if (context.dpop !== undefined && dpopNonce !== undefined) reply.header('dpop-nonce', dpopNonce());
    const answer = await pushAuthorizationRequest(request.headers.authorization, form, context, push);
    return reply.headers(NO_STORE).headers(ANY_ORIGIN).code(201).send(answer);
  });
  app.options('/api/par', preflight);
  refuseOtherMethods(app, '/api/par', ['POST', 'OPTIONS']);
}

/** No CORS: an API introspects from its own server, never from a page. */
function registerIntrospection(
  app: FastifyInstance,
  { introspection, clock, counts }: OAuthRouteDependencies,
): void {
  app.post('/api/introspect', async (request, reply) => {
    const form = readForm(request);
    const context = requestContext(request, clock);
    const { authorization, accept } = request.headers;
    if (accept?.includes(INTROSPECTION_JWT) === true) {
      const jwt = await introspectSigned(authorization, form, context, introspection);
      return reply.headers(NO_STORE).type(INTROSPECTION_JWT).send(jwt);
    }
    const answer = await introspect(authorization, form, context, introspection);
    counts.introspected(answer.active);
    return reply.headers(NO_STORE).send(answer);
  });
  refuseOtherMethods(app, '/api/introspect', ['POST']);
}

function registerRevocation(app: FastifyInstance, { revocation, clock }: OAuthRouteDependencies): void {
  app.post('/api/revoke', async (request, reply) => {
    const form = readForm(request);
    await revoke(request.headers.authorization, form, requestContext(request, clock), revocation);
    return reply.headers(NO_STORE).headers(ANY_ORIGIN).code(200).send();
  });
  app.options('/api/revoke', preflight);
  refuseOtherMethods(app, '/api/revoke', ['POST', 'OPTIONS']);
}

function registerUserinfo(app: FastifyInstance, dependencies: OAuthRouteDependencies): void {
  const { issuer, issuerVerifier, users, clients, keyRing, ratePerToken } = dependencies;
  const onRequest = [
    allowAnyOrigin,
    protect({
      verifier: issuerVerifier,
      scopes: ['openid'],
      realm: 'Tessera',
      resourceMetadataUrl: protectedResourceMetadataUrl(issuer),
      onError: (error, request: FastifyRequest) => {
        const refusal = { error: error.error ?? error.code, description: error.description };
        noteRefusal(request, refusal, error, error.status === 503);
      },
    }),
  ];
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { accessToken } = request;
    if (accessToken === undefined) throw new OAuthError('invalid_token', 'No access token');
    const retryAfterSeconds = ratePerToken?.take(presentedToken(request));
    if (retryAfterSeconds !== undefined) {
      throw new OAuthError('slow_down', 'Too many requests with this access token', { retryAfterSeconds });
    }
    if (request.method === 'POST' && new Form(request.body).has('access_token')) {
      const challenge = 'Bearer realm="Tessera", error="invalid_request"';
      throw new OAuthError('invalid_request', 'The access token comes in more than one way', { challenge });
    }
    const answered = await userinfo(accessToken, { issuer, users, clients, keyRing });
    return answered.form === 'jwt'
      ? reply.headers(NO_STORE).type('application/jwt').send(answered.jwt)
      : reply.headers(NO_STORE).send(answered.claims);
  };
  app.get('/userinfo', { onRequest }, answer);
  app.post('/userinfo', { onRequest }, answer);
  app.options('/userinfo', preflight);
  refuseOtherMethods(app, '/userinfo', ['GET', 'HEAD', 'POST', 'OPTIONS']);
}

function allowAnyOrigin(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  reply.headers(ANY_ORIGIN).header(REQUEST_ID, request.id);
  done();
}

function preflight(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.headers(PREFLIGHT).code(204).send();
}

function readForm(request: FastifyRequest): Form {
  refuseSeveralAuthorizations(request);
  refuseMisplacedParameters(request);
  return new Form(request.body);
}

function refuseMisplacedParameters({ url, query }: FastifyRequest): void {
  if (!url.includes('?')) return;
  const misplaced = BODY_ONLY.find((name) => Object.hasOwn(query as object, name));
  if (misplaced !== undefined) {
    throw new OAuthError(
      'invalid_request',
      `The parameter ${misplaced} belongs in the body; in a URL it counts as exposed, so replace it`,
    );
  }
}

/** Node hides a second Authorization header; whatever stands in front may have looked at that one. */
function refuseSeveralAuthorizations({ raw }: FastifyRequest): void {
  let headers = 0;
  // Names stand at even places. The length first: every header of every request passes here.
  for (let index = 0; index < raw.rawHeaders.length; index += 2) {
    const name = raw.rawHeaders[index];
    if (name?.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) headers += 1;
  }
  if (headers > 1) {
    throw new OAuthError('invalid_request', 'The request has more than one Authorization header');
  }
}
