// Pages for people: what their headers keep out.
import type { Visit } from '../harness/browser.ts';
import type { Check } from '../harness/check.ts';
import { expectNoStore } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf } from '../harness/failure.ts';
import { attempt, requestUrl, signedIn } from '../harness/flow.ts';
import { tagsOf } from '../harness/html.ts';
import type { Target } from '../harness/target.ts';

interface Pages {
  readonly signIn: Visit;
  readonly consent: Visit;
  readonly error: Visit;
}

export async function pagesOf(target: Target): Promise<Pages> {
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

export const pageHeaderChecks: readonly Check[] = [
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
    id: 'AZ-70-features',
    title: 'Pages give up the devices of the person: no camera, no microphone, no place',
    source: 'OWASP ASVS 5.0 V3.4; Permissions Policy §4',
    needs: ['code', 'pages'],
    run: (target) =>
      forPages(target, (visit, name) => {
        const policy = visit.headers.get('permissions-policy') ?? '';
        for (const feature of ['camera', 'microphone', 'geolocation']) {
          ensure(policy.includes(`${feature}=()`), `${name}: the page may use ${feature}`);
        }
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
