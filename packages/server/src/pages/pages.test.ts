import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { accountPage } from './account-page.ts';
import { consentPage } from './consent-page.ts';
import { errorPage } from './error-page.ts';
import { signedOutPage, signOutPage } from './sign-out-page.ts';
import { signInPage } from './sign-in-page.ts';
import { formPostPage, SUBMIT_SCRIPT_HASH } from './form-post-page.ts';
import { secondStepPage } from './second-step-page.ts';
import { setUpPage } from './set-up-page.ts';
import { CONSENT } from './testing/consent-samples.ts';
import { PAGE_SAMPLES } from './testing/samples.ts';
import { ACCOUNT_FACTS, SECOND_STEP, SET_UP } from './testing/sign-in-samples.ts';

/** The one page that leaves this server by a form, and has a script of its own; it is looked at below. */
const LEAVES_BY_FORM = 'form-post';

const EVIL = `"><script>alert('x')</script><img src=x onerror=alert(1)>`;
const LIMIT_BYTES = 30_000;

/** The forms of a page: attributes and fields, enough to send it as a browser would. */
function forms(page: string) {
  return [...page.matchAll(/<form ([^>]*)>(.*?)<\/form>/gs)].map(([, attributes = '', body = '']) => ({
    method: /method="([^"]*)"/.exec(attributes)?.[1],
    action: /action="([^"]*)"/.exec(attributes)?.[1],
    fields: Object.fromEntries(
      [...body.matchAll(/<input [^>]*name="([^"]*)"[^>]*?(?: value="([^"]*)")?[^>]*>/g)].map(
        ([, name, value]) => [name, value],
      ),
    ),
    body,
  }));
}

