// Every refused request is kept under the id that its answer names, with what its client was not told, and without
// anything that it made up.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueAdminToken } from '../../packages/server/src/startup/first-start.ts';
import { callApi } from '../admin-calls.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { MINUTE } from '../movable-clock.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import {
  type Answer,
  authorizeUrl,
  createPkce,
  exchange,
  introspect,
  postForm,
  read,
  requestToken,
  revoke,
  signInAndConsent,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import type { RegisteredClient } from '../registrations.ts';

const SECRET_IN_THE_WRONG_PLACE = 'tsr_cs_pasted_where_the_id_belongs';

describe.each(STORES)('on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let adminToken: string;

  beforeAll(async () => {
    server = await startTestServer({ store });
    browser = server.newBrowser();
    const administrator = await server.tessera.store.users.findByEmail('admin@example.test');
    adminToken = await issueAdminToken(server.tessera, administrator!);
  });
  afterAll(() => server?.close());

  const asAdmin = async (path: string, token = adminToken): Promise<Answer> =>
    read(await fetch(`${server.base}${path}`, { headers: { authorization: `Bearer ${token}` } }));

  async function refusals(query: string): Promise<readonly object[]> {
    const { body } = await asAdmin(`/admin/v1/refusals?${query}`);
    return body['items'] as readonly object[];
  }

  async function whyOf({ headers }: Answer): Promise<object> {
    const [refusal] = await refusals(`request_id=${headers.get('x-request-id')}`);
    return refusal ?? {};
  }

  it('tells nobody but administrators', async () => {
    const { confidential } = server.clients;
    const own = tokensOf(await requestToken(server, { grant_type: 'client_credentials' }, confidential));
    expect((await asAdmin('/admin/v1/refusals', own.accessToken)).status).toBe(401);
    expect((await read(await fetch(`${server.base}/admin/v1/refusals`))).status).toBe(401);
  });

  it('keeps nothing of a request that was answered', async () => {
    const { confidential } = server.clients;
    const before = await refusals('limit=200');
    const answered = await requestToken(server, { grant_type: 'client_credentials' }, confidential);
    expect(answered.headers.get('x-request-id')).toBeNull();
    expect(await refusals('limit=200')).toEqual(before);
  });

  it('says what the client was not told: whose code it was, and that it had been used', async () => {
    const { confidential, publicWeb } = server.clients;
    const authorized = await signInAndConsent(server, browser, { client: confidential });
    const elsewhere = await whyOf(await exchange(server, authorized, publicWeb));
    expect(elsewhere).toEqual({
      request_id: expect.stringMatching(/^req_/),
      at: expect.any(Number),
      method: 'POST',
      path: '/api/token',
      status: 400,
      error: 'invalid_grant',
      description: 'Invalid authorization code',
      detail: 'issued to another client',
      client_id: publicWeb.id,
      address: expect.stringMatching(/127\.0\.0\.1|::1/),
    });
    await exchange(server, authorized, confidential);
    const again = await whyOf(await exchange(server, authorized, confidential));
    expect(again).toMatchObject({ detail: 'used before; what it got has ended', client_id: confidential.id });
  });

  it('names no client that there is not: it may be a secret in the wrong place', async () => {
    const form = {
      grant_type: 'client_credentials',
      client_id: SECRET_IN_THE_WRONG_PLACE,
      client_secret: 'x',
    };
    const refused = await whyOf(await requestToken(server, form));
    expect(refused).toMatchObject({ error: 'invalid_client' });
    expect(refused).not.toHaveProperty('client_id');
    expect(JSON.stringify(await refusals('limit=200'))).not.toContain(SECRET_IN_THE_WRONG_PLACE);
    expect(server.log.join('\n')).not.toContain(SECRET_IN_THE_WRONG_PLACE);
  });

  it('knows whose token was refused at UserInfo, and that it was revoked', async () => {
    const { confidential } = server.clients;
    const authorized = await signInAndConsent(server, browser, {
      client: confidential,
      parameters: { scope: 'openid' },
    });
    const { accessToken } = tokensOf(await exchange(server, authorized, confidential));
    await revoke(server, accessToken, confidential);
    const refused = await whyOf(await userinfo(server, accessToken));
    expect(refused).toMatchObject({
      path: '/userinfo',
      status: 401,
      error: 'invalid_token',
      detail: 'revoked',
      client_id: confidential.id,
      user_id: server.person.user.id,
      token_id: expect.stringMatching(/^[\w-]{43}$/),
    });
    const { token_id: id } = refused as { readonly token_id: string };
    expect((await asAdmin(`/admin/v1/tokens/${id}`)).body).toMatchObject({ token_id: id, status: 'revoked' });
    expect(await refusals(`token_id=${id}`)).toEqual([refused]);
  });

  it.each([
    [
      'a token in a URL',
      async () => read(await fetch(`${server.base}/userinfo?access_token=x`)),
      { path: '/userinfo', error: 'invalid_request' },
    ],
    [
      'no token',
      async () => read(await fetch(`${server.base}/userinfo`)),
      { path: '/userinfo', detail: 'missing_token' },
    ],
    [
      'an API that nobody authenticates at',
      async () => postForm(server, '/api/introspect', { token: 'x' }),
      { path: '/api/introspect', error: 'invalid_client' },
    ],
    [
      'a wrong secret of an API',
      async () => introspect(server, 'x', { ...server.clients.musicServer, secret: 'wrong' }),
      { error: 'invalid_client', client_id: 'music-server' },
    ],
    [
      'another method',
      async () => read(await fetch(`${server.base}/api/token`)),
      { path: '/api/token', status: 405 },
    ],
    [
      'the admin API',
      () => asAdmin('/admin/v1/users/none'),
      { path: '/admin/v1/users/:id', error: 'not_found', status: 404 },
    ],
    [
      'the account API',
      () => asAdmin('/account/v1/profile', 'x'),
      { path: '/account/v1/profile', error: 'invalid_token', detail: 'malformed_token' },
    ],
  ])('knows of %s', async (_, ask, expected) => {
    server.clock.advance(2 * MINUTE);
    expect(await whyOf(await ask())).toMatchObject(expected);
  });

  it('keeps what an app was told by redirect, and what a page said', async () => {
    const { confidential } = server.clients;
    const asked = authorizeUrl(server, confidential, createPkce(), { scope: 'no-such-scope' });
    const redirected = await read(await fetch(asked, { redirect: 'manual' }));
    expect(await whyOf(redirected)).toMatchObject({
      path: '/authorize',
      status: 303,
      error: 'invalid_scope',
      client_id: confidential.id,
    });
    const wrong = authorizeUrl(server, confidential, createPkce(), { redirect_uri: 'https://evil.example/' });
    const page = await read(await fetch(wrong));
    expect(page.text).toContain(page.headers.get('x-request-id'));
    expect(await whyOf(page)).toMatchObject({
      status: 400,
      detail: 'redirect_uri_unregistered',
      client_id: confidential.id,
    });
  });

  it('keeps a redirect URI that is not registered, without what may be secret, for whoever may register it', async () => {
    const { confidential } = server.clients;
    const ask = async (client: RegisteredClient, redirect_uri: string): Promise<Answer> =>
      read(await fetch(authorizeUrl(server, client, createPkce(), { redirect_uri })));
    const page = await ask(confidential, 'https://app.example/cb/?code=SECRET#SECRET');
    expect(page.text).not.toContain('app.example/cb/');
    expect(await whyOf(page)).toMatchObject({ redirect_uri: 'https://app.example/cb/?code=#' });
    expect(await whyOf(await ask(confidential, 'https://app.example/tsr_at_SECRET'))).not.toHaveProperty(
      'redirect_uri',
    );
    const push = (redirect_uri: string): Promise<Answer> =>
      postForm(server, '/api/par', { response_type: 'code', redirect_uri }, confidential);
    expect(await whyOf(await push('https://app.example/cb/?code=SECRET#SECRET'))).toMatchObject({
      redirect_uri: 'https://app.example/cb/?code=#',
      detail: 'redirect_uri_unregistered',
    });
    expect(await whyOf(await push('https://app.example/tsr_at_SECRET'))).not.toHaveProperty('redirect_uri');
    const unknown = { ...confidential, id: 'nobody-has-this-id' };
    expect(await whyOf(await ask(unknown, 'https://app.example/cb/'))).not.toHaveProperty('redirect_uri');
    expect(server.log.join('\n')).not.toMatch(/SECRET|app\.example\/cb/);
  });

  it('tells it to the owner of the app, and to no owner of another', async () => {
    const owner = await server.registerPerson({ email: 'owner@example.test' });
    const stranger = await server.registerPerson({ email: 'stranger@example.test' });
    const organizations = '/admin/v1/organizations';
    const made = await callApi(server, adminToken, 'POST', organizations, { name: 'Jukeboxes' });
    const organization_id = String(made.body['id']);
    const membership = { user_id: owner.user.id, role: 'owner' };
    await callApi(server, adminToken, 'POST', `${organizations}/${organization_id}/members`, membership);
    const ownerToken = await issueAdminToken(server.tessera, owner.user);
    const strangerToken = await issueAdminToken(server.tessera, stranger.user);
    const { body: created } = await callApi(server, ownerToken, 'POST', '/admin/v1/clients', {
      client_name: 'Jukebox',
      redirect_uris: ['https://jukebox.example/cb'],
      organization_id,
    });
    const app = { ...server.clients.publicWeb, id: String(created['client_id']) };
    await fetch(authorizeUrl(server, app, createPkce(), { redirect_uri: 'https://jukebox.example/cb/' }));
    const seen = async (token: string): Promise<unknown> =>
      (await asAdmin(`/admin/v1/refusals?client_id=${app.id}`, token)).body['items'];
    expect(await seen(ownerToken)).toEqual([
      expect.objectContaining({ redirect_uri: 'https://jukebox.example/cb/', client_id: app.id }),
    ]);
    expect(await seen(strangerToken)).toEqual([]);
  });

  it('keeps no path that leads nowhere', async () => {
    const nowhere = await read(await fetch(`${server.base}/no/such/path`));
    expect(nowhere.status).toBe(404);
    expect(await whyOf(nowhere)).toEqual({});
  });
});
