// The console's session at the admin and account APIs: taken from pages of this server only, and looked up on each call.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIfChanged } from '../../packages/console/build.mjs';
import { RECENT_SIGN_IN_MS } from '../../packages/server/src/people/session.ts';
import { startTestServer, type TestServer } from '../harness.ts';
import type { Person } from '../registrations.ts';
import { type NoScriptBrowser, titleOf } from '../no-script-browser.ts';

const ADMIN = { email: 'admin@example.test', password: 'the administrator has a password' };

let server: TestServer;
beforeAll(async () => {
  await buildIfChanged();
  server = await startTestServer({ store: 'sqlite' });
});
afterAll(() => server.close());

async function signedIn({ email, password }: Pick<Person, 'email' | 'password'> = ADMIN) {
  const browser = server.newBrowser();
  await browser.submit(await browser.get('/login'), { email, password });
  return browser;
}

type Headers = Readonly<Record<string, string | undefined>>;

/** As the console's script would call; `changed` headers replace what a browser sends, undefined leaves one out. */
async function call(
  browser: NoScriptBrowser,
  method: string,
  path: string,
  changed: Headers = {},
  sent: object = path.endsWith('/users') ? NEW_PERSON : {},
) {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const all: Headers = {
    cookie,
    'tessera-console': '1',
    'sec-fetch-site': 'same-origin',
    ...(method === 'GET' ? {} : { origin: server.issuer, 'content-type': 'application/json' }),
    ...changed,
  };
  const headers = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  const body = method === 'POST' ? { body: JSON.stringify(sent) } : {};
  const answer = await fetch(`${server.base}${path}`, {
    method,
    headers: Object.fromEntries(headers),
    ...body,
  });
  const text = await answer.text();
  return { status: answer.status, text, code: codeOf(text) };
}

const NEW_TOKEN = { name: 'nightly', scopes: ['catalog-read'] };
const NEW_AGENT = {
  client_name: 'Tidier',
  purpose: 'Tidies',
  permissions: [{ resource: 'https://music.example/', scope: 'catalog-read' }],
};
const NEW_PERSON = { email: 'eve@example.test', password: 'a long enough password', display_name: 'Eve' };

function codeOf(text: string): string | undefined {
  return /problems#(\w+)"/.exec(text)?.[1];
}

const OTHER = 'https://evil.example';

