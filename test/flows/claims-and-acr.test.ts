// What a request says about the person: claims by name, how and when they signed in.
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { hasForm, type NoScriptBrowser, type Visit } from '../no-script-browser.ts';
import {
  authorizeUrl,
  createPkce,
  exchange,
  introspect,
  type Parameters,
  read,
  refresh,
  signInAndConsent,
  tokensOf,
  userinfo,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE, type RegisteredClient } from '../registrations.ts';

const PWD = 'urn:tessera:acr:pwd';

describe.each(STORES)('claims and acr on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let confidential: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store });
    ({ confidential } = server.clients);
    browser = server.newBrowser();
    await signInAndConsent(server, browser, { parameters: { scope: 'openid' } });
  });
  afterAll(() => server?.close());
  beforeEach(() => server.clock.reset());

  const ask = (parameters: Parameters, client = confidential): Promise<Visit> =>
    browser.get(authorizeUrl(server, client, createPkce(), { scope: 'openid', ...parameters }));
  const claims = (value: unknown): Parameters => ({ claims: JSON.stringify(value) });

  describe('the claims parameter (OpenID Connect Core §5.5)', () => {
    it.each<[string, string]>([
      ['that is no JSON', 'x'],
      ['that is a list', '[]'],
      ['that is null', 'null'],
      ['with a list for userinfo', '{"userinfo":[]}'],
      ['with text for a claim', '{"id_token":{"name":"x"}}'],
      ['with essential that is no boolean', '{"id_token":{"name":{"essential":"yes"}}}'],
      ['with values that are no list', '{"id_token":{"acr":{"values":"x"}}}'],
      ['of 10 kB', JSON.stringify({ userinfo: { ['x'.repeat(10_000)]: null } })],
      [
        'with 60 claims',
        JSON.stringify({
          userinfo: Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`c${n}`, null])),
        }),
      ],
    ])('%s is refused', async (_name, value) => {
      expect((await ask({ claims: value })).leftFor?.searchParams.get('error')).toBe('invalid_request');
    });

    it('asks the person for what it names, and tells it then; in the ID token or at UserInfo', async () => {
      const asked = claims({
        userinfo: { email: { essential: true }, nickname: null, unheard_of: { essential: true } },
        id_token: { name: null },
      });
      const page = await ask(asked);
      expect(page.page).toContain('See your email address');
      expect(page.page).toContain('See your name');
      const silent = await ask({ ...asked, prompt: 'none' });
      expect(silent.leftFor?.searchParams.get('error')).toBe('consent_required');
      const parameters = { scope: 'openid', ...asked };
      const authorized = await signInAndConsent(server, browser, { parameters });
      const first = tokensOf(await exchange(server, authorized));
      const { displayName, email, id } = server.person.user;
      const idToken = decodeJwt(first.idToken);
      expect(idToken).toMatchObject({ sub: id, name: displayName });
      expect(idToken).not.toHaveProperty('email');
      const told = await userinfo(
        server,
        tokensOf(await refresh(server, first.refreshToken, confidential, { resource: server.issuer }))
          .accessToken,
      );
      expect(told.body).toMatchObject({ sub: id, email });
      expect(told.body).not.toHaveProperty('name');
      const known = await introspect(server, first.accessToken, confidential);
      expect(Object.keys(known.body).filter((name) => name.startsWith('tessera_'))).toEqual([]);
      // Remembered as the scopes that open them.
      expect((await ask({ ...asked, prompt: 'none' })).leftFor?.searchParams.has('code')).toBe(true);
    });

    it('leaves out what the client may not ask for by scope', async () => {
      const few = await server.registerClient({ id: 'few', scopes: ['openid'] });
      const parameters = { scope: 'openid', ...claims({ id_token: { email: { essential: true } } }) };
      const authorized = await signInAndConsent(server, browser, { client: few, parameters });
      const { idToken } = tokensOf(await exchange(server, authorized, few));
      expect(decodeJwt(idToken)).not.toHaveProperty('email');
    });

    it('asks somebody else to sign in where it names another person', async () => {
      const page = await ask(claims({ id_token: { sub: { value: 'usr_other' } } }));
      expect(hasForm(page.page, 'email', 'password')).toBe(true);
      const same = await ask(claims({ id_token: { sub: { value: server.person.user.id } } }));
      expect(same.leftFor?.searchParams.has('code')).toBe(true);
    });
  });

  describe('acr', () => {
    it('that no sign-in meets is refused where it is essential (Core §5.5.1.1)', async () => {
      const { leftFor } = await ask(
        claims({ id_token: { acr: { essential: true, values: ['urn:other'] } } }),
      );
      expect(leftFor?.searchParams.get('error')).toBe('unmet_authentication_requirements');
    });
    it.each<[string, Parameters]>([
      ['wished for and known', { acr_values: PWD }],
      ['wished for and unknown', { acr_values: 'urn:other phr' }],
      ['essential and known', claims({ id_token: { acr: { essential: true, values: ['urn:other', PWD] } } })],
      ['wished for by a claim', claims({ id_token: { acr: { value: 'urn:other' } } })],
    ])('%s is no hindrance', async (_name, parameters) => {
      expect((await ask(parameters)).leftFor?.searchParams.has('code')).toBe(true);
    });
    it.each([MUSIC, OPAQUE])(
      'is in the ID token and at %s, with auth_time (RFC 9470 §6)',
      async (resource) => {
        const authorized = await signInAndConsent(server, browser, {
          parameters: { scope: 'openid', resource },
        });
        const { idToken, accessToken } = tokensOf(await exchange(server, authorized));
        const { auth_time, ...other } = decodeJwt(idToken);
        expect(other).toMatchObject({ acr: PWD, amr: ['pwd'] });
        expect(auth_time).toBeTypeOf('number');
        if (resource === MUSIC) expect(decodeJwt(accessToken)).toMatchObject({ acr: PWD, auth_time });
        expect((await introspect(server, accessToken)).body).toMatchObject({ acr: PWD, auth_time });
      },
    );
    it('is in the metadata', async () => {
      const { body } = await read(await fetch(`${server.base}/.well-known/openid-configuration`));
      expect(body).toMatchObject({
        acr_values_supported: ['urn:tessera:acr:mfa', PWD],
        claims_parameter_supported: true,
      });
    });
  });

  it.each<[string, Parameters]>([
    ['display', { display: 'popup' }],
    ['ui_locales', { ui_locales: 'de en' }],
    ['claims_locales', { claims_locales: 'de' }],
    ['login_hint', { login_hint: 'ada@example.test' }],
  ])('%s is no hindrance (Core §3.1.2.1)', async (_name, parameters) => {
    expect((await ask(parameters)).leftFor?.searchParams.has('code')).toBe(true);
  });

  it.each(['create', 'consent none'])('prompt=%s is refused', async (prompt) => {
    expect((await ask({ prompt })).leftFor?.searchParams.get('error')).toBe('invalid_request');
  });

  it('default_max_age and default_acr_values count where a request says nothing', async () => {
    const metadata = { default_max_age: 60, default_acr_values: [PWD] };
    const client = await server.registerClient({ id: 'impatient', metadata });
    await signInAndConsent(server, browser, { client, parameters: { scope: 'openid' } });
    server.clock.advance(61_000);
    expect(hasForm((await ask({}, client)).page, 'email', 'password')).toBe(true);
    expect((await ask({ max_age: '3600' }, client)).leftFor?.searchParams.has('code')).toBe(true);
  });
});
