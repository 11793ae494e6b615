// The pages a person meets: what they are sent with, what they take, whose session they belong to.
import type { Browser, Visit } from '../harness/browser.ts';
import type { Check } from '../harness/check.ts';
import { expectErrorRedirect, expectNoStore } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf } from '../harness/failure.ts';
import { act, answerOf, attempt, lead, obtainTokens, requestUrl, signedIn } from '../harness/flow.ts';
import type { Action } from '../harness/hooks.ts';
import { tagsOf } from '../harness/html.ts';
import type { HeaderLine } from '../harness/http.ts';
import type { Target } from '../harness/target.ts';

const FORM = ['content-type', 'application/x-www-form-urlencoded'] as const;
const LOGIN_NEEDED = ['login_required', 'interaction_required', 'account_selection_required'];

interface Pages {
  readonly signIn: Visit;
  readonly consent: Visit;
  readonly error: Visit;
}

async function pagesOf(target: Target): Promise<Pages> {
  const client = await target.web();
  const browser = await signedIn(target);
  return {
    signIn: await target.browser().get(requestUrl(target, client)),
    consent: await browser.get(requestUrl(target, client, { prompt: 'consent' })),
    error: await target.browser().get(requestUrl(target, client, { client_id: 'nope' })),
  };
}

/** The same for each page. */
async function forPages(target: Target, look: (visit: Visit, name: string) => void): Promise<void> {
  for (const [name, visit] of Object.entries(await pagesOf(target))) {
    ensureMatch(visit.headers.get('content-type'), /^text\/html/i, `The ${name} page, Content-Type`);
    look(visit as Visit, `The ${name} page`);
  }
}

function directive(visit: Visit, name: string): string | undefined {
  const policy = visit.headers.get('content-security-policy') ?? '';
  const part = policy.split(';').find((one) => one.trim().split(' ')[0]?.toLowerCase() === name);
  return part?.trim().slice(name.length).trim();
}

