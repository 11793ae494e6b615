// What a person does with their own account by the account API, on either database.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { issueAdminToken } from '../../packages/server/src/startup/first-start.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { linkIn, mailTo } from '../mails.ts';
import { MINUTE } from '../movable-clock.ts';
import type { NoScriptBrowser } from '../no-script-browser.ts';
import type { Person } from '../registrations.ts';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON of a test, which says itself what it expects in it
  readonly body: any;
}

describe.each(STORES)('the account API on %s', (store) => {
  let server: TestServer;
  let person: Person;
  let people = 0;

  beforeAll(async () => {
    server = await startTestServer({ store, config: { sign_up: 'on' } });
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    server.clock.reset();
    server.clock.advance((people += 1) * 20 * MINUTE);
    person = await server.registerPerson({ email: `own${people}@example.test` });
  });

  async function send(method: string, path: string, headers: object, body?: object): Promise<Answer> {
    const response = await fetch(`${server.base}${path}`, {
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
  }
  const byToken = async (method: string, path: string, body?: object, of = person): Promise<Answer> =>
    send(
      method,
      `/account/v1${path}`,
      { authorization: `Bearer ${await issueAdminToken(server.tessera, of.user)}` },
      body,
    );
  const byConsole = (
    browser: NoScriptBrowser,
    method: string,
    path: string,
    body?: object,
  ): Promise<Answer> =>
    send(
      method,
      `/account/v1${path}`,
      {
        cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        origin: server.issuer,
        'sec-fetch-site': 'same-origin',
        'tessera-console': '1',
      },
      body,
    );
  async function signedIn(password = person.password, email = person.email): Promise<NoScriptBrowser> {
    const browser = server.newBrowser();
    await browser.submit(await browser.get('/login'), { email, password });
    return browser;
  }
  const code = (answer: Answer): string => String(answer.body?.type).split('#')[1] ?? '';

  describe('profile', () => {
    it('is shown and changed by its owner, and nothing else of it', async () => {
      const changed = await byToken('PATCH', '/profile', {
        display_name: ' Grace ',
        claims: { locale: 'en-GB', phone_number: '+44 20 7946 0000', phone_number_verified: true },
      });
      expect(changed.status).toBe(200);
      expect(changed.body).toMatchObject({
        display_name: 'Grace',
        claims: { locale: 'en-GB', phone_number: '+44 20 7946 0000' },
        role: 'member',
        has_password: true,
      });
      expect(changed.body.claims).not.toHaveProperty('phone_number_verified');
      expect((await byToken('GET', '/profile')).body).toEqual(changed.body);
    });

    it.each([
      { role: 'admin' },
      { email: 'x@example.test' },
      { email_verified: true },
      { status: 'active' },
      { id: 'usr_x' },
    ])('takes no %j (CO-01, mass assignment)', async (body) => {
      expect((await byToken('PATCH', '/profile', body)).status).toBe(400);
      expect(await server.tessera.store.users.find(person.user.id)).toEqual(person.user);
    });
  });

  describe('another address', () => {
    it('is taken once it is confirmed, and the old one is told', async () => {
      const email = `new.${person.email}`;
      const asked = await byToken('POST', '/email', { email, current_password: person.password });
      expect([asked.status, asked.body]).toEqual([202, { expires_in: 900 }]);
      expect((await server.tessera.store.users.find(person.user.id))?.email).toBe(person.email);
      const browser = server.newBrowser();
      const form = await browser.get(linkIn(await mailTo(server, email)));
      expect(form.page).toContain(email);
      const done = await browser.submit(form, {});
      expect(done.page).toContain('Your address is confirmed');
      expect(await server.tessera.store.users.find(person.user.id)).toMatchObject({
        email,
        emailVerified: true,
      });
      expect((await mailTo(server, person.email)).purpose).toBe('email_changed');
      expect((await browser.submit(form, {})).status).toBe(400);
      expect((await byToken('GET', '/profile')).body.email).toBe(email);
    });

    it('is asked for with the same answer, whoever it belongs to (US-01)', async () => {
      const other = await server.registerPerson({ email: `other.${person.email}` });
      const told = async (email: string) => {
        const { status, headers, body } = await byToken('POST', '/email', {
          email,
          current_password: person.password,
        });
        return { status, body, headers: [...headers.keys()].toSorted((a, b) => a.localeCompare(b)) };
      };
      expect(await told(other.email)).toEqual(await told(`free.${person.email}`));
      const mail = await mailTo(server, other.email);
      expect([mail.purpose, mail.text.includes('?link=')]).toEqual(['change_email_known', false]);
    });

    it('is not taken when somebody else got it meanwhile', async () => {
      const email = `late.${person.email}`;
      await byToken('POST', '/email', { email, current_password: person.password });
      const link = linkIn(await mailTo(server, email));
      await server.registerPerson({ email });
      const browser = server.newBrowser();
      expect((await browser.submit(await browser.get(link), {})).status).toBe(400);
      expect((await server.tessera.store.users.find(person.user.id))?.email).toBe(person.email);
    });

    it.each([
      [{}, 'recent_sign_in_required', 401],
      [{ current_password: 'not the password' }, 'wrong_password', 403],
    ])('needs its owner: %j', async (proof, problem, status) => {
      const refused = await byToken('POST', '/email', { email: `x.${person.email}`, ...proof });
      expect([refused.status, code(refused)]).toEqual([status, problem]);
      expect(server.mailbox.list().filter(({ to }) => to === `x.${person.email}`)).toEqual([]);
    });

    it('that is confirmed needs no mail; one that is not gets its link', async () => {
      expect((await byToken('POST', '/email/verification')).status).toBe(204);
      const { users } = server.tessera.store;
      const { user } = person;
      const [event] = await server.auditEvents('user.created');
      await users.update(
        { ...user, emailVerified: false, updatedAt: user.updatedAt + 1 },
        { ...event!, id: `evt_${user.id}` },
      );
      expect((await byToken('POST', '/email/verification')).status).toBe(202);
      const mail = await mailTo(server, person.email);
      expect(mail.purpose).toBe('verify_email');
      const browser = server.newBrowser();
      await browser.submit(await browser.get(linkIn(mail)), {});
      expect((await users.find(user.id))?.emailVerified).toBe(true);
    });
  });

  describe('another password', () => {
    const NEW = 'another password altogether';
    it('is taken from who knows the current one, and ends every session and link', async () => {
      const browser = await signedIn();
      await browser.submit(await browser.get('/recover'), { email: person.email });
      const link = linkIn(await mailTo(server, person.email));
      const changed = await byConsole(browser, 'POST', '/password', {
        current_password: person.password,
        new_password: NEW,
      });
      expect(changed.status).toBe(204);
      expect((await byConsole(browser, 'GET', '/profile')).status).toBe(401);
      expect((await server.newBrowser().get(link)).status).toBe(400);
      expect((await byConsole(await signedIn(NEW), 'GET', '/profile')).status).toBe(200);
      expect((await mailTo(server, person.email, 2)).purpose).toBe('password_changed');
    });

    it.each([
      ['leaves personal access tokens as they were', {}, 'active'],
      ['ends them, where the person wants that', { end_personal_access_tokens: true }, 'revoked'],
    ])('%s', async (_what, choice, status) => {
      const browser = await signedIn();
      const made = await byConsole(browser, 'POST', '/personal-access-tokens', {
        name: 'nightly',
        scopes: ['catalog-read'],
      });
      expect(made.status).toBe(201);
      const body = { current_password: person.password, new_password: NEW, ...choice };
      expect((await byConsole(browser, 'POST', '/password', body)).status).toBe(204);
      const id = String(made.body['id']);
      const again = await signedIn(NEW);
      expect((await byConsole(again, 'GET', `/personal-access-tokens/${id}`)).body).toMatchObject({ status });
      const mail = await mailTo(server, person.email, 2, 'password_changed');
      expect(mail.text).toContain(status === 'revoked' ? 'have ended, too' : 'as good as before');
    });

    it.each([
      ['without the current one, however recent the sign-in', { new_password: NEW }, 'wrong_password'],
      ['with a wrong one', { current_password: NEW, new_password: NEW }, 'wrong_password'],
      ['that is too short', { current_password: 'x', new_password: 'short' }, 'invalid_request'],
    ])('is refused %s', async (_what, body, problem) => {
      const browser = await signedIn();
      expect(code(await byConsole(browser, 'POST', '/password', body))).toBe(problem);
      expect((await byConsole(browser, 'GET', '/profile')).status).toBe(200);
    });

    it('is not guessed: the eleventh try is refused, at the sign-in page too (US-02)', async () => {
      const browser = await signedIn();
      const guess = () =>
        byConsole(browser, 'POST', '/password', { current_password: 'a guess', new_password: NEW });
      for (let tried = 0; tried < 10; tried += 1) {
        // oxlint-disable-next-line no-await-in-loop -- one guess after the other
        expect(code(await guess())).toBe('wrong_password');
      }
      const refused = await byConsole(browser, 'POST', '/password', {
        current_password: person.password,
        new_password: NEW,
      });
      expect([refused.status, code(refused)]).toEqual([429, 'too_many_requests']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      const page = server.newBrowser();
      const login = await page.submit(await page.get('/login'), {
        email: person.email,
        password: person.password,
      });
      expect(login.status).toBe(429);
    });

    it('is the whole of it: NFC, U+0000 and what comes after 72 bytes count (US-08)', async () => {
      const long = `${'x'.repeat(72)}é\0 tail`;
      const changed = await byToken('POST', '/password', {
        current_password: person.password,
        new_password: long,
      });
      expect(changed.status).toBe(400);
      const stored = long.replace('\0', '');
      await byToken('POST', '/password', { current_password: person.password, new_password: stored });
      for (const wrong of [stored.slice(0, 72), `${stored}x`, stored.replace('é', 'e')]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect((await signedIn(wrong)).cookies.size).toBe(1);
      }
      expect((await signedIn(stored.replace('é', 'e\u0301'))).cookies.size).toBe(2);
      const huge = { current_password: person.password, new_password: 'x'.repeat(1_000_000) };
      expect((await byToken('POST', '/password', huge)).status).toBe(413);
    });
  });

  describe('sessions', () => {
    it('are listed with device, address and when they were seen; one is signed out, or all others', async () => {
      const [first, second, third] = [await signedIn(), await signedIn(), await signedIn()];
      const list = await byConsole(first, 'GET', '/sessions');
      expect(list.body.items).toHaveLength(3);
      expect(list.body.items.map((one: { current: boolean }) => one.current)).toEqual([false, false, true]);
      expect(list.body.items[0]).toMatchObject({
        methods: ['pwd'],
        user_agent: 'node',
        address: expect.any(String),
      });
      expect(JSON.stringify(list.body)).not.toContain('tsr_');
      const [newest] = list.body.items as { id: string }[];
      expect((await byConsole(first, 'DELETE', `/sessions/${newest!.id}`)).status).toBe(204);
      expect((await byConsole(third, 'GET', '/profile')).status).toBe(401);
      expect((await byConsole(first, 'DELETE', `/sessions/${newest!.id}`)).status).toBe(404);
      const ended = await byConsole(first, 'DELETE', '/sessions');
      expect(ended.body).toEqual({ ended: 1 });
      expect((await byConsole(second, 'GET', '/profile')).status).toBe(401);
      expect((await byConsole(first, 'GET', '/profile')).status).toBe(200);
      expect((await byToken('DELETE', '/sessions')).body).toEqual({ ended: 1 });
      expect((await byConsole(first, 'GET', '/profile')).status).toBe(401);
    });

    it('of somebody else are not there (IDOR)', async () => {
      const browser = await signedIn();
      const other = await server.registerPerson({ email: `other.${person.email}` });
      const [mine] = (await byConsole(browser, 'GET', '/sessions')).body.items as { id: string }[];
      expect((await byToken('GET', '/sessions', undefined, other)).body.items).toEqual([]);
      expect((await byToken('DELETE', `/sessions/${mine!.id}`, undefined, other)).status).toBe(404);
      expect((await byConsole(browser, 'GET', '/profile')).status).toBe(200);
    });
  });

  describe('deletion', () => {
    it('needs a sign-in of the last minutes or the password', async () => {
      const browser = await signedIn();
      server.clock.advance(16 * MINUTE);
      const refused = await byConsole(browser, 'POST', '/deletion', {});
      expect([refused.status, code(refused)]).toEqual([401, 'recent_sign_in_required']);
      expect(code(await byToken('POST', '/deletion', {}))).toBe('recent_sign_in_required');
      expect(code(await byToken('POST', '/deletion', { current_password: 'a guess' }))).toBe(
        'wrong_password',
      );
      expect(await server.tessera.store.users.find(person.user.id)).toEqual(person.user);
    });

    it('ends everything and forgets the person; the audit log keeps that they were there', async () => {
      const browser = await signedIn();
      await browser.submit(await browser.get('/recover'), { email: person.email });
      const link = linkIn(await mailTo(server, person.email));
      const token = await issueAdminToken(server.tessera, person.user);
      expect((await byConsole(browser, 'POST', '/deletion', {})).status).toBe(204);
      const { users } = server.tessera.store;
      expect(await users.find(person.user.id)).toBeUndefined();
      expect(await users.findByEmail(person.email)).toBeUndefined();
      expect((await byConsole(browser, 'GET', '/profile')).status).toBe(401);
      const late = await send('GET', '/account/v1/profile', { authorization: `Bearer ${token}` });
      expect(late.status).toBe(401);
      expect((await server.newBrowser().get(link)).status).toBe(400);
      const [event] = await server.auditEvents('user.deleted');
      expect(event).toMatchObject({ userId: person.user.id, actor: person.user.id });
      expect((await mailTo(server, person.email, 2)).purpose).toBe('account_deleted');
    });

    it('is not for the last administrator', async () => {
      const [admin] = (await server.tessera.store.users.list({ limit: 200 })).items.filter(
        ({ role }) => role === 'admin',
      );
      const last = { user: admin!, email: admin!.email, password: 'the administrator has a password' };
      const refused = await byToken('POST', '/deletion', { current_password: last.password }, last);
      expect([refused.status, code(refused)]).toEqual([409, 'last_admin']);
    });
  });

  it('an administrator makes an account, and its owner chooses the password', async () => {
    const [admin] = (await server.tessera.store.users.list({ limit: 200 })).items.filter(
      ({ role }) => role === 'admin',
    );
    const authorization = `Bearer ${await issueAdminToken(server.tessera, admin!)}`;
    const email = `made.${person.email}`;
    const made = await send('POST', '/admin/v1/users', { authorization }, { email, display_name: 'Made' });
    expect(made.body).toMatchObject({ email, has_password: false, email_verified: false });
    const browser = server.newBrowser();
    const form = await browser.get(linkIn(await mailTo(server, email)));
    await browser.submit(form, { password: person.password });
    expect((await byConsole(await signedIn(person.password, email), 'GET', '/profile')).body).toMatchObject({
      email,
      email_verified: true,
    });
    const again = await send('POST', `/admin/v1/users/${made.body.id}/password-link`, { authorization });
    expect(again.status).toBe(202);
    expect((await mailTo(server, email, 3)).purpose).toBe('set_password');
    const silent = { email: `silent.${email}`, display_name: 'Silent', send_link: false };
    expect((await send('POST', '/admin/v1/users', { authorization }, silent)).status).toBe(201);
    expect(server.mailbox.list().filter(({ to }) => to === silent.email)).toEqual([]);
  });
});
