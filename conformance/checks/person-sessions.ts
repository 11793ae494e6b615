// The session of a person in a browser, and what a stranger’s app can do with one.
import type { Browser } from '../harness/browser.ts';
import type { Check } from '../harness/check.ts';
import { expectErrorRedirect } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch } from '../harness/failure.ts';
import { attempt, lead, obtainTokens, requestUrl, signedIn } from '../harness/flow.ts';
import { tagsOf } from '../harness/html.ts';
import type { Target } from '../harness/target.ts';
import { LOGIN_NEEDED, expectSignedIn, expectSignedOut } from './page-forgery.ts';

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

export const personSessionChecks: readonly Check[] = [...sessionChecks, ...linkChecks];
