// Requests that are accepted, to be broken: fresh codes, tokens and forms each time they are made.
import type { Sample } from './mutations.ts';
import { findForm, type NoScriptBrowser } from './no-script-browser.ts';
import {
  authorizeUrl,
  basic,
  type Called,
  createPkce,
  obtainTokens,
  requestToken,
  signInAndConsent,
  tokensOf,
} from './oauth-calls.ts';
import { MUSIC } from './registrations.ts';

/** What the requests are made for. It has the client `fuzzed`, to be changed. */
export interface Fuzzed {
  readonly server: Called & { readonly issuer: string; newBrowser(): NoScriptBrowser };
  /** Signed in. */
  readonly browser: NoScriptBrowser;
  readonly adminToken: string;
}

export function cookiesOf(browser: NoScriptBrowser): string {
  return [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

export async function oauthSamples({ server, browser }: Fuzzed): Promise<readonly Sample[]> {
  const { confidential, publicWeb, musicServer } = server.clients;
  const parameters = { scope: 'openid catalog-read' };
  const code = await signInAndConsent(server, browser, { parameters });
  const [own, shown] = [
    await obtainTokens(server, browser, { parameters }),
    await obtainTokens(server, browser, {
      client: publicWeb,
      parameters: { ...parameters, resource: MUSIC },
    }),
  ];
  const headers = { authorization: basic(confidential.id, confidential.secret ?? '') };
  const apiHeaders = { authorization: basic(musicServer.id, musicServer.secret ?? '') };
  const post = { method: 'POST', path: '/api/token' } as const;
  return [
    {
      ...post,
      name: 'code',
      headers,
      form: {
        grant_type: 'authorization_code',
        code: code.code,
        code_verifier: code.verifier,
        redirect_uri: code.redirectUri,
      },
    },
    {
      ...post,
      name: 'refresh',
      headers,
      form: { grant_type: 'refresh_token', refresh_token: own.refreshToken, scope: 'openid' },
    },
    {
      ...post,
      name: 'rotate',
      headers: {},
      form: { grant_type: 'refresh_token', refresh_token: shown.refreshToken, client_id: publicWeb.id },
    },
    {
      ...post,
      name: 'client',
      headers,
      form: { grant_type: 'client_credentials', resource: MUSIC, scope: 'catalog-read' },
    },
    {
      name: 'introspect',
      method: 'POST',
      path: '/api/introspect',
      headers: apiHeaders,
      form: { token: shown.accessToken, token_type_hint: 'access_token' },
    },
    {
      name: 'revoke',
      method: 'POST',
      path: '/api/revoke',
      headers,
      form: { token: 'unknown', token_type_hint: 'refresh_token' },
    },
    {
      name: 'userinfo',
      method: 'GET',
      path: '/userinfo',
      headers: { authorization: `Bearer ${own.accessToken}` },
    },
    {
      name: 'userinfo by POST',
      method: 'POST',
      path: '/userinfo',
      form: { a: 'b' },
      headers: { authorization: `Bearer ${own.accessToken}` },
    },
  ];
}

export async function pageSamples({ server, browser }: Fuzzed): Promise<readonly Sample[]> {
  const { confidential } = server.clients;
  const target = new URL(
    authorizeUrl(server, confidential, createPkce(), {
      scope: 'openid catalog-read',
      nonce: 'n',
      prompt: 'consent',
      max_age: '100000',
      resource: MUSIC,
      login_hint: 'a@b.example',
      ui_locales: 'en',
    }),
  );
  const authorization = Object.fromEntries(target.searchParams);
  const signedIn = { cookie: cookiesOf(browser) };
  const consent = findForm((await browser.get(target.href)).page, ['form_token'], 'allow').fields;
  const fresh = server.newBrowser();
  const login = findForm((await fresh.get(target.href)).page, ['email', 'password']).fields;
  const signOut = findForm((await browser.get('/logout')).page, ['form_token']).fields;
  const stranger = { cookie: cookiesOf(fresh) };
  const own = { origin: new URL(server.issuer).origin };
  return [
    { name: 'authorize', method: 'GET', path: '/authorize', query: authorization, headers: signedIn },
    { name: 'authorize, a stranger', method: 'GET', path: '/authorize', query: authorization, headers: {} },
    {
      name: 'authorize by POST',
      method: 'POST',
      path: '/authorize',
      form: authorization,
      headers: signedIn,
    },
    {
      name: 'login page',
      method: 'GET',
      path: '/login',
      query: { interaction: login['interaction'] ?? '' },
      headers: stranger,
    },
    {
      name: 'login',
      method: 'POST',
      path: '/login',
      form: { ...login, email: 'nobody@example.test', password: 'x' },
      headers: { ...stranger, ...own },
    },
    {
      name: 'consent page',
      method: 'GET',
      path: '/consent',
      query: { interaction: consent['interaction'] ?? '' },
      headers: signedIn,
    },
    {
      name: 'consent',
      method: 'POST',
      path: '/consent',
      form: { ...consent, decision: 'allow' },
      headers: { ...signedIn, ...own },
    },
    { name: 'logout page', method: 'GET', path: '/logout', headers: signedIn },
    {
      name: 'logout',
      method: 'POST',
      path: '/logout',
      form: { ...signOut, form_token: 'of another' },
      headers: { ...signedIn, ...own },
    },
    { name: 'metadata', method: 'GET', path: '/.well-known/openid-configuration', headers: {} },
    { name: 'keys', method: 'GET', path: '/.well-known/jwks.json', headers: {} },
    { name: 'style', method: 'GET', path: '/assets/tessera.css', query: { v: '1' }, headers: {} },
    { name: 'docs', method: 'GET', path: '/docs', headers: {} },
    { name: 'health', method: 'GET', path: '/health/ready', headers: {} },
  ];
}

export async function apiSamples({ server, adminToken }: Fuzzed, id: string): Promise<readonly Sample[]> {
  const unwanted = await requestToken(
    server,
    { grant_type: 'client_credentials' },
    server.clients.confidential,
  );
  const headers = { authorization: `Bearer ${adminToken}` };
  const list = ['users', 'clients', 'resources', 'tokens', 'grants', 'audit-events', 'keys'].map((name) => ({
    name: `list ${name}`,
    method: 'GET',
    path: `/admin/v1/${name}`,
    query: name === 'keys' ? {} : { limit: '2' },
    headers,
  }));
  const client = {
    client_name: 'An app',
    redirect_uris: ['https://fuzz.example.com/cb'],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid email',
    token_endpoint_auth_method: 'client_secret_basic',
    contacts: ['a@b.example'],
    client_uri: 'https://fuzz.example.com/',
  };
  const resource = {
    name: 'An API',
    scopes: [{ name: 'a', description: 'Do a' }],
    token_format: 'jwt',
    access_token_lifetime: { min: 60, max: 120 },
    signing_alg: 'ES256',
  };
  return [
    ...list,
    {
      name: 'make a client',
      method: 'POST',
      path: '/admin/v1/clients',
      json: { client_id: `c-${id}`, ...client },
      headers,
    },
    { name: 'change a client', method: 'PATCH', path: '/admin/v1/clients/fuzzed', json: client, headers },
    { name: 'read a client', method: 'GET', path: '/admin/v1/clients/fuzzed', headers },
    {
      name: 'make a secret',
      method: 'POST',
      path: '/admin/v1/clients/fuzzed/secrets',
      json: { expires_at: 4_000_000_000 },
      headers,
    },
    {
      name: 'make an API',
      method: 'POST',
      path: '/admin/v1/resources',
      json: { identifier: `https://${id}.example/`, ...resource },
      headers,
    },
    {
      name: 'revoke a token',
      method: 'POST',
      path: '/admin/v1/tokens/revoke',
      json: { token: tokensOf(unwanted).accessToken },
      headers,
    },
    { name: 'profile', method: 'GET', path: '/account/v1/profile', headers },
    { name: 'description', method: 'GET', path: '/admin/v1/openapi.json', headers: {} },
  ];
}
