// The pages of sign-in, consent and sign-out: forged forms, stolen interactions, fixed sessions, and their headers.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { findForm, hasForm, type NoScriptBrowser, type Visit } from '../no-script-browser.ts';
import { authorizeUrl, createPkce, finish, signInAndConsent } from '../oauth-calls.ts';

type Fields = Readonly<Record<string, string>>;
type HeaderFields = Readonly<Record<string, string>>;

describe.each(STORES)('the pages on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;

  beforeAll(async () => {
    server = await startTestServer({ store });
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    browser = server.newBrowser();
  });

  const credentials = (): Fields => ({ email: server.person.email, password: server.person.password });
  const start = (of = browser, parameters: Fields = {}): Promise<Visit> =>
    of.get(
      authorizeUrl(server, server.clients.confidential, createPkce(), { scope: 'openid', ...parameters }),
    );
  const toConsent = async (of = browser): Promise<Visit> => {
    const page = await start(of, { prompt: 'consent' });
    return hasForm(page.page, 'password') ? of.submit(page, credentials()) : page;
  };
  const fieldsOf = (visit: Visit, button?: string): Fields =>
    findForm(visit.page, ['form_token'], button).fields;
  const sessionOf = (of: NoScriptBrowser): string | undefined =>
    [...of.cookies].find(([name]) => name.endsWith('-session'))?.[1];

  /** Requests that a page of another site, or another window, could bring about. */
  const FORGERIES: readonly (readonly [string, (fields: Fields) => Fields, HeaderFields])[] = [
    ['without form token', ({ form_token: _without, ...fields }) => fields, {}],
    ['with an empty form token', (fields) => ({ ...fields, form_token: '' }), {}],
    ['with an invented form token', (fields) => ({ ...fields, form_token: 'A'.repeat(43) }), {}],
    [
      'from another site',
      (fields) => fields,
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    ],
    ['from a sandbox', (fields) => fields, { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    [
      'from a site whose name begins like ours',
      (fields) => fields,
      { origin: 'http://localhost.evil.example' },
    ],
    ['from another port', (fields) => fields, { origin: 'http://localhost:1' }],
  ];

  describe('refuse a sign-in', () => {
    it.each(FORGERIES)('%s (AZ-71)', async (_name, forge, headers) => {
      const page = await start();
      const answer = await browser.post('/login', { ...forge(fieldsOf(page)), ...credentials() }, headers);
      expect(answer.status).toBe(403);
      expect(sessionOf(browser)).toBeUndefined();
    });

    it('with the form token of another browser (AZ-71)', async () => {
      const other = fieldsOf(await start(server.newBrowser()));
      const own = fieldsOf(await start());
      const forged = { ...own, form_token: other['form_token'] ?? '', ...credentials() };
      expect(await browser.post('/login', forged)).toMatchObject({ status: 403 });
      expect(sessionOf(browser)).toBeUndefined();
    });

    it('by GET (AZ-71)', async () => {
      const fields = fieldsOf(await start());
      await browser.get(`/login?${new URLSearchParams({ ...fields, ...credentials() })}`);
      expect(sessionOf(browser)).toBeUndefined();
    });

    it.each(['text/plain', 'application/json', 'multipart/form-data; boundary=x'])(
      'as %s (AZ-71)',
      async (type) => {
        const fields = { ...fieldsOf(await start()), ...credentials() };
        expect(await browser.post('/login', fields, { 'content-type': type })).toMatchObject({ status: 415 });
        expect(sessionOf(browser)).toBeUndefined();
      },
    );

    it.each([
      ['a wrong password', { password: 'wrong' }],
      ['no password (US-06)', { password: '' }],
      ['no email (US-06)', { email: '' }],
      ['an unknown account (US-01)', { email: 'nobody@example.test' }],
      ['an email with NUL', { email: 'ada@example.test\0' }],
      ['a password of 100 kB', { password: 'x'.repeat(100_000) }],
    ])('with %s, always in the same words', async (_name, typed) => {
      const page = await start();
      const answer = await browser.submit(page, { ...credentials(), ...typed });
      expect(sessionOf(browser)).toBeUndefined();
      expect(answer.leftFor).toBeUndefined();
      if (!('password' in typed) || typed.password.length < 1000) {
        expect(answer.status).toBe(401);
        expect(answer.page).toContain('This email and password do not match an account.');
      } else {
        expect(answer.status).toBeLessThan(500);
      }
    });
  });

  describe('refuse a consent', () => {
    it.each(FORGERIES)('%s (AZ-71)', async (_name, forge, headers) => {
      const page = await toConsent();
      const before = await grantCount();
      const answer = await browser.post(
        '/consent',
        { ...forge(fieldsOf(page, 'allow')), decision: 'allow' },
        headers,
      );
      expect(answer.status).toBe(403);
      expect(await grantCount()).toBe(before);
    });

    it('with the form token of another session (AZ-71)', async () => {
      const person = await server.registerPerson({ email: `other-${store}@example.test` });
      const attacker = server.newBrowser();
      const page = await start(attacker, { prompt: 'consent' });
      const { email, password } = person;
      const theirs = fieldsOf(await attacker.submit(page, { email, password }), 'allow');
      const own = fieldsOf(await toConsent(), 'allow');
      const forged = { ...own, form_token: theirs['form_token'] ?? '', decision: 'allow' };
      expect(await browser.post('/consent', forged)).toMatchObject({ status: 403 });
    });

    it('by GET (AZ-71)', async () => {
      const fields = fieldsOf(await toConsent(), 'allow');
      const before = await grantCount();
      const answer = await browser.get(`/consent?${new URLSearchParams({ ...fields, decision: 'allow' })}`);
      expect(answer.leftFor).toBeUndefined();
      expect(await grantCount()).toBe(before);
    });

    it.each(['', 'ALLOW', 'yes', 'true'])('that says %j (US-06)', async (decision) => {
      const fields = fieldsOf(await toConsent(), 'allow');
      expect(await browser.post('/consent', { ...fields, decision })).toMatchObject({ status: 400 });
    });

    async function grantCount(): Promise<number> {
      const { items } = await server.tessera.store.grants.list(
        { userId: server.person.user.id },
        { limit: 200 },
      );
      return items.length;
    }
  });

  describe('do not carry an interaction of one browser on in another (AZ-72)', () => {
    it('to sign in', async () => {
      const victim = server.newBrowser();
      const { interaction = '' } = fieldsOf(await start(victim));
      expect(await browser.get(`/login?interaction=${interaction}`)).toMatchObject({ status: 400 });
      const own = fieldsOf(await start());
      const answer = await browser.post('/login', { ...own, interaction, ...credentials() });
      expect(answer.status).toBe(400);
      expect(sessionOf(browser)).toBeUndefined();
    });

    it('to consent', async () => {
      const victim = server.newBrowser();
      const { interaction = '' } = fieldsOf(await toConsent(victim), 'allow');
      const own = fieldsOf(await toConsent(), 'allow');
      expect(await browser.get(`/consent?interaction=${interaction}`)).toMatchObject({ status: 400 });
      const answer = await browser.post('/consent', { ...own, interaction, decision: 'allow' });
      expect(answer.status).toBe(400);
      expect(answer.leftFor).toBeUndefined();
    });

    it('nor one that was changed, nor one that is too old', async () => {
      const { interaction = '' } = fieldsOf(await start());
      const middle = Math.floor(interaction.length / 2);
      const flipped = interaction[middle] === 'A' ? 'B' : 'A';
      const changed = `${interaction.slice(0, middle)}${flipped}${interaction.slice(middle + 1)}`;
      for (const value of [
        changed,
        interaction.slice(0, -4),
        interaction.slice(0, 8),
        'x',
        'x'.repeat(5000),
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- one browser
        expect(await browser.get(`/login?interaction=${value}`)).toMatchObject({ status: 400 });
      }
      expect(await browser.get(`/login?interaction=${interaction}`)).toMatchObject({ status: 200 });
      server.clock.advance(60 * 60_000);
      expect(await browser.get(`/login?interaction=${interaction}`)).toMatchObject({ status: 400 });
      server.clock.reset();
    });

    it('and consent without a session leads to the sign-in', async () => {
      const page = await toConsent();
      const { interaction = '' } = fieldsOf(page, 'allow');
      for (const name of browser.cookies.keys()) if (name.endsWith('-session')) browser.cookies.delete(name);
      const answer = await browser.get(`/consent?interaction=${interaction}`);
      expect(hasForm(answer.page, 'email', 'password')).toBe(true);
    });
  });

  describe('keep sessions apart (AZ-73)', () => {
    it('a session that was set before the sign-in is not taken over', async () => {
      const attacker = server.newBrowser();
      await signInAndConsent(server, attacker);
      const fixed = sessionOf(attacker) ?? '';
      const name = [...attacker.cookies.keys()].find((key) => key.endsWith('-session')) ?? '';
      browser.cookies.set(name, fixed);
      await browser.submit(await start(browser, { prompt: 'login' }), credentials());
      expect(sessionOf(browser)).not.toBe(fixed);
    });

    it('the session changes with every sign-in, and the old one is dead', async () => {
      await signInAndConsent(server, browser);
      const first = sessionOf(browser) ?? '';
      const name = [...browser.cookies.keys()].find((key) => key.endsWith('-session')) ?? '';
      await browser.submit(await start(browser, { prompt: 'login' }), credentials());
      expect(sessionOf(browser)).not.toBe(first);
      const thief = server.newBrowser();
      thief.cookies.set(name, first);
      expect(hasForm((await start(thief)).page, 'email', 'password')).toBe(true);
    });

    it('signing out ends it for good', async () => {
      await signInAndConsent(server, browser);
      const cookies = [...browser.cookies];
      const page = await browser.get('/logout');
      expect(await browser.post('/logout', { form_token: 'x' })).toMatchObject({ status: 200 });
      expect(sessionOf(browser)).toBeDefined();
      await browser.submit(page, { form_token: fieldsOf(page)['form_token'] ?? '' });
      expect(sessionOf(browser)).toBeUndefined();
      const thief = server.newBrowser();
      for (const [name, value] of cookies) thief.cookies.set(name, value);
      expect(hasForm((await start(thief)).page, 'email', 'password')).toBe(true);
    });

    it.each(FORGERIES)('nobody is signed out by a form %s (AZ-71)', async (_name, forge, headers) => {
      await signInAndConsent(server, browser, { parameters: { scope: 'openid' } });
      const fields = fieldsOf(await browser.get('/logout'));
      await browser.post('/logout', forge(fields), headers);
      expect(sessionOf(browser)).toBeDefined();
      expect((await start()).leftFor?.searchParams.get('code')).toMatch(/^tsr_ac_/);
    });

    it('each byte of the cookie counts (US-07)', async () => {
      await signInAndConsent(server, browser);
      const [name = '', value = ''] = [...browser.cookies].find(([key]) => key.endsWith('-session')) ?? [];
      for (const at of [0, 5, 8, 30, value.length - 1]) {
        const thief = server.newBrowser();
        thief.cookies.set(
          name,
          `${value.slice(0, at)}${value[at] === 'A' ? 'B' : 'A'}${value.slice(at + 1)}`,
        );
        // oxlint-disable-next-line no-await-in-loop -- five of them
        expect(hasForm((await start(thief)).page, 'email', 'password')).toBe(true);
      }
    });
  });

  it('redirect by 303 alone, so that no password is posted on (AZ-66, RFC 9700 §4.12)', async () => {
    const page = await start(browser, { prompt: 'consent' });
    const signedIn = await browser.submit(page, credentials());
    expect(signedIn.statuses.slice(0, -1).every((status) => status === 303)).toBe(true);
    const end = await finish(server, browser, signedIn);
    expect(end.statuses).toEqual([303]);
  });

  describe('are sent with headers that hold', () => {
    const PAGES: readonly (readonly [string, () => Promise<Visit>])[] = [
      ['sign-in', () => start()],
      [
        'sign-in that was refused',
        async () => browser.submit(await start(), { ...credentials(), password: 'wrong' }),
      ],
      ['consent', () => toConsent()],
      ['account', async () => (await toConsent(), browser.get('/login'))],
      ['sign-out', async () => (await toConsent(), browser.get('/logout'))],
      ['signed out', () => browser.get('/logout')],
      ['error', () => browser.get('/authorize?client_id=nope')],
      ['gone interaction', () => browser.get('/login?interaction=x')],
      ['unreadable request', () => browser.post('/login', {}, { 'content-type': 'text/plain' })],
    ];
    it.each(PAGES)('%s (AZ-68, AZ-69, AZ-70)', async (_name, open) => {
      const { headers, page } = await open();
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      // Not no-referrer: under that, browsers send the Origin of a form as null.
      expect(headers.get('referrer-policy')).toBe('same-origin');
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none';/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).toMatch(/form-action 'self'/);
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(headers.get('access-control-allow-origin')).toBeNull();
      for (const [, address = ''] of page.matchAll(/(?:src|href|action)="([^"]*)"/g)) {
        expect(address, 'nothing from elsewhere').toMatch(/^(\/(?!\/)|#)/);
      }
      expect(page).not.toMatch(/<script(?![^>]*src=)|\son\w+=|javascript:/i);
    });

    it('let the form of a page lead to the app that waits, and nowhere else (AZ-70)', async () => {
      const { headers } = await start();
      expect(headers.get('content-security-policy')).toContain(
        "form-action 'self' https://confidential.example.com;",
      );
    });

    it('and the answer that leaves for the app tells nobody where it came from (AZ-68)', async () => {
      const { headers } = await finish(server, browser, await toConsent());
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
    });
  });
});

describe('cookies (AZ-74)', () => {
  async function setCookies(issuer: string | undefined): Promise<readonly string[]> {
    const server = await startTestServer({ store: 'sqlite', ...(issuer === undefined ? {} : { issuer }) });
    try {
      const browser = server.newBrowser();
      const { location } = await signInAndConsent(server, browser);
      expect(location.searchParams.get('iss')).toBe(server.issuer);
      return browser.setCookies;
    } finally {
      await server.close();
    }
  }

  it('of an https issuer are bound to the host and travel by TLS alone', async () => {
    const lines = await setCookies('https://id.example.com');
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) {
      expect(line).toMatch(/^__Host-tessera-[\w-]+=/);
      expect(line).toMatch(/; Path=\/(;|$)/);
      expect(line).toMatch(/; HttpOnly/);
      expect(line).toMatch(/; Secure/);
      expect(line).toMatch(/; SameSite=Lax/);
      expect(line).not.toMatch(/domain/i);
    }
  });

  it('of a loopback issuer have all of that but what needs TLS', async () => {
    for (const line of await setCookies(undefined)) {
      expect(line).toMatch(/^tessera-[\w-]+=.*; Path=\/; HttpOnly; SameSite=Lax/);
      expect(line).not.toMatch(/domain|secure/i);
    }
  });
});
