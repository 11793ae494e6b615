// Sign-up, recovery and mailed links, as a person without scripts meets them, on either database.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { linkIn, mailTo } from '../mails.ts';
import { MINUTE } from '../movable-clock.ts';
import { hasForm, type NoScriptBrowser, titleOf, type Visit } from '../no-script-browser.ts';
import { tokenOwner, TOKENS } from '../personal-tokens.ts';
import { formsOf } from '../html-form.ts';
import { authorizeUrl, createPkce, exchange, tokensOf } from '../oauth-calls.ts';

const PASSWORD = 'a password of several words';

const fieldsOf = ({ page }: Visit) => formsOf(page)[0]?.fields ?? {};

describe.each(STORES)('accounts on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let people = 0;

  beforeAll(async () => {
    server = await startTestServer({ store, config: { sign_up: 'on' } });
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    server.clock.reset();
    // What was counted in other tests is over.
    server.clock.advance((people += 1) * 20 * MINUTE);
    browser = server.newBrowser();
  });

  const newAddress = () => `person${people}@example.test`;
  const ask = async (path: string, email: string, of = browser): Promise<Visit> =>
    of.submit(await of.get(path), { email });
  const signIn = async (email: string, password: string, of = server.newBrowser()): Promise<Visit> =>
    of.submit(await of.get('/login'), { email, password });
  const isSignedIn = ({ page }: Visit): boolean => page.includes('You are signed in.');

  async function signUp(email = newAddress(), of = browser): Promise<Visit> {
    await ask('/signup', email, of);
    const form = await of.get(linkIn(await mailTo(server, email)));
    return of.submit(form, { display_name: 'New Person', password: PASSWORD });
  }

  describe('sign-up', () => {
    it('leads by a mail to an account that is signed in', async () => {
      const email = newAddress();
      const sent = await ask('/signup', ` ${email.toUpperCase()} `);
      expect([sent.status, titleOf(sent.page)]).toEqual([200, 'Read your mail · Tessera']);
      expect(await server.tessera.store.users.findByEmail(email)).toBeUndefined();
      const mail = await mailTo(server, email);
      expect(mail.text).toContain(`${server.issuer}/verify-email?link=tsr_ml_`);
      const form = await browser.get(linkIn(mail));
      expect(form.url).toBe(`${server.base}/verify-email`);
      expect(form.page).not.toContain('tsr_ml_');
      const done = await browser.submit(form, { display_name: ' Grace ', password: PASSWORD });
      expect(isSignedIn(done)).toBe(true);
      expect(await server.tessera.store.users.findByEmail(email)).toMatchObject({
        email,
        emailVerified: true,
        displayName: 'Grace',
        role: 'member',
        status: 'active',
      });
      expect(isSignedIn(await signIn(email, PASSWORD))).toBe(true);
    });

    it('goes on to the app that waited', async () => {
      const client = server.clients.confidential;
      const pkce = createPkce();
      const login = await browser.get(authorizeUrl(server, client, pkce, { scope: 'openid' }));
      const [, toSignUp = ''] = /href="(\/signup\?interaction=[^"]+)"/.exec(login.page) ?? [];
      const email = newAddress();
      const asked = await browser.get(toSignUp.replaceAll('&amp;', '&'));
      expect(asked.page).toContain('App confidential');
      await browser.submit(asked, { email });
      const consent = await browser.submit(await browser.get(linkIn(await mailTo(server, email))), {
        display_name: 'Grace',
        password: PASSWORD,
      });
      expect(consent.page).toContain('App confidential');
      const { leftFor } = await browser.submit(consent, {}, 'allow');
      const code = leftFor?.searchParams.get('code') ?? '';
      const { redirectUri } = client;
      expect(
        tokensOf(await exchange(server, { code, verifier: pkce.verifier, redirectUri, location: leftFor! })),
      ).toHaveProperty('idToken');
    });

    it('in another browser makes the account there, and leaves the first one alone', async () => {
      const email = newAddress();
      await ask('/signup', email);
      const other = server.newBrowser();
      const form = await other.get(linkIn(await mailTo(server, email)));
      expect(isSignedIn(await other.submit(form, { display_name: 'Grace', password: PASSWORD }))).toBe(true);
      expect(isSignedIn(await browser.get('/login'))).toBe(false);
    });

    it.each([
      [
        'a password that is too short',
        { display_name: 'Grace', password: 'short' },
        'This password is too short.',
      ],
      [
        'a password that is too long',
        { display_name: 'Grace', password: 'x'.repeat(1025) },
        'This password is too long.',
      ],
      ['a name of spaces', { display_name: '   ', password: PASSWORD }, 'This cannot be a name.'],
      ['a name of two lines', { display_name: 'a\nb', password: PASSWORD }, 'This cannot be a name.'],
      ['a name with U+0000', { display_name: 'a\0b', password: PASSWORD }, 'This cannot be a name.'],
    ])('asks again for %s, and the link stays good', async (_what, typed, problem) => {
      const email = newAddress();
      await ask('/signup', email);
      const form = await browser.get(linkIn(await mailTo(server, email)));
      const refused = await browser.submit(form, typed);
      expect([refused.status, refused.page.includes(problem)]).toEqual([400, true]);
      const done = await browser.submit(refused, { display_name: 'Grace', password: PASSWORD });
      expect(isSignedIn(done)).toBe(true);
    });

    it.each([
      '',
      'no address',
      'a@b\r\nBcc: eve@example.test',
      '"x y"@example.test',
      'a@example.test,b@example.test',
    ])('takes no %j for an address', async (email) => {
      const refused = await browser.submit(await browser.get('/signup'), { email });
      expect([refused.status, refused.page.includes('This is not an email address.')]).toEqual([400, true]);
    });
  });

  describe('a link', () => {
    it('works once, also for sixteen at the same moment (US-04)', async () => {
      const email = newAddress();
      await ask('/signup', email);
      const form = await browser.get(linkIn(await mailTo(server, email)));
      const answers = await Promise.all(
        Array.from({ length: 16 }, () => browser.submit(form, { display_name: 'Grace', password: PASSWORD })),
      );
      expect(answers.filter(isSignedIn)).toHaveLength(1);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400]));
    });

    it('changes a password once, also for sixteen at the same moment (US-04)', async () => {
      const email = newAddress();
      await signUp(email);
      await ask('/recover', email);
      const form = await browser.get(linkIn(await mailTo(server, email, 2)));
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) => browser.submit(form, { password: `${PASSWORD} ${index}` })),
      );
      expect(answers.filter(({ url }) => url.includes('notice=password_changed'))).toHaveLength(1);
    });

    it('ends after fifteen minutes, to the millisecond', async () => {
      server.clock.stopAt(Date.now() + people * 20 * MINUTE);
      const email = newAddress();
      await ask('/signup', email);
      const link = linkIn(await mailTo(server, email));
      server.clock.advance(15 * MINUTE - 1);
      const form = await browser.get(link);
      expect(form.status).toBe(200);
      server.clock.advance(1);
      const late = await browser.submit(form, { display_name: 'Grace', password: PASSWORD });
      expect([late.status, titleOf(late.page)]).toEqual([400, 'This link is not good any more · Tessera']);
      expect((await browser.get(link)).status).toBe(400);
      expect(await server.tessera.store.users.findByEmail(email)).toBeUndefined();
    });

    it('is not used up by looking at it', async () => {
      const email = newAddress();
      await ask('/signup', email);
      const link = linkIn(await mailTo(server, email));
      for (const method of ['GET', 'HEAD', 'GET']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const looked = await fetch(link, { method, redirect: 'manual' });
        expect([
          looked.status,
          looked.headers.get('location'),
          looked.headers.get('referrer-policy'),
        ]).toEqual([303, '/verify-email', 'no-referrer']);
      }
      const form = await browser.get(link);
      expect(hasForm(form.page, 'display_name', 'password')).toBe(true);
    });

    it('of a recovery is good for nothing else, nor one of sign-up for a password (US-06)', async () => {
      const [email, password] = [newAddress(), 'another password altogether'];
      await signUp(email);
      await ask('/recover', email);
      const secret = new URL(linkIn(await mailTo(server, email, 2))).search;
      const elsewhere = server.newBrowser();
      expect((await elsewhere.get(`/verify-email${secret}`)).status).toBe(400);
      await ask('/signup', `other.${email}`);
      const ofSignUp = new URL(linkIn(await mailTo(server, `other.${email}`))).search;
      const visit = await elsewhere.get(`/recover${ofSignUp}`);
      expect([visit.url, visit.status]).toEqual([`${server.base}/recover/new-password`, 400]);
      const forced = await elsewhere.post('/recover/new-password', { password });
      expect(forced.status).toBe(400);
      expect(isSignedIn(await signIn(email, PASSWORD))).toBe(true);
    });

    it('names the issuer, whatever host the request named (US-04)', async () => {
      const email = newAddress();
      const page = await browser.get('/recover');
      const [, formToken = ''] = /name="form_token" value="([^"]+)"/.exec(page.page) ?? [];
      await fetch(`${server.base}/recover`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          origin: server.issuer,
          host: 'evil.example',
          'x-forwarded-host': 'evil.example',
          forwarded: 'host=evil.example',
        },
        body: new URLSearchParams({ email, form_token: formToken }).toString(),
      });
      const { text } = await mailTo(server, email);
      expect(text).not.toContain('evil.example');
      expect(text.match(/https?:\/\/[^/\s]+/g)?.every((origin) => origin === server.issuer)).toBe(true);
    });
  });

  describe('recovery', () => {
    it('changes the password, and signs out whoever was signed in, this browser too', async () => {
      const email = newAddress();
      await signUp(email);
      const elsewhere = server.newBrowser();
      await signIn(email, PASSWORD, elsewhere);
      await ask('/recover', email);
      const form = await browser.get(linkIn(await mailTo(server, email, 2)));
      expect(form.url).toBe(`${server.base}/recover/new-password`);
      const done = await browser.submit(form, { password: 'another one altogether' });
      expect(done.url).toContain('/login?notice=password_changed');
      expect(done.page).toContain('Your password is saved.');
      expect(isSignedIn(await browser.get('/login'))).toBe(false);
      expect(isSignedIn(await elsewhere.get('/login'))).toBe(false);
      expect((await signIn(email, PASSWORD)).status).toBe(401);
      expect(isSignedIn(await signIn(email, 'another one altogether'))).toBe(true);
      expect((await mailTo(server, email, 3)).purpose).toBe('password_changed');
    });

    it('asks what becomes of personal access tokens, where there are some: they end unless the box is empty', async () => {
      const owner = await tokenOwner(server, newAddress());
      await ask('/recover', owner.email);
      const none = await browser.get(linkIn(await mailTo(server, owner.email)));
      expect(none.page).not.toContain('end_tokens');
      const { id } = await owner.make();
      const form = await browser.get('/recover/new-password');
      expect(form.page).toContain('End my personal access tokens');
      const refused = await browser.post(form.url, { ...fieldsOf(form), end_tokens: '', password: 'short' });
      expect(refused.page).not.toMatch(/name="end_tokens"[^>]* checked/);
      const state = async () => (await owner.call('GET', `${TOKENS}/${id}`)).body['status'];
      const { end_tokens: _, ...kept } = fieldsOf(form);
      await browser.post(form.url, { ...kept, password: 'another one altogether' });
      expect(await state()).toBe('active');
      await ask('/recover', owner.email);
      const again = await browser.get(linkIn(await mailTo(server, owner.email, 4, 'recovery')));
      await browser.submit(again, { password: 'a third one altogether' });
      expect(await state()).toBe('revoked');
    });

    it('is over for every other link once the password has changed (US-04)', async () => {
      const email = newAddress();
      await signUp(email);
      await ask('/recover', email);
      const first = linkIn(await mailTo(server, email, 2));
      await ask('/recover', email);
      const second = linkIn(await mailTo(server, email, 3));
      await browser.submit(await browser.get(second), { password: 'another one altogether' });
      expect((await browser.get(first)).status).toBe(400);
    });

    it('does nothing for a disabled account', async () => {
      const { user, email } = await server.registerPerson({ email: newAddress() });
      const { users } = server.tessera.store;
      await ask('/recover', email);
      const form = await browser.get(linkIn(await mailTo(server, email)));
      const [event] = await server.auditEvents('user.created');
      await users.update(
        { ...user, status: 'disabled', updatedAt: user.updatedAt + 1 },
        { ...event!, id: `evt_${email}` },
      );
      expect((await browser.submit(form, { password: PASSWORD })).status).toBe(400);
      await ask('/recover', email);
      expect((await mailTo(server, email, 2)).purpose).toBe('recovery_unknown');
    });
  });

  describe('a step cannot be left out (US-06)', () => {
    it.each([
      ['/signup', {}],
      ['/recover', {}],
      ['/verify-email', {}],
      ['/verify-email', { display_name: 'Grace', password: PASSWORD }],
      ['/recover/new-password', {}],
      ['/recover/new-password', { password: PASSWORD }],
      ['/login', {}],
    ])('%s with %j', async (path, fields) => {
      const before = (await server.auditEvents()).length;
      const stranger = server.newBrowser();
      const answer = await stranger.post(path, fields);
      expect([400, 403]).toContain(answer.status);
      expect([...stranger.cookies.keys()].filter((name) => name.endsWith('session'))).toEqual([]);
      expect((await server.auditEvents()).length).toBe(before);
    });

    it('nor a form be sent from elsewhere', async () => {
      const email = newAddress();
      await ask('/signup', email);
      const form = await browser.get(linkIn(await mailTo(server, email)));
      const [, formToken = ''] = /name="form_token" value="([^"]+)"/.exec(form.page) ?? [];
      const fields = { form_token: formToken, display_name: 'Grace', password: PASSWORD };
      const foreign = await browser.post('/verify-email', fields, { origin: 'https://evil.example' });
      expect(foreign.status).toBe(403);
      expect((await server.newBrowser().post('/verify-email', fields)).status).toBe(400);
      expect(await server.tessera.store.users.findByEmail(email)).toBeUndefined();
    });
  });

  describe('whether there is an account (US-01)', () => {
    /** An answer without what differs from request to request and from page to page of the same browser. */
    const told = ({ status, headers, page }: Visit, email: string) => ({
      status,
      page: page
        .replaceAll(email, 'EMAIL')
        .replaceAll(/[\w-]{43,}/g, (random) => `RANDOM ${random.length}`)
        .replaceAll(/req_[\w-]+/g, 'REQUEST'),
      headers: [...headers]
        .filter(([name]) => name !== 'date' && name !== 'set-cookie')
        // It follows the clock, to the second.
        .map(([name, value]) => [name, name === 'retry-after' ? 'SECONDS' : value] as const)
        .map(([name, value]) => [name, value.replaceAll(/req_[\w-]+/g, 'REQUEST')])
        .toSorted(([one = ''], [other = '']) => one.localeCompare(other)),
    });

    it.each([
      ['/signup', {}],
      ['/recover', {}],
      ['/login', { password: 'not the password' }],
    ])('is not told by %s, at whichever try', async (path, more) => {
      const known = newAddress();
      const unknown = known.replace('person', 'nobody');
      await server.registerPerson({ email: known });
      for (let tried = 0; tried < 11; tried += 1) {
        const answers = [];
        for (const email of [known, unknown]) {
          const of = server.newBrowser();
          // oxlint-disable-next-line no-await-in-loop -- one try after the other
          answers.push(told(await of.submit(await of.get(path), { email, ...more }), email));
        }
        expect(answers[1]).toEqual(answers[0]);
      }
    });

    it.each(['/signup', '/recover'])('%s writes as much either way', async (path) => {
      const known = newAddress();
      await server.registerPerson({ email: known });
      const events = (await server.auditEvents()).length;
      await ask(path, known);
      const withAccount = (await server.auditEvents()).length - events;
      await ask(path, `un${known}`);
      expect((await server.auditEvents()).length - events).toBe(2 * withAccount);
      await Promise.all([mailTo(server, known), mailTo(server, `un${known}`)]);
    });
  });

  it('mails are limited by who gets them and by who asks, however they are written (US-02)', async () => {
    const email = newAddress();
    const { page } = await browser.get('/recover');
    const [, form_token = ''] = /name="form_token" value="([^"]+)"/.exec(page) ?? [];
    const send = (spelled: string, headers = {}) =>
      browser.post('/recover', { email: spelled, form_token, junk: `${spelled} ${Math.random()}` }, headers);
    const statuses: number[] = [];
    for (const spelled of [email, email.toUpperCase(), ` ${email}`, `${email} `]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      statuses.push((await send(spelled)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    const forged = await send(email, {
      'x-forwarded-for': '198.51.100.7',
      forwarded: 'for=198.51.100.7',
      'x-real-ip': '198.51.100.7',
    });
    expect([forged.status, forged.headers.get('retry-after')]).toEqual([429, '900']);
    expect((await ask('/signup', email)).status).toBe(429);
    server.clock.advance(15 * MINUTE);
    expect((await ask('/recover', email)).status).toBe(200);
    await mailTo(server, email, 4);
  });

  it('no cookie can be made up or changed (US-07)', async () => {
    const email = newAddress();
    await signUp(email);
    await ask('/recover', email);
    const form = await browser.get(linkIn(await mailTo(server, email, 2)));
    const known = new Map(browser.cookies);
    expect(known.size).toBe(3);
    const flipped = (value: string, at: number) =>
      `${value.slice(0, at)}${value[at] === 'A' ? 'B' : 'A'}${value.slice(at + 1)}`;
    for (const [name, value] of known) {
      for (let at = 0; at < value.length; at += name.endsWith('browser') ? 1 : 4) {
        browser.cookies.clear();
        for (const [other, kept] of known) browser.cookies.set(other, kept);
        browser.cookies.set(name, flipped(value, at));
        // oxlint-disable-next-line no-await-in-loop -- a cookie each
        const page = name.endsWith('session') ? await browser.get('/login') : undefined;
        if (page !== undefined) {
          expect(isSignedIn(page)).toBe(false);
          continue;
        }
        // oxlint-disable-next-line no-await-in-loop -- a cookie each
        const answer = await browser.submit(form, { password: 'a password of somebody else' });
        expect([400, 403]).toContain(answer.status);
      }
    }
    expect(isSignedIn(await signIn(email, PASSWORD))).toBe(true);
  });

  it('nothing that was typed or mailed is in the log', async () => {
    const email = newAddress();
    await signUp(email);
    await ask('/recover', email);
    const secret = new URL(linkIn(await mailTo(server, email, 2))).searchParams.get('link') ?? '';
    const log = server.log.join('\n');
    expect(log).not.toContain('tsr_ml_');
    expect(log).not.toContain(secret.slice(7));
    expect(log).not.toContain(email);
    expect(log).not.toContain(PASSWORD);
  });
});
