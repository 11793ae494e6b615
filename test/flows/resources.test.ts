// Several APIs in one authorization: consent for each, a token for one of them at a time.
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import {
  authorizeUrl,
  createPkce,
  exchange,
  introspect,
  refresh,
  requestToken,
  signInAndConsent,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';

const CALENDAR = 'https://calendar.example/';
const MAIL = 'https://mail.example/';

describe.each(STORES)('several resources on %s (RFC 8707)', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let client: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store });
    browser = server.newBrowser();
    client = await server.registerClient({ id: 'planner' });
    const scope = (name: string) => ({ name, description: `Do ${name}` });
    const format = { tokenFormat: 'opaque', resourceServers: ['music-server'] } as const;
    const calendar = [scope('calendar-read'), scope('shared')];
    await server.registerResource({
      identifier: CALENDAR,
      scopes: calendar,
      defaultScopes: ['calendar-read'],
    });
    const mail = [scope('mail-read'), scope('shared')];
    await server.registerResource({
      identifier: MAIL,
      ...format,
      scopes: mail,
      defaultScopes: ['mail-read'],
    });
  });
  afterAll(() => server?.close());

  const both = { resource: [CALENDAR, MAIL], scope: 'openid calendar-read mail-read' };
  const authorize = (parameters: Parameters<typeof authorizeUrl>[3] = both) =>
    signInAndConsent(server, browser, { client, parameters });

  it.each([
    ['names none of them', {}],
    ['names both of them', { resource: [CALENDAR, MAIL] }],
    ['names another', { resource: MUSIC }],
    ['names another beside one of them', { resource: [CALENDAR, MUSIC] }],
    ['names the issuer, which was not asked for', { resource: 'ISSUER' }],
  ])('refuses a token request that %s (RFC 8707 §2.2), and keeps the code', async (_name, more) => {
    const authorized = await authorize();
    const named = 'resource' in more && more.resource === 'ISSUER' ? { resource: server.issuer } : more;
    const refused = await exchange(server, authorized, client, named);
    expect(refused.status).toBe(400);
    expect(refused.body['error']).toBe('invalid_target');
    expect((await exchange(server, authorized, client, { resource: MAIL })).status).toBe(200);
  });

  it('gives a token for one, with its scopes only; refreshed for the other', async () => {
    const first = await exchange(server, await authorize(), client, { resource: CALENDAR });
    expect(first.body['scope']).toBe('openid calendar-read');
    const tokens = tokensOf(first);
    expect(decodeJwt(tokens.accessToken)).toMatchObject({ aud: CALENDAR, scope: 'openid calendar-read' });
    const none = await refresh(server, tokens.refreshToken, client);
    expect(none.body['error']).toBe('invalid_target');
    const other = await refresh(server, tokens.refreshToken, client, { resource: MAIL });
    expect(other.body['scope']).toBe('openid mail-read');
    const state = await introspect(server, tokensOf(other).accessToken);
    expect(state.body).toMatchObject({ active: true, aud: MAIL, scope: 'openid mail-read' });
    const beyond = await refresh(server, tokens.refreshToken, client, { resource: OPAQUE });
    expect(beyond.body['error']).toBe('invalid_target');
    const issuer = await refresh(server, tokens.refreshToken, client, { resource: server.issuer });
    expect((await userinfo(server, tokensOf(issuer).accessToken)).status).toBe(200);
  });

  it('gives the default scopes of each where none is sent', async () => {
    const authorized = await authorize({ resource: [CALENDAR, MAIL], prompt: 'consent' });
    const answer = await exchange(server, authorized, client, { resource: MAIL });
    expect(answer.body['scope']).toBe('mail-read');
  });

  it('refuses a scope that none of them has, and one of the server’s own API', async () => {
    const ask = async (parameters: Parameters<typeof authorizeUrl>[3]) => {
      const { leftFor } = await browser.get(authorizeUrl(server, client, createPkce(), parameters));
      return leftFor?.searchParams.get('error');
    };
    expect(await ask({ ...both, scope: 'playlist-read-private' })).toBe('invalid_scope');
    expect(await ask({ resource: [CALENDAR, 'urn:tessera:api'], scope: 'openid' })).toBe('invalid_target');
    const many = Array.from({ length: 11 }, (_, index) => `https://${index}.example/`);
    expect(await ask({ resource: many })).toBe('invalid_target');
  });

  it('shows every API on the consent page, and remembers each for itself', async () => {
    const planner = await server.registerClient({ id: 'planner-two' });
    const ask = (parameters: Parameters<typeof authorizeUrl>[3]) =>
      browser.get(authorizeUrl(server, planner, createPkce(), parameters));
    const page = await ask({ ...both, scope: 'calendar-read mail-read shared' });
    for (const text of [CALENDAR, MAIL, 'Do calendar-read', 'Do mail-read'])
      expect(page.page).toContain(text);
    expect((await browser.submit(page, {}, 'allow')).leftFor?.searchParams.has('code')).toBe(true);
    const one = await ask({ resource: MAIL, scope: 'mail-read shared' });
    expect(one.leftFor?.searchParams.has('code')).toBe(true);
    // Allowed at the calendar; the mail API has no such scope to be remembered.
    const both2 = await ask({ resource: [MAIL, CALENDAR], scope: 'shared calendar-read' });
    expect(both2.leftFor?.searchParams.has('code')).toBe(true);
    const third = await ask({ resource: [MAIL, MUSIC], scope: 'mail-read user-read-email' });
    expect(third.leftFor).toBeUndefined();
    expect(third.page).toContain('You allowed this before');
  });

  it('a client gets a token for itself for one API at a time', async () => {
    const robot = await server.registerClient({ id: 'robot', grantTypes: ['client_credentials'] });
    const parameters = { grant_type: 'client_credentials', resource: [CALENDAR, MAIL] };
    expect((await requestToken(server, parameters, robot)).body['error']).toBe('invalid_target');
  });
});
