// Whoever holds a leaked token can have it ended, and learns nothing by it; a token in a URL is exposed.
import { createTokenString } from '@tessera/tokens';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adminToken, callApi } from '../admin-calls.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { MINUTE } from '../movable-clock.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import {
  type Answer,
  basic,
  introspect,
  obtainTokens,
  postForm,
  read,
  refresh,
  requestToken,
  type Tokens,
} from '../oauth-calls.ts';
import { tokenOwner } from '../personal-tokens.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';

describe.each(STORES)('on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let confidential: RegisteredClient;
  let admin: string;

  beforeAll(async () => {
    server = await startTestServer({ store, config: { dynamic_registration: 'open' } });
    ({ confidential } = server.clients);
    browser = server.newBrowser();
    admin = await adminToken(server);
  });
  afterAll(() => server?.close());
  // Reports and mails are counted by the minute: every test has some of its own.
  let minutes = 0;
  beforeEach(() => {
    server.clock.reset();
    server.clock.advance((minutes += 20) * MINUTE);
  });

  const report = async (
    body: object | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> =>
    read(
      await fetch(`${server.base}/api/leaked-tokens`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );
  const obtain = (client = confidential): Promise<Tokens> =>
    obtainTokens(server, browser, { client, parameters: { scope: 'openid catalog-read' } });
  const isGood = async (token: string): Promise<boolean> =>
    (await introspect(server, token)).body['active'] === true;
  /** Oldest first. */
  const mails = async () => {
    // A delivery may be under way that does not know of the newest: nothing more comes after two that brought none.
    let seen = -1;
    while (seen !== server.mailbox.list().length) {
      seen = server.mailbox.list().length;
      await server.tessera.deliverMail();
      await pause(30);
      await server.tessera.deliverMail();
    }
    return server.mailbox.list().toReversed();
  };

  describe('refuses', () => {
    it.each([
      ['nothing', {}],
      ['an empty list', { tokens: [] }],
      ['what is no text', { token: 7 }],
      ['an empty token', { tokens: [''] }],
      ['a list in a list', { tokens: [['x']] }],
      ['too many', { tokens: Array.from({ length: 101 }, () => 'x') }],
      ['one that is too long', { token: 'x'.repeat(16_385) }],
      ['no JSON', '{'],
      ['a prototype', '{"__proto__":{"token":"x"}}'],
    ])('%s', async (_what, body) => {
      expect(await report(body)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    });
    it('a token in the address, which would spread it', async () => {
      const { accessToken } = await obtain();
      const path = `/api/leaked-tokens?token=${accessToken}`;
      expect((await postForm(server, path, { token: accessToken })).status).toBe(400);
      expect(await isGood(accessToken)).toBe(true);
    });
    it('every other method', async () => {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        expect((await fetch(`${server.base}/api/leaked-tokens`, { method })).status).toBe(405);
      }
    });
    it('a reporter whose credentials are wrong', async () => {
      const headers = { authorization: basic(confidential.id, 'wrong') };
      expect((await report({ token: 'x' }, headers)).status).toBe(401);
    });
    it('more than so many a minute, whatever they hold', async () => {
      const { accessToken } = await obtain();
      const answers = await Promise.all(Array.from({ length: 40 }, () => report({ token: 'x' })));
      const over = await report({ token: accessToken });
      expect(answers.some(({ status }) => status === 202)).toBe(true);
      expect(over).toMatchObject({ status: 429, body: { error: 'slow_down' } });
      expect(over.headers.get('retry-after')).toBe('60');
      expect(await isGood(accessToken)).toBe(true);
    });
  });

  it('answers the same bytes, whatever it was', async () => {
    const { accessToken } = await obtain();
    const altered = `${accessToken.slice(0, -1)}${accessToken.endsWith('0') ? '1' : '0'}`;
    const unknown = createTokenString('at', randomBytes);
    const answers = [accessToken, accessToken, altered, unknown, 'hello', 'a.b.c'].map((token) =>
      report({ token }),
    );
    const seen = (await Promise.all(answers)).map(({ status, text, headers }) => ({
      status,
      text,
      headers: Object.fromEntries([...headers].filter(([name]) => !['date', 'x-request-id'].includes(name))),
    }));
    expect(seen[0]).toMatchObject({ status: 202, text: '' });
    for (const each of seen) expect(each).toEqual(seen[0]);
  });

  it.each([
    ['opaque', OPAQUE],
    ['JWT', MUSIC],
  ])('ends an access token that is %s, tells its person, and nothing else of the grant', async (_f, api) => {
    const tokens = await obtainTokens(server, browser, {
      client: confidential,
      parameters: { scope: 'catalog-read', resource: api },
    });
    const before = (await mails()).length;
    expect((await report({ token: tokens.accessToken })).status).toBe(202);
    expect((await introspect(server, tokens.accessToken)).body).toEqual({
      active: false,
      tessera_reason: 'revoked',
    });
    expect((await refresh(server, tokens.refreshToken, confidential)).status).toBe(200);
    const [mail] = (await mails()).slice(before);
    expect(mail).toMatchObject({ to: server.person.email });
    expect(mail?.text).not.toContain(tokens.accessToken);
    const [event] = await server.auditEvents('token.leaked');
    expect(event).toMatchObject({
      actor: 'anonymous',
      clientId: confidential.id,
      userId: server.person.user.id,
      detail: { what: 'access token', how: 'reported' },
    });
    expect(JSON.stringify(event)).not.toContain('tsr_');
  });

  it('ends everything of a grant with its refresh token', async () => {
    const tokens = await obtain();
    await report({ tokens: [tokens.refreshToken] });
    expect(await isGood(tokens.accessToken)).toBe(false);
    expect((await refresh(server, tokens.refreshToken, confidential)).body['error']).toBe('invalid_grant');
  });

  it('removes a client secret, leaves the others, and tells who looks after the app', async () => {
    const app = await server.registerClient({ id: `leaky-${store}` });
    const path = `/admin/v1/clients/${app.id}/secrets`;
    const second = String((await callApi(server, admin, 'POST', path, {})).body['client_secret']);
    const before = (await mails()).length;
    await report([{ token: app.secret, type: 'tessera_client_secret', url: 'https://code.example/x' }]);
    const grant = { grant_type: 'client_credentials' };
    expect((await requestToken(server, grant, app)).body['error']).toBe('invalid_client');
    expect((await requestToken(server, grant, { ...app, secret: second })).status).toBe(200);
    const told = (await mails()).slice(before);
    expect(told.map(({ to }) => to)).toEqual(['admin@example.test']);
    expect(told[0]?.text).toContain(`App ${app.id}`);
    expect(told[0]?.text).not.toContain('code.example');
  });

  it('tells a person about an app of their own', async () => {
    const { user, email } = await server.registerPerson({ email: `maker-${store}@example.test` });
    const app = await server.registerClient({ id: `own-${store}`, organizationId: user.organizationId });
    const before = (await mails()).length;
    await report({ token: app.secret });
    expect((await mails()).slice(before).map(({ to }) => to)).toEqual([email]);
  });

  it('revokes a personal access token, and tells its owner', async () => {
    const owner = await tokenOwner(server, `owner-${store}@example.test`);
    const { token } = await owner.make();
    expect(await isGood(token)).toBe(true);
    await report({ token });
    expect(await isGood(token)).toBe(false);
    const told = (await mails()).filter(({ to }) => to === owner.email);
    expect(told.some(({ subject }) => subject.includes('leaked personal access token'))).toBe(true);
  });

  it('takes away a registration access token: nobody manages the app by it', async () => {
    const registered = await read(
      await fetch(`${server.base}/api/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ client_name: 'Self', redirect_uris: ['https://self.example/cb'] }),
      }),
    );
    const { registration_access_token: token, registration_client_uri: uri } = registered.body;
    const authorization = `Bearer ${String(token)}`;
    const look = async () => (await fetch(String(uri), { headers: { authorization } })).status;
    expect(await look()).toBe(200);
    await report({ token });
    expect(await look()).toBe(401);
  });

  it('never takes a client token: everybody holds it', async () => {
    const made = await callApi(
      server,
      admin,
      'POST',
      `/admin/v1/clients/${confidential.id}/client-token`,
      {},
    );
    await callApi(server, admin, 'PATCH', `/admin/v1/resources/${server.resources.music.id}`, {
      client_token_scopes: ['catalog-read'],
    });
    const token = String(made.body['client_token']);
    expect((await report({ token })).status).toBe(202);
    expect(await isGood(token)).toBe(true);
  });

  it('takes several in a form, and each once', async () => {
    const first = await obtain();
    const second = await obtain();
    const before = (await server.auditEvents('token.leaked')).length;
    const token = [first.accessToken, 'hello', second.accessToken, first.accessToken];
    expect((await postForm(server, '/api/leaked-tokens', { token })).status).toBe(202);
    expect(await isGood(first.accessToken)).toBe(false);
    expect(await isGood(second.accessToken)).toBe(false);
    expect(await server.auditEvents('token.leaked')).toHaveLength(before + 2);
  });

  it('ends once, of many reports at the same time', async () => {
    const { accessToken } = await obtain();
    const before = (await server.auditEvents('token.leaked')).length;
    await Promise.all(Array.from({ length: 12 }, () => report({ token: accessToken })));
    expect(await server.auditEvents('token.leaked')).toHaveLength(before + 1);
  });

  it('names who reported it, where they say so', async () => {
    const { accessToken } = await obtain();
    const { musicServer } = server.clients;
    await report({ token: accessToken }, { authorization: basic(musicServer.id, musicServer.secret ?? '') });
    expect((await server.auditEvents('token.leaked'))[0]?.actor).toBe(musicServer.id);
  });

  it('fills nobody’s mailbox: several tokens of one app within minutes are one mail', async () => {
    const before = (await mails()).length;
    const { accessToken: first } = await obtain();
    const { accessToken: second } = await obtain();
    await report({ tokens: [first, second] });
    expect((await mails()).length - before).toBe(1);
  });

  describe('a token in a URL', () => {
    it('is refused, audited, told to its person once, and stays good unless the operator says otherwise', async () => {
      const { accessToken } = await obtain();
      const before = (await mails()).length;
      for (const path of ['/userinfo', '/docs', '/nowhere']) {
        const answer = await fetch(`${server.base}${path}?access_token=${accessToken}`);
        expect(answer.status).toBe(400);
      }
      expect(await isGood(accessToken)).toBe(true);
      const told = (await mails()).slice(before);
      expect(told.map(({ to }) => to)).toEqual([server.person.email]);
      expect(told[0]?.text).toContain('still good');
      const [event, ...others] = await server.auditEvents('token.exposed');
      expect(event).toMatchObject({ userId: server.person.user.id, detail: { where: 'url' } });
      // However often the same URL is called.
      expect(others).toEqual([]);
    });
    it('is told by an API or a gateway the same way', async () => {
      const { accessToken } = await obtain();
      const { musicServer } = server.clients;
      const authorization = basic(musicServer.id, musicServer.secret ?? '');
      await report({ token: accessToken, found_in: 'url' }, { authorization });
      expect(await isGood(accessToken)).toBe(true);
      expect((await server.auditEvents('token.exposed'))[0]?.actor).toBe(musicServer.id);
    });
    it('ends, where the operator has said so', async () => {
      const strict = await startTestServer({ store, config: { revoke_exposed_tokens: true } });
      try {
        const { accessToken } = await obtainTokens(strict, strict.newBrowser(), {
          client: strict.clients.confidential,
          parameters: { scope: 'openid' },
        });
        await fetch(`${strict.base}/userinfo?access_token=${accessToken}`);
        expect((await introspect(strict, accessToken)).body['active']).toBe(false);
        expect((await strict.auditEvents('token.leaked'))[0]?.detail).toMatchObject({ how: 'url' });
      } finally {
        await strict.close();
      }
    });
  });

  it('publishes what tokens look like', async () => {
    const answer = await read(await fetch(`${server.base}/.well-known/tessera-token-patterns.json`));
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.body).toMatchObject({
      issuer: server.issuer,
      leaked_tokens_endpoint: `${server.issuer}/api/leaked-tokens`,
      checksum: { algorithm: 'CRC-32/ISO-HDLC', characters: 6 },
    });
    const patterns = answer.body['patterns'] as readonly Readonly<Record<string, unknown>>[];
    const of = (kind: string) => patterns.find((each) => each['kind'] === kind);
    expect(of('ct')).toMatchObject({ secret: false, reportable: false });
    expect(new RegExp(`^${String(of('cs')?.['regex'])}$`).test(confidential.secret ?? '')).toBe(true);
    const metadata = await read(await fetch(`${server.base}/.well-known/oauth-authorization-server`));
    expect(metadata.body['tessera_leaked_tokens_endpoint']).toBe(`${server.issuer}/api/leaked-tokens`);
  });

  it('leaves no token in the log', async () => {
    const { accessToken } = await obtain();
    await report({ token: accessToken });
    await report({ token: accessToken, found_in: 'url' });
    expect(server.log.join('')).not.toContain(accessToken);
  });
});
