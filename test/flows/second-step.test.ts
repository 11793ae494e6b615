// The second step of a sign-in: it cannot be skipped, its codes count once, and guessing ends.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { findForm, hasForm, type NoScriptBrowser, titleOf, type Visit } from '../no-script-browser.ts';
import {
  codeFields,
  isSecondStep,
  registerWithFactors,
  setUpApp,
  signIn,
  typePassword,
  type WithFactors,
} from '../second-factors.ts';
import { askedBy, SoftwareAuthenticator, submitPasskey } from '../software-authenticator.ts';

const MINUTE = 60_000;

describe.each(STORES)('the second step on %s', (store) => {
  let server: TestServer;
  let strong: WithFactors;
  let browser: NoScriptBrowser;

  beforeAll(async () => {
    server = await startTestServer({ store });
    strong = await registerWithFactors(server);
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    // Beyond every window: what a test before this one used or counted does not matter any more.
    server.clock.advance(16 * MINUTE);
    browser = server.newBrowser();
  });

  const sessionOf = (of = browser): string | undefined =>
    [...of.cookies].find(([name]) => name.endsWith('-session'))?.[1];
  const toSecondStep = async (of = browser): Promise<Visit> => {
    const visit = await signIn(server, of, strong.person);
    expect(isSecondStep(visit)).toBe(true);
    return visit;
  };
  const code = (skew = 0): string => strong.app.code(server.clock.now(), skew);
  const isSignedIn = (visit: Visit): boolean => visit.page.includes('You are signed in');

  describe('is asked for', () => {
    it('after a right password, and there is no session before it', async () => {
      await toSecondStep();
      expect(sessionOf()).toBeUndefined();
    });
    it('and not after a wrong one (US-01)', async () => {
      const wrong = await signIn(server, browser, { ...strong.person, password: 'wrong horse battery' });
      expect(hasForm(wrong.page, 'email', 'password')).toBe(true);
      expect(wrong.status).toBe(401);
    });
    it('and not of somebody without a factor', async () => {
      expect(isSignedIn(await signIn(server, browser, server.person))).toBe(true);
    });
  });

  describe('is passed', () => {
    it('with a code of the app', async () => {
      expect(isSignedIn(await browser.submit(await toSecondStep(), { code: code() }))).toBe(true);
      expect(sessionOf()).toMatch(/^tsr_se_/);
      const [event] = await server.auditEvents('sign_in');
      expect(event).toMatchObject({ outcome: 'success', detail: { amr: 'pwd otp mfa' } });
    });
    it.each([-1, 1])('with the code of a clock that is off by %i step', async (skew) => {
      expect(isSignedIn(await browser.submit(await toSecondStep(), { code: code(skew) }))).toBe(true);
    });
    it('with a passkey, verified or not', async () => {
      for (const userVerified of [true, false]) {
        const of = server.newBrowser();
        // oxlint-disable-next-line no-await-in-loop -- one person, one after the other
        const done = await submitPasskey(of, await toSecondStep(of), strong.passkey, { userVerified });
        expect(isSignedIn(done)).toBe(true);
      }
      const [event] = await server.auditEvents('sign_in');
      expect(event).toMatchObject({ detail: { amr: 'pwd swk user mfa' } });
    });
    it('with a recovery code, once, however it is typed', async () => {
      const [first = '', second = ''] = strong.codes;
      expect(strong.codes).toHaveLength(10);
      const typed = ` ${first.toLowerCase().replaceAll('-', ' ')} `;
      expect(isSignedIn(await useRecoveryCode(typed))).toBe(true);
      browser = server.newBrowser();
      expect((await useRecoveryCode(first)).status).toBe(401);
      browser = server.newBrowser();
      expect(isSignedIn(await useRecoveryCode(second))).toBe(true);
      expect(await server.auditEvents('recovery_code.used')).toHaveLength(2);
      const { recoveryCodesLeft } = await server.tessera.store.secondFactors.of(strong.person.user.id);
      expect(recoveryCodesLeft).toBe(8);
    });
  });

  async function useRecoveryCode(typed: string): Promise<Visit> {
    const { url } = await toSecondStep();
    const page = await browser.get(`${url}&with=recovery_code`);
    expect(page.page).toContain('name="kind" value="recovery_code"');
    return browser.submit(page, { code: typed });
  }

  describe('refuses a code', () => {
    it.each([
      ['of two steps before (US-03)', -2],
      ['of two steps after (US-03)', 2],
    ])('%s', async (_name, skew) => {
      const refused = await browser.submit(await toSecondStep(), { code: code(skew) });
      expect(refused.status).toBe(401);
      expect(sessionOf()).toBeUndefined();
    });
    it('that was used, in any browser, and those before it (US-03)', async () => {
      const used = code();
      await browser.submit(await toSecondStep(), { code: used });
      const other = server.newBrowser();
      expect((await other.submit(await toSecondStep(other), { code: used })).status).toBe(401);
      const before = server.newBrowser();
      expect((await before.submit(await toSecondStep(before), { code: code(-1) })).status).toBe(401);
    });
    it('in all but one of sixteen requests side by side (US-03)', async () => {
      const typed = code();
      const browsers = Array.from({ length: 4 }, () => server.newBrowser());
      const pages = await Promise.all(browsers.map((of) => toSecondStep(of)));
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) => {
          const of = browsers[index % browsers.length]!;
          return of.submit(pages[index % pages.length]!, { code: typed });
        }),
      );
      expect(answers.filter(isSignedIn)).toHaveLength(1);
    });
    it('after five wrong ones, the right one too, whatever the browser; until a while later (US-03)', async () => {
      const page = await toSecondStep();
      for (let tried = 0; tried < 5; tried += 1) {
        // oxlint-disable-next-line no-await-in-loop -- guesses one after the other
        expect((await browser.submit(page, { code: '000000' })).status).toBe(401);
      }
      const sixth = await browser.submit(page, { code: code() });
      expect(sixth.status).toBe(429);
      expect(sixth.headers.get('retry-after')).toBe('900');
      const other = server.newBrowser();
      expect((await other.submit(await toSecondStep(other), { code: code() })).status).toBe(429);
      const passkey = server.newBrowser();
      expect(isSignedIn(await submitPasskey(passkey, await toSecondStep(passkey), strong.passkey))).toBe(
        true,
      );
      server.clock.advance(16 * MINUTE);
      expect(isSignedIn(await other.submit(await toSecondStep(other), { code: code() }))).toBe(true);
    });
    it('when sixteen guesses come side by side, all but five unseen (US-03)', async () => {
      const page = await toSecondStep();
      const guesses = Array.from({ length: 16 }, (_, index) =>
        browser.submit(page, { code: String(index).padStart(6, '0') }),
      );
      const statuses = (await Promise.all(guesses)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 401)).toHaveLength(5);
      expect(statuses.filter((status) => status === 429)).toHaveLength(11);
    });
  });

  describe('cannot be skipped (US-06)', () => {
    it('by posting to it without a step, or with nothing at all', async () => {
      await browser.get('/login');
      for (const fields of [{}, { step: '' }, { kind: 'code', code: code() }]) {
        // oxlint-disable-next-line no-await-in-loop -- three of them
        const answer = await browser.post('/login/second-step', fields);
        expect(answer.status).toBe(403);
        expect(sessionOf()).toBeUndefined();
      }
    });
    it('by an empty answer of any kind', async () => {
      const page = await toSecondStep();
      const { code: _typed, kind: _kind, ...fields } = codeFields(page);
      for (const kind of ['code', 'recovery_code', 'passkey', '', 'none', 'pwd']) {
        // oxlint-disable-next-line no-await-in-loop -- six of them
        const answer = await browser.post('/login/second-step', { ...fields, kind });
        expect([401, 403, 429]).toContain(answer.status);
        expect(sessionOf()).toBeUndefined();
      }
    });
    it('by setting up another factor instead', async () => {
      const { step = '', form_token = '' } = codeFields(await toSecondStep());
      const led = await browser.get(`/login/set-up?step=${step}`);
      expect(isSecondStep(led)).toBe(true);
      for (const kind of ['app', 'passkey', 'not_now']) {
        // oxlint-disable-next-line no-await-in-loop -- three of them
        const posted = await browser.post('/login/set-up', { step, form_token, kind, asked: 'x' });
        expect(isSecondStep(posted)).toBe(true);
      }
      expect(sessionOf()).toBeUndefined();
      expect((await browser.get('/login/go-on')).page).toContain('name="password"');
    });
    it('by going on', async () => {
      await toSecondStep();
      expect(hasForm((await browser.get('/login/go-on')).page, 'email', 'password')).toBe(true);
      expect((await browser.get('/device')).page).toContain('name="password"');
    });
    it('with the step of another browser', async () => {
      const fields = codeFields(await toSecondStep());
      const thief = server.newBrowser();
      await thief.get('/login');
      const answer = await thief.post('/login/second-step', { ...fields, code: code() });
      expect(answer.status).toBe(403);
      expect(sessionOf(thief)).toBeUndefined();
    });
    it('with a step that is changed in any byte (US-07)', async () => {
      const fields = codeFields(await toSecondStep());
      const step = fields['step'] ?? '';
      const at = Array.from({ length: 24 }, (_, index) => Math.floor((index * step.length) / 24));
      const answers = await Promise.all(
        at.map((place) => {
          const other = step[place] === 'A' ? 'B' : 'A';
          const changed = step.slice(0, place) + other + step.slice(place + 1);
          return browser.post('/login/second-step', { ...fields, step: changed, code: code() });
        }),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
      expect(sessionOf()).toBeUndefined();
    });
    it('with a step that is too old', async () => {
      const page = await toSecondStep();
      server.clock.advance(10 * MINUTE);
      expect((await browser.submit(page, { code: code() })).status).toBe(403);
    });
    it('with a step that was finished', async () => {
      const page = await toSecondStep();
      await browser.submit(page, { code: code() });
      await browser.get('/logout');
      browser.cookies.delete([...browser.cookies.keys()].find((name) => name.endsWith('-session')) ?? '');
      server.clock.advance(MINUTE);
      const again = await browser.submit(page, { code: code() });
      expect(again.status).toBe(403);
      expect(sessionOf()).toBeUndefined();
    });
    it('with a step from before the password was changed', async () => {
      const { person, app } = await registerWithFactors(server);
      const page = await typePassword(browser, await browser.get('/login'), person);
      const { users } = server.tessera.store;
      const user = await users.find(person.user.id);
      const passwordHash = await server.tessera.passwords.hashPassword('another horse battery');
      const [audit] = await server.auditEvents('user.created');
      const change = { ...audit!, id: 'evt_changed_password', type: 'user.updated' } as const;
      await users.update({ ...user!, passwordHash, updatedAt: user!.updatedAt + 1 }, change);
      const answer = await browser.submit(page, { code: app.code(server.clock.now()) });
      expect(answer.status).toBe(403);
      expect(sessionOf()).toBeUndefined();
    });
    it('by a form of another site', async () => {
      const fields = codeFields(await toSecondStep());
      const answer = await browser.post(
        '/login/second-step',
        { ...fields, code: code() },
        { origin: 'https://evil.example' },
      );
      expect(answer.status).toBe(403);
      expect(sessionOf()).toBeUndefined();
    });
  });

  describe('refuses a passkey', () => {
    it.each<[string, Parameters<SoftwareAuthenticator['get']>[1]]>([
      ['of another origin', { origin: 'https://evil.example' }],
      ['for another relying party', { rpId: 'evil.example' }],
      ['for another challenge', { challenge: 'A'.repeat(43) }],
      ['that answers something else', { type: 'webauthn.create' }],
      ['in a frame of another site', { crossOrigin: true }],
      ['that nobody touched', { userPresent: false }],
      ['signed with another key', { wrongKey: true }],
      ['of another person, by its own word', { userHandle: Buffer.from('usr_other').toString('base64url') }],
    ])('%s', async (_name, details) => {
      const page = await toSecondStep();
      expect((await submitPasskey(browser, page, strong.passkey, details)).status).toBe(401);
      expect(sessionOf()).toBeUndefined();
    });
    it('of another person', async () => {
      const other = await registerWithFactors(server);
      const page = await toSecondStep();
      const { userHandle } = strong.passkey.credential!;
      expect((await submitPasskey(browser, page, other.passkey, { userHandle })).status).toBe(401);
      expect((await submitPasskey(browser, page, other.passkey)).status).toBe(401);
    });
    it('whose answer was sent before', async () => {
      const page = await toSecondStep();
      const form = findForm(page.page, ['passkey', 'asked']);
      const passkey = strong.passkey.get(askedBy(page));
      const fields = { ...form.fields, passkey };
      const [first, second] = await Promise.all([
        browser.post('/login/second-step', fields),
        browser.post('/login/second-step', fields),
      ]);
      expect([first, second].filter(isSignedIn)).toHaveLength(1);
    });
    it('that does not count on: there may be a copy of it, and that is written down', async () => {
      const before = strong.passkey.signCount;
      const page = await toSecondStep();
      const answer = await submitPasskey(browser, page, strong.passkey, { signCount: before });
      expect(answer.status).toBe(401);
      const [event] = await server.auditEvents('passkey.copy_suspected');
      expect(event).toMatchObject({
        userId: strong.person.user.id,
        detail: { known_count: before, said_count: before },
      });
    });
    it('that is not JSON of a credential', async () => {
      const page = await toSecondStep();
      const { fields } = findForm(page.page, ['passkey', 'asked']);
      for (const passkey of ['', '{', 'null', '[]', '{"id":1}', '{"id":"x","rawId":"x","response":{}}']) {
        // oxlint-disable-next-line no-await-in-loop -- six of them
        const answer = await browser.post('/login/second-step', { ...fields, passkey });
        expect(answer.status).toBe(401);
      }
    });
  });

  it('is no way to lock somebody out of their other ways', async () => {
    const { person } = await registerWithFactors(server);
    const one = server.newBrowser();
    const page = await typePassword(one, await one.get('/login'), person);
    expect(titleOf(page.page)).toContain('Show that it is you');
    expect(hasForm(page.page, 'code')).toBe(true);
    expect(page.page).toContain('Use a recovery code');
    expect(page.page).toContain('data-passkey="get"');
  });
});

