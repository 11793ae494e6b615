/**
 * What the framework alone can do: Fastify with the same form parser and the same kind of answers, without a rule or a
 * store behind them. Where a JWT is due, it is signed.
 */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import formbody from '@fastify/formbody';
import { createJwtSigner, createTokenString, generateSigningKey, importSigningKey } from '@tessera/tokens';
import Fastify, { type FastifyReply } from 'fastify';
import { answerCalls } from '../program.ts';
import { API_SERVER, APP, type Contestant, JWT_API, LIFETIME_SECONDS, PUSHER, SCOPE } from './contestant.ts';
import { cpuMicroseconds } from './cpu-time.ts';

const random = (size: number): Uint8Array => randomBytes(size);
const headers = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'www-authenticate, retry-after',
};
const text = { type: 'string' };
const integer = { type: 'integer' };
const tokenSchema = {
  type: 'object',
  properties: {
    access_token: text,
    token_type: text,
    expires_in: integer,
    scope: text,
    refresh_token: text,
    id_token: text,
  },
};
const pushSchema = { type: 'object', properties: { request_uri: text, expires_in: integer } };
const introspectionSchema = {
  type: 'object',
  properties: {
    active: { type: 'boolean' },
    iss: text,
    sub: text,
    aud: { type: 'array', items: text },
    client_id: text,
    exp: integer,
    iat: integer,
    scope: text,
    token_type: text,
    org_id: text,
  },
};

const app = Fastify({ logger: false });
await app.register(formbody);

const answer = {
  access_token: createTokenString('at', random),
  token_type: 'Bearer',
  expires_in: LIFETIME_SECONDS,
  scope: SCOPE,
};
const refreshToken = createTokenString('rt', random);
const issuedAt = Math.floor(Date.now() / 1000);
const key = await generateSigningKey('ES256');
const signer = createJwtSigner(importSigningKey(key), 'at+jwt');
const claims = {
  iss: 'http://127.0.0.1:12345',
  sub: APP.id,
  aud: JWT_API,
  exp: issuedAt + LIFETIME_SECONDS,
  iat: issuedAt,
  jti: Buffer.from(random(16)).toString('base64url'),
  client_id: APP.id,
  org_id: 'org_default',
  scope: SCOPE,
};

const tokenAnswer = async (form: Readonly<Record<string, string>>, isBound: boolean): Promise<object> => {
  if (form['code'] !== undefined) return { ...answer, id_token: await signer.signElsewhere(claims) };
  if (isBound) return { ...answer, token_type: 'DPoP' };
  if (form['resource'] !== undefined) return { ...answer, access_token: await signer.signElsewhere(claims) };
  return form['refresh_token'] === undefined ? answer : { ...answer, refresh_token: refreshToken };
};
app.post(
  '/api/token',
  { schema: { response: { 200: tokenSchema } } },
  async (request, reply): Promise<FastifyReply> => {
    const isBound = request.headers['dpop'] !== undefined;
    return reply.headers(headers).send(await tokenAnswer(request.body as Record<string, string>, isBound));
  },
);

/** Nothing is kept: the reference says what has to come back. */
const REFERENCE = 'urn:ietf:params:oauth:request_uri:';
app.post('/api/par', { schema: { response: { 201: pushSchema } } }, (request, reply): FastifyReply => {
  const { state = '' } = request.body as Record<string, string>;
  return reply
    .code(201)
    .headers(headers)
    .send({ request_uri: `${REFERENCE}${state}`, expires_in: 60 });
});
app.get('/authorize', (request, reply): FastifyReply => {
  const { request_uri: reference = '' } = request.query as Record<string, string>;
  const state = reference.slice(REFERENCE.length);
  const answered = new URLSearchParams({ code: createTokenString('ac', random), state, iss: claims.iss });
  return reply
    .code(303)
    .headers({ ...headers, location: `${PUSHER.redirectUri}?${answered}` })
    .send();
});

const description = {
  active: true,
  iss: claims.iss,
  sub: APP.id,
  aud: [claims.iss, API_SERVER.id],
  client_id: APP.id,
  exp: claims.exp,
  iat: claims.iat,
  scope: SCOPE,
  token_type: 'Bearer',
  org_id: claims.org_id,
};
app.post(
  '/api/introspect',
  { schema: { response: { 200: introspectionSchema } } },
  (_request, reply): FastifyReply => {
    return reply.headers(headers).send(description);
  },
);

await app.listen({ host: '127.0.0.1', port: 0 });
const { port } = app.server.address() as AddressInfo;

answerCalls(
  {
    listen: (): Contestant => ({
      port,
      tokenPath: '/api/token',
      introspectionPath: '/api/introspect',
      pushPath: '/api/par',
      authorizationPath: '/authorize',
    }),
    refreshTokens: (count: number) => Array.from({ length: count }, () => refreshToken),
    cpuMicroseconds,
  },
  () => app.close(),
);
