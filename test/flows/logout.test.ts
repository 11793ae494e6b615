// Signing out, asked for by a person or an app, and telling the apps (RP-Initiated and Back-Channel Logout).
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify, SignJWT, generateKeyPair } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import { authorizeUrl, createPkce, encode, obtainTokens, refresh, type Tokens } from '../oauth-calls.ts';
import type { RegisteredClient } from '../registrations.ts';

const BYE = 'https://rp.example.com/bye';

/** An app's address for logout tokens. */
interface Receiver {
  readonly url: string;
  readonly host: string;
  readonly received: string[];
  status: number;
  readonly server: Server;
}

async function startReceiver(): Promise<Receiver> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push(new URLSearchParams(body).get('logout_token') ?? '');
      response.writeHead(receiver.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const receiver: Receiver = { url: `http://${host}/out`, host, received, status: 200, server };
  return receiver;
}

describe.each(STORES)('logout on %s', (store) => {
  let receiver: Receiver;
  let server: TestServer;
  let app: RegisteredClient;
  let browser: NoScriptBrowser;
  let tokens: Tokens;
  let keys: ReturnType<typeof createLocalJWKSet>;

  beforeAll(async () => {
    receiver = await startReceiver();
    server = await startTestServer({ store, config: { outbound_allow_hosts: [receiver.host] } });
    app = await server.registerClient({
      id: 'rp',
      metadata: {
        post_logout_redirect_uris: [BYE, 'https://rp.example.com/bye?from=here'],
        backchannel_logout_uri: receiver.url,
      },
    });
    keys = createLocalJWKSet(
      (await (await fetch(`${server.base}/.well-known/jwks.json`)).json()) as JSONWebKeySet,
    );
  });
  afterAll(async () => {
    await server?.close();
    await new Promise((resolve) => receiver.server.close(resolve));
  });
  beforeEach(async () => {
    receiver.received.length = 0;
    receiver.status = 200;
    browser = server.newBrowser();
    tokens = await obtainTokens(server, browser, { client: app, parameters: { scope: 'openid' } });
  });

  const logout = (parameters: Readonly<Record<string, string | undefined>>) =>
    browser.get(`${server.base}/logout?${encode(parameters)}`);
  const isSignedIn = async (): Promise<boolean> => {
    const url = authorizeUrl(server, app, createPkce(), { scope: 'openid', prompt: 'none' });
    return (await browser.get(url)).leftFor?.searchParams.get('error') !== 'login_required';
  };

  describe('an app’s request is refused on our page, and nobody is signed out (RP-Initiated Logout §3)', () => {
    it.each<[string, (idToken: string) => Promise<Record<string, string>> | Record<string, string>]>([
      [
        'an address that was not registered',
        (hint) => ({ id_token_hint: hint, post_logout_redirect_uri: 'https://rp.example.com/other' }),
      ],
      [
        'a registered address with something added',
        (hint) => ({ id_token_hint: hint, post_logout_redirect_uri: `${BYE}?next=https://evil.example` }),
      ],
      ['a registered address of no app', () => ({ post_logout_redirect_uri: BYE })],
      ['the client of somebody else', (hint) => ({ id_token_hint: hint, client_id: 'confidential' })],
      ['a client that is not there', () => ({ client_id: 'nobody', post_logout_redirect_uri: BYE })],
      [
        'a hint without a signature',
        (hint) => ({ id_token_hint: unsigned(hint), post_logout_redirect_uri: BYE }),
      ],
      [
        'a hint of another issuer’s key',
        async (hint) => ({ id_token_hint: await foreign(hint), post_logout_redirect_uri: BYE }),
      ],
      [
        'a hint that is an access token',
        () => ({ id_token_hint: tokens.accessToken, post_logout_redirect_uri: BYE }),
      ],
    ])('%s', async (_what, parameters) => {
      const visit = await logout(await parameters(tokens.idToken));
      expect(visit.status).toBe(400);
      expect(visit.leftFor).toBeUndefined();
      expect(await isSignedIn()).toBe(true);
      expect(receiver.received).toEqual([]);
    });
  });

  it('signs out at once who the app’s ID token is about, and sends them on with the state', async () => {
    const visit = await logout({
      id_token_hint: tokens.idToken,
      post_logout_redirect_uri: BYE,
      state: 'a b&c',
    });
    expect(visit.leftFor?.href).toBe(`${BYE}?state=a+b%26c`);
    expect(visit.statuses[0]).toBe(303);
    expect(await isSignedIn()).toBe(false);
  });

  it('keeps a registered query, and adds no state that was not sent', async () => {
    const registered = 'https://rp.example.com/bye?from=here';
    const visit = await logout({ id_token_hint: tokens.idToken, post_logout_redirect_uri: registered });
    expect(visit.leftFor?.href).toBe(registered);
  });

  it('takes a hint that has expired', async () => {
    server.clock.advance(2 * 3600_000);
    try {
      const visit = await logout({ id_token_hint: tokens.idToken, post_logout_redirect_uri: BYE });
      expect(visit.leftFor?.href).toBe(BYE);
    } finally {
      server.clock.reset();
    }
  });

  it.each([
    ['without anything', {}],
    ['with a state alone', { state: 's' }],
    ['with a client alone', { client_id: 'rp', post_logout_redirect_uri: BYE }],
  ])('asks first: %s (§2)', async (_what, parameters) => {
    const asked = await logout(parameters);
    expect(asked.status).toBe(200);
    expect(asked.page).toContain('Sign out of Tessera?');
    expect(await isSignedIn()).toBe(true);
    const after = await browser.submit(asked, {});
    expect('post_logout_redirect_uri' in parameters ? after.leftFor?.href : after.page).toContain(
      'post_logout_redirect_uri' in parameters ? BYE : 'You are signed out',
    );
    expect(await isSignedIn()).toBe(false);
  });

  it('takes no notice of hints for a page it does not show, nor of what it does not know (§2)', async () => {
    const visit = await logout({
      id_token_hint: tokens.idToken,
      client_id: 'rp',
      post_logout_redirect_uri: BYE,
      logout_hint: 'ada@example.test',
      ui_locales: 'de en',
      made_up: 'x',
    });
    expect(visit.leftFor?.href).toBe(BYE);
    expect(await isSignedIn()).toBe(false);
  });

  it('is in the metadata (RP-Initiated Logout §2.1, Back-Channel Logout §2.1)', async () => {
    const metadata: unknown = await (await fetch(`${server.base}/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({
      end_session_endpoint: `${server.issuer}/logout`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    });
  });

  it('asks first when the hint is about another session', async () => {
    const other = await obtainTokens(server, server.newBrowser(), {
      client: app,
      parameters: { scope: 'openid' },
    });
    const visit = await logout({ id_token_hint: other.idToken, post_logout_redirect_uri: BYE });
    expect(visit.page).toContain('Sign out of Tessera?');
    expect(await isSignedIn()).toBe(true);
  });

  it('does nothing on HEAD, and leads a form of an app to the page', async () => {
    const query = encode({ id_token_hint: tokens.idToken });
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const head = await fetch(`${server.base}/logout?${query}`, { method: 'HEAD', headers: { cookie } });
    expect(head.status).toBe(405);
    const posted = await fetch(`${server.base}/logout`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://rp.example.com' },
      body: query,
    });
    expect(posted.status).toBe(303);
    expect(posted.headers.get('location')).toBe(`/logout?${query}`);
    expect(await isSignedIn()).toBe(true);
  });

  it('ends what was granted for as long as the person is here, and keeps offline access (Back-Channel §2.7)', async () => {
    const lasting = await obtainTokens(server, browser, {
      client: app,
      parameters: { scope: 'openid offline_access' },
    });
    await logout({ id_token_hint: tokens.idToken });
    expect((await refresh(server, tokens.refreshToken, app)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await refresh(server, lasting.refreshToken, app)).status).toBe(200);
  });

  describe('back-channel', () => {
    it('tells the app with a signed token before the person goes on (§2.4, §2.5)', async () => {
      await logout({ id_token_hint: tokens.idToken, post_logout_redirect_uri: BYE });
      expect(receiver.received).toHaveLength(1);
      const { payload, protectedHeader } = await jwtVerify(receiver.received[0]!, keys, {
        issuer: server.issuer,
        audience: 'rp',
        typ: 'logout+jwt',
      });
      expect(protectedHeader.alg).toBe('RS256');
      expect(payload).toMatchObject({
        sub: server.person.user.id,
        sid: decodeJwt(tokens.idToken)['sid'],
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      });
      expect(payload).not.toHaveProperty('nonce');
      expect(payload.exp! - payload.iat!).toBe(120);
      expect(payload.jti).toMatch(/^[\w-]{22}$/);
    });

    it('tells each app of the session by a token of its own (§2.3, §2.5)', async () => {
      const second = await server.registerClient({
        id: `second-${Date.now()}`,
        metadata: { backchannel_logout_uri: receiver.url },
      });
      const { idToken } = await obtainTokens(server, browser, {
        client: second,
        parameters: { scope: 'openid' },
      });
      await logout({ id_token_hint: tokens.idToken });
      await server.tessera.tellApps.ofAll(server.tessera.store.logoutNotices);
      const told = receiver.received.map((token) => decodeJwt(token));
      expect(new Set(told.map(({ aud }) => aud))).toEqual(new Set(['rp', second.id]));
      expect(told).toHaveLength(2);
      const sids = told.map(({ sid }) => sid);
      expect(sids).toEqual(
        expect.arrayContaining([decodeJwt(tokens.idToken)['sid'], decodeJwt(idToken)['sid']]),
      );
      expect(new Set(told.map(({ jti }) => jti)).size).toBe(2);
    });

    it('names the session the same after a second sign-in, and tells of it once', async () => {
      const again = await obtainTokens(server, browser, {
        client: app,
        parameters: { scope: 'openid', prompt: 'login' },
      });
      expect(decodeJwt(again.idToken)['sid']).toBe(decodeJwt(tokens.idToken)['sid']);
      expect(receiver.received).toEqual([]);
      await logout({ id_token_hint: tokens.idToken });
      expect(receiver.received).toHaveLength(1);
    });

    it('tells of a session that another person’s sign-in replaced', async () => {
      const bob = await server.registerPerson({ email: `bob-${Date.now()}@example.test` });
      await obtainTokens(server, browser, {
        client: app,
        person: bob,
        parameters: { scope: 'openid', prompt: 'login' },
      });
      await server.tessera.tellApps.ofAll(server.tessera.store.logoutNotices);
      expect(receiver.received.map((token) => decodeJwt(token)['sid'])).toEqual([
        decodeJwt(tokens.idToken)['sid'],
      ]);
    });

    it('tells of the sessions of an account that was disabled', async () => {
      const eve = await server.registerPerson({ email: `eve-${Date.now()}@example.test` });
      const hers = await obtainTokens(server, server.newBrowser(), {
        client: app,
        person: eve,
        parameters: { scope: 'openid' },
      });
      const { users } = server.tessera.store;
      const found = await users.find(eve.user.id);
      await users.update(
        { ...found!, status: 'disabled', updatedAt: server.clock.now() },
        {
          id: `aud_${Date.now()}`,
          at: server.clock.now(),
          type: 'user.updated',
          outcome: 'success',
          actor: 'system',
        },
      );
      await server.tessera.tellApps.ofAll(server.tessera.store.logoutNotices);
      expect(receiver.received.map((token) => decodeJwt(token)['sid'])).toEqual([
        decodeJwt(hers.idToken)['sid'],
      ]);
    });

    it('tries again later where the app did not take it, and gives up after five times', async () => {
      receiver.status = 500;
      const visit = await logout({ id_token_hint: tokens.idToken, post_logout_redirect_uri: BYE });
      expect(visit.leftFor?.href).toBe(BYE);
      const sent = [receiver.received.length];
      try {
        for (const minutes of [1, 2, 15, 70, 600, 600]) {
          server.clock.advance(minutes * 60_000);
          await server.tessera.tellApps.ofAll(server.tessera.store.logoutNotices);
          sent.push(receiver.received.length);
        }
      } finally {
        server.clock.reset();
      }
      expect(sent).toEqual([1, 2, 3, 4, 5, 5, 5]);
      const ids = receiver.received.map((token) => decodeJwt(token).jti);
      expect(new Set(ids).size).toBe(5);
    });
  });
});

function unsigned(token: string): string {
  const [, payload] = token.split('.');
  return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;
}

async function foreign(token: string): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256');
  return new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign(privateKey);
}
