// When a person is asked, for what, and when not: prompt, max_age, id_token_hint, show_dialog, remembered consent.
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../movable-clock.ts';
import { hasForm, type NoScriptBrowser, type Visit } from '../no-script-browser.ts';
import {
  authorizeUrl,
  createPkce,
  exchange,
  finish,
  type Parameters,
  type Pkce,
  signInAndConsent,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';

type Asked = 'sign-in' | 'consent' | 'nothing';

describe.each(STORES)('a person is asked on %s', (store) => {
  let server: TestServer;
  let client: RegisteredClient;
  let browser: NoScriptBrowser;
  let pkce: Pkce;

  beforeAll(async () => {
    server = await startTestServer({ store });
    client = server.clients.confidential;
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    server.clock.reset();
    await forgetConsents();
    pkce = createPkce();
    browser = server.newBrowser();
  });

  async function forgetConsents(): Promise<void> {
    for (const { id } of Object.values(server.clients)) {
      // oxlint-disable-next-line no-await-in-loop -- five of them
      await server.tessera.store.consents.forget(server.person.user.id, id);
    }
  }

  const signIn = (parameters: Parameters = {}): ReturnType<typeof signInAndConsent> =>
    signInAndConsent(server, browser, { client, parameters: { scope: 'openid', ...parameters } });

  const visit = (parameters: Parameters = {}, of = client): Promise<Visit> =>
    browser.get(authorizeUrl(server, of, pkce, { scope: 'openid', ...parameters }));

  function asked(answer: Visit): Asked {
    if (hasForm(answer.page, 'email', 'password')) return 'sign-in';
    if (hasForm(answer.page, 'interaction') && answer.page.includes('value="allow"')) return 'consent';
    expect(answer.leftFor?.searchParams.get('code')).toMatch(/^tsr_ac_/);
    return 'nothing';
  }

  function expectError({ leftFor, statuses }: Visit, error: string): void {
    expect(statuses).toEqual([303]);
    expect(Object.fromEntries(leftFor?.searchParams ?? [])).toMatchObject({
      error,
      state: 'state-of-the-app',
      iss: server.issuer,
    });
  }

  async function idTokenOf(
    end: Visit,
  ): Promise<Readonly<Record<string, unknown>> & { readonly raw: string }> {
    const code = end.leftFor?.searchParams.get('code') ?? '';
    const authorized = {
      code,
      verifier: pkce.verifier,
      redirectUri: client.redirectUri,
      location: end.leftFor!,
    };
    const { idToken } = tokensOf(await exchange(server, authorized));
    const claims: Readonly<Record<string, unknown>> = decodeJwt(idToken);
    return { ...claims, raw: idToken };
  }

  describe('to sign in', () => {
    it('when nobody is signed in', async () => {
      expect(asked(await visit())).toBe('sign-in');
    });

    it('again when the session has ended, after 14 days', async () => {
      await signIn();
      for (const time of [6 * DAY, 6 * DAY, 2 * DAY - MINUTE]) {
        server.clock.advance(time);
        // oxlint-disable-next-line no-await-in-loop -- time goes on
        expect(asked(await visit())).toBe('nothing');
      }
      server.clock.advance(MINUTE);
      expect(asked(await visit())).toBe('sign-in');
    });

    it('again when nobody has used the session for a week', async () => {
      await signIn();
      server.clock.advance(7 * DAY - MINUTE);
      expect(asked(await visit())).toBe('nothing');
      server.clock.advance(7 * DAY + 2 * MINUTE);
      expect(asked(await visit())).toBe('sign-in');
    });

    it('again by prompt=login, and auth_time says so (oidcc-prompt-login)', async () => {
      await signIn();
      const before = await idTokenOf(await visit());
      server.clock.advance(10 * SECOND);
      const page = await visit({ prompt: 'login' });
      expect(asked(page)).toBe('sign-in');
      const after = await idTokenOf(await finish(server, browser, page));
      expect(after['sub']).toBe(before['sub']);
      expect(Number(after['auth_time'])).toBeGreaterThan(Number(before['auth_time']));
    });

    it('again by prompt=login, and going elsewhere does not count (AZ-81)', async () => {
      await signIn();
      const before = await idTokenOf(await visit());
      server.clock.advance(10 * SECOND);
      expect(asked(await visit({ prompt: 'login' }))).toBe('sign-in');
      const after = await idTokenOf(await visit());
      expect(after['auth_time']).toBe(before['auth_time']);
    });

    it('again by prompt=select_account', async () => {
      await signIn();
      server.clock.advance(SECOND);
      expect(asked(await visit({ prompt: 'select_account' }))).toBe('sign-in');
    });

    it('again once max_age has passed (oidcc-max-age-1)', async () => {
      await signIn();
      const before = await idTokenOf(await visit());
      server.clock.advance(2 * SECOND);
      const page = await visit({ max_age: '1' });
      expect(asked(page)).toBe('sign-in');
      const after = await idTokenOf(await finish(server, browser, page));
      expect(Number(after['auth_time'])).toBeGreaterThan(Number(before['auth_time']));
    });

    it('again by max_age=0, which is prompt=login (OpenID Connect Core §3.1.2.1)', async () => {
      await signIn();
      expect(asked(await visit({ max_age: '0' }))).toBe('sign-in');
      expectError(await visit({ max_age: '0', prompt: 'none' }), 'login_required');
    });

    it('not before max_age has passed (oidcc-max-age-10000)', async () => {
      await signIn();
      const before = await idTokenOf(await visit());
      server.clock.advance(HOUR);
      const after = await idTokenOf(await visit({ max_age: '10000' }));
      expect(after['auth_time']).toBe(before['auth_time']);
    });

    it('with max_age to the second', async () => {
      server.clock.stopAt(Date.now());
      await signIn();
      server.clock.advance(60 * SECOND - 1);
      expect(asked(await visit({ max_age: '60' }))).toBe('nothing');
      server.clock.advance(1);
      expect(asked(await visit({ max_age: '60' }))).toBe('sign-in');
    });

    it('when the id_token_hint names another person (AZ-80)', async () => {
      const person = await server.registerPerson({ email: 'bob@example.test' });
      const ofBob = await idTokenOf(await finish(server, browser, await visit(), { person }));
      browser = server.newBrowser();
      await signIn();
      expect(asked(await visit({ id_token_hint: ofBob.raw }))).toBe('sign-in');
      expectError(await visit({ id_token_hint: ofBob.raw, prompt: 'none' }), 'login_required');
    });

    it.each(['not a token', 'eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJ4In0.'])(
      'when the id_token_hint is %s (AZ-80)',
      async (id_token_hint) => {
        await signIn();
        expectError(await visit({ id_token_hint, prompt: 'none' }), 'login_required');
      },
    );

    it('when the id_token_hint was changed (AZ-80)', async () => {
      await signIn();
      const { raw } = await idTokenOf(await visit());
      const [header = '', payload = '', signature = ''] = raw.split('.');
      const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), nonce: 'x' } as unknown;
      const changed = [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join(
        '.',
      );
      expectError(await visit({ id_token_hint: changed, prompt: 'none' }), 'login_required');
    });

    it('not when the id_token_hint names them, expired or not (oidcc-id-token-hint)', async () => {
      await signIn();
      const before = await idTokenOf(await visit());
      server.clock.advance(2 * HOUR);
      const after = await idTokenOf(await visit({ id_token_hint: before.raw, prompt: 'none' }));
      expect(after).toMatchObject({ sub: before['sub'], auth_time: before['auth_time'] });
    });
  });

  describe('nothing by prompt=none', () => {
    it('when nobody is signed in: login_required (oidcc-prompt-none-not-logged-in)', async () => {
      expectError(await visit({ prompt: 'none' }), 'login_required');
    });

    it('when consent is missing: consent_required (AZ-80)', async () => {
      await signIn();
      expectError(await visit({ prompt: 'none', scope: 'openid user-read-email' }), 'consent_required');
    });

    it('when max_age has passed: login_required', async () => {
      await signIn();
      server.clock.advance(2 * SECOND);
      expectError(await visit({ prompt: 'none', max_age: '1' }), 'login_required');
    });

    it('when all is there: the same person, the same auth_time (oidcc-prompt-none-logged-in)', async () => {
      await signIn();
      const before = await idTokenOf(await visit());
      server.clock.advance(MINUTE);
      const after = await idTokenOf(await visit({ prompt: 'none', nonce: 'n-1' }));
      expect(after).toMatchObject({ sub: before['sub'], auth_time: before['auth_time'], nonce: 'n-1' });
    });

    it('and a native client never gets a silent answer (AZ-76, RFC 8252 §8.6)', async () => {
      const { native } = server.clients;
      await signInAndConsent(server, browser, { client: native, parameters: { scope: 'openid' } });
      const answer = await visit({ prompt: 'none' }, native);
      expect(answer.leftFor?.searchParams.get('error')).toBe('consent_required');
    });
  });

  describe('to consent', () => {
    it('the first time, and not the second (SP-3)', async () => {
      const page = await visit();
      expect(asked(page)).toBe('sign-in');
      const { email, password } = server.person;
      expect(asked(await browser.submit(page, { email, password }))).toBe('consent');
      await signIn();
      expect(asked(await visit())).toBe('nothing');
    });

    it('not again for fewer scopes, or in another order', async () => {
      await signIn({ scope: 'openid email user-read-email' });
      expect(asked(await visit({ scope: 'user-read-email openid' }))).toBe('nothing');
    });

    it('again for more scopes; then all of them are remembered', async () => {
      await signIn({ scope: 'openid' });
      expect(asked(await visit({ scope: 'openid user-read-email' }))).toBe('consent');
      await signIn({ scope: 'user-read-email' });
      expect(asked(await visit({ scope: 'openid user-read-email' }))).toBe('nothing');
    });

    it('again for offline access, which nobody gets in passing (OpenID Connect Core §11)', async () => {
      await signIn();
      const scope = 'openid offline_access';
      expectError(await visit({ scope, prompt: 'none' }), 'consent_required');
      const page = await visit({ scope });
      expect(asked(page)).toBe('consent');
      expect(page.page).toContain('Stay connected');
    });

    it('again for another API with the same scopes', async () => {
      await signIn({ scope: 'catalog-read', resource: MUSIC });
      expect(asked(await visit({ scope: 'catalog-read', resource: MUSIC }))).toBe('nothing');
      expect(asked(await visit({ scope: 'catalog-read', resource: OPAQUE }))).toBe('consent');
    });

    it('again for another app', async () => {
      await signIn();
      expect(asked(await visit({}, server.clients.publicWeb))).toBe('consent');
    });

    it('again as another person', async () => {
      await signIn();
      const person = await server.registerPerson({ email: 'carol@example.test' });
      browser = server.newBrowser();
      const { email, password } = person;
      expect(asked(await browser.submit(await visit(), { email, password }))).toBe('consent');
    });

    it('again by prompt=consent', async () => {
      await signIn();
      expect(asked(await visit({ prompt: 'consent' }))).toBe('consent');
    });

    it('again by show_dialog=true, not by show_dialog=false (SP-3)', async () => {
      await signIn();
      expect(asked(await visit({ show_dialog: 'true' }))).toBe('consent');
      expect(asked(await visit({ show_dialog: 'false' }))).toBe('nothing');
    });

    it('always by a native client (AZ-76, RFC 8252 §8.6)', async () => {
      const { native } = server.clients;
      await signInAndConsent(server, browser, { client: native, parameters: { scope: 'openid' } });
      expect(asked(await visit({}, native))).toBe('consent');
    });

    it('again after a refusal, which is not remembered', async () => {
      const page = await visit();
      const { leftFor } = await finish(server, browser, page, { decision: 'deny' });
      expect(leftFor?.searchParams.get('error')).toBe('access_denied');
      expect(asked(await visit())).toBe('consent');
    });

    it('in the words of the API (SP-3)', async () => {
      await signIn();
      const { page } = await visit({ scope: 'openid user-read-email playlist-modify-private' });
      expect(page).toContain('See your email address');
      expect(page).toContain('Change your private playlists');
      expect(page).toContain('Know who you are, by an identifier');
    });
  });

  describe('and gets an ID token', () => {
    it.each([
      ['display', { display: 'popup' }],
      ['ui_locales and claims_locales', { ui_locales: 'se', claims_locales: 'se' }],
      ['acr_values', { acr_values: '1 2' }],
      ['claims', { claims: '{"id_token":{"name":{"essential":true}}}' }],
      ['an unknown parameter', { extra: 'foobar' }],
      ['login_hint', { login_hint: 'ada@example.test' }],
      ['the API scopes first', { scope: 'catalog-read openid' }],
      ['no nonce', {}],
    ])('with %s (oidcc-basic)', async (_name, parameters) => {
      await signIn(parameters);
      expect(await idTokenOf(await visit(parameters))).toMatchObject({ iss: server.issuer, aud: client.id });
    });

    it('that is bound to the request and the access token (oidcc-server, OpenID Connect Core §2)', async () => {
      const { code, verifier, redirectUri, location } = await signIn({ nonce: 'the-nonce' });
      const tokens = tokensOf(await exchange(server, { code, verifier, redirectUri, location }));
      const claims = decodeJwt(tokens.idToken);
      expect(claims).toMatchObject({
        iss: server.issuer,
        aud: client.id,
        sub: server.person.user.id,
        nonce: 'the-nonce',
        amr: ['pwd'],
      });
      expect(claims.exp! - claims.iat!).toBe(3600);
      expect(claims['at_hash']).toMatch(/^[\w-]{22}$/);
      expect((await userinfo(server, tokens.accessToken)).body).toEqual({ sub: server.person.user.id });
    });

    it('whose header names its key, and brings none along (OpenID Connect Core §2, §10.1)', async () => {
      const { idToken } = tokensOf(await exchange(server, await signIn()));
      expect(Object.keys(decodeProtectedHeader(idToken)).toSorted()).toEqual(['alg', 'kid', 'typ']);
    });

    it.each([
      ['openid', ['sub']],
      ['openid profile', ['name', 'sub', 'updated_at']],
      ['openid email', ['email', 'email_verified', 'sub']],
      ['openid profile email', ['email', 'email_verified', 'name', 'sub', 'updated_at']],
    ])('and at userinfo what %s opens (oidcc-scope)', async (scope, members) => {
      const authorized = await signIn({ scope });
      const { accessToken } = tokensOf(await exchange(server, authorized));
      const { body } = await userinfo(server, accessToken);
      expect(Object.keys(body).toSorted()).toEqual(members);
      if (members.includes('email'))
        expect(body).toMatchObject({ email: 'ada@example.test', email_verified: true });
    });
  });
});