const headerChecks: readonly Check[] = [
  {
    id: 'AZ-68',
    title: 'Pages tell other sites nothing: Referrer-Policy, and nothing loaded from elsewhere',
    source: 'RFC 9700 §4.2.4',
    needs: ['code', 'pages'],
    run: (target) =>
      forPages(target, (visit, name) => {
        ensureOneOf(
          visit.headers.get('referrer-policy'),
          ['no-referrer', 'same-origin'],
          `${name}, Referrer-Policy`,
        );
        const loaded = ['script', 'img', 'iframe', 'link', 'source', 'embed', 'object'].flatMap((tag) =>
          tagsOf(visit.text, tag).flatMap(({ src, href, data }) => [src, href, data]),
        );
        for (const address of loaded) {
          if (address === undefined || address.startsWith('data:')) continue;
          ensureEqual(new URL(address, visit.url).origin, target.origin, `${name} loads ${address} from`);
        }
      }),
  },
  {
    id: 'AZ-69',
    title: 'No other site can put a page into a frame',
    source: 'RFC 9700 §4.16; RFC 6749 §10.13',
    needs: ['code', 'pages'],
    run: (target) =>
      forPages(target, (visit, name) => {
        ensureEqual(directive(visit, 'frame-ancestors'), "'none'", `${name}, frame-ancestors`);
        ensureEqual(visit.headers.get('x-frame-options')?.toUpperCase(), 'DENY', `${name}, X-Frame-Options`);
      }),
  },
  {
    id: 'AZ-70',
    title:
      "Pages have a Content-Security-Policy that begins at 'none', bound forms, no inline code, no sniffing",
    source: 'OWASP ASVS 5.0 V3.4; CSP Level 3',
    needs: ['code', 'pages'],
    run: (target) =>
      forPages(target, (visit, name) => {
        ensureEqual(directive(visit, 'default-src'), "'none'", `${name}, default-src`);
        ensure(
          !/unsafe-(inline|eval)/.test(visit.headers.get('content-security-policy') ?? ''),
          `${name}: unsafe code`,
        );
        ensure(directive(visit, 'form-action') !== undefined, `${name}: form-action is not bound`);
        ensureEqual(directive(visit, 'base-uri'), "'none'", `${name}, base-uri`);
        ensureEqual(
          visit.headers.get('x-content-type-options'),
          'nosniff',
          `${name}, X-Content-Type-Options`,
        );
        ensure(
          !/\son[a-z]+\s*=/i.test(visit.text.replaceAll(/"[^"]*"/g, '""')),
          `${name} has an inline handler`,
        );
      }),
  },
  {
    id: 'AZ-70-form-action',
    title: 'The form policy of the consent page lets the answer go to the redirect URI',
    source: 'CSP Level 3 §6.4.1.1',
    needs: ['code', 'pages'],
    async run(target) {
      const { consent } = await pagesOf(target);
      const { redirectUri } = await target.web();
      ensure(
        directive(consent, 'form-action')?.includes(new URL(redirectUri).origin) === true,
        `form-action ${directive(consent, 'form-action')} lacks ${redirectUri}`,
      );
    },
  },
  {
    id: 'AZ-70-no-store',
    title: 'No cache keeps a page of the flow, nor the redirect with the code',
    source: 'RFC 6749 §10.5; RFC 9111 §5.2.2.5',
    needs: ['code', 'pages'],
    async run(target) {
      await forPages(target, expectNoStore);
      expectNoStore((await attempt(target)).visit, 'The redirect with the code');
    },
  },
];

type Forgery = readonly [
  name: string,
  forge: (browser: Browser, visit: Visit, action: Action) => Promise<unknown>,
];

/** What a page of another site can make a browser do with a form. */
function forgeries(target: Target): readonly Forgery[] {
  const send =
    (headers: readonly HeaderLine[], keep: (name: string) => boolean = () => true) =>
    (browser: Browser, visit: Visit, action: Action): Promise<unknown> => {
      if ('link' in action) throw new Error('A link is no form');
      const fields = Object.fromEntries(Object.entries(action.form.fields).filter(([name]) => keep(name)));
      return browser.post(new URL(action.form.action || visit.url, visit.url).href, fields, headers);
    };
  const own = [FORM, ['origin', target.origin], ['sec-fetch-site', 'same-origin']] as const;
  const typed = new Set(['email', 'login', 'username', 'password', 'decision', 'prompt']);
  return [
    ['from another site', send([FORM, ['origin', 'https://evil.example'], ['sec-fetch-site', 'cross-site']])],
    ['from a sandboxed frame', send([FORM, ['origin', 'null'], ['sec-fetch-site', 'cross-site']])],
    ['without what the page added', send(own, (name) => typed.has(name))],
    [
      'as plain text',
      send([
        ['content-type', 'text/plain'],
        ['origin', target.origin],
      ]),
    ],
    [
      'by GET',
      async (browser, visit, action) => {
        if ('link' in action) throw new Error('A link is no form');
        const url = new URL(action.form.action || visit.url, visit.url);
        for (const [name, value] of Object.entries(action.form.fields)) url.searchParams.set(name, value);
        await browser.get(url.href);
      },
    ],
  ];
}

async function expectSignedOut(target: Target, browser: Browser, what: string): Promise<void> {
  const client = await target.web();
  const visit = await browser.get(requestUrl(target, client, { prompt: 'none' }));
  ensure(visit.leftFor !== undefined, `${what}: prompt=none shows a page`);
  ensureOneOf(answerOf(target, visit).get('error'), LOGIN_NEEDED, `${what}: error of prompt=none`);
}

async function expectSignedIn(target: Target, browser: Browser, what: string): Promise<void> {
  const client = await target.web();
  const visit = await browser.get(requestUrl(target, client, { prompt: 'none' }));
  ensure(answerOf(target, visit).has('code'), `${what}: ${answerOf(target, visit).get('error')}`);
}

function found(action: Action | undefined, what: string): Action {
  ensure(action !== undefined, `${what} has no form`);
  return action;
}

const forgeryChecks: readonly Check[] = [
  {
    id: 'AZ-71',
    title: 'A forged sign-in signs nobody in',
    source: 'RFC 6749 §10.12; RFC 9700 §4.7; login CSRF',
    needs: ['code', 'pages'],
    async run(target) {
      const [client, user] = [await target.web(), await target.user()];
      for (const [name, forge] of forgeries(target)) {
        const browser = target.browser();
        // oxlint-disable no-await-in-loop -- one after the other
        const page = await browser.get(requestUrl(target, client));
        await forge(browser, page, found(target.hooks.pages.signIn(page.text, user), 'The sign-in page'));
        await expectSignedOut(target, browser, `A sign-in ${name}`);
        // oxlint-enable no-await-in-loop
      }
    },
  },
  {
    id: 'AZ-71-consent',
    title: 'A forged consent gives no code',
    source: 'RFC 6749 §10.12; RFC 9700 §4.7',
    needs: ['code', 'pages'],
    async run(target) {
      const client = await target.web();
      for (const [name, forge] of forgeries(target)) {
        // oxlint-disable no-await-in-loop -- one after the other
        const browser = await signedIn(target);
        const page = await browser.get(requestUrl(target, client, { prompt: 'consent' }));
        const allow = found(target.hooks.pages.consent(page.text, 'allow'), 'The consent page');
        const after = (await forge(browser, page, allow)) as Visit | undefined;
        // oxlint-enable no-await-in-loop
        ensure(
          after?.leftFor === undefined || !answerOf(target, after).has('code'),
          `A consent ${name} gave a code`,
        );
      }
    },
  },
  {
    id: 'AZ-71-other-token',
    title: 'The form of one browser is nothing in another',
    source: 'RFC 9700 §4.7',
    needs: ['code', 'pages'],
    async run(target) {
      const [client, user] = [await target.web(), await target.user()];
      const [mine, theirs] = [target.browser(), target.browser()];
      const page = await theirs.get(requestUrl(target, client));
      await mine.get(requestUrl(target, client));
      await act(mine, page, found(target.hooks.pages.signIn(page.text, user), 'The sign-in page'));
      await expectSignedOut(target, mine, 'The form of another browser');
    },
  },
  {
    id: 'AZ-72',
    title: 'A request that began in one browser does not go on in another',
    source: 'RFC 9700 §4.7; session swapping',
    needs: ['code', 'pages'],
    async run(target) {
      const client = await target.web();
      const victim = target.browser();
      const attacker = await signedIn(target);
      const page = await attacker.get(requestUrl(target, client, { prompt: 'consent' }));
      const allow = found(target.hooks.pages.consent(page.text, 'allow'), 'The consent page');
      const after = await act(victim, page, allow);
      ensure(
        after.leftFor === undefined || !answerOf(target, after).has('code'),
        'Another browser got the code',
      );
    },
  },
];

async function authTimeOf(target: Target, browser: Browser, parameters = {}): Promise<number> {
  const { idToken } = await obtainTokens(target, {
    browser,
    parameters: { max_age: '10000', ...parameters },
  });
  const claims = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as object;
  return Number((claims as { auth_time?: number }).auth_time);
}

const sessionChecks: readonly Check[] = [
  {
    id: 'AZ-73',
    title:
      'A session planted before the sign-in is not signed in by it, and a new sign-in ends the old session',
    source: 'OWASP ASVS 5.0 V7.2.4 (session fixation)',
    needs: ['code'],
    async run(target) {
      const client = await target.web();
      const attacker = target.browser();
      const page = await attacker.get(requestUrl(target, client));
      const victim = target.browser();
      for (const [name, value] of attacker.cookies) victim.cookies.set(name, value);
      await lead(target, victim, page);
      await expectSignedIn(target, victim, 'The victim');
      await expectSignedOut(target, attacker, 'The planted session');
      const before = new Map(victim.cookies);
      const again = await victim.get(requestUrl(target, client, { prompt: 'login' }));
      await lead(target, victim, again);
      ensure(
        [...victim.cookies].some(([name, value]) => before.has(name) && before.get(name) !== value),
        'No cookie changed with the second sign-in',
      );
      const old = target.browser();
      for (const [name, value] of before) old.cookies.set(name, value);
      await expectSignedOut(target, old, 'The session before the second sign-in');
    },
  },
  {
    id: 'AZ-74',
    title: 'Cookies: __Host-, Secure, HttpOnly, SameSite, no Domain',
    source: 'RFC 6265bis §4.1.3; OWASP ASVS 5.0 V3.3',
    needs: ['code'],
    async run(target) {
      const browser = target.browser();
      await lead(target, browser, await browser.get(requestUrl(target, await target.web())));
      ensure(browser.setCookies.length > 0, 'There is no cookie');
      const secure = target.issuer.startsWith('https:');
      for (const line of browser.setCookies) {
        const name = line.split('=', 1)[0] ?? '';
        ensureMatch(line, /;\s*HttpOnly\b/i, `Cookie ${name}`);
        ensureMatch(line, /;\s*SameSite=(Lax|Strict)\b/i, `Cookie ${name}`);
        ensure(!/;\s*domain=/i.test(line), `Cookie ${name} has a Domain`);
        if (!secure) continue;
        ensureMatch(line, /;\s*Secure\b/i, `Cookie ${name}`);
        ensureMatch(name, /^__Host-/, 'Name of a cookie');
      }
    },
  },
  {
    id: 'AZ-76',
    title: 'A native app gets no code without a person, even where the person agreed before',
    source: 'RFC 8252 §8.6; RFC 9700 §4.11; CVE-2026-54618',
    needs: ['code'],
    async run(target) {
      const client = await target.native();
      const browser = await signedIn(target);
      await attempt(target, { client, browser });
      const visit = await browser.get(requestUrl(target, client));
      ensure(visit.leftFor === undefined, 'The second request was answered without a page');
      const silent = await browser.get(requestUrl(target, client, { prompt: 'none' }));
      expectErrorRedirect(target, silent, client, ['consent_required', 'interaction_required']);
    },
  },
  {
    id: 'AZ-80',
    title: 'prompt=none without a session, or with a hint of somebody else, signs nobody in',
    source: 'OpenID Connect Core §3.1.2.1, §3.1.2.6',
    needs: ['code', 'openid'],
    async run(target) {
      const client = await target.web();
      const other = await target.hooks.createUser();
      const { idToken: foreign } = await obtainTokens(target, { browser: target.browser(), user: other });
      const { idToken: own } = await obtainTokens(target);
      const [header, payload] = [{ alg: 'none' }, own.split('.')[1]];
      const unsigned = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.`;
      const rows = [
        [target.browser(), undefined],
        [target.browser(), own],
        [target.browser(), unsigned],
        [await signedIn(target), foreign],
      ] as const;
      for (const [browser, hint] of rows) {
        const parameters = { prompt: 'none', ...(hint === undefined ? {} : { id_token_hint: hint }) };
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const visit = await browser.get(requestUrl(target, client, parameters));
        expectErrorRedirect(target, visit, client, [...LOGIN_NEEDED, 'invalid_request']);
      }
    },
  },
  {
    id: 'AZ-81',
    title: 'A second sign-in that is given up changes nothing',
    source: 'OpenID Connect Core §3.1.2.1 (prompt, auth_time)',
    needs: ['code', 'openid'],
    async run(target) {
      const browser = await signedIn(target);
      const before = await authTimeOf(target, browser);
      const page = await browser.get(requestUrl(target, await target.web(), { prompt: 'login' }));
      ensure(page.leftFor === undefined, 'prompt=login asks for no sign-in');
      ensureEqual(await authTimeOf(target, browser), before, 'auth_time');
    },
  },
  {
    id: 'AZ-86',
    title: 'A name made of markup is shown as text; a logo is not loaded from where the app says',
    source: 'RFC 7591 §5; RFC 9700 §4.11',
    needs: ['code', 'pages'],
    async run(target) {
      const name = 'Evil"><script>alert(1)</script><b>';
      const client = await target.createClient({
        client_name: name,
        client_uri: 'https://evil.example/',
        logo_uri: 'https://evil.example/logo.png',
      });
      const browser = await signedIn(target);
      const page = await browser.get(requestUrl(target, client));
      ensureEqual(page.status, 200, 'Status of the consent page');
      ensure(page.text.includes('alert(1)'), 'The page does not name the app');
      ensure(!page.text.includes('<script>alert(1)'), 'The page holds the name as markup');
      const images = tagsOf(page.text, 'img').map(({ src = '' }) => src);
      ensure(!images.some((src) => src.includes('evil.example')), 'The page loads the logo from the app');
    },
  },
];

const linkChecks = (['policy_uri', 'tos_uri'] as const).map(
  (member): Check => ({
    id: `oidcc-registration-${member.replace('_', '-')}`,
    title: `The consent page links to the ${member} of the app`,
    source: 'OpenID Connect Dynamic Client Registration §2; RFC 7591 §2',
    needs: ['code', 'pages'],
    async run(target) {
      const address = `https://app.example.com/${member}`;
      const client = await target.createClient({ client_name: member, [member]: address });
      const page = await (await signedIn(target)).get(requestUrl(target, client));
      const links = tagsOf(page.text, 'a').map(({ href }) => href);
      ensure(links.includes(address), `The page has no link to ${address}`);
    },
  }),
);

export const pageChecks: readonly Check[] = [
  ...headerChecks,
  ...forgeryChecks,
  ...sessionChecks,
  ...linkChecks,
];
