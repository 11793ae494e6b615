// What somebody could try who means harm, or who only does two things at once. Each of these once got through, or
// came close: refusals that other files hold already are not repeated here.
import { connect } from 'node:net';
import { decodeJwt } from '@tessera/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { issueAdminToken } from '../../packages/server/src/startup/first-start.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { formsOf } from '../html-form.ts';
import { hasForm } from '../no-script-browser.ts';
import {
  type Answer,
  authorizeUrl,
  basic,
  createPkce,
  encode,
  exchange,
  introspect,
  obtainTokens,
  postForm,
  read,
  refresh,
  requestToken,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import { MUSIC, type RegisteredClient } from '../registrations.ts';

const NUL = 'a\0b';
const FOR_MUSIC = { grant_type: 'client_credentials', resource: MUSIC };

describe.each(STORES)('on %s', (store) => {
  let server: TestServer;
  let confidential: RegisteredClient;
  let administrator: string;

  beforeAll(async () => {
    server = await startTestServer({ store, config: { trusted_proxies: ['127.0.0.1', '::1'] } });
    ({ confidential } = server.clients);
    administrator = await tokenOf('admin@example.test');
    await (store === 'postgres' ? server.addNode() : undefined);
  });
  afterAll(() => server?.close());
  beforeEach(() => server.clock.reset());

  async function tokenOf(email: string): Promise<string> {
    const user = await server.tessera.store.users.findByEmail(email);
    return issueAdminToken(server.tessera, user!);
  }

  interface AdminCall {
    readonly token?: string;
    /** Another node than the first. */
    readonly base?: string;
  }

  async function admin(method: string, path: string, body?: object, call: AdminCall = {}): Promise<Answer> {
    const { token = administrator, base = server.base } = call;
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    return read(await fetch(`${base}/admin/v1${path}`, { method, headers, ...json }));
  }

  describe('U+0000 is no fault of the server', () => {
    const PARAMETERS = ['client_id', 'redirect_uri', 'state', 'nonce', 'resource', 'scope', 'login_hint'];
    it.each([...PARAMETERS, 'id_token_hint'])('as %s of an authorization request', async (name) => {
      const browser = server.newBrowser();
      const first = await browser.get(
        authorizeUrl(server, confidential, createPkce(), { scope: 'openid', [name]: NUL }),
      );
      const { email, password } = server.person;
      const signedIn = hasForm(first.page, 'email')
        ? await browser.submit(first, { email, password })
        : first;
      const asksConsent = hasForm(signedIn.page, 'interaction') && !hasForm(signedIn.page, 'email');
      const last = asksConsent ? await browser.submit(signedIn, {}, 'allow') : signedIn;
      for (const { statuses } of [first, signedIn, last]) expect(Math.max(...statuses)).toBeLessThan(500);
    });

    it.each(['email', 'password', 'interaction', 'form_token'])('as %s of a sign-in', async (name) => {
      const browser = server.newBrowser();
      const fields = formsOf((await browser.get('/login')).page)[0]?.fields;
      const typed = { email: 'nobody@example.test', password: 'x', [name]: NUL };
      const { status } = await browser.post('/login', { ...fields, ...typed });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    });

    it.each([
      ['/api/token', { grant_type: 'client_credentials', resource: NUL }],
      ['/api/token', { grant_type: 'authorization_code', code: NUL }],
      ['/api/token', { grant_type: 'refresh_token', refresh_token: NUL }],
      ['/api/introspect', { token: NUL }],
      ['/api/revoke', { token: NUL }],
    ])('in a form for %s: %o', async (path, form) => {
      expect((await postForm(server, path, form, confidential)).status).toBeLessThan(500);
    });

    it.each([NUL, 'confidential\0'])('in credentials: %j', async (id) => {
      const known = { ...confidential, id };
      expect((await requestToken(server, FOR_MUSIC, known)).status).toBe(401);
      const form = { ...FOR_MUSIC, client_id: id, client_secret: confidential.secret };
      expect((await requestToken(server, form)).status).toBe(401);
    });
  });

  it('a second Authorization header is refused, whichever of the two is right (RFC 6749 §2.3)', async () => {
    const body = encode(FOR_MUSIC);
    const right = basic(confidential.id, confidential.secret!);
    for (const headers of [
      [right, 'Basic eDp5'],
      ['Basic eDp5', right],
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = await sendRaw(server.base, [
        'POST /api/token HTTP/1.1',
        'Host: localhost',
        'Connection: close',
        ...headers.map((value) => `Authorization: ${value}`),
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${body.length}`,
        '',
        body,
      ]);
      expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*"error":"invalid_request"/);
    }
  });

  it('failed client authentications from one IPv6 network are counted together', async () => {
    const wrong = { grant_type: 'client_credentials', client_id: 'confidential', client_secret: 'wrong' };
    const from = (host: number): Promise<Answer> =>
      postForm(server, '/api/token', wrong, undefined, {
        headers: { 'x-forwarded-for': `2001:db8::${host.toString(16)}` },
      });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, host) => from(host + 1)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect((await from(99)).status).toBe(429);
  });

  it('a request whose body never comes is given up', () => {
    const { requestTimeout, headersTimeout } = server.tessera.app.server;
    expect(headersTimeout).toBeGreaterThan(0);
    // Node swaps the two where the one for the headers is the longer.
    expect(requestTimeout).toBeGreaterThan(headersTimeout);
    expect(requestTimeout).toBeLessThanOrEqual(60_000);
  });

  it('no token that was put in a path comes into the log (OP-01)', async () => {
    const { accessToken } = await obtainTokens(server, server.newBrowser());
    const jwt = tokensOf(await requestToken(server, FOR_MUSIC, confidential)).accessToken;
    for (const token of [accessToken, jwt]) {
      // oxlint-disable no-await-in-loop -- few
      await admin('POST', `/tokens/${token}/revoke`);
      await fetch(`${server.base}/userinfo/${token}`);
      await fetch(`${server.base}/nothing/${token.replace('_', '%5f').replace('eyJ', '%65yJ')}`);
      // oxlint-enable no-await-in-loop
      await expect.poll(() => server.log.filter((line) => line.includes('(no such path)'))).not.toEqual([]);
      expect(server.log.filter((line) => line.includes(token.slice(-40)))).toEqual([]);
    }
  });

  describe('what an operator takes back', () => {
    it('a redirect URI: gets no code from a sign-in that was under way', async () => {
      const [kept, taken] = ['https://kept.example.com/cb', 'https://taken.example.com/cb'];
      const client = await server.registerClient({ id: 'taken-back', redirectUris: [kept, taken] });
      const browser = server.newBrowser();
      const page = await browser.get(
        authorizeUrl(server, client, createPkce(), { redirect_uri: taken, scope: 'openid' }),
      );
      expect((await admin('PATCH', `/clients/${client.id}`, { redirect_uris: [kept] })).status).toBe(200);
      const { email, password } = server.person;
      expect(await browser.submit(page, { email, password })).toMatchObject({
        status: 400,
        leftFor: undefined,
      });
    });

    it('a client: a later one of its id gets nothing of a sign-in that was under way', async () => {
      const details = { id: 'came-again' };
      const browser = server.newBrowser();
      const client = await server.registerClient(details);
      const page = await browser.get(authorizeUrl(server, client, createPkce(), { scope: 'openid' }));
      await admin('DELETE', `/clients/${client.id}`);
      server.clock.advance(6000); // more than the clocks of two nodes may differ
      await server.registerClient(details);
      const { email, password } = server.person;
      expect(await browser.submit(page, { email, password })).toMatchObject({
        status: 400,
        leftFor: undefined,
      });
    });

    it('a scope of a client: is in no token from then on', async () => {
      const scopes = ['openid', 'catalog-read', 'user-read-email'];
      const client = await server.registerClient({ id: 'narrowed', scopes });
      const options = { client, parameters: { scope: scopes.join(' ') } };
      const { refreshToken } = await obtainTokens(server, server.newBrowser(), options);
      const authorized = await signInAndConsent(server, server.newBrowser(), options);
      expect((await admin('PATCH', `/clients/${client.id}`, { scope: 'openid' })).status).toBe(200);
      // catalog-read is a default scope of the API, which every client may have.
      const left = 'openid catalog-read';
      expect((await refresh(server, refreshToken, client)).body['scope']).toBe(left);
      expect((await exchange(server, authorized, client)).body['scope']).toBe(left);
    });

    it('the place of the default API: a consent for it is none for the next one', async () => {
      const scopes = [{ name: 'catalog-read', description: 'Read something quite different' }];
      const next = await admin('POST', '/resources', {
        identifier: 'https://next-default.example/',
        name: 'Next',
        scopes,
      });
      const browser = server.newBrowser();
      const parameters = { scope: 'catalog-read' };
      await obtainTokens(server, browser, { parameters });
      const ask = () => browser.get(authorizeUrl(server, confidential, createPkce(), parameters));
      expect((await ask()).leftFor).toBeDefined();
      await admin('PATCH', `/resources/${String(next.body['id'])}`, { default: true });
      try {
        expect(await ask()).toMatchObject({ status: 200, leftFor: undefined });
      } finally {
        await admin('PATCH', `/resources/${server.resources.music.id}`, { default: true });
      }
    });

    it('a client that served an API: a later one of its id is told nothing about tokens for it (IN-01)', async () => {
      const id = 'serves';
      await server.registerClient({ id, grantTypes: [], redirectUris: [] });
      const identifier = 'https://served.example/';
      const served = await admin('POST', '/resources', {
        identifier,
        name: 'Served',
        resource_servers: [id],
      });
      expect((await admin('DELETE', `/clients/${id}`)).status).toBe(204);
      const again = await server.registerClient({ id, grantTypes: [], redirectUris: [] });
      const asked = { grant_type: 'client_credentials', resource: identifier };
      const { accessToken } = tokensOf(await requestToken(server, asked, confidential));
      expect((await introspect(server, accessToken, again)).body).toEqual({ active: false });
      const { body } = await admin('GET', `/resources/${String(served.body['id'])}`);
      expect(body['resource_servers']).toEqual([]);
    });

    it('an account: no token is good again with it', async () => {
      const { user, email } = await server.registerPerson({ email: 'second@example.test', role: 'admin' });
      const token = await tokenOf(email);
      const status = async (): Promise<number> => (await admin('GET', '/keys', undefined, { token })).status;
      expect(await status()).toBe(200);
      await admin('PATCH', `/users/${user.id}`, { status: 'disabled' });
      expect(await status()).toBe(401);
      await admin('PATCH', `/users/${user.id}`, { status: 'active' });
      expect(await status()).toBe(401);
    });

    it('a password: ends the sessions and grants that were made with it', async () => {
      const person = await server.registerPerson({ email: 'new-password@example.test' });
      const browser = server.newBrowser();
      const { refreshToken } = await obtainTokens(server, browser, { person });
      await admin('PATCH', `/users/${person.user.id}`, { password: 'quite another password' });
      expect(hasForm((await browser.get('/login')).page, 'email', 'password')).toBe(true);
      expect((await refresh(server, refreshToken, confidential)).body['error']).toBe('invalid_grant');
    });
  });

  describe.runIf(store === 'postgres')('on two nodes', () => {
    const bases = (): { readonly one: string; readonly other: string } => {
      const [one = '', other = ''] = server.nodes;
      return { one, other };
    };

    it('a key that signs at once on one is known to the other', async () => {
      const { other } = bases();
      await postForm(server, '/.well-known/jwks.json', {}, undefined, { base: other });
      expect((await admin('POST', '/keys/rotate', { alg: 'ES256', immediately: true })).status).toBe(201);
      const token = tokensOf(await requestToken(server, FOR_MUSIC, confidential)).accessToken;
      const { musicServer } = server.clients;
      const answer = await postForm(server, '/api/introspect', { token }, musicServer, { base: other });
      expect(answer.body['active']).toBe(true);
    });

    it('a key that was retired on one soon signs nothing on the other', async () => {
      const { other } = bases();
      const kidFrom = async (base: string): Promise<unknown> => {
        const { body } = await requestToken(server, FOR_MUSIC, confidential, { base });
        return decodeJwt(String(body['access_token']))?.header['kid'];
      };
      const old = await kidFrom(other);
      const rotated = await admin('POST', '/keys/rotate', { alg: 'ES256', immediately: true });
      expect((await admin('DELETE', `/keys/${String(old)}`)).status).toBe(204);
      await expect.poll(() => kidFrom(other)).toBe(rotated.body['kid']);
    });

    it('a change on one does not bring back what was taken away on the other', async () => {
      const { one, other } = bases();
      const client = await server.registerClient({ id: 'contended' });
      // The other node knows the client by now, and may go on thinking so for a second.
      expect((await requestToken(server, FOR_MUSIC, client, { base: other })).status).toBe(200);
      expect((await admin('DELETE', '/clients/contended/secrets/sec_contended')).status).toBe(204);
      const renamed = await admin('PATCH', '/clients/contended', { client_name: 'Renamed' }, { base: other });
      expect(renamed).toMatchObject({ status: 200, body: { client_name: 'Renamed' } });
      expect((await requestToken(server, FOR_MUSIC, client, { base: one })).status).toBe(401);
    });

    it('two administrators do not demote each other', async () => {
      const { one, other } = bases();
      const ids: string[] = [];
      for (const name of ['left', 'right']) {
        // oxlint-disable-next-line no-await-in-loop -- two
        const person = await server.registerPerson({ email: `${name}@example.test`, role: 'admin' });
        ids.push(person.user.id);
      }
      const [left = '', right = ''] = ids;
      const tokens = { left: await tokenOf('left@example.test'), right: await tokenOf('right@example.test') };
      const { items } = await server.tessera.store.users.list({ limit: 200 });
      const others = items.filter(({ id, role }) => role === 'admin' && !ids.includes(id));
      await Promise.all(
        others.map(({ id }) => admin('PATCH', `/users/${id}`, { role: 'member' }, { token: tokens.left })),
      );
      const answers = await Promise.all([
        admin('PATCH', `/users/${right}`, { role: 'member' }, { token: tokens.left, base: one }),
        admin('PATCH', `/users/${left}`, { role: 'member' }, { token: tokens.right, base: other }),
      ]);
      expect(answers.map(({ status }) => status)).toContain(200);
      expect(await server.tessera.store.users.countAdmins()).toBe(1);
    });
  });
});

/** The answer to a request written by hand, as text. */
function sendRaw(base: string, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(base).port) }, () =>
      socket.write(lines.join('\r\n')),
    );
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => (received += text));
    socket.on('error', reject).on('close', () => resolve(received));
  });
}
