// What an app does, by hand: the way of a browser to a code, and the calls with it.
import { createHash, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Browser, Visit } from './browser.ts';
import { CheckFailure, ensure, text } from './failure.ts';
import type { Action, User } from './hooks.ts';
import { formsOf, titleOf } from './html.ts';
import { encode, type HeaderLine, type HttpResponse, jsonOf, type Parameters } from './http.ts';
import type { Client, Target } from './target.ts';

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function createPkce(verifier = randomBytes(32).toString('base64url')): Pkce {
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export function authorizationParameters(client: Client, pkce: Pkce, more: Parameters = {}): Parameters {
  return {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: client.redirectUri,
    scope: 'openid',
    state: 'state-of-the-app',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
    ...more,
  };
}

/** The authorization endpoint with these parameters, and those only. */
export function authorizationUrl(target: Target, parameters: Parameters): string {
  const endpoint = target.endpoint('authorization_endpoint');
  return `${endpoint}${endpoint.includes('?') ? '&' : '?'}${encode(parameters)}`;
}

/** The usual request of a client. A parameter given as undefined is left out. */
export function requestUrl(
  target: Target,
  client: Client,
  more: Parameters = {},
  pkce = createPkce(),
): string {
  return authorizationUrl(target, authorizationParameters(client, pkce, more));
}

export interface AuthorizeOptions {
  readonly client?: Client;
  readonly parameters?: Parameters;
  /** Unless given: the one in which the usual user is signed in. */
  readonly browser?: Browser;
  readonly user?: User;
  readonly decision?: 'allow' | 'deny';
}

export interface Authorized {
  readonly client: Client;
  readonly visit: Visit;
  /** The answer to the app. */
  readonly answer: URLSearchParams;
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

const MOST_PAGES = 8;

/** Through whatever pages come, to where the server has nothing more to ask. */
export async function lead(
  target: Target,
  browser: Browser,
  first: Visit,
  options: Pick<AuthorizeOptions, 'user' | 'decision'> = {},
): Promise<Visit> {
  const user = options.user ?? (await target.user());
  const { pages } = target.hooks;
  let visit = first;
  for (let count = 0; count < MOST_PAGES; count++) {
    if (visit.leftFor !== undefined || postedAnswer(target, visit) !== undefined) return visit;
    const action = pages.signIn(visit.text, user) ?? pages.consent(visit.text, options.decision ?? 'allow');
    if (action === undefined) return visit;
    // oxlint-disable-next-line no-await-in-loop -- one page leads to the next
    visit = await act(browser, visit, action);
  }
  return visit;
}

export function act(browser: Browser, visit: Visit, action: Action): Promise<Visit> {
  return 'link' in action
    ? browser.get(new URL(action.link, visit.url).href)
    : browser.post(new URL(action.form.action || visit.url, visit.url).href, action.form.fields);
}

/** The answer in a form that a script of the page would send (OAuth 2.0 Form Post Response Mode §2). */
function postedAnswer(target: Target, visit: Visit): URLSearchParams | undefined {
  const form = formsOf(visit.text).find(
    ({ action }) => URL.canParse(action) && new URL(action).origin !== target.origin,
  );
  return form === undefined ? undefined : new URLSearchParams({ ...form.fields });
}

/** What the server told the app: in the query, or in a form. Empty when it told nothing. */
export function answerOf(target: Target, visit: Visit): URLSearchParams {
  if (visit.leftFor === undefined) return postedAnswer(target, visit) ?? new URLSearchParams();
  const [address = '', fragment = ''] = visit.leftFor.split('#', 2);
  // Response types of the implicit grant are refused in the fragment (OpenID Connect Core §3.2.2.6).
  if (/(^|&)error=/.test(fragment)) return new URLSearchParams(fragment);
  return new URLSearchParams(address.includes('?') ? address.slice(address.indexOf('?') + 1) : '');
}

/** The browser in which the usual user is signed in. */
export async function signedIn(target: Target): Promise<Browser> {
  const cookies = await target.once('session', async () => {
    const browser = target.browser();
    const client = await target.web();
    await lead(target, browser, await browser.get(requestUrl(target, client)));
    return browser.cookies;
  });
  const browser = target.browser();
  for (const [name, value] of cookies) browser.cookies.set(name, value);
  return browser;
}

/** Asks for a code and goes through the pages; whatever comes out. */
export async function attempt(target: Target, options: AuthorizeOptions = {}): Promise<Authorized> {
  const client = options.client ?? (await target.web());
  const browser = options.browser ?? (await signedIn(target));
  const pkce = createPkce();
  const parameters = authorizationParameters(client, pkce, options.parameters);
  const visit = await lead(target, browser, await browser.get(authorizationUrl(target, parameters)), options);
  const answer = answerOf(target, visit);
  const { redirect_uri: redirectUri } = parameters;
  return {
    client,
    visit,
    answer,
    code: answer.get('code') ?? '',
    verifier: pkce.verifier,
    redirectUri: typeof redirectUri === 'string' ? redirectUri : client.redirectUri,
  };
}

/** A code. @throws CheckFailure when none comes */
export async function authorize(target: Target, options: AuthorizeOptions = {}): Promise<Authorized> {
  const authorized = await attempt(target, options);
  const { visit, answer } = authorized;
  ensure(
    authorized.code !== '',
    `No code: ${visit.status} ${answer.get('error') ?? titleOf(visit.text)} ${answer.get('error_description') ?? ''}`,
  );
  return authorized;
}

/** RFC 6749 §2.3.1: id and secret form-encoded, then Basic. */
export function basic(id: string, secret: string): HeaderLine {
  const encoded = [id, secret].map((part) => new URLSearchParams({ v: part }).toString().slice(2)).join(':');
  return ['authorization', `Basic ${Buffer.from(encoded).toString('base64')}`];
}

export interface CallOptions {
  readonly headers?: readonly HeaderLine[];
  /** Nobody says who they are. */
  readonly anonymous?: boolean;
}

/** A form for an endpoint, with the client's credentials the way it registered. */
export async function call(
  target: Target,
  endpoint: string,
  client: Client,
  form: Parameters,
  { headers = [], anonymous = false }: CallOptions = {},
): Promise<HttpResponse> {
  const own = anonymous ? { headers: [], form: {} } : await credentialsOf(target, client);
  return postForm(target, target.endpoint(endpoint), { ...own.form, ...form }, [...own.headers, ...headers]);
}

export function postForm(
  target: Target,
  url: string,
  form: Parameters,
  headers: readonly HeaderLine[] = [],
): Promise<HttpResponse> {
  return target.send({
    method: 'POST',
    url,
    headers: [['content-type', 'application/x-www-form-urlencoded'], ...headers],
    body: encode(form),
  });
}

interface Credentials {
  readonly headers: readonly HeaderLine[];
  readonly form: Parameters;
}

export async function credentialsOf(target: Target, client: Client): Promise<Credentials> {
  if (client.authMethod === 'none') return { headers: [], form: { client_id: client.id } };
  if (client.authMethod === 'private_key_jwt') {
    return {
      headers: [],
      form: { client_id: client.id, ...assertionForm(await clientAssertion(target, client)) },
    };
  }
  const secret = text(client.secret, `The secret of ${client.id}`);
  return client.authMethod === 'client_secret_post'
    ? { headers: [], form: { client_id: client.id, client_secret: secret } }
    : { headers: [basic(client.id, secret)], form: {} };
}

export function assertionForm(assertion: string): Parameters {
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
}

/** RFC 7523 §3. Claims given as undefined are left out. */
export function clientAssertion(
  target: Target,
  client: Client,
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  if (client.key === undefined) throw new Error('The client has no key');
  const now = Math.floor(Date.now() / 1000);
  const { privateKey, publicJwk, alg } = client.key;
  const payload = {
    iss: client.id,
    sub: client.id,
    aud: target.issuer,
    jti: randomBytes(16).toString('base64url'),
    iat: now,
    exp: now + 60,
    ...claims,
  };
  return new SignJWT(withoutUndefined(payload))
    .setProtectedHeader({ alg, ...(publicJwk.kid === undefined ? {} : { kid: publicJwk.kid }), ...header })
    .sign(privateKey);
}

export function withoutUndefined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

export function redeem(
  target: Target,
  authorized: Authorized,
  more: Parameters = {},
  options?: CallOptions,
): Promise<HttpResponse> {
  const { client, code, redirectUri, verifier } = authorized;
  const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
  return call(target, 'token_endpoint', client, { ...form, ...more }, options);
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
  readonly scope: string;
  readonly response: HttpResponse;
}

/** @throws CheckFailure when the answer holds no access token */
export function tokensOf(response: HttpResponse): Tokens {
  const body = jsonOf(response);
  const member = (name: string): string => (typeof body[name] === 'string' ? body[name] : '');
  if (response.status !== 200 || member('access_token') === '') {
    throw new CheckFailure(`No access token: ${response.status} ${response.text.slice(0, 200)}`);
  }
  return {
    accessToken: member('access_token'),
    refreshToken: member('refresh_token'),
    idToken: member('id_token'),
    scope: member('scope'),
    response,
  };
}

export async function obtainTokens(target: Target, options?: AuthorizeOptions): Promise<Tokens> {
  return tokensOf(await redeem(target, await authorize(target, options)));
}

/** Tokens with a refresh token among them. */
export async function obtainRefreshable(target: Target, options: AuthorizeOptions = {}): Promise<Tokens> {
  const parameters = target.has('offline_access')
    ? { scope: 'openid offline_access', prompt: 'consent', ...options.parameters }
    : { ...options.parameters };
  const tokens = await obtainTokens(target, { ...options, parameters });
  ensure(tokens.refreshToken !== '', 'There is no refresh token');
  return tokens;
}

export function refresh(
  target: Target,
  client: Client,
  refreshToken: string,
  more: Parameters = {},
  options?: CallOptions,
): Promise<HttpResponse> {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...more };
  return call(target, 'token_endpoint', client, form, options);
}

/** An access token without a person, for the API of the hooks where there is one. */
export function clientCredentials(
  target: Target,
  client: Client,
  more: Parameters = {},
): Promise<HttpResponse> {
  const { api } = target.hooks;
  const forApi = api === undefined ? {} : { resource: api.identifier, scope: api.scopes[0] };
  return call(target, 'token_endpoint', client, { grant_type: 'client_credentials', ...forApi, ...more });
}

export function userinfo(target: Target, accessToken: string): Promise<HttpResponse> {
  return target.get(target.endpoint('userinfo_endpoint'), [['authorization', `Bearer ${accessToken}`]]);
}

/** Whether a token is good: asked at the introspection endpoint as its own client, else at the UserInfo endpoint. */
export async function isActive(target: Target, client: Client, token: string): Promise<boolean> {
  if (target.has('introspection') && client.authMethod !== 'none') {
    return jsonOf(await call(target, 'introspection_endpoint', client, { token }))['active'] === true;
  }
  return (await userinfo(target, token)).status === 200;
}