describe('where everybody needs a second factor', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ store: 'sqlite', config: { second_factor: 'required' } });
  });
  afterAll(() => server?.close());

  it('a person sets one up when they sign in, and is in only then', async () => {
    const browser = server.newBrowser();
    const offer = await signIn(server, browser, server.person);
    expect(offer.page).toContain('Everybody here signs in with more than a password');
    expect([...browser.cookies.keys()].some((name) => name.endsWith('-session'))).toBe(false);
    expect(hasForm((await browser.get('/login')).page, 'password')).toBe(true);
    const { app, codes, visit } = await setUpApp(server, browser, offer);
    expect(visit.page).toContain('Keep these recovery codes');
    expect(codes).toHaveLength(10);
    expect((await browser.get('/login')).page).toContain('You are signed in');
    server.clock.advance(60_000);
    const second = server.newBrowser();
    const page = await signIn(server, second, server.person);
    expect(isSecondStep(page)).toBe(true);
    const done = await second.submit(page, { code: app.code(server.clock.now()) });
    expect(done.page).toContain('1 authenticator app');
  });

  it('a passkey does as well, and a wrong code of a new app is told so', async () => {
    const person = await server.registerPerson({ email: 'new@example.test' });
    const browser = server.newBrowser();
    const offer = await signIn(server, browser, person);
    const added = await submitPasskey(browser, offer, new SoftwareAuthenticator(server.issuer));
    expect(added.page).toContain('Your passkey is added');
    const other = await server.registerPerson({ email: 'newer@example.test' });
    const of = server.newBrowser();
    const choice = await signIn(server, of, other);
    const url = /href="([^"]+)">Set up an app/.exec(choice.page)?.[1] ?? '';
    const page = await of.get(url.replaceAll('&amp;', '&'));
    const wrong = await of.submit(page, { code: '000000' });
    expect(wrong.status).toBe(400);
    expect(/class="seed">([^<]+)</.exec(wrong.page)?.[1]).toBe(/class="seed">([^<]+)</.exec(page.page)?.[1]);
  });

  it('of two who know a password, only the first sets up a factor', async () => {
    const person = await server.registerPerson({ email: 'race@example.test' });
    const [one, two] = [server.newBrowser(), server.newBrowser()];
    const offers = [await signIn(server, one, person), await signIn(server, two, person)];
    const [first, second] = await Promise.all([
      submitPasskey(one, offers[0]!, new SoftwareAuthenticator(server.issuer)),
      submitPasskey(two, offers[1]!, new SoftwareAuthenticator(server.issuer)),
    ]);
    const added = [first, second].filter((visit) => visit?.page.includes('Your passkey is added'));
    expect(added).toHaveLength(1);
    expect((await server.tessera.store.secondFactors.of(person.user.id)).passkeys).toHaveLength(1);
  });
});
