// Apps that a person let in: what they see of them, and how they are rid of them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiCall, itemsOf, signedIn } from '../account-calls.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import {
  authorizeUrl,
  createPkce,
  exchange,
  finish,
  introspect,
  obtainTokens,
  refresh,
  requestToken,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import { MUSIC, type Person } from '../registrations.ts';
import { headOf, pageAfter } from '../settled-endings.ts';

describe.each(STORES)('connected apps on %s', (store) => {
  let server: TestServer;
  let ada: ApiCall;
  let bob: Person;
  let asBob: ApiCall;
  const music = { resource: MUSIC, scope: 'openid user-read-private' };
  beforeAll(async () => {
    server = await startTestServer({ store });
    bob = await server.registerPerson({ email: 'bob@example.test' });
    ada = await signedIn(server);
    asBob = await signedIn(server, bob);
  });
  afterAll(() => server.close());

  describe('refuses', () => {
    it.each([
      ['GET', '/account/v1/applications/confidential'],
      ['DELETE', '/account/v1/applications/confidential'],
      ['DELETE', '/account/v1/applications/no-such-app'],
      ['POST', '/account/v1/applications/no-such-app/block'],
      ['DELETE', '/account/v1/blocked-applications/confidential'],
    ] as const)(
      '%s %s of somebody whom it is not connected to, as if there were none',
      async (method, path) => {
        await obtainTokens(server, server.newBrowser(), { parameters: music });
        const answer = await asBob(method, path);
        expect(answer.status).toBe(404);
        const [item] = itemsOf(await ada('GET', '/account/v1/applications'));
        expect(item).toMatchObject({ client_id: 'confidential' });
      },
    );
    it('events of apps of others', async () => {
      expect(itemsOf(await asBob('GET', '/account/v1/applications/confidential/events'))).toEqual([]);
    });
    it.each(['x', Buffer.from('1 a b').toString('base64url'), Buffer.from('a b').toString('base64url')])(
      'the cursor %j',
      async (cursor) => {
        expect((await ada('GET', `/account/v1/applications?cursor=${cursor}`)).status).toBe(400);
      },
    );
    it('without a token, and with one of an app', async () => {
      const url = `${server.base}/account/v1/applications`;
      expect((await fetch(url)).status).toBe(401);
      const { confidential } = server.clients;
      const own = await requestToken(server, { grant_type: 'client_credentials' }, confidential);
      const headers = { authorization: `Bearer ${String(own.body['access_token'])}` };
      expect((await fetch(url, { headers })).status).toBe(401);
    });
    it('to block what is part of Tessera', async () => {
      const { store: database, clock } = server.tessera;
      const at = clock();
      await database.grants.authorize({
        grant: {
          id: `grt_cli_${store}`,
          userId: bob.user.id,
          clientId: 'tessera-cli',
          organizationId: 'org_default',
          scopes: ['account'],
          authTime: at,
          amr: ['pwd'],
          createdAt: at,
        },
        code: {
          hash: new Uint8Array(32),
          grantId: `grt_cli_${store}`,
          clientId: 'tessera-cli',
          redirectUri: 'http://127.0.0.1/callback',
          expiresAt: at + 60_000,
        },
      });
      const answer = await asBob('POST', '/account/v1/applications/tessera-cli/block');
      expect(answer.status).toBe(409);
    });
  });

  it('shows what an app may do, in words, and what it holds', async () => {
    const tokens = await obtainTokens(server, server.newBrowser(), { parameters: music, person: bob });
    server.clock.advance(5000);
    await refresh(server, tokens.refreshToken, server.clients.confidential);
    const [item] = itemsOf(await asBob('GET', '/account/v1/applications'));
    expect(item).toMatchObject({
      client_id: 'confidential',
      client_name: 'App confidential',
      registered_by: 'operator',
      unverified: false,
      agent: false,
      apis: [
        {
          resource: MUSIC,
          scopes: [
            { name: 'openid', description: 'Know who you are, by an identifier' },
            { name: 'user-read-private', description: expect.stringMatching(/ /) },
          ],
        },
      ],
      grants: 1,
      live_tokens: 2,
    });
    const { connected_at, last_issued_at, ends_at } = item as Record<string, number>;
    expect(Number(last_issued_at) - Number(connected_at)).toBeGreaterThanOrEqual(4);
    expect(Number(ends_at)).toBeGreaterThan(Number(last_issued_at));
    // Nobody has used a token yet, so nothing is said of a use.
    expect(item).not.toHaveProperty('last_used_at');
    expect((await asBob('GET', '/account/v1/applications/confidential')).body).toEqual(item);
    const events = itemsOf(await asBob('GET', '/account/v1/applications/confidential/events'));
    expect(events[0]).toMatchObject({ type: 'consent.granted', scope: 'openid user-read-private' });
  });

  it('pages through them, each once', async () => {
    for (const client of [server.clients.publicWeb, server.clients.native]) {
      server.clock.advance(1000);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await obtainTokens(server, server.newBrowser(), { client, parameters: music });
    }
    const seen: unknown[] = [];
    let cursor = '';
    do {
      // oxlint-disable-next-line no-await-in-loop -- a page follows the one before
      const page = await ada('GET', `/account/v1/applications?limit=1${cursor}`);
      seen.push(...itemsOf(page).map((item) => item['client_id']));
      const { next_cursor: next } = page.body;
      cursor = typeof next === 'string' ? `&cursor=${next}` : '';
    } while (cursor !== '');
    expect(seen).toEqual(['native', 'spa', 'confidential']);
  });

  it('disconnects: everything ends at once, is announced, and the app has to ask again', async () => {
    const { confidential } = server.clients;
    const browser = server.newBrowser();
    const one = await obtainTokens(server, browser, { parameters: music });
    const two = tokensOf(
      await exchange(server, await signInAndConsent(server, browser, { parameters: music })),
    );
    const bobs = await obtainTokens(server, server.newBrowser(), { parameters: music, person: bob });
    const late = await signInAndConsent(server, browser, { parameters: music });
    const before = await headOf(server.tessera.store);
    const answer = await ada('DELETE', '/account/v1/applications/confidential');
    expect(answer.status).toBe(200);
    const { grants, refresh_tokens, access_tokens } = answer.body;
    expect([grants, refresh_tokens, access_tokens].every((count) => Number(count) >= 2)).toBe(true);
    for (const token of [one, two]) {
      // oxlint-disable-next-line no-await-in-loop -- two
      expect((await introspect(server, token.accessToken)).body['active']).toBe(false);
      // oxlint-disable-next-line no-await-in-loop -- two
      const renewed = await refresh(server, token.refreshToken, confidential);
      expect(renewed.body['error']).toBe('invalid_grant');
    }
    expect((await exchange(server, late)).body['error']).toBe('invalid_grant');
    expect((await introspect(server, bobs.accessToken)).body['active']).toBe(true);
    const page = await pageAfter(server.tessera.store, before, 100);
    expect(page?.endings.filter((each) => each.kind === 'grant')).toHaveLength(Number(grants));
    const ids = itemsOf(await ada('GET', '/account/v1/applications')).map((item) => item['client_id']);
    expect(ids).not.toContain('confidential');
    expect((await ada('DELETE', '/account/v1/applications/confidential')).status).toBe(404);
    const visit = await browser.get(authorizeUrl(server, confidential, createPkce(), music));
    expect(visit.leftFor).toBeUndefined();
    expect(await server.auditEvents('application.disconnected')).toMatchObject([
      { userId: server.person.user.id, clientId: 'confidential', detail: { grants } },
    ]);
  });

  it('of parallel disconnections one ends it', async () => {
    await obtainTokens(server, server.newBrowser(), { parameters: music });
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => ada('DELETE', '/account/v1/applications/confidential')),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(3);
  });

  it('blocks: it is disconnected, and asks no more until it is unblocked', async () => {
    const { confidential } = server.clients;
    const browser = server.newBrowser();
    const tokens = await obtainTokens(server, browser, { parameters: music });
    const answer = await ada('POST', '/account/v1/applications/confidential/block');
    expect(answer.body).toMatchObject({ grants: 1 });
    expect((await introspect(server, tokens.accessToken)).body['active']).toBe(false);
    const visit = await browser.get(authorizeUrl(server, confidential, createPkce(), music));
    expect(visit.leftFor?.searchParams.get('error')).toBe('access_denied');
    expect(itemsOf(await ada('GET', '/account/v1/blocked-applications'))).toMatchObject([
      { client_id: 'confidential', client_name: 'App confidential' },
    ]);
    expect((await ada('DELETE', '/account/v1/blocked-applications/confidential')).status).toBe(204);
    await obtainTokens(server, browser, { parameters: music });
  });

  it('is blocked from its own consent page by one press', async () => {
    const { otherApp } = { otherApp: await server.registerClient({ id: `pushy-${store}` }) };
    const browser = server.newBrowser();
    const first = await browser.get(authorizeUrl(server, otherApp, createPkce(), music));
    const { email, password } = server.person;
    const consent = await browser.submit(first, { email, password });
    const after = await browser.submit(consent, {}, 'block');
    expect(after.leftFor?.searchParams.get('error')).toBe('access_denied');
    expect(itemsOf(await ada('GET', '/account/v1/blocked-applications'))).toMatchObject([
      { client_id: otherApp.id },
    ]);
    const again = await browser.get(authorizeUrl(server, otherApp, createPkce(), music));
    expect(again.leftFor?.searchParams.get('error')).toBe('access_denied');
    await ada('DELETE', `/account/v1/blocked-applications/${otherApp.id}`);
    const asked = await browser.get(authorizeUrl(server, otherApp, createPkce(), music));
    expect((await finish(server, browser, asked)).leftFor?.searchParams.get('code')).toBeTruthy();
  });
});
