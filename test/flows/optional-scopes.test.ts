// What a person takes out on the consent page, without scripts: the app gets the rest, is told so, and may ask again.
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import type { NoScriptBrowser, Visit } from '../no-script-browser.ts';
import { formsOf } from '../html-form.ts';
import {
  authorizeUrl,
  createPkce,
  exchange,
  introspect,
  type Parameters,
  requestToken,
  signInAndConsent,
  userinfo,
} from '../oauth-calls.ts';
import { MUSIC } from '../registrations.ts';

const SCOPE = 'openid user-read-email playlist-modify-private';

describe.each(STORES)('a person may allow less than an app asks for, on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  beforeAll(async () => {
    server = await startTestServer({ store });
    browser = server.newBrowser();
    await signInAndConsent(server, browser, { parameters: { scope: 'openid' } });
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    const { person, clients, tessera } = server;
    await tessera.store.consents.forget(person.user.id, clients.confidential.id);
  });

  const pkce = createPkce();
  const ask = (parameters: Parameters = {}): Promise<Visit> =>
    browser.get(
      authorizeUrl(server, server.clients.confidential, pkce, {
        scope: SCOPE,
        resource: MUSIC,
        ...parameters,
      }),
    );

  /** Presses Allow with these permissions ticked, and whatever else is in the form. */
  function allow(
    page: Visit,
    ticked: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Promise<Visit> {
    const form = formsOf(page.page).find(({ action }) => action === '/consent');
    if (form === undefined) throw new Error('Nothing was asked');
    const others = Object.entries(form.fields).filter(([name]) => !name.startsWith('allow:'));
    const fields = Object.fromEntries([...others, ...ticked.map((scope) => [`allow:${scope}`, 'yes'])]);
    return browser.post('/consent', { ...fields, ...more, decision: 'allow' });
  }

  const codeOf = ({ leftFor }: Visit): string => leftFor?.searchParams.get('code') ?? '';

  async function tokens(visit: Visit): Promise<Readonly<Record<string, unknown>>> {
    const { redirectUri } = server.clients.confidential;
    const location = new URL(redirectUri);
    const answer = await exchange(server, {
      code: codeOf(visit),
      verifier: pkce.verifier,
      redirectUri,
      location,
    });
    return answer.body;
  }

  it('all is ticked from the start but what cannot be taken out', async () => {
    const { page } = await ask();
    const form = formsOf(page).find(({ action }) => action === '/consent');
    expect(form?.names.filter((name) => name.startsWith('allow:'))).toEqual([
      'allow:user-read-email',
      'allow:playlist-modify-private',
    ]);
    expect(page.match(/type="checkbox"[^>]* checked>/g)).toHaveLength(2);
  });

  it('the answer, the token, its introspection and its renewal hold what is left (RFC 6749 §3.3, §5.1)', async () => {
    const body = await tokens(await allow(await ask(), ['user-read-email']));
    expect(body['scope']).toBe('openid user-read-email');
    const accessToken = String(body['access_token']);
    expect(decodeJwt(accessToken)['scope']).toBe('openid user-read-email');
    expect((await introspect(server, accessToken)).body['scope']).toBe('openid user-read-email');
    const refresh = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) };
    const { confidential } = server.clients;
    const wider = await requestToken(server, { ...refresh, scope: SCOPE }, confidential);
    expect(wider.body['error']).toBe('invalid_scope');
    const renewed = await requestToken(server, refresh, confidential);
    expect(renewed.body['scope']).toBe('openid user-read-email');
  });

  it('counts for nothing to tick what was not asked for', async () => {
    const page = await ask();
    const body = await tokens(await allow(page, ['user-read-email', 'playlist-modify-public', 'admin']));
    expect(body['scope']).toBe('openid user-read-email');
  });

  it.each(['no', '1', 'YES'])('a permission that says %s is not ticked', async (value) => {
    const body = await tokens(await allow(await ask(), [], { 'allow:user-read-email': value }));
    expect(body['scope']).toBe('openid');
  });

  it('only what was allowed is remembered, and what is taken out later is forgotten', async () => {
    await allow(await ask(), ['user-read-email']);
    expect(codeOf(await ask({ scope: 'openid user-read-email' }))).toMatch(/^tsr_ac_/);
    const again = await ask();
    expect(codeOf(again)).toBe('');
    expect((await ask({ prompt: 'none' })).leftFor?.searchParams.get('error')).toBe('consent_required');
    await allow(again, ['playlist-modify-private']);
    expect(codeOf(await ask({ scope: 'openid playlist-modify-private' }))).toMatch(/^tsr_ac_/);
    expect(codeOf(await ask({ scope: 'openid user-read-email' }))).toBe('');
  });

  it('to allow nothing at all is to deny', async () => {
    const page = await ask({ scope: 'user-read-email playlist-modify-private' });
    const { leftFor } = await allow(page, []);
    expect(leftFor?.searchParams.get('error')).toBe('access_denied');
    expect(leftFor?.searchParams.has('code')).toBe(false);
  });

  it('offers no choice where there is none: the only scope of a request', async () => {
    const page = await ask({ scope: 'user-read-email' });
    expect(page.page).not.toContain('type="checkbox"');
    expect((await tokens(await allow(page, [])))['scope']).toBe('user-read-email');
  });

  it('claims by name go with the scope that would open them (OpenID Connect Core §5.5)', async () => {
    const claims = JSON.stringify({ userinfo: { email: { essential: true }, name: null } });
    const page = await ask({ scope: 'openid', resource: undefined, claims });
    const body = await tokens(await allow(page, ['profile']));
    const { body: told } = await userinfo(server, String(body['access_token']));
    expect(told).toHaveProperty('name');
    expect(told).not.toHaveProperty('email');
  });
});
