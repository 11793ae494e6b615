// No token, code, secret, password or cookie in anything that is kept or told (S12, OP-01): every flow is run with
// values that are remembered, also where people put them by mistake, and then everything is searched for them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { formsOf } from '../html-form.ts';
import { mistakenRedirect, mistakesAt } from '../mistakes.ts';
import { MINUTE } from '../movable-clock.ts';
import { type TestMusic, startMusic, TRACK } from '../music.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import {
  type Answer,
  authorizeUrl,
  createPkce,
  exchange,
  introspect,
  postForm,
  read,
  refresh,
  requestToken,
  revoke,
  signInAndConsent,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import { MUSIC } from '../registrations.ts';
import { contentOf, foundIn } from '../secrets.ts';

describe.each(STORES)('what must stay secret on %s', (store) => {
  let server: TestServer;
  let music: TestMusic;
  let browser: NoScriptBrowser;
  /** What must be nowhere, by what it is. */
  const secrets = new Map<string, string>();
  /** Everything that was told to whoever made a mistake. */
  const told: string[] = [];

  beforeAll(async () => {
    server = await startTestServer({ store });
    music = await startMusic(server);
    browser = server.newBrowser();
    await runFlows();
    await makeMistakes();
  });
  afterAll(async () => {
    await music?.close();
    await server?.close();
  });

  const keep = (what: string, value: string): string => {
    if (value.length < 8) throw new Error(`${what} is too short to be searched for`);
    secrets.set(what, value);
    return value;
  };

  async function runFlows(): Promise<void> {
    const { confidential, publicWeb, musicServer } = server.clients;
    keep('the password', server.person.password);
    keep('the secret of the app', confidential.secret ?? '');
    keep('the secret of the API', musicServer.secret ?? '');
    for (const client of [confidential, publicWeb]) {
      for (const parameters of [{}, { resource: MUSIC }]) {
        const of = `${client.id} ${JSON.stringify(parameters)}`;
        const nonce = keep(`the nonce ${of}`, createPkce().verifier);
        const scope = 'openid email catalog-read';
        // oxlint-disable no-await-in-loop -- one flow after the other
        const authorized = await signInAndConsent(server, browser, {
          client,
          parameters: { scope, nonce, ...parameters },
        });
        keep(`the code ${of}`, authorized.code);
        keep(`the verifier ${of}`, authorized.verifier);
        const first = tokensOf(await exchange(server, authorized, client));
        const next = tokensOf(await refresh(server, first.refreshToken, client));
        await userinfo(server, first.accessToken);
        await introspect(server, first.accessToken);
        await music.call(`/v1/tracks/${TRACK}`, first.accessToken);
        await music.call('/v1/me', first.accessToken);
        keep(`the access token ${of}`, first.accessToken);
        keep(`the refresh token ${of}`, first.refreshToken);
        keep(`the ID token ${of}`, first.idToken);
        keep(`the second access token ${of}`, next.accessToken);
        if (next.refreshToken !== '') keep(`the second refresh token ${of}`, next.refreshToken);
        told.push((await exchange(server, authorized, client)).text);
        // oxlint-enable no-await-in-loop
      }
    }
    const own = await requestToken(server, { grant_type: 'client_credentials' }, confidential);
    keep('the token of the app itself', tokensOf(own).accessToken);
    for (const [name, value] of browser.cookies) keep(`the cookie ${name}`, value);
  }

  function oneOfEachSort(): readonly string[] {
    const sorts = new Map(
      [...secrets].map(([what, value]) => [what.split(' ').slice(0, 3).join(' '), value]),
    );
    return [...sorts.values()];
  }

  async function note(answer: Promise<Answer | Response>): Promise<void> {
    const got = await answer;
    const { status, headers, text } = got instanceof Response ? await read(got) : got;
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    told.push(`${text} ${JSON.stringify([...headers])}`);
  }

  /** A live token, and each of the others, wherever somebody may put them by mistake. */
  async function makeMistakes(): Promise<void> {
    const { confidential } = server.clients;
    const live = await requestToken(server, { grant_type: 'client_credentials' }, confidential);
    keep('the live token', tokensOf(live).accessToken);
    for (const value of oneOfEachSort()) {
      // oxlint-disable no-await-in-loop -- so many at once would only wait for each other
      // No more failures than one address may make before it is told to wait: then nothing would be looked at.
      server.clock.advance(2 * MINUTE);
      for (const mistake of [...mistakesAt(server, music), mistakenRedirect(server)])
        await note(mistake(value));
      await typePasswordForEmail(value);
      // oxlint-enable no-await-in-loop
    }
    for (const [what, value] of secrets) {
      if (what.includes('refresh token')) told.push((await revoke(server, value, confidential)).text);
    }
  }

  async function typePasswordForEmail(value: string): Promise<void> {
    const fresh = server.newBrowser();
    const page = await fresh.get(authorizeUrl(server, server.clients.confidential, createPkce()));
    const answer = await fresh.post('/login', {
      ...formsOf(page.page)[0]?.fields,
      email: 'nobody',
      password: value,
    });
    told.push(answer.page);
    // What was typed as the email comes back into the form, for whoever typed it; not told to anybody else.
    await fresh.post('/login', { ...formsOf(page.page)[0]?.fields, email: value, password: value });
  }

  function expectNothingIn(text: string): void {
    expect(foundIn(text, secrets)).toEqual([]);
  }

  it('is looked for at all', () => {
    expect(secrets.size).toBeGreaterThan(20);
    expect(told.length).toBeGreaterThan(250);
    expect(() => expectNothingIn(`x ${server.person.password} x`)).toThrow();
  });

  it('is in no line of the log, at its most talkative', () => {
    expect(server.log.length).toBeGreaterThan(250);
    expect(server.log.join('\n')).toContain('/api/token');
    expectNothingIn(server.log.join('\n'));
  });

  it('is in no answer to a mistake', () => {
    expectNothingIn(told.join('\n'));
  });

  it('is in no metric', async () => {
    const text = await server.tessera.metrics.text();
    expect(text).toContain('tessera_http_requests_total');
    expectNothingIn(text);
  });

  it('is in no audit event', async () => {
    let cursor: string | undefined;
    let events = 0;
    do {
      const request = cursor === undefined ? { limit: 200 } : { limit: 200, cursor };
      // oxlint-disable-next-line no-await-in-loop -- page after page
      const page = await server.tessera.store.audit.list({}, request);
      events += page.items.length;
      expectNothingIn(JSON.stringify(page.items));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(events).toBeGreaterThan(50);
  });

  it('is in no place of the database (R18)', async () => {
    const content = await contentOf(server.databaseUrl);
    expect(content).toContain(server.person.email);
    // The nonce waits with its code for the ID token; it is the app's, and public in that token.
    for (const what of secrets.keys()) if (what.startsWith('the nonce')) secrets.delete(what);
    expectNothingIn(content);
  });

  describe('a token in a URL (S12)', () => {
    async function liveToken(): Promise<string> {
      const { code, verifier, redirectUri, location } = await signInAndConsent(server, browser, {
        parameters: { scope: 'openid catalog-read' },
      });
      return tokensOf(await exchange(server, { code, verifier, redirectUri, location })).accessToken;
    }

    const PLACES = [
      '/userinfo',
      '/authorize',
      '/api/token',
      '/api/introspect',
      '/login',
      '/.well-known/jwks.json',
      '/nothing',
    ];
    it.each(PLACES)('is refused with 400 at %s, even with a good one in the header', async (path) => {
      const token = await liveToken();
      const headers = { authorization: `Bearer ${token}` };
      for (const name of ['access_token', 'access%5Ftoken', '%61ccess_token', 'x=1&access_token']) {
        // oxlint-disable-next-line no-await-in-loop -- five spellings
        const answer = await read(
          await fetch(`${server.base}${path}?${name}=${token}`, { headers, redirect: 'manual' }),
        );
        expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
        expect(answer.headers.get('cache-control')).toBe('no-store');
        expect(answer.text).not.toContain(token);
      }
    });

    it('is refused with 400 by the music API, even with a good one in the header', async () => {
      const token = await liveToken();
      for (const path of ['/v1/me', `/v1/tracks/${TRACK}`, '/']) {
        // oxlint-disable-next-line no-await-in-loop -- three paths
        const answer = await music.call(`${path}?access_token=${token}`, token);
        expect(answer).toMatchObject({ status: 400, body: { error: { status: 400 } } });
        expect(answer.text).not.toContain(token);
      }
    });

    it.each(['access_token', 'access%5Ftoken'])(
      'is noted as exposed when it is a real one: ?%s=',
      async (name) => {
        const before = await server.auditEvents('token.exposed');
        await fetch(`${server.base}/userinfo?${name}=${await liveToken()}`);
        const after = await server.auditEvents('token.exposed');
        expect(after).toHaveLength(before.length + 1);
        expect(after[0]).toMatchObject({
          clientId: 'confidential',
          userId: server.person.user.id,
          outcome: 'failure',
        });
      },
    );

    it('is noted for nobody when it is none', async () => {
      const before = await server.auditEvents('token.exposed');
      await fetch(`${server.base}/userinfo?access_token=not-a-token`);
      expect(await server.auditEvents('token.exposed')).toHaveLength(before.length);
    });

    it('is not taken from a form either (RFC 6750 §2.2)', async () => {
      const answer = await postForm(server, '/userinfo', { access_token: await liveToken() });
      expect(answer.status).toBe(401);
    });
  });
});