describe('what is refused', () => {
  it.each<readonly [what: string, method: string, changed: Headers, status: number, code: string]>([
    ['without the header', 'POST', { 'tessera-console': undefined }, 401, 'missing_token'],
    ['without the header, reading', 'GET', { 'tessera-console': undefined }, 401, 'missing_token'],
    ['from another origin', 'POST', { origin: OTHER }, 403, 'cross_site'],
    ['from another origin, reading', 'GET', { origin: OTHER }, 403, 'cross_site'],
    ['from a page without an origin', 'POST', { origin: 'null' }, 403, 'cross_site'],
    ['without an origin', 'POST', { origin: undefined }, 403, 'cross_site'],
    ['from another site, says the browser', 'POST', { 'sec-fetch-site': 'cross-site' }, 403, 'cross_site'],
    ['from a subdomain, says the browser', 'GET', { 'sec-fetch-site': 'same-site' }, 403, 'cross_site'],
    ['typed by the person, says the browser', 'GET', { 'sec-fetch-site': 'none' }, 403, 'cross_site'],
    ['reading, with nothing said', 'GET', { 'sec-fetch-site': undefined }, 403, 'cross_site'],
    ['without a cookie', 'GET', { cookie: undefined }, 401, 'not_signed_in'],
    [
      'as a form',
      'POST',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    ['as text', 'POST', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
  ])('%s', async (_what, method, changed, status, code) => {
    const browser = await signedIn();
    const answer = await call(browser, method, '/admin/v1/users', changed);
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(await server.tessera.store.users.findByEmail(NEW_PERSON.email)).toBeUndefined();
  });

  it('a cookie that somebody made up', async () => {
    const browser = await signedIn();
    for (const [name, value] of browser.cookies) {
      if (name.endsWith('-session'))
        browser.cookies.set(name, `${value.slice(0, -1)}${value.endsWith('0') ? 1 : 0}`);
    }
    expect((await call(browser, 'GET', '/admin/v1/users')).code).toBe('not_signed_in');
  });

  it('a session that was signed out', async () => {
    const browser = await signedIn();
    const kept = new Map(browser.cookies);
    await browser.submit(await browser.get('/login'), {});
    browser.cookies.clear();
    for (const [name, value] of kept) browser.cookies.set(name, value);
    expect((await call(browser, 'GET', '/account/v1/session')).code).toBe('not_signed_in');
  });

  it('a person who was disabled, at once', async () => {
    const person = await server.registerPerson({ email: 'gone@example.test' });
    const browser = await signedIn(person);
    expect((await call(browser, 'GET', '/account/v1/session')).status).toBe(200);
    await change(person.user.id, { status: 'disabled' });
    expect((await call(browser, 'GET', '/account/v1/session')).code).toBe('not_signed_in');
  });

  it('an administrator who is one no more, at once', async () => {
    const person = await server.registerPerson({ email: 'was-admin@example.test', role: 'admin' });
    const browser = await signedIn(person);
    expect((await call(browser, 'GET', '/admin/v1/users')).status).toBe(200);
    await change(person.user.id, { role: 'member' });
    const answer = await call(browser, 'GET', '/admin/v1/users');
    expect([answer.status, answer.code]).toEqual([403, 'forbidden']);
    expect((await call(browser, 'GET', '/account/v1/session')).status).toBe(200);
  });

  it('a new secret of an app a quarter of an hour after the sign-in', async () => {
    const browser = await signedIn();
    const { id } = await server.registerClient({ id: 'app_with_secret' });
    expect((await call(browser, 'POST', `/admin/v1/clients/${id}/secrets`)).status).toBe(201);
    server.clock.advance(RECENT_SIGN_IN_MS + 1);
    const answer = await call(browser, 'POST', `/admin/v1/clients/${id}/secrets`);
    expect([answer.status, answer.code]).toEqual([401, 'recent_sign_in_required']);
  });

  it.each([
    ['a personal access token', '/account/v1/personal-access-tokens', NEW_TOKEN],
    ['an agent', '/account/v1/agents', NEW_AGENT],
  ])('%s a quarter of an hour after the sign-in', async (_what, path, body) => {
    const browser = await signedIn();
    expect(await call(browser, 'POST', path, {}, body)).toMatchObject({ status: 201 });
    server.clock.advance(RECENT_SIGN_IN_MS + 1);
    const answer = await call(browser, 'POST', path, {}, body);
    expect([answer.status, answer.code]).toEqual([401, 'recent_sign_in_required']);
  });

  it('a session where a token is presented that is none', async () => {
    const browser = await signedIn();
    const answer = await call(browser, 'GET', '/admin/v1/users', { authorization: 'Bearer nonsense' });
    expect([answer.status, answer.code]).toEqual([401, 'invalid_token']);
  });
});

async function change(id: string, changes: { status?: 'disabled'; role?: 'member' }): Promise<void> {
  const admin = await signedIn();
  const cookie = [...admin.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await fetch(`${server.base}/admin/v1/users/${id}`, {
    method: 'PATCH',
    headers: { cookie, 'tessera-console': '1', origin: server.issuer, 'content-type': 'application/json' },
    body: JSON.stringify(changes),
  });
  expect(answer.status).toBe(200);
}

describe('what is answered', () => {
  it('reads and writes with the session, as its person', async () => {
    const browser = await signedIn();
    const session = await call(browser, 'GET', '/account/v1/session');
    expect(JSON.parse(session.text)).toMatchObject({ person: { email: ADMIN.email, role: 'admin' } });
    const answer = await call(browser, 'POST', '/admin/v1/users');
    expect(answer.status).toBe(201);
    const [event] = await server.auditEvents('user.created');
    expect(event?.actor).toBe(JSON.parse(session.text).person.id);
  });

  it('never with CORS: other origins are told nothing', async () => {
    const answer = await fetch(`${server.base}/admin/v1/users`, {
      method: 'OPTIONS',
      headers: {
        origin: OTHER,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'tessera-console',
      },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the way in', () => {
  it('leads who is not signed in to the sign-in and back to the very screen', async () => {
    const browser = server.newBrowser();
    const asked = await browser.get('/console/apps/demo-app/settings/advanced');
    expect(titleOf(asked.page)).toContain('Sign in');
    const arrived = await browser.submit(asked, ADMIN);
    expect(new URL(arrived.url).pathname).toBe('/console/apps/demo-app/settings/advanced');
    expect(arrived.page).toContain('<div id="root">');
  });

  it.each([
    '//evil.example',
    '/console/../logout',
    'https://evil.example',
    '/console//evil.example',
    '/logout',
  ])('leads nowhere else: %s', async (path) => {
    const browser = server.newBrowser();
    const asked = await browser.get(`/login?${new URLSearchParams({ next: 'console', path }).toString()}`);
    expect(new URL((await browser.submit(asked, ADMIN)).url).pathname).toBe('/console');
  });

  it('asks again after a quarter of an hour, with the address filled in, and not before', async () => {
    const browser = await signedIn();
    const path = '/login?next=console&path=/console/settings/tokens';
    expect(new URL((await browser.get(path)).url).pathname).toBe('/console/settings/tokens');
    server.clock.advance(RECENT_SIGN_IN_MS + 1);
    const asked = await browser.get(path);
    expect(asked.page).toContain(`value="${ADMIN.email}"`);
    const arrived = await browser.submit(asked, ADMIN);
    expect(new URL(arrived.url).pathname).toBe('/console/settings/tokens');
  });

  it('shows Explain to whoever asks', async () => {
    expect((await server.newBrowser().get('/explain')).page).toContain('<div id="root">');
  });
});

describe('a console that nobody touches', () => {
  const MINUTE = 60_000;
  const DAY = 1440 * MINUTE;

  it('keeps no session alive by what it asks by itself', async () => {
    server.clock.reset();
    const browser = await signedIn();
    const ask = (header: string) =>
      call(browser, 'GET', '/account/v1/profile', { 'tessera-console': header });
    for (let day = 1; day <= 7; day++) {
      // oxlint-disable-next-line no-await-in-loop -- time goes on
      expect((await ask('unattended')).status).toBe(200);
      server.clock.advance(DAY);
    }
    server.clock.advance(2 * MINUTE);
    expect((await ask('unattended')).code).toBe('not_signed_in');
    expect((await ask('1')).code).toBe('not_signed_in');
    server.clock.reset();
  });

  it('is one that somebody touches once they do', async () => {
    server.clock.reset();
    const browser = await signedIn();
    const ask = () => call(browser, 'GET', '/account/v1/sessions');
    server.clock.advance(6 * DAY);
    expect((await ask()).status).toBe(200);
    server.clock.advance(6 * DAY);
    const { items } = JSON.parse((await ask()).text) as { items: Record<string, unknown>[] };
    const current = items.find((one) => one['current'] === true);
    const nowSeconds = server.clock.now() / 1000;
    expect(Math.abs(Number(current?.['latest_end_at']) - nowSeconds - 2 * 86_400)).toBeLessThan(60);
    expect(current?.['ends_at']).toBe(current?.['latest_end_at']);
    server.clock.advance(2 * DAY);
    expect((await ask()).code).toBe('not_signed_in');
    server.clock.reset();
  });
});
