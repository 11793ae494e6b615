// What a browser carries for the server: cookies, tokens of forms, links.
import type { TestServer } from '../../../test/harness.ts';
import { linkIn, mailTo } from '../../../test/mails.ts';
import { findForm, type NoScriptBrowser } from '../../../test/no-script-browser.ts';
import { authorizeUrl, createPkce, encode } from '../../../test/oauth-calls.ts';
import { push } from '../../../test/pushed-requests.ts';
import { signIn } from '../../../test/second-factors.ts';
import { type Credential, type Verdict, verdictOf } from './credential.ts';

type Three<Item> = readonly [Item, Item, Item];

const cookieOf = ({ cookies }: NoScriptBrowser, end: string): readonly [name: string, value: string] => {
  const found = [...cookies].find(([name]) => name.endsWith(end));
  if (found === undefined) throw new Error(`no cookie ${end}`);
  return found;
};

const valuesOf = (browsers: Three<NoScriptBrowser>, end: string): Three<string> => {
  const [one, other, third] = browsers;
  return [cookieOf(one, end)[1], cookieOf(other, end)[1], cookieOf(third, end)[1]];
};

interface Asked {
  readonly status: number;
  readonly page: string;
  readonly location: string;
}

/** One request with the browser's cookies, in which one may be another; what comes back is not kept. */
async function ask(
  { base }: TestServer,
  browser: NoScriptBrowser,
  path: string,
  {
    cookie,
    form,
  }: { readonly cookie?: readonly [string, string]; readonly form?: Record<string, string> } = {},
): Promise<Asked> {
  const cookies = new Map(browser.cookies);
  if (cookie !== undefined) cookies.set(...cookie);
  const headers = {
    cookie: [...cookies].map((pair) => pair.join('=')).join('; '),
    ...(form !== undefined && {
      origin: browser.origin,
      'content-type': 'application/x-www-form-urlencoded',
    }),
  };
  const answer = await fetch(`${base}${path}`, {
    headers,
    redirect: 'manual',
    ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form).toString() }),
  });
  const { status } = answer;
  return { status, page: await answer.text(), location: answer.headers.get('location') ?? '' };
}

async function signedInBrowsers(server: TestServer): Promise<Three<NoScriptBrowser>> {
  const signedIn = async (): Promise<NoScriptBrowser> => {
    const browser = server.newBrowser();
    await signIn(server, browser, server.person);
    return browser;
  };
  return [await signedIn(), await signedIn(), await signedIn()];
}

const SESSION = '-session';
const BROWSER = '-browser';
const MAIL_LINK = '-mail-link';

export async function browserCookies(server: TestServer): Promise<readonly Credential[]> {
  const browsers = await signedInBrowsers(server);
  const [browser, other] = browsers;
  const formToken = await formTokenOf(other);
  return [
    {
      name: 'session cookie',
      goods: valuesOf(browsers, SESSION),
      by: 'header',
      async present(changed) {
        const cookie = [cookieOf(browser, SESSION)[0], changed] as const;
        const answer = await ask(server, browser, '/login', { cookie });
        return verdictOf(answer, answer.page.includes('action="/logout"'));
      },
    },
    await formTokens(server, browser, browsers),
    {
      name: 'cookie that forms are bound to',
      goods: [cookieOf(other, BROWSER)[1], cookieOf(browser, BROWSER)[1]],
      by: 'header',
      present: (changed) => signOut(server, other, formToken, [cookieOf(other, BROWSER)[0], changed]),
    },
  ];
}

async function formTokens(
  server: TestServer,
  browser: NoScriptBrowser,
  browsers: Three<NoScriptBrowser>,
): Promise<Credential> {
  const [, other, third] = browsers;
  return {
    name: 'token of a form',
    goods: [await formTokenOf(browser), await formTokenOf(other), await formTokenOf(third)],
    by: 'form',
    present: (changed) => signOut(server, browser, changed),
  };
}

/** The page asks whether to sign out. */
async function formTokenOf(browser: NoScriptBrowser): Promise<string> {
  return findForm((await browser.get('/logout')).page, ['form_token']).fields['form_token'] ?? '';
}

/** A form that is not the browser's own is shown again. */
async function signOut(
  server: TestServer,
  browser: NoScriptBrowser,
  form_token: string,
  cookie?: readonly [string, string],
): Promise<Verdict> {
  const answer = await ask(server, browser, '/logout', { form: { form_token }, ...(cookie && { cookie }) });
  return verdictOf(answer, !answer.location.startsWith('/logout'));
}

/** The sealed request of an app that waits for the person to sign in, in the address of the page. */
export async function waitingRequests(server: TestServer): Promise<Credential> {
  const browser = server.newBrowser();
  const waiting = async (): Promise<string> => {
    const visit = await browser.get(
      authorizeUrl(server, server.clients.confidential, createPkce(), { scope: 'openid' }),
    );
    return new URL(visit.url).searchParams.get('interaction') ?? '';
  };
  return {
    name: 'request that waits for a sign-in',
    goods: [await waiting(), await waiting(), await waiting()],
    by: 'form',
    async present(interaction) {
      const answer = await ask(server, browser, `/login?${encode({ interaction })}`);
      return verdictOf(answer, answer.page.includes('App confidential'));
    },
  };
}

export async function requestUris(server: TestServer): Promise<Credential> {
  const { confidential } = server.clients;
  const [browser] = await signedInBrowsers(server);
  const uri = async (): Promise<string> => (await push(server, confidential)).requestUri;
  return {
    name: 'request_uri',
    goods: [await uri(), await uri(), await uri()],
    by: 'form',
    async present(changed) {
      const query = encode({ client_id: confidential.id, request_uri: changed });
      const answer = await ask(server, browser, `/authorize?${query}`);
      return verdictOf(answer, answer.status < 400);
    },
  };
}

export async function mailLinks(server: TestServer): Promise<Credential> {
  const opened = async (email: string): Promise<NoScriptBrowser> => {
    const browser = server.newBrowser();
    await browser.submit(await browser.get('/signup'), { email });
    await browser.get(linkIn(await mailTo(server, email)));
    return browser;
  };
  const browsers: Three<NoScriptBrowser> = [
    await opened('one@example.test'),
    await opened('two@example.test'),
    await opened('three@example.test'),
  ];
  const [browser] = browsers;
  const [name] = cookieOf(browser, MAIL_LINK);
  return {
    name: 'cookie of a link by mail',
    goods: valuesOf(browsers, MAIL_LINK),
    by: 'header',
    present: async (changed) =>
      verdictOf(await ask(server, browser, '/verify-email', { cookie: [name, changed] })),
  };
}
