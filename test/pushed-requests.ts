// What a client does before it sends the browser away: push the request, or sign it.
import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { TestServer } from './harness.ts';
import type { NoScriptBrowser, Visit } from './no-script-browser.ts';
import {
  type Answer,
  type Called,
  createPkce,
  encode,
  type Parameters,
  type Pkce,
  postForm,
} from './oauth-calls.ts';
import type { RegisteredClient } from './registrations.ts';

/** The parameters of a good request; one given as undefined is left out. */
export function requestOf(client: RegisteredClient, pkce: Pkce, more: Parameters = {}): Parameters {
  return {
    response_type: 'code',
    redirect_uri: client.redirectUri,
    state: 'state-of-the-app',
    scope: 'openid',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
    ...more,
  };
}

export interface Pushed {
  readonly answer: Answer;
  readonly requestUri: string;
  readonly pkce: Pkce;
}

export async function push(
  server: Called,
  client: RegisteredClient,
  more: Parameters = {},
  pkce = createPkce(),
): Promise<Pushed> {
  const answer = await postForm(server, '/api/par', requestOf(client, pkce, more), client);
  const requestUri = answer.body['request_uri'];
  return { answer, requestUri: typeof requestUri === 'string' ? requestUri : '', pkce };
}

/** Sends the browser to /authorize with client_id and whatever else. */
export function visit(
  server: Called,
  browser: NoScriptBrowser,
  clientId: string,
  parameters: Parameters,
): Promise<Visit> {
  return browser.get(`${server.base}/authorize?${encode({ client_id: clientId, ...parameters })}`);
}

export interface SigningClient {
  readonly key: KeyObject;
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
}

const PARAMETERS_OF_ALG = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

export type ObjectAlg = keyof typeof PARAMETERS_OF_ALG;

export function signingKey(alg: ObjectAlg, kid = 'k1'): SigningClient {
  const { privateKey, publicKey } = PARAMETERS_OF_ALG[alg]();
  return {
    key: privateKey,
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }] },
  };
}

/** The claims of a good request object; those given as undefined are left out. */
export function objectClaims(
  server: TestServer,
  client: RegisteredClient,
  more: Readonly<Record<string, unknown>> = {},
  pkce = createPkce(),
): Readonly<Record<string, unknown>> {
  const now = Math.floor(server.clock.now() / 1000);
  return {
    iss: client.id,
    aud: server.issuer,
    client_id: client.id,
    nbf: now,
    exp: now + 300,
    jti: randomUUID(),
    ...requestOf(client, pkce),
    ...more,
  };
}

export function signObject(
  claims: Readonly<Record<string, unknown>>,
  key: KeyObject | Uint8Array,
  header: { readonly alg: string; readonly kid?: string; readonly typ?: string },
): Promise<string> {
  return new SignJWT(JSON.parse(JSON.stringify(claims))).setProtectedHeader(header).sign(key);
}
