/** An authorization server for tests: real HTTP on a free port, and every way of going wrong at the turn of a switch. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createJwkSet, createJwtSigner, generateSigningKey, importSigningKey } from '@tessera/tokens';
import type { GeneratedSigningKey } from '@tessera/tokens';
import { CWT_ACCESS_TOKEN_TYP, createCwtSigner } from '@tessera/tokens/cwt';

export type Answer = (res: ServerResponse, req: IncomingMessage, body: string) => void;

export const AUDIENCE = 'https://music.example/';
/** Milliseconds: where the clock of most tests stands. */
export const NOW = 1_800_000_000_000;
/** Seconds. */
export const EXP = NOW / 1000 + 3600;

export interface TestAuthorizationServer {
  readonly issuer: string;
  /** How often each path was asked. */
  readonly hits: Map<string, number>;
  /** The last request for introspection. */
  lastIntrospection: { readonly headers: IncomingMessage['headers']; readonly body: string } | undefined;
  /** Answers that stand in for the usual ones, by path. */
  readonly answers: Map<string, Answer>;
  /** The published keys. */
  keys: GeneratedSigningKey[];
  /** What introspection says, by token. */
  readonly tokens: Map<string, object>;
  /** Claims as the server would issue them. */
  claims(change?: object): Record<string, unknown>;
  /** A JWT access token. */
  sign(change?: object, options?: { key?: GeneratedSigningKey; typ?: string }): string;
  /** A CWT access token. */
  signCwt(change?: object, options?: { key?: GeneratedSigningKey; typ?: string }): string;
  close(): Promise<void>;
}

export const METADATA_PATH = '/.well-known/oauth-authorization-server';
export const JWKS_PATH = '/.well-known/jwks.json';
export const INTROSPECTION_PATH = '/api/introspect';

export function sendJson(res: ServerResponse, value: unknown, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export async function startAuthorizationServer(): Promise<TestAuthorizationServer> {
  const http = createServer((req, res) => void answer(req, res));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const issuer = `http://127.0.0.1:${address.port}`;
  const firstKey = await generateSigningKey('ES256');

  const server: TestAuthorizationServer = {
    issuer,
    hits: new Map(),
    lastIntrospection: undefined,
    answers: new Map(),
    keys: [firstKey],
    tokens: new Map(),
    claims: (change = {}) => ({
      iss: issuer,
      sub: 'usr_ada',
      aud: AUDIENCE,
      exp: EXP,
      iat: NOW / 1000,
      jti: 'token-1',
      client_id: 'client_player',
      scope: 'read write',
      ...change,
    }),
    sign: (change = {}, { key = server.keys[0] ?? firstKey, typ = 'at+jwt' } = {}) =>
      createJwtSigner(importSigningKey(key), typ).sign(server.claims(change)),
    signCwt: (change = {}, { key = server.keys[0] ?? firstKey, typ = CWT_ACCESS_TOKEN_TYP } = {}) =>
      createCwtSigner(importSigningKey(key), typ).sign(server.claims({ jti: 'token-1A', ...change })),
    close: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = req.url ?? '';
    server.hits.set(path, (server.hits.get(path) ?? 0) + 1);
    let body = '';
    for await (const chunk of req) body += String(chunk);
    const special = server.answers.get(path);
    if (special !== undefined) special(res, req, body);
    else if (path === METADATA_PATH) sendJson(res, metadata(issuer));
    else if (path === JWKS_PATH) sendJson(res, createJwkSet(server.keys.map((key) => key.publicJwk)));
    else if (path === INTROSPECTION_PATH) {
      server.lastIntrospection = { headers: req.headers, body };
      sendJson(res, server.tokens.get(new URLSearchParams(body).get('token') ?? '') ?? { active: false });
    } else sendJson(res, {}, 404);
  }

  return server;
}

function metadata(issuer: string): object {
  return {
    issuer,
    jwks_uri: issuer + JWKS_PATH,
    introspection_endpoint: issuer + INTROSPECTION_PATH,
  };
}
