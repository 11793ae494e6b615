// Forms that a page of another site sends, or another browser goes on with.
import type { Browser, Visit } from '../harness/browser.ts';
import type { Check } from '../harness/check.ts';
import { ensure, ensureOneOf } from '../harness/failure.ts';
import { act, answerOf, requestUrl, signedIn } from '../harness/flow.ts';
import type { Action } from '../harness/hooks.ts';
import type { HeaderLine } from '../harness/http.ts';
import type { Target } from '../harness/target.ts';

export const LOGIN_NEEDED = ['login_required', 'interaction_required', 'account_selection_required'];
const FORM = ['content-type', 'application/x-www-form-urlencoded'] as const;

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

export async function expectSignedOut(target: Target, browser: Browser, what: string): Promise<void> {
  const client = await target.web();
  const visit = await browser.get(requestUrl(target, client, { prompt: 'none' }));
  ensure(visit.leftFor !== undefined, `${what}: prompt=none shows a page`);
  ensureOneOf(answerOf(target, visit).get('error'), LOGIN_NEEDED, `${what}: error of prompt=none`);
}

export async function expectSignedIn(target: Target, browser: Browser, what: string): Promise<void> {
  const client = await target.web();
  const visit = await browser.get(requestUrl(target, client, { prompt: 'none' }));
  ensure(answerOf(target, visit).has('code'), `${what}: ${answerOf(target, visit).get('error')}`);
}

export function found(action: Action | undefined, what: string): Action {
  ensure(action !== undefined, `${what} has no form`);
  return action;
}

export const forgeryChecks: readonly Check[] = [
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