describe.each(Object.entries(PAGE_SAMPLES).filter(([name]) => name !== LEAVES_BY_FORM))(
  '%s',
  (_name, page) => {
    it('has no inline script, style, handler or foreign address', () => {
      expect(page).not.toMatch(/<style|\sstyle="|\son[a-z]+="|<script(?![^>]* src="\/assets\/)|javascript:/i);
      expect(page).not.toMatch(/(src|action)="(https?:)?\/\//);
      expect(page).not.toMatch(/<link[^>]*href="(?!\/assets\/)/);
    });

    it('sends its forms by POST to this server, with a form token', () => {
      for (const form of forms(page)) {
        expect(form.method).toBe('post');
        expect(form.action).toMatch(/^\/(?!\/)/);
      }
    });
  },
);

describe('the page that posts an answer to an app (Form Post Response Mode §2)', () => {
  const evil = `"><script>alert(1)</script>`;
  const page = formPostPage({ action: 'https://app.example/cb', fields: { code: 'tsr_ac_1', state: evil } });

  it('posts what it was given, to the app and nowhere else, and works by its button', () => {
    expect(forms(page)).toMatchObject([
      { method: 'post', action: 'https://app.example/cb', fields: { code: 'tsr_ac_1' } },
    ]);
    expect(page).toContain('<button type="submit">');
    expect(page).not.toContain(evil);
  });

  it('has the one script that its policy names', () => {
    const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script = '']) => script);
    expect(scripts.map((script) => hash('sha256', script, 'base64'))).toEqual([SUBMIT_SCRIPT_HASH]);
  });
});

describe.each(Object.entries(PAGE_SAMPLES))('%s', (_name, page) => {
  it('is one document in English with a title, one h1, one main and a live region', () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page.match(/<title>[^<]+<\/title>/g)).toHaveLength(1);
    for (const once of ['<h1', '<main', 'aria-live="polite"']) expect(page.split(once)).toHaveLength(2);
  });

  it('quotes every attribute and leaves no value behind', () => {
    const tags = page.match(/<[a-z][^>]*>/gi) ?? [];
    expect(tags.filter((tag) => !/^<[a-z0-9]+(\s+[a-z-]+(="[^"<]*")?)*\s*\/?>$/i.test(tag))).toEqual([]);
    expect(page).not.toMatch(/undefined|\[object|NaN/);
  });

  it('gives each id once', () => {
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('weighs at most 30 kB', () => {
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(LIMIT_BYTES);
  });
});

describe.each(['sign-in', 'consent'])('%s', (name) => {
  it('weighs at most 30 kB with everything it loads', () => {
    const page = PAGE_SAMPLES[name] ?? '';
    const assets = [...page.matchAll(/"\/assets\/([^"?]+)/g)].map(([, asset]) => asset ?? '');
    expect(assets.length).toBeGreaterThan(1);
    const files = [...assets, 'ibm-plex-mono.woff2'].map(
      (asset) => new URL(`assets/${asset}`, import.meta.url),
    );
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, Buffer.byteLength(page));
    expect(bytes).toBeLessThanOrEqual(LIMIT_BYTES);
  });
});

describe('the sign-in page', () => {
  const props = { action: '/login', interaction: 'sealed', formToken: 'ft' };

  it('escapes what was typed and what the app is called', () => {
    const page = signInPage({ ...props, email: EVIL, clientName: EVIL, hint: EVIL, error: 'refused' });
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('<img');
    expect(page).toContain('value="&quot;&gt;&lt;script&gt;');
  });

  it('carries the waiting request and the form token, and names its fields for password keepers', () => {
    const [form] = forms(signInPage(props));
    expect(form?.action).toBe('/login');
    expect(form?.fields).toMatchObject({ interaction: 'sealed', form_token: 'ft' });
    expect(form?.body).toMatch(/name="email"[^>]*autocomplete="username"/);
    expect(form?.body).toMatch(/name="password"[^>]*type="password"[^>]*autocomplete="current-password"/);
  });

  it('never puts a password back', () => {
    expect(signInPage({ ...props, error: 'refused' })).not.toMatch(/name="password"[^>]*value=/);
  });

  it('is titled by the app that waits', () => {
    expect(signInPage({ ...props, clientName: 'Demo player' })).toContain(
      '<title>Sign in to Demo player · Tessera</title>',
    );
    expect(signInPage(props)).toContain('<title>Sign in · Tessera</title>');
  });

  it.each([
    ['refused', 'do not match an account', true],
    ['too_many', 'Sign in again in 5 minutes', false],
    ['queue_full', 'Sign in again in a few seconds', false],
    ['form_expired', 'open for too long', false],
  ] as const)('announces %s and marks the fields only where they are at fault', (error, words, invalid) => {
    const page = signInPage({ ...props, error, retryAfterSeconds: 300 });
    expect(page).toMatch(new RegExp(`role="alert"[^]*${words}`));
    expect(page).toContain('<title>Error: ');
    expect(page.includes('aria-invalid="true" aria-describedby="problem"')).toBe(invalid);
  });
});

describe('the consent page', () => {
  it('escapes whatever an app says of itself', () => {
    const page = consentPage({
      ...CONSENT,
      client: {
        label: EVIL,
        name: EVIL,
        host: EVIL,
        redirectHost: EVIL,
        policyUri: 'javascript:alert(1)',
        tosUri: EVIL,
      },
      api: { name: EVIL, identifier: EVIL },
      scopes: [{ name: EVIL, description: EVIL }],
      account: { displayName: EVIL, email: EVIL },
    });
    expect(page).not.toMatch(/<script>alert|<img|javascript:/);
  });

  it('shows who asks, for what, on which API, where the answer goes and as whom', () => {
    const page = consentPage(CONSENT);
    for (const shown of [
      'Demo player asks for access',
      'player.example',
      'this computer · <code>127.0.0.1:4430</code>',
      'Music',
      'https://music.example/',
      'See your private playlists',
      '<code>playlist-read-private</code>',
      'Ada Lovelace · ada@example.test',
      '180 days',
    ]) {
      expect(page).toContain(shown);
    }
  });

  it('allows and denies by the same form, and changes the account by another', () => {
    const [change, decide] = forms(consentPage(CONSENT));
    expect(decide?.body).toContain('name="decision" value="allow"');
    expect(decide?.body).toContain('name="decision" value="deny"');
    const bound = { interaction: 'sealed', form_token: 'form-token' };
    expect(change?.fields).toEqual(bound);
    expect(decide?.fields).toEqual({
      ...bound,
      'allow:user-read-private': 'yes',
      'allow:user-read-email': 'yes',
      'allow:playlist-read-private': 'yes',
      'allow:offline_access': 'yes',
    });
    expect([change?.action, decide?.action]).toEqual(['/login/switch', '/consent']);
  });

  it('says which permissions were allowed before, and only those', () => {
    expect(consentPage(CONSENT).match(/You allowed this before/g)).toHaveLength(1);
  });

  it('lets the person take out what is optional, and says what is not', () => {
    const page = consentPage(CONSENT);
    expect(page.match(/<input type="checkbox" [^>]* checked>/g)).toHaveLength(4);
    expect(page.match(/Always part of a sign-in/g)).toHaveLength(1);
    const fixed = consentPage({ ...CONSENT, optional: [] });
    expect(fixed).not.toMatch(/checkbox|Take out|Always part/);
  });

  it('warns of an app whose name anyone can use', () => {
    expect(consentPage({ ...CONSENT, native: true })).toContain('any program can use its name');
    expect(consentPage(CONSENT)).not.toContain('any program can use its name');
  });

  it.each([
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['player.example', false],
    ['[::1]:4430', true],
    ['localhost:4430', true],
  ])('%s is this computer: %s', (redirectHost, expected) => {
    const page = consentPage({ ...CONSENT, client: { ...CONSENT.client, redirectHost } });
    expect(page.includes('this computer')).toBe(expected);
  });
});

describe('the other pages', () => {
  it('escape what they are given', () => {
    const account = { displayName: EVIL, email: EVIL, role: 'admin' } as const;
    const pages = [
      errorPage({ status: 400, title: EVIL, explanation: EVIL, whatToDo: EVIL, reference: EVIL }),
      signOutPage({ action: '/logout', formToken: EVIL, account, clientName: EVIL, fields: { state: EVIL } }),
      signedOutPage({ signInUrl: '/login', continueTo: { url: 'javascript:alert(1)', clientName: EVIL } }),
      accountPage({ account, ...ACCOUNT_FACTS }),
      secondStepPage({ ...SECOND_STEP, email: EVIL }),
      setUpPage({ ...SET_UP, email: EVIL }),
    ];
    for (const page of pages) expect(page).not.toMatch(/<script>alert|<img|javascript:/);
  });

  it('sign out only by a form, and carry on what the app sent', () => {
    const account = { displayName: 'Ada', email: 'ada@example.test' };
    const [form] = forms(
      signOutPage({
        action: '/logout',
        formToken: 'ft',
        account,
        fields: { state: 's', client_id: undefined },
      }),
    );
    expect(form?.fields).toEqual({ state: 's', form_token: 'ft' });
  });
});
