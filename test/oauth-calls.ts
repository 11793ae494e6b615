// The calls an app makes, written by hand: what a page of the docs would do with curl.
import { createHash, randomBytes } from 'node:crypto';
import type { TestServer } from './harness.ts';
import { hasForm, type NoScriptBrowser, titleOf, type Visit } from './no-script-browser.ts';
import type { Person, RegisteredClient } from './registrations.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON object of the answer; empty when it is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Another path than the usual one, perhaps with a query. */
  readonly path?: string;
  /** Another node than the first. */
  readonly base?: string;
}

export async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const { status, headers } = response;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return { status, headers, text, body: { ...body } };
  } catch {
    // Not JSON: the test sees the text.
  }
  return { status, headers, text, body: {} };
}

export function encode(parameters: Parameters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) search.append(name, one);
  }
  return search.toString();
}

/** What a call needs to know of the server that it goes to. */
export type Called = Pick<TestServer, 'base' | 'clients' | 'person'>;

/** POST of a form to the server, with the client's credentials in the header if it has a secret. */
export async function postForm(
  server: Called,
  path: string,
  parameters: Parameters,
  client?: RegisteredClient,
  options: CallOptions = {},
): Promise<Answer> {
  const named =
    client !== undefined && client.secret === undefined
      ? { client_id: client.id, ...parameters }
      : parameters;
  return read(
    await fetch(`${options.base ?? server.base}${options.path ?? path}`, {
      method: 'POST',
      body: encode(named),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(client?.secret === undefined ? {} : { authorization: basic(client.id, client.secret) }),
        ...options.headers,
      },
    }),
  );
}

/** RFC 6749 §2.3.1: id and secret form-encoded, then Basic. */
export function basic(id: string, secret: string): string {
  const encoded = [id, secret].map((part) => new URLSearchParams({ v: part }).toString().slice(2)).join(':');
  return `Basic ${Buffer.from(encoded).toString('base64')}`;
}

export function requestToken(
  server: Called,
  parameters: Parameters,
  client?: RegisteredClient,
  options?: CallOptions,
): Promise<Answer> {
  return postForm(server, '/api/token', parameters, client, options);
}

export function introspect(server: Called, token: string, client?: RegisteredClient): Promise<Answer> {
  return postForm(server, '/api/introspect', { token }, client ?? server.clients.musicServer);
}

export function revoke(
  server: Called,
  token: string,
  client: RegisteredClient,
  parameters: Parameters = {},
): Promise<Answer> {
  return postForm(server, '/api/revoke', { token, ...parameters }, client);
}

export async function userinfo(server: Called, token: string): Promise<Answer> {
  return read(await fetch(`${server.base}/userinfo`, { headers: { authorization: `Bearer ${token}` } }));
}

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function createPkce(verifier = randomBytes(32).toString('base64url')): Pkce {
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The address an app sends the browser to. A parameter given as undefined is left out. */
export function authorizeUrl(
  server: Called,
  client: RegisteredClient,
  pkce: Pkce,
  more: Parameters = {},
): string {
  const parameters = {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: client.redirectUri,
    state: 'state-of-the-app',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
    ...more,
  };
  return `${server.base}/authorize?${encode(parameters)}`;
}

export interface Authorized {
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
  /** Where the browser was sent in the end. */
  readonly location: URL;
}

export interface AuthorizeOptions {
  readonly client?: RegisteredClient;
  readonly person?: Person;
  readonly parameters?: Parameters;
  readonly decision?: 'allow' | 'deny';
}

/** Leads a browser through whatever pages come: sign-in, consent, until the server sends it to the app. */
export async function signInAndConsent(
  server: Called,
  browser: NoScriptBrowser,
  options: AuthorizeOptions = {},
): Promise<Authorized> {
  const { client = server.clients.confidential, parameters = {} } = options;
  const pkce = createPkce();
  const visit = await finish(
    server,
    browser,
    await browser.get(authorizeUrl(server, client, pkce, parameters)),
    options,
  );
  const location = visit.leftFor;
  if (location === undefined) throw new Error(`The flow ended at ${visit.status} ${titleOf(visit.page)}`);
  const redirectUri = parameters['redirect_uri'];
  return {
    code: location.searchParams.get('code') ?? '',
    verifier: pkce.verifier,
    redirectUri: typeof redirectUri === 'string' ? redirectUri : client.redirectUri,
    location,
  };
}

/** From any page of the flow to its end. */
export async function finish(
  server: Called,
  browser: NoScriptBrowser,
  visit: Visit,
  { person = server.person, decision = 'allow' }: Pick<AuthorizeOptions, 'person' | 'decision'> = {},
): Promise<Visit> {
  if (visit.leftFor !== undefined) return visit;
  if (hasForm(visit.page, 'email', 'password')) {
    const { email, password } = person;
    const after = await browser.submit(visit, { email, password });
    if (hasForm(after.page, 'email', 'password')) throw new Error(`Not signed in: ${titleOf(after.page)}`);
    return finish(server, browser, after, { person, decision });
  }
  return browser.submit(visit, {}, decision);
}

/** Exchanges a code the way its client should. */
export function exchange(
  server: Called,
  authorized: Authorized,
  client = server.clients.confidential,
  more: Parameters = {},
  options?: CallOptions,
): Promise<Answer> {
  const { code, verifier, redirectUri } = authorized;
  const parameters = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...more,
  };
  return requestToken(server, parameters, client, options);
}

export function refresh(
  server: Called,
  refreshToken: string,
  client: RegisteredClient,
  more: Parameters = {},
  options?: CallOptions,
): Promise<Answer> {
  return requestToken(
    server,
    { grant_type: 'refresh_token', refresh_token: refreshToken, ...more },
    client,
    options,
  );
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
}

export function tokensOf(answer: Answer): Tokens {
  if (answer.status !== 200) throw new Error(`No tokens: ${answer.status} ${answer.text}`);
  const text = (name: string): string => (typeof answer.body[name] === 'string' ? answer.body[name] : '');
  return {
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
  };
}

/** The whole way from a browser to tokens. */
export async function obtainTokens(
  server: Called,
  browser: NoScriptBrowser,
  options: AuthorizeOptions = {},
): Promise<Tokens> {
  const authorized = await signInAndConsent(server, browser, options);
  const { code, location } = authorized;
  if (code === '') throw new Error(`No code: ${location.search}`);
  return tokensOf(await exchange(server, authorized, options.client));
}
