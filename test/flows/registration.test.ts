// Apps that register themselves (RFC 7591) and manage that (RFC 7592): what they may become, what they may not, and
// how a person meets them.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueAdminToken, systemEvent } from '../../packages/server/src/startup/first-start.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { DAY, MINUTE } from '../movable-clock.ts';
import { titleOf } from '../no-script-browser.ts';
import {
  type Answer,
  authorizeUrl,
  createPkce,
  exchange,
  finish,
  read,
  refresh,
  requestToken,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import type { RegisteredClient } from '../registrations.ts';

const attacks = JSON.parse(readFileSync(new URL('../vectors/ssrf-urls.json', import.meta.url), 'utf8')) as {
  readonly urls: readonly string[];
};

const WEB = {
  client_name: 'Agent',
  redirect_uris: ['https://agent.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};

let callers = 0;

/** Each from an address of its own, so that one test does not use up another's share. */
function send(
  server: TestServer,
  method: string,
  path: string,
  body?: unknown,
  options: { readonly token?: string | undefined; readonly from?: string } = {},
): Promise<Answer> {
  callers += 1;
  const from = options.from ?? `198.18.${Math.floor(callers / 250)}.${callers % 250}`;
  const headers: Record<string, string> = { 'x-forwarded-for': from };
  if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`${server.base}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: text }),
  }).then(read);
}

const register = (server: TestServer, body: unknown, token?: string): Promise<Answer> =>
  send(server, 'POST', '/api/register', body, { token });

const own = (server: TestServer, method: string, answer: Answer, body?: unknown): Promise<Answer> =>
  send(server, method, `/api/register/${String(answer.body['client_id'])}`, body, {
    token: String(answer.body['registration_access_token']),
  });

function asClient({ body }: Answer, redirectUri = WEB.redirect_uris[0] ?? ''): RegisteredClient {
  const secret = body['client_secret'];
  return {
    id: String(body['client_id']),
    secret: typeof secret === 'string' ? secret : undefined,
    redirectUri,
  };
}

const settings = { trusted_proxies: ['127.0.0.1', '::1'] };

describe.each(STORES)('registration for anybody on %s', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ store, config: { ...settings, dynamic_registration: 'open' } });
  });
  afterAll(() => server?.close());

  it.each<[string, object | string, string]>([
    ['a grant of the past', { ...WEB, grant_types: ['password'] }, 'invalid_client_metadata'],
    ['the implicit grant', { ...WEB, grant_types: ['implicit'] }, 'invalid_client_metadata'],
    [
      'a grant that needs no person',
      { ...WEB, grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_basic' },
      'invalid_client_metadata',
    ],
    [
      'the same beside others',
      {
        ...WEB,
        grant_types: ['authorization_code', 'client_credentials'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
      'invalid_client_metadata',
    ],
    ['the token response type', { ...WEB, response_types: ['token'] }, 'invalid_client_metadata'],
    ['an unknown method', { ...WEB, token_endpoint_auth_method: 'magic' }, 'invalid_client_metadata'],
    ['javascript:', { ...WEB, redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    ['data:', { ...WEB, redirect_uris: ['data:text/html,x'] }, 'invalid_redirect_uri'],
    ['http elsewhere', { ...WEB, redirect_uris: ['http://agent.example/cb'] }, 'invalid_redirect_uri'],
    ['a wildcard', { ...WEB, redirect_uris: ['https://*.agent.example/cb'] }, 'invalid_redirect_uri'],
    ['a fragment', { ...WEB, redirect_uris: ['https://agent.example/cb#x'] }, 'invalid_redirect_uri'],
    ['no redirect URI', { ...WEB, redirect_uris: [] }, 'invalid_redirect_uri'],
    ['a redirect URI that is a number', { ...WEB, redirect_uris: [7] }, 'invalid_redirect_uri'],
    [
      '1 000 redirect URIs',
      { ...WEB, redirect_uris: Array.from({ length: 1000 }, (_, index) => `https://agent.example/${index}`) },
      'invalid_redirect_uri',
    ],
    [
      'a web app on localhost',
      { ...WEB, application_type: 'web', redirect_uris: ['http://localhost/cb'] },
      'invalid_redirect_uri',
    ],
    [
      'a private key',
      { ...WEB, jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }] } },
      'invalid_client_metadata',
    ],
    [
      'a symmetric key',
      { ...WEB, jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } },
      'invalid_client_metadata',
    ],
    ['keys in no form', { ...WEB, jwks: 'keys' }, 'invalid_client_metadata'],
    ['a name that turns the text', { ...WEB, client_name: 'Goo\u202Egle' }, 'invalid_client_metadata'],
    ['a name that breaks a database', { ...WEB, client_name: 'a\0b' }, 'invalid_client_metadata'],
    ['a name of 1 000 letters', { ...WEB, client_name: 'a'.repeat(1000) }, 'invalid_client_metadata'],
    ['a logo that is a script', { ...WEB, logo_uri: 'javascript:alert(1)' }, 'invalid_client_metadata'],
    ['a prototype', '{"__proto__":{"firstParty":true},"redirect_uris":[]}', 'invalid_client_metadata'],
    ['a prototype within', '{"jwks":{"__proto__":{}},"client_name":"x"}', 'invalid_client_metadata'],
    ['what is not JSON', '{', 'invalid_client_metadata'],
    ['a list', '[]', 'invalid_client_metadata'],
    [
      'a software statement of nobody',
      { ...WEB, software_statement: 'no JWT' },
      'invalid_software_statement',
    ],
    [
      'an unsigned software statement',
      { ...WEB, software_statement: `${base64url({ alg: 'none' })}.${base64url({})}.AA` },
      'invalid_software_statement',
    ],
    [
      'a software statement of a stranger',
      { ...WEB, software_statement: `${base64url({ alg: 'ES256' })}.${base64url({})}.AA` },
      'unapproved_software_statement',
    ],
  ])('refuses %s (RFC 7591 §3.2.2)', async (_what, body, error) => {
    const answer = await register(server, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error, error_description: expect.stringMatching(/^[\x20-\x7e]+$/) });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('answers with what the client has become (RFC 7591 §3.2.1)', async () => {
    server.clock.stopAt(Date.now());
    const asked = { ...WEB, software_id: 'agent', software_version: '1' };
    const answer = await register(server, {
      ...asked,
      scope: 'catalog-read',
      resource: 'https://music.example/',
      unknown: {},
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toEqual({
      ...asked,
      application_type: 'web',
      client_id: expect.stringMatching(/^app_[\w-]{22}$/),
      client_id_issued_at: Math.floor(server.clock.now() / 1000),
      registration_access_token: expect.stringMatching(/^tsr_rat_/),
      registration_client_uri: `${server.issuer}/api/register/${String(answer.body['client_id'])}`,
    });
    expect(await server.tessera.store.clients.find(asClient(answer).id)).toMatchObject({
      registeredBy: 'registration',
      firstParty: false,
      requirePkce: true,
      secrets: [],
    });
    server.clock.reset();
  });

  it('gives a secret to whom can keep one, and to nobody else', async () => {
    const { token_endpoint_auth_method: _, ...confidential } = WEB;
    const answer = await register(server, confidential);
    expect(answer.body).toMatchObject({
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: expect.stringMatching(/^tsr_cs_/),
      client_secret_expires_at: 0,
    });
    expect((await register(server, WEB)).body).not.toHaveProperty('client_secret');
  });

  it('has the grant and the response of the code where it names none (RFC 7591 §2)', async () => {
    const { client_name, redirect_uris } = WEB;
    const answer = await register(server, { client_name, redirect_uris, 'client_name#ja': 'エージェント' });
    expect(answer.body).toMatchObject({
      client_name,
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    });
    expect(answer.body).not.toHaveProperty('client_name#ja');
  });

  it.each(['GET', 'PUT', 'DELETE'])('is no place for %s (RFC 7591 §3)', async (method) => {
    const answer = await send(server, method, '/api/register');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, expect.stringMatching(/POST/)]);
  });

  it('keeps from it what only an operator gives', async () => {
    const { token_endpoint_auth_method: _, ...confidential } = WEB;
    const answer = await register(server, {
      ...confidential,
      require_pkce: false,
      client_id: 'tessera-cli',
      client_secret: 'chosen',
      first_party: true,
      firstParty: true,
      registered_by: 'operator',
      organization_id: 'org_other',
      status: 'active',
    });
    expect(answer.status).toBe(201);
    expect(answer.body['client_id']).not.toBe('tessera-cli');
    expect(answer.body['client_secret']).not.toBe('chosen');
    expect(await server.tessera.store.clients.find(asClient(answer).id)).toMatchObject({
      requirePkce: true,
      firstParty: false,
      registeredBy: 'registration',
      organizationId: 'org_default',
    });
  });

  it.each([
    [['https://agent.example/cb'], 'web'],
    [['http://localhost/callback', 'http://127.0.0.1/callback'], 'native'],
    [['com.example.agent:/cb'], 'native'],
  ])('takes %j for the redirect URIs of a %s app', async (redirect_uris, type) => {
    const { body } = await register(server, { ...WEB, redirect_uris });
    expect(body['application_type']).toBe(type);
  });

  it('is in the metadata, and open to pages of any origin', async () => {
    const metadata = await read(await fetch(`${server.base}/.well-known/oauth-authorization-server`));
    expect(metadata.body['registration_endpoint']).toBe(`${server.issuer}/api/register`);
    const preflight = await fetch(`${server.base}/api/register/app_1`, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, PUT, DELETE');
    expect((await fetch(`${server.base}/api/register`)).status).toBe(405);
  });

  it('comes to an end for one address, and for one program (DC-03)', async () => {
    const from = '198.51.100.7';
    const statuses: number[] = [];
    for (let count = 0; count < 61; count += 1) {
      // oxlint-disable-next-line no-await-in-loop -- they are counted one after the other
      const answer = await send(server, 'POST', '/api/register', { client_name: 'x' }, { from });
      statuses.push(answer.status);
      if (answer.status === 429) expect(answer.headers.get('retry-after')).toMatch(/^(?:5[0-9][0-9]|600)$/);
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    expect((await register(server, WEB)).status).toBe(201);
    const program = { ...WEB, software_id: 'a-flood' };
    const answers = await Promise.all(Array.from({ length: 120 }, () => register(server, program)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect((await register(server, program)).body['error']).toBe('slow_down');
    server.clock.advance(11 * MINUTE);
    expect((await register(server, program)).status).toBe(201);
  });

  describe('its management (RFC 7592)', () => {
    it('is for the one who registered (DC-04)', async () => {
      const [mine, other] = [await register(server, WEB), await register(server, WEB)];
      const path = `/api/register/${asClient(mine).id}`;
      const tokens = [
        undefined,
        '',
        'x',
        String(other.body['registration_access_token']),
        `${String(mine.body['registration_access_token'])}0`,
      ];
      for (const token of tokens) {
        for (const method of ['GET', 'PUT', 'DELETE']) {
          const body = method === 'PUT' ? { ...WEB, client_id: asClient(mine).id } : undefined;
          // oxlint-disable-next-line no-await-in-loop -- each is looked at on its own
          const answer = await send(server, method, path, body, { token });
          expect([method, answer.status, answer.body['error']]).toEqual([method, 401, 'invalid_token']);
          expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
        }
      }
      const none = await send(server, 'GET', '/api/register/confidential', undefined, { token: tokens[3] });
      expect(none.status).toBe(401);
      expect((await own(server, 'GET', mine)).status).toBe(200);
    });

    it.each(['GET', 'PUT', 'DELETE'])(
      'answers 401 to %s of a client that is not there (RFC 7592 §2.1, §2.2, §2.3)',
      async (method) => {
        const gone = await register(server, WEB);
        const { id } = asClient(gone);
        expect((await own(server, 'DELETE', gone)).status).toBe(204);
        const there = await register(server, WEB);
        const theirs = String(there.body['registration_access_token']);
        for (const [client_id, token] of [
          [id, String(gone.body['registration_access_token'])],
          [id, theirs],
          ['never-was', theirs],
        ] as const) {
          const body = method === 'PUT' ? { ...WEB, client_id } : undefined;
          // oxlint-disable-next-line no-await-in-loop -- each is looked at on its own
          const answer = await send(server, method, `/api/register/${client_id}`, body, { token });
          expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_token']);
        }
      },
    );

    it('shows what is registered, without the secret', async () => {
      const { token_endpoint_auth_method: _, ...confidential } = WEB;
      const answer = await register(server, confidential);
      const shown = await own(server, 'GET', answer);
      const { client_secret: _secret, ...rest } = answer.body;
      expect(shown.body).toEqual(rest);
    });

    it('replaces everything, gives a new token, and the old one ends', async () => {
      const first = await register(server, {
        ...WEB,
        software_id: 'agent',
        client_uri: 'https://agent.example',
      });
      const { id } = asClient(first);
      const changed = { ...WEB, client_name: 'Agent 2', client_id: id };
      const second = await own(server, 'PUT', first, changed);
      expect(second.status).toBe(200);
      expect(second.body).toMatchObject({ client_id: id, client_name: 'Agent 2' });
      expect(second.body).not.toHaveProperty('software_id');
      expect(second.body).not.toHaveProperty('client_uri');
      expect((await own(server, 'GET', first)).status).toBe(401);
      expect((await own(server, 'GET', second)).body['client_name']).toBe('Agent 2');
    });

    it('lets one of several updates with one token through', async () => {
      const first = await register(server, WEB);
      const body = { ...WEB, client_id: asClient(first).id };
      const answers = await Promise.all(Array.from({ length: 6 }, () => own(server, 'PUT', first, body)));
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    });

    it.each<[string, object]>([
      ['another client_id', { ...WEB, client_id: 'confidential' }],
      ['no client_id', WEB],
      ['a token of its choice', { ...WEB, registration_access_token: 'x' }],
      ['a secret of its choice', { ...WEB, client_secret: 'x' }],
      ['a beginning of its choice', { ...WEB, client_id_issued_at: 1 }],
    ])('refuses an update with %s', async (what, body) => {
      const first = await register(server, WEB);
      const id = what.includes('client_id') ? {} : { client_id: asClient(first).id };
      const answer = await own(server, 'PUT', first, { ...body, ...id });
      expect(answer.body['error']).toBe('invalid_client_metadata');
      expect((await own(server, 'GET', first)).status).toBe(200);
    });

    it('leaves an app the scopes that the operator limits it to, and no list of its own (RFC 7591 §2)', async () => {
      const first = await register(server, { ...WEB, scope: 'admin' });
      const { id } = asClient(first);
      const update = { ...WEB, client_id: id, scope: 'account user-read-private' };
      const second = await own(server, 'PUT', first, update);
      expect([second.status, second.body['scope']]).toEqual([200, undefined]);
      const { clients } = server.tessera.store;
      const limited = await clients.find(id);
      if (limited === undefined) throw new Error('The client is gone');
      await clients.update(
        { ...limited, scopes: ['catalog-read'] },
        systemEvent(server.tessera, 'client.updated'),
      );
      const third = await own(server, 'PUT', second, update);
      expect([third.status, third.body['scope']]).toEqual([200, 'catalog-read']);
      expect((await clients.find(id))?.scopes).toEqual(['catalog-read']);
    });

    it('leaves an app under the profile that the operator holds it to', async () => {
      const { publicKey } = await generateKeyPair('ES256');
      const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] };
      const strict = { ...WEB, token_endpoint_auth_method: 'private_key_jwt', jwks };
      const first = await register(server, strict);
      const { id } = asClient(first);
      const { clients } = server.tessera.store;
      const before = await clients.find(id);
      if (before === undefined) throw new Error('The client is gone');
      const metadata = { ...before.metadata, security_profile: 'fapi2' };
      await clients.update({ ...before, metadata }, systemEvent(server.tessera, 'client.updated'));
      const refused = await own(server, 'PUT', first, { ...WEB, client_id: id });
      expect([refused.status, refused.body['error']]).toEqual([400, 'invalid_client_metadata']);
      const renamed = { ...strict, client_id: id, client_name: 'Other agent', security_profile: 'none' };
      const second = await own(server, 'PUT', first, renamed);
      expect([second.status, second.body['security_profile']]).toEqual([200, 'fapi2']);
      expect((await clients.find(id))?.metadata.security_profile).toBe('fapi2');
    });

    it('loosens nothing that an app is held to (RFC 7592 §2.2)', async () => {
      const held = {
        dpop_bound_access_tokens: true,
        require_pushed_authorization_requests: true,
        require_auth_time: true,
        subject_type: 'pairwise',
      };
      const first = await register(server, WEB);
      const { id } = asClient(first);
      const { clients } = server.tessera.store;
      const before = await clients.find(id);
      if (before === undefined) throw new Error('The client is gone');
      const metadata = { ...before.metadata, ...held };
      await clients.update({ ...before, metadata }, systemEvent(server.tessera, 'client.updated'));
      const left = await own(server, 'PUT', first, { ...WEB, client_id: id });
      expect(left.body).toMatchObject({ ...held, client_name: WEB.client_name });
      const loose = { ...WEB, client_id: id, dpop_bound_access_tokens: false, subject_type: 'public' };
      const denied = await own(server, 'PUT', left, loose);
      expect([denied.status, denied.body]).toEqual([200, expect.objectContaining(held)]);
      expect((await clients.find(id))?.metadata).toMatchObject(held);
    });

    it('gives a secret to a client that becomes confidential, and takes it from one that becomes public', async () => {
      const first = await register(server, WEB);
      const body = { ...WEB, client_id: asClient(first).id };
      const second = await own(server, 'PUT', first, {
        ...body,
        token_endpoint_auth_method: 'client_secret_post',
      });
      expect(second.body['client_secret']).toMatch(/^tsr_cs_/);
      const third = await own(server, 'PUT', second, {
        ...body,
        token_endpoint_auth_method: 'client_secret_post',
        client_secret: second.body['client_secret'],
      });
      expect(third.status).toBe(200);
      expect(third.body).not.toHaveProperty('client_secret');
      const last = await own(server, 'PUT', third, body);
      expect(last.body).not.toHaveProperty('client_secret_expires_at');
      expect((await server.tessera.store.clients.find(body.client_id))?.secrets).toEqual([]);
    });

    it('deletes the client and what people allowed it', async () => {
      const answer = await register(server, WEB);
      const client = asClient(answer);
      const tokens = tokensOf(
        await exchange(server, await signInAndConsent(server, server.newBrowser(), { client }), client),
      );
      expect((await own(server, 'DELETE', answer)).status).toBe(204);
      expect((await own(server, 'GET', answer)).status).toBe(401);
      expect((await refresh(server, tokens.refreshToken, client)).body['error']).toBe('invalid_client');
    });

    it('ends what went to a redirect URI that is gone (DC-04)', async () => {
      const [kept, removed] = ['https://agent.example/kept', 'https://agent.example/removed'];
      const answer = await register(server, { ...WEB, redirect_uris: [kept, removed] });
      const old = asClient(answer, removed);
      const stays = asClient(answer, kept);
      const browser = server.newBrowser();
      const oldTokens = tokensOf(
        await exchange(server, await signInAndConsent(server, browser, { client: old }), old),
      );
      const oldCode = await signInAndConsent(server, browser, { client: old });
      const goodTokens = tokensOf(
        await exchange(server, await signInAndConsent(server, browser, { client: stays }), stays),
      );
      const update = await own(server, 'PUT', answer, { ...WEB, client_id: old.id, redirect_uris: [kept] });
      expect(update.status).toBe(200);
      expect((await exchange(server, oldCode, old)).body['error']).toBe('invalid_grant');
      expect((await refresh(server, oldTokens.refreshToken, old)).body['error']).toBe('invalid_grant');
      expect((await refresh(server, goodTokens.refreshToken, stays)).status).toBe(200);
      const ended = await server.auditEvents('grant.ended');
      expect(ended.some(({ reason }) => reason === 'redirect_uri_removed')).toBe(true);
    });
  });

  describe('a person', () => {
    it('is asked each time, and by the address before the name (AZ-86)', async () => {
      const answer = await register(server, {
        ...WEB,
        client_name: 'Google',
        logo_uri: 'https://g.example/logo',
      });
      const client = asClient(answer);
      const browser = server.newBrowser();
      await signInAndConsent(server, browser, { client });
      const again = await browser.get(authorizeUrl(server, client, createPkce()));
      expect(titleOf(again.page)).toBe('agent.example asks for access · Tessera');
      expect(again.page).toContain('Unverified');
      expect(again.page).toContain('says it is “Google”');
      expect(again.page).not.toContain('https://g.example/logo');
    });

    it('reads an address on the sign-in page, too', async () => {
      const client = asClient(await register(server, { ...WEB, client_name: 'Google' }));
      const page = await server.newBrowser().get(authorizeUrl(server, client, createPkce()));
      expect(titleOf(page.page)).toBe('Sign in to agent.example · Tessera');
      expect(page.page).not.toContain('Google');
    });

    it('reads markup as text', async () => {
      const client = asClient(await register(server, { ...WEB, client_name: '<b onclick="x">Bank</b>' }));
      const browser = server.newBrowser();
      await signInAndConsent(server, browser, { client });
      const { page } = await browser.get(authorizeUrl(server, client, createPkce()));
      expect(page).toContain('&lt;b onclick=&quot;x&quot;&gt;Bank&lt;/b&gt;');
    });

    it.each([
      ['an unknown scope', { scope: 'no-such-scope' }],
      ['an unknown API', { resource: 'https://no.example/' }],
      ['prompt=none', { prompt: 'none' }],
      ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
    ])('is not sent on by an error without a word: %s (AZ-75)', async (_what, parameters) => {
      const client = asClient(await register(server, WEB));
      const visit = await server.newBrowser().get(authorizeUrl(server, client, createPkce(), parameters));
      expect(visit.leftFor).toBeUndefined();
      expect(visit.status).toBe(400);
      expect(visit.page).toMatch(/href="https:\/\/agent\.example\/callback\?error=/);
      expect(visit.page).toContain('Go back to agent.example');
    });

    it('who says no is sent back as usual', async () => {
      const client = asClient(await register(server, WEB));
      const end = await signInAndConsent(server, server.newBrowser(), { client, decision: 'deny' });
      expect(end.location.searchParams.get('error')).toBe('access_denied');
    });
  });

  it('gives nobody a token without a person', async () => {
    const { token_endpoint_auth_method: _, ...confidential } = WEB;
    const client = asClient(await register(server, { ...confidential, scope: 'catalog-read' }));
    const answer = await requestToken(server, { grant_type: 'client_credentials' }, client);
    expect(answer.body['error']).toBe('unauthorized_client');
  });

  it('keeps an app off the API of the server itself', async () => {
    const client = asClient(await register(server, { ...WEB, scope: 'admin account' }));
    for (const parameters of [
      { resource: 'urn:tessera:api' },
      { resource: 'urn:tessera:api', scope: 'admin' },
      { resource: 'urn:tessera:api', scope: 'account' },
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- three
      const visit = await server.newBrowser().get(authorizeUrl(server, client, createPkce(), parameters));
      expect(visit.page).toContain('error=invalid_target');
    }
  });

  it('is swept away when nobody used it for a week, and not when somebody does', async () => {
    const { registrations, clients } = server.tessera.store;
    const before = server.clock.now() - 1;
    const [unused, used] = [asClient(await register(server, WEB)), asClient(await register(server, WEB))];
    await exchange(server, await signInAndConsent(server, server.newBrowser(), { client: used }), used);
    const later = server.clock.now() + 7 * DAY + 1;
    const event = (clientId: string) => ({
      id: `evt_${clientId}`,
      at: later,
      type: 'client.deleted' as const,
      outcome: 'success' as const,
      actor: 'system',
      clientId,
    });
    expect(await registrations.sweep(before, later, event)).not.toContain(unused.id);
    const swept = await registrations.sweep(server.clock.now() + 1, later, event);
    expect(swept).toContain(unused.id);
    expect(swept).not.toContain(used.id);
    expect(await clients.find(unused.id)).toBeUndefined();
    expect(await clients.find(used.id)).toBeDefined();
    expect(await clients.find('spa')).toBeDefined();
  });

  it('is what an independent client expects (oauth4webapi)', async () => {
    const options = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(server.issuer);
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
    const answer = await oauth.dynamicClientRegistrationRequest(as, WEB, options);
    const client = await oauth.processDynamicClientRegistrationResponse(answer);
    const verifier = oauth.generateRandomCodeVerifier();
    const [redirectUri = ''] = WEB.redirect_uris;
    const url = new URL(as.authorization_endpoint ?? '');
    url.search = new URLSearchParams({
      client_id: client.client_id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'catalog-read',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString();
    const browser = server.newBrowser();
    const end = await finish(server, browser, await browser.get(url.href));
    const parameters = oauth.validateAuthResponse(as, client, end.leftFor ?? new URL('https://none.example'));
    const answered = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      oauth.None(),
      parameters,
      redirectUri,
      verifier,
      options,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answered);
    expect(tokens.scope).toBe('catalog-read');
    expect(tokens.refresh_token).toMatch(/^tsr_rt_/);
  });

  it('never makes more of a request that is broken, and never fails on one', async () => {
    const full = {
      ...WEB,
      scope: 'catalog-read',
      client_uri: 'https://agent.example/',
      logo_uri: 'https://agent.example/logo.png',
      policy_uri: 'https://agent.example/policy',
      tos_uri: 'https://agent.example/terms',
      contacts: ['ada@example.test'],
      application_type: 'web',
      software_id: 'agent',
      jwks_uri: 'https://agent.example/jwks',
    };
    expect((await register(server, full)).status).toBe(201);
    const values = [
      null,
      '',
      ' ',
      0,
      true,
      [],
      {},
      [null],
      'admin',
      ['client_credentials'],
      { keys: [{}] },
      '\ud800',
    ];
    const broken = Object.keys(full).flatMap((member) => [
      Object.fromEntries(Object.entries(full).filter(([name]) => name !== member)),
      ...values.map((value) => ({ ...full, [member]: value })),
    ]);
    for (const body of broken) {
      // oxlint-disable-next-line no-await-in-loop -- one at a time, so that a failure names its request
      const answer = await register(server, body);
      expect([JSON.stringify(body), [201, 400].includes(answer.status)]).toEqual([
        JSON.stringify(body),
        true,
      ]);
      if (answer.status !== 201) continue;
      // oxlint-disable-next-line no-await-in-loop -- as above
      const client = await server.tessera.store.clients.find(asClient(answer).id);
      expect(client).toMatchObject({ requirePkce: true, firstParty: false, registeredBy: 'registration' });
      expect(client?.scopes).toBeUndefined();
      expect(client?.grantTypes).not.toContain('client_credentials');
    }
  });

  describe('a canary on this machine', () => {
    let canary: Server;
    let connections = 0;
    let port: number;
    beforeAll(async () => {
      canary = createServer((_request, response) => response.end('{}'));
      canary.on('connection', () => connections++);
      await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
      port = (canary.address() as AddressInfo).port;
    });
    afterAll(() => canary?.close());

    it.each(['jwks_uri', 'logo_uri', 'client_uri', 'policy_uri', 'tos_uri'])(
      'is never visited for %s (DC-01)',
      async (member) => {
        const answers = await Promise.all(
          attacks.urls.map((url) =>
            register(server, { ...WEB, [member]: url.replaceAll('CANARY', String(port)) }),
          ),
        );
        expect(answers.filter(({ status }) => status !== 201 && status !== 400)).toEqual([]);
        expect(connections).toBe(0);
      },
    );
  });
});

describe.each(STORES)('registration with a ticket on %s', (store) => {
  let server: TestServer;
  let adminToken: string;
  beforeAll(async () => {
    server = await startTestServer({ store, config: { ...settings, dynamic_registration: 'initial_token' } });
    const administrator = await server.tessera.store.users.findByEmail('admin@example.test');
    adminToken = await issueAdminToken(server.tessera, administrator!);
  });
  afterAll(() => server?.close());

  const makeTicket = async (body: object): Promise<Answer> =>
    send(server, 'POST', '/admin/v1/initial-access-tokens', { name: 'CI', ...body }, { token: adminToken });
  const ticketOf = (answer: Answer): string => String(answer.body['initial_access_token']);

  it('needs one (DC-03)', async () => {
    const others = [undefined, 'x', adminToken, 'tsr_ia_0000000000000000000000000000000000000000000000000'];
    for (const token of others) {
      // oxlint-disable-next-line no-await-in-loop -- each is looked at on its own
      const answer = await register(server, WEB, token);
      expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_token']);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    }
  });

  it('is used up, however many try at once', async () => {
    const made = await makeTicket({ max_uses: 2 });
    expect(made.status).toBe(201);
    const answers = await Promise.all(Array.from({ length: 8 }, () => register(server, WEB, ticketOf(made))));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(6);
    const listed = await send(server, 'GET', '/admin/v1/initial-access-tokens', undefined, {
      token: adminToken,
    });
    expect(listed.body['items']).toContainEqual(
      expect.objectContaining({ name: 'CI', uses: 2, max_uses: 2 }),
    );
    expect(listed.text).not.toContain('tsr_ia_');
  });

  it('is not used up by what is refused', async () => {
    const ticket = ticketOf(await makeTicket({}));
    expect((await register(server, { ...WEB, redirect_uris: [] }, ticket)).status).toBe(400);
    expect((await register(server, WEB, ticket)).status).toBe(201);
  });

  it('ends in time, and when it is deleted', async () => {
    const seconds = Math.floor(server.clock.now() / 1000);
    expect((await makeTicket({ expires_at: seconds - 1 })).status).toBe(400);
    const short = ticketOf(await makeTicket({ expires_at: seconds + 60 }));
    const deleted = await makeTicket({});
    const path = `/admin/v1/initial-access-tokens/${String(deleted.body['id'])}`;
    expect((await send(server, 'DELETE', path, undefined, { token: adminToken })).status).toBe(204);
    expect((await send(server, 'DELETE', path, undefined, { token: adminToken })).status).toBe(404);
    expect((await register(server, WEB, ticketOf(deleted))).status).toBe(401);
    server.clock.advance(2 * MINUTE);
    expect((await register(server, WEB, short)).status).toBe(401);
    server.clock.reset();
  });

  it('shows the operator where an app comes from', async () => {
    const client = asClient(await register(server, WEB, ticketOf(await makeTicket({}))));
    const shown = await send(server, 'GET', `/admin/v1/clients/${client.id}`, undefined, {
      token: adminToken,
    });
    expect(shown.body['registered_by']).toBe('registration');
  });
});

describe('registration that is off', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ store: 'sqlite' });
  });
  afterAll(() => server?.close());

  it('is not there, and not in the metadata', async () => {
    expect((await register(server, WEB)).status).toBe(404);
    const metadata = await read(await fetch(`${server.base}/.well-known/openid-configuration`));
    expect(metadata.body).not.toHaveProperty('registration_endpoint');
  });
});

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
