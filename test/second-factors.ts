// How a person sets up and uses a second factor, through the pages.
import { timeCode, timeStepAt } from '../packages/server/src/people/time-codes.ts';
import type { TestServer } from './harness.ts';
import { findForm, hasForm, type NoScriptBrowser, titleOf, type Visit } from './no-script-browser.ts';
import type { Person } from './registrations.ts';
import { SoftwareAuthenticator, submitPasskey } from './software-authenticator.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An authenticator app, as on a phone. */
export class CodeApp {
  readonly seed: Uint8Array;

  constructor(secret: string) {
    let bits = '';
    for (const letter of secret) bits += BASE32.indexOf(letter).toString(2).padStart(5, '0');
    this.seed = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
  }

  /** @param skew steps before or after now */
  code(now: number, skew = 0): string {
    return timeCode(this.seed, timeStepAt(now) + skew);
  }
}

export function typePassword(browser: NoScriptBrowser, visit: Visit, person: Person): Promise<Visit> {
  return browser.submit(visit, { email: person.email, password: person.password });
}

export async function signIn(server: TestServer, browser: NoScriptBrowser, person: Person): Promise<Visit> {
  return typePassword(browser, await browser.get(`${server.base}/login`), person);
}

export const isSecondStep = (visit: Visit): boolean =>
  hasForm(visit.page, 'step') && new URL(visit.url).pathname === '/login/second-step';

/** The codes of the page that shows them once. */
export function recoveryCodesOf(visit: Visit): readonly string[] {
  return [...visit.page.matchAll(/<li><code>([^<]+)<\/code><\/li>/g)].map(([, code = '']) => code);
}

/** Sets up an app from a page that offers to. */
export async function setUpApp(
  server: TestServer,
  browser: NoScriptBrowser,
  offer: Visit,
): Promise<{ readonly app: CodeApp; readonly codes: readonly string[]; readonly visit: Visit }> {
  const url = /<a class="button quiet" href="([^"]+)">Set up an app/.exec(offer.page)?.[1];
  if (url === undefined) throw new Error(`No app can be set up here: ${titleOf(offer.page)}`);
  const page = await browser.get(new URL(url.replaceAll('&amp;', '&'), server.base).href);
  const secret = /class="seed">([^<]+)</.exec(page.page)?.[1] ?? '';
  const app = new CodeApp(secret.replaceAll(' ', ''));
  const visit = await browser.submit(page, { code: app.code(server.clock.now()) });
  return { app, codes: recoveryCodesOf(visit), visit };
}

export interface WithFactors {
  readonly person: Person;
  readonly app: CodeApp;
  readonly passkey: SoftwareAuthenticator;
  readonly codes: readonly string[];
}

let people = 0;

/** A person with an app, a passkey and recovery codes; the clock has moved past the codes that this used. */
export async function registerWithFactors(server: TestServer): Promise<WithFactors> {
  people += 1;
  const person = await server.registerPerson({ email: `strong${people}@example.test` });
  const browser = server.newBrowser();
  await signIn(server, browser, person);
  const { app, codes } = await setUpApp(server, browser, await browser.get(`${server.base}/login/set-up`));
  const passkey = new SoftwareAuthenticator(new URL(server.issuer).origin, { signCount: 1 });
  const added = await submitPasskey(browser, await browser.get(`${server.base}/login/set-up`), passkey);
  if (!added.page.includes('Your passkey is added')) throw new Error(titleOf(added.page));
  server.clock.advance(60_000);
  return { person, app, passkey, codes };
}

/** The hidden fields of the page's form for codes. */
export function codeFields(visit: Visit): Readonly<Record<string, string>> {
  return findForm(visit.page, ['code']).fields;
}
