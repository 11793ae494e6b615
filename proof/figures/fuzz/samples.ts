// The other endpoints: those of OAuth beyond the first ones, pages, the console, and what stands before an API.
import { encode } from '../../../test/oauth-calls.ts';
import { basic } from '../../../test/oauth-calls.ts';
import { cookiesOf } from '../../../test/fuzz-samples.ts';
import type { Sample } from '../../../test/mutations.ts';
import type { NoScriptBrowser } from '../../../test/no-script-browser.ts';
import { MUSIC } from '../../../test/registrations.ts';
import { requestOf } from '../../../test/pushed-requests.ts';
import { createPkce } from '../../../test/oauth-calls.ts';
import type { Target } from './program.ts';

const LEAKED = 'tsr_at_0000000000000000000000000000000000000000000000000';

export function oauthEndpoints({ clients, device }: Target): readonly Sample[] {
  const { confidential, musicServer } = clients;
  const headers = { authorization: basic(confidential.id, confidential.secret ?? '') };
  const post = { method: 'POST', headers } as const;
  const pushed = Object.fromEntries(
    new URLSearchParams(encode(requestOf(confidential, createPkce(), { resource: MUSIC }))),
  );
  const app = {
    client_name: 'An app',
    redirect_uris: ['https://fuzz.example.com/cb'],
    grant_types: ['authorization_code'],
  };
  const bearer = {
    subject_token: LEAKED,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  };
  const exchanged = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    audience: MUSIC,
    ...bearer,
  };
  const asserted = {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: 'eyJhbGciOiJFUzI1NiJ9.e30.AA',
  };
  const anybody = { method: 'POST', headers: {} } as const;
  const asking = { client_id: device.id, scope: 'catalog-read', resource: MUSIC };
  const polling = {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: device.id,
    device_code: LEAKED,
  };
  const apiHeaders = { authorization: basic(musicServer.id, musicServer.secret ?? '') };
  return [
    { ...post, name: 'push', path: '/api/par', form: pushed },
    { ...anybody, name: 'device', path: '/api/device', form: asking },
    { ...anybody, name: 'poll', path: '/api/token', form: polling },
    { ...post, name: 'token exchange', path: '/api/token', form: exchanged },
    { ...post, name: 'JWT bearer', path: '/api/token', form: asserted },
    { ...anybody, name: 'register', path: '/api/register', json: app },
    {
      name: 'registered',
      method: 'GET',
      path: '/api/register/fuzzed',
      headers: { authorization: `Bearer ${LEAKED}` },
    },
    { ...anybody, name: 'leaked', path: '/api/leaked-tokens', form: { token: LEAKED } },
    { ...anybody, name: 'many leaked', path: '/api/leaked-tokens', json: { tokens: [{ token: LEAKED }] } },
    { name: 'status lists', method: 'GET', path: '/status-lists', headers: {} },
    {
      name: 'a status list',
      method: 'GET',
      path: '/status-lists/1',
      headers: { accept: 'application/statuslist+jwt' },
    },
    { name: 'events', method: 'GET', path: '/events', query: { after: '0' }, headers: apiHeaders },
  ];
}

export function pages(browser: NoScriptBrowser, { issuer }: Target): readonly Sample[] {
  const own = { cookie: cookiesOf(browser), origin: issuer };
  const shown = [
    '/',
    '/device',
    '/signup',
    '/recover',
    '/verify-email',
    '/explain',
    '/console',
    '/console/apps',
    '/login/second-step',
    '/login/set-up',
    '/invitation',
    '/mailbox',
    '/docs/index',
    '/account',
    '/login/upstream/none',
    '/.well-known/tessera-token-patterns.json',
    '/.well-known/oauth-protected-resource',
  ];
  const sent = [
    '/device',
    '/signup',
    '/recover',
    '/verify-email',
    '/explain',
    '/login/second-step',
    '/login/set-up',
    '/login/passkey',
    '/invitation',
  ];
  const form = {
    form_token: 'x',
    email: 'nobody@example.test',
    password: 'x',
    user_code: 'BCDF-GHJK',
    code: '123456',
    token: LEAKED,
    link: LEAKED,
  };
  return [
    ...shown.map((path) => ({
      name: `page ${path}`,
      method: 'GET',
      path,
      query: { link: LEAKED, interaction: 'x' },
      headers: own,
    })),
    ...sent.map((path) => ({ name: `form ${path}`, method: 'POST', path, form, headers: own })),
  ];
}

/** @param token for the API behind the gateway */
export function gatewayRequests(token: string): readonly Sample[] {
  const headers = { authorization: `Bearer ${token}` };
  return [
    { name: 'gateway', method: 'GET', path: '/v1/tracks', query: { ids: 'a,b' }, headers },
    { name: 'gateway POST', method: 'POST', path: '/v1/tracks', json: { ids: ['a'] }, headers },
    { name: 'gateway form', method: 'POST', path: '/v1/tracks', form: { ids: 'a' }, headers },
    { name: 'gateway without token', method: 'GET', path: '/open/a', query: { a: 'b' }, headers: {} },
    {
      name: 'forward auth',
      method: 'GET',
      path: '/verify',
      headers: {
        ...headers,
        'x-original-method': 'GET',
        'x-original-uri': '/v1/tracks',
        'x-original-host': 'a.example',
      },
    },
    { name: 'gateway metadata', method: 'GET', path: '/.well-known/oauth-protected-resource', headers: {} },
  ];
}

export function managementRequests(): readonly Sample[] {
  return ['/', '/metrics', '/health/live', '/health/ready'].map((path) => ({
    name: `management ${path}`,
    method: 'GET',
    path,
    headers: {},
  }));
}
