// Signing in with a passkey and nothing else, and what a second factor means to apps: amr, acr, step-up.
import { createVerifier } from '@tessera/verifier';
import { protect } from '@tessera/verifier/fastify';
import Fastify from 'fastify';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { findForm, hasForm, type NoScriptBrowser, type Visit } from '../no-script-browser.ts';
import {
  authorizeUrl,
  createPkce,
  exchange,
  finish,
  type Parameters,
  type Pkce,
  read,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import { MUSIC, OPAQUE } from '../registrations.ts';
import {
  isSecondStep,
  registerWithFactors,
  setUpApp,
  typePassword,
  type WithFactors,
} from '../second-factors.ts';
import { type AnswerDetails, askedBy, submitPasskey } from '../software-authenticator.ts';

const PWD = 'urn:tessera:acr:pwd';
const MFA = 'urn:tessera:acr:mfa';
const MINUTE = 60_000;
const essential = (...values: readonly string[]): string =>
  JSON.stringify({ id_token: { acr: { essential: true, values } } });

describe.each(STORES)('passkeys and apps on %s', (store) => {
  let server: TestServer;
  let strong: WithFactors;
  let browser: NoScriptBrowser;
  let pkce: Pkce;

  beforeAll(async () => {
    server = await startTestServer({ store });
    strong = await registerWithFactors(server);
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    server.clock.advance(16 * MINUTE);
    browser = server.newBrowser();
    pkce = createPkce();
  });

  const visit = (parameters: Parameters = {}, of = browser): Promise<Visit> =>
    of.get(authorizeUrl(server, server.clients.confidential, pkce, { scope: 'openid', ...parameters }));
  const isSignedIn = (page: Visit): boolean => page.page.includes('You are signed in');
  const tokensAt = async (end: Visit) => {
    const { leftFor } = end.leftFor === undefined ? await finish(server, browser, end) : end;
    const code = leftFor?.searchParams.get('code') ?? '';
    const { redirectUri } = server.clients.confidential;
    const authorized = { code, verifier: pkce.verifier, redirectUri, location: leftFor! };
    return tokensOf(await exchange(server, authorized));
  };

  describe('a passkey signs in', () => {
    it('by itself, as two factors', async () => {
      const done = await submitPasskey(browser, await browser.get('/login'), strong.passkey);
      expect(isSignedIn(done)).toBe(true);
      const [event] = await server.auditEvents('sign_in');
      expect(event).toMatchObject({ actor: strong.person.user.id, detail: { amr: 'swk user mfa' } });
    });
    it('on the way to an app, which is told how (RFC 8176)', async () => {
      const page = await submitPasskey(browser, await visit(), strong.passkey);
      const { idToken } = await tokensAt(page);
      expect(decodeJwt(idToken)).toMatchObject({
        sub: strong.person.user.id,
        amr: ['swk', 'user', 'mfa'],
        acr: MFA,
      });
    });
  });

  describe('the sign-in page', () => {
    it('asks browsers the same whoever it may be (US-01)', async () => {
      const options = async (parameters: Parameters): Promise<unknown> => {
        const { challenge, ...same } = askedBy(await visit(parameters, server.newBrowser()));
        expect(challenge).toMatch(/^[\w-]{43}$/);
        return same;
      };
      const known = await options({ login_hint: strong.person.email });
      expect(known).toEqual({
        rpId: 'localhost',
        timeout: 300_000,
        userVerification: 'required',
        allowCredentials: [],
      });
      expect(await options({ login_hint: 'nobody@example.test' })).toEqual(known);
      expect(await options({})).toEqual(known);
    });
    it('asks for another challenge each time', async () => {
      const first = askedBy(await browser.get('/login')).challenge;
      expect(askedBy(await browser.get('/login')).challenge).not.toBe(first);
    });
    it('works without scripts, and says what needs them', async () => {
      const { page } = await browser.get('/login');
      expect(page).toMatch(/<form method="post" action="\/login\/passkey"[^>]* hidden>/);
      expect(page).toMatch(/<noscript><p[^>]*>Passkeys need scripts/);
      expect(page).toContain('autocomplete="username webauthn"');
    });
    it('offers none where browsers give none: at an address, or without TLS', async () => {
      const plain = await startTestServer({ store: 'sqlite', issuer: 'http://192.0.2.7' });
      try {
        const { page } = await plain.newBrowser().get('/login');
        expect(page).not.toContain('passkey');
        expect(page).toContain('autocomplete="username"');
      } finally {
        await plain.close();
      }
    });
  });

  describe('refuses', () => {
    const expectRefused = async (act: (page: Visit) => Promise<Visit>, status = 401): Promise<void> => {
      const answer = await act(await browser.get('/login'));
      expect(answer.status).toBe(status);
      expect([...browser.cookies.keys()].some((name) => name.endsWith('-session'))).toBe(false);
    };
    it.each<[string, AnswerDetails]>([
      ['a passkey that does not say who uses it', { userVerified: false }],
      ['one that does not say whose it is', { userHandle: undefined }],
      ['one of another person, by its own word', { userHandle: 'dXNyX290aGVy' }],
      ['one of another origin', { origin: 'http://localhost:1' }],
      ['one signed with another key', { wrongKey: true }],
    ])('%s', async (_name, details) => {
      await expectRefused((page) => submitPasskey(browser, page, strong.passkey, details));
    });
    it('a passkey that nobody here knows, with the same answer', async () => {
      const removed = await registerWithFactors(server);
      const [event] = await server.auditEvents('factor.added');
      const { secondFactors } = server.tessera.store;
      const audit = { ...event!, id: 'evt_reset', type: 'factor.removed' } as const;
      await secondFactors.removeAll(removed.person.user.id, { audit });
      await expectRefused((page) => submitPasskey(browser, page, removed.passkey));
    });
    it('one of a disabled account', async () => {
      const { person, passkey } = await registerWithFactors(server);
      const [event] = await server.auditEvents('user.created');
      const audit = { ...event!, id: 'evt_disabled', type: 'user.updated' } as const;
      const user = (await server.tessera.store.users.find(person.user.id))!;
      const disabled = { ...user, status: 'disabled', updatedAt: user.updatedAt + 1 } as const;
      await server.tessera.store.users.update(disabled, audit);
      await expectRefused((page) => submitPasskey(browser, page, passkey));
    });
    it('a challenge of another browser, of another step, or none', async () => {
      const stolen = findForm((await server.newBrowser().get('/login')).page, ['passkey']).fields['asked']!;
      const ofStep = await typePassword(browser, await browser.get('/login'), strong.person);
      const other = findForm(ofStep.page, ['passkey']).fields['asked']!;
      for (const asked of [stolen, other, '', 'AAAA']) {
        // oxlint-disable-next-line no-await-in-loop -- four of them
        await expectRefused((page) => {
          const passkey = strong.passkey.get(askedBy(page));
          const { fields } = findForm(page.page, ['passkey']);
          return browser.post('/login/passkey', { ...fields, asked, passkey });
        }, 403);
      }
    });
    it('a form of another site', async () => {
      await expectRefused((page) => {
        const { fields } = findForm(page.page, ['passkey']);
        const passkey = strong.passkey.get(askedBy(page));
        return browser.post('/login/passkey', { ...fields, passkey }, { origin: 'https://evil.example' });
      }, 403);
    });
    it('an answer for the second time', async () => {
      const page = await browser.get('/login');
      const { fields } = findForm(page.page, ['passkey']);
      const sent = { ...fields, passkey: strong.passkey.get(askedBy(page)) };
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => browser.post('/login/passkey', sent)),
      );
      expect(answers.filter(isSignedIn)).toHaveLength(1);
    });
  });

  describe('an app that asks for two factors', () => {
    it.each<[string, Parameters]>([
      ['by acr_values', { acr_values: MFA }],
      ['by an essential claim', { claims: essential(MFA) }],
    ])('%s gets them: the second step alone, where the password was typed before', async (_name, wish) => {
      const { person } = await weak();
      const { app, visit: page } = await stepUp(wish);
      const { idToken } = await tokensAt(await browser.get(goOnOf(page)));
      expect(decodeJwt(idToken)).toMatchObject({ sub: person.user.id, amr: ['pwd', 'otp', 'mfa'], acr: MFA });
      expect(app.seed).toHaveLength(20);
      // From now on it is a code that is asked for.
      server.clock.advance(MINUTE);
      browser = server.newBrowser();
      const second = await typePassword(browser, await visit(wish), person);
      expect(isSecondStep(second)).toBe(true);
      const after = await browser.submit(second, { code: app.code(server.clock.now()) });
      expect(decodeJwt((await tokensAt(after)).idToken)).toMatchObject({ acr: MFA });
    });

    it('takes no for an answer where it only wishes (OpenID Connect Core §3.1.2.1)', async () => {
      await weak();
      const offer = await visit({ acr_values: MFA });
      const { fields } = findForm(offer.page, ['kind', 'step']);
      const on = await browser.post('/login/set-up', { ...fields, kind: 'not_now' });
      expect(decodeJwt((await tokensAt(on)).idToken)).toMatchObject({ amr: ['pwd'], acr: PWD });
    });
    it('is told where the answer is no, and it may not be (Core §5.5.1.1)', async () => {
      await weak();
      const offer = await visit({ claims: essential(MFA) });
      const { fields } = findForm(offer.page, ['kind', 'step']);
      const on = await browser.post('/login/set-up', { ...fields, kind: 'not_now' });
      expect(on.leftFor?.searchParams.get('error')).toBe('unmet_authentication_requirements');
    });
    it('is told login_required where nobody may be asked', async () => {
      await weak();
      const silent = await visit({ acr_values: MFA, prompt: 'none' });
      expect(silent.leftFor?.searchParams.get('error')).toBe('login_required');
    });
    it('asks nothing more of somebody who has shown both', async () => {
      await submitPasskey(browser, await browser.get('/login'), strong.passkey);
      const page = await visit({ acr_values: MFA });
      expect(hasForm(page.page, 'password') || isSecondStep(page)).toBe(false);
    });
    it('and one that asks for the weaker class is told that one (RFC 9470 §6)', async () => {
      await submitPasskey(browser, await browser.get('/login'), strong.passkey);
      expect(decodeJwt((await tokensAt(await visit({ acr_values: PWD }))).idToken)).toMatchObject({
        acr: PWD,
      });
      pkce = createPkce();
      const both = await visit({ acr_values: `${PWD} ${MFA}` });
      expect(decodeJwt((await tokensAt(both)).idToken)).toMatchObject({ acr: MFA });
    });
  });

  /** Signs in somebody new by a password alone, with consent given. */
  async function weak(): Promise<{ readonly person: TestServer['person'] }> {
    const email = `weak${Math.random().toString(36).slice(2)}@example.test`;
    const person = await server.registerPerson({ email });
    await signInAndConsent(server, browser, { person, parameters: { scope: 'openid' } });
    server.clock.advance(MINUTE);
    return { person };
  }

  async function stepUp(wish: Parameters): ReturnType<typeof setUpApp> {
    const offer = await visit(wish);
    expect(offer.page).toContain('The app asks for more than a password');
    expect(hasForm(offer.page, 'password')).toBe(false);
    return setUpApp(server, browser, offer);
  }

  const goOnOf = (page: Visit): string =>
    (/href="([^"]*\/login\/go-on[^"]*)"/.exec(page.page)?.[1] ?? '').replaceAll('&amp;', '&');

  it.each([MUSIC, OPAQUE])('%s asks for a second factor, and gets one (RFC 9470)', async (audience) => {
    const { musicServer } = server.clients;
    const verifier = createVerifier({
      issuer: server.issuer,
      audience,
      clientId: musicServer.id,
      clientSecret: musicServer.secret ?? '',
      clock: server.clock.now,
    });
    const api = Fastify();
    api.get('/transfer', { onRequest: protect({ verifier, acrValues: [MFA] }) }, () => ({ done: true }));
    const base = await api.listen({ host: '127.0.0.1', port: 0 });
    const call = async (token: string) =>
      read(await fetch(`${base}/transfer`, { headers: { authorization: `Bearer ${token}` } }));
    try {
      await weak();
      const first = await tokensAt(await visit({ resource: audience }));
      const refused = await call(first.accessToken);
      expect(refused.status).toBe(401);
      const challenge = refused.headers.get('www-authenticate') ?? '';
      expect(challenge).toContain('error="insufficient_user_authentication"');
      const [, acr_values] = /acr_values="([^"]+)"/.exec(challenge) ?? [];
      pkce = createPkce();
      const { visit: page } = await stepUp({ resource: audience, acr_values });
      const second = await tokensAt(await browser.get(goOnOf(page)));
      expect((await call(second.accessToken)).status).toBe(200);
      expect((await call(first.accessToken)).status).toBe(401);
    } finally {
      await api.close();
    }
  });
});
