// The console in a real browser: an app to its first token, a personal token to a call, an app that is let in and
// disconnected, Explain, the life of a token; with the keyboard alone, on a phone, and without a breach of its policy.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violationsOn } from '../axe.ts';
import { type ConsoleFixture, startConsole } from '../console-browser.ts';
import { RECENT_SIGN_IN_MS } from '../../packages/server/src/people/session.ts';
import { MUSIC } from '../registrations.ts';

let fixture: ConsoleFixture;
beforeAll(async () => {
  fixture = await startConsole();
});
afterAll(() => fixture.close());

/** A name that would be markup, if anything took it for that. */
const MARKUP = '<img src=x onerror=alert(1)>"\'';

async function closing(page: Page, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } finally {
    await page.context().close();
  }
}

describe('Apps', () => {
  it('leads from registering an app to its first token', async () => {
    const page = await fixture.open('/console/apps');
    await closing(page, async () => {
      await page.getByRole('link', { name: 'Register an app' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill(MARKUP);
      await page.getByRole('radio', { name: 'Machine' }).check();
      await page.getByRole('button', { name: 'Register' }).click();
      const secret = await page.locator('.once code').innerText();
      expect(secret).toMatch(/^tsr_cs_/);
      await expect.poll(() => page.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await expect.poll(() => page.locator('.once code').isVisible()).toBe(true);
      await page.getByRole('button', { name: 'Run it here' }).click();
      await page.locator('dialog .tile.live').waitFor();
      await page.getByRole('checkbox', { name: 'I have stored it' }).check();
      await page.getByRole('button', { name: 'Done' }).click();
      await expect.poll(() => page.locator('h1').innerText()).toBe(MARKUP);
      await page.getByRole('table', { name: 'tokens' }).waitFor();
      expect(await page.content()).not.toContain(secret);
    });
  });

  it('judges a redirect URI while it is typed, by the rule of the server', async () => {
    const { id } = await fixture.server.registerClient({ id: 'redirecting' });
    const page = await fixture.open(`/console/apps/${id}/redirects`);
    await closing(page, async () => {
      const field = page.getByRole('textbox', { name: 'Add a redirect URI' });
      const add = page.getByRole('button', { name: 'Add this URI' });
      await field.fill('http://localhost/callback');
      await expect
        .poll(() => page.locator('.wrong').innerText())
        .toContain('localhost may resolve elsewhere');
      await expect.poll(() => add.isDisabled()).toBe(true);
      await field.fill('https://app.example/cb');
      await add.click();
      await page.getByRole('rowheader', { name: 'https://app.example/cb' }).waitFor();
      const kept = await fixture.server.tessera.store.clients.find(id);
      expect(kept?.redirectUris).toContain('https://app.example/cb');
    });
  });

  it('shows a redirect URI that was refused beside the registered one, and adds it', async () => {
    const { base } = fixture.server;
    const { id } = await fixture.server.registerClient({
      id: 'mistyped',
      redirectUris: ['https://app.example/callback'],
    });
    const ask = (uri: string): Promise<Response> =>
      fetch(`${base}/authorize?client_id=${id}&redirect_uri=${encodeURIComponent(uri)}`);
    await ask('https://app.example/callback?code=SECRET');
    await ask('https://app.example/Callback');
    const page = await fixture.open(`/console/apps/${id}/redirects`);
    await closing(page, async () => {
      await page.locator('.failed-redirects li').first().waitFor();
      await expect
        .poll(() => page.locator('.failed-redirects li:first-child mark').allInnerTexts())
        .toEqual(['C', 'c']);
      expect(await page.content()).not.toContain('SECRET');
      expect(await violationsOn(page)).toEqual([]);
      await page.getByRole('button', { name: 'Add this URI https://app.example/Callback' }).click();
      await page.getByRole('rowheader', { name: 'https://app.example/Callback', exact: true }).waitFor();
      await expect.poll(() => page.locator('.failed-redirects li').count()).toBe(1);
      await expect.poll(() => page.locator('.failed-redirects button').count()).toBe(0);
    });
  });

  it('has the client token at its stable address', async () => {
    const { id } = await fixture.server.registerClient({ id: 'shipping' });
    const page = await fixture.open(`/console/apps/${id}/settings/advanced`);
    await closing(page, async () => {
      await page.getByRole('button', { name: 'Make a client token' }).click();
      await expect.poll(() => page.locator('.once code').innerText()).toMatch(/^tsr_ct_/);
    });
  });

  it('shows an app of somebody else as nothing at all', async () => {
    const { id } = await fixture.server.registerClient({ id: 'not_theirs' });
    const person = await fixture.server.registerPerson({ email: 'stranger@example.test' });
    const page = await fixture.open(`/console/apps/${id}`, person);
    await closing(page, async () => {
      await expect.poll(() => page.locator('h1').innerText()).toBe('There is nothing here');
    });
  });
});

describe('Personal access tokens', () => {
  it('asks for a recent sign-in, and what was filled in is still there after it', async () => {
    const { server } = fixture;
    const person = await server.registerPerson({ email: 'away@example.test' });
    const page = await fixture.open('/console/settings/tokens/new', person);
    await closing(page, async () => {
      const name = page.getByRole('textbox', { name: 'Name' });
      await name.fill('long typed');
      await page.getByRole('combobox', { name: 'API' }).selectOption(MUSIC);
      const permission = page.getByRole('group', { name: 'Permissions' }).getByRole('checkbox').first();
      await permission.check();
      server.clock.advance(RECENT_SIGN_IN_MS + 1);
      await page.getByRole('button', { name: 'Create the token' }).click();
      await page.getByRole('dialog').getByRole('link', { name: 'Sign in again' }).click();
      await page.fill('#password', person.password);
      await page.click('button[type=submit]');
      await page.getByRole('heading', { name: 'Create a new personal access token' }).waitFor();
      expect([await name.inputValue(), await permission.isChecked()]).toEqual(['long typed', true]);
      await page.getByRole('button', { name: 'Create the token' }).click();
      await expect.poll(() => page.locator('.once code').innerText()).toMatch(/^tsr_pat_/);
      expect(await page.evaluate('sessionStorage.length')).toBe(0);
    });
  });

  it('makes one, shows it once, and a call with it works', async () => {
    const person = await fixture.server.registerPerson({ email: 'scripts@example.test' });
    const page = await fixture.open('/console/settings/tokens', person);
    await closing(page, async () => {
      await page.getByRole('link', { name: '+ New token' }).first().click();
      await page.getByRole('heading', { name: 'Create a new personal access token' }).waitFor();
      await page.getByRole('textbox', { name: 'Name' }).fill(MARKUP);
      await page.getByRole('combobox', { name: 'API' }).selectOption(MUSIC);
      await page.getByRole('group', { name: 'Permissions' }).getByRole('checkbox').first().check();
      await page.getByRole('button', { name: 'Create the token' }).click();
      const value = await page.locator('.once code').innerText();
      expect(value).toMatch(/^tsr_pat_/);
      const { base, clients } = fixture.server;
      const credentials = Buffer.from(`${clients.musicServer.id}:${clients.musicServer.secret}`).toString(
        'base64',
      );
      const answer = await fetch(`${base}/api/introspect`, {
        method: 'POST',
        headers: { authorization: `Basic ${credentials}` },
        body: new URLSearchParams({ token: value }),
      });
      expect(await answer.json()).toMatchObject({ active: true, sub: person.user.id });
      await page.getByRole('checkbox', { name: 'I have stored it' }).check();
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByRole('rowheader', { name: MARKUP }).waitFor();
      await page.getByRole('button', { name: 'Revoke' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
      await page.getByText('A token for your scripts.').waitFor();
    });
  });
});

describe('Explain', () => {
  it('reads and checks a token in the page; nothing is sent', async () => {
    const page = await fixture.open('/explain');
    await closing(page, async () => {
      const sent: string[] = [];
      page.on('request', (request) => void sent.push(`${request.url()} ${request.postData() ?? ''}`));
      await page.getByRole('button', { name: 'A valid JWT' }).click();
      const genuine = page.getByRole('list', { name: 'Is it genuine?' });
      await genuine.getByText('it holds').waitFor();
      const token = await page.getByRole('textbox', { name: 'Token', exact: true }).inputValue();
      await page.getByLabel('Your API’s identifier').fill('https://other.example/');
      await page.getByText('Ask for a token with resource=https://other.example/').waitFor();
      await page.getByRole('textbox', { name: 'Token', exact: true }).fill(`${token.slice(0, -4)}AAAA`);
      await genuine.getByText('it does not hold').waitFor();
      expect(sent.filter((each) => each.includes(token.slice(0, 40)))).toEqual([]);
      await page.getByRole('button', { name: 'An expired Common Access Token' }).click();
      await page.getByText('2026-01-01').first().waitFor();
      await page.getByRole('button', { name: 'An opaque token' }).click();
      await page.getByText('This is not broken, it is opaque.').waitFor();
      await expect.poll(() => page.locator('ins').innerText()).toContain('resource=');
      expect(await violationsOn(page)).toEqual([]);
    });
  });

  it('asks the server on a button, for who may', async () => {
    const page = await fixture.open('/console/explain');
    await closing(page, async () => {
      await page.getByRole('button', { name: 'An opaque token' }).click();
      await page.getByRole('button', { name: 'Ask this server' }).click();
      const checks = page.getByRole('list', { name: 'Checks of this server' });
      await expect.poll(() => checks.innerText()).toContain('never issued here');
    });
  });
});

describe('Life of a token', () => {
  it('walks from the sign-in to the end of a real token; then the app is disconnected', async () => {
    const page = await fixture.open('/console/life');
    await closing(page, async () => {
      await page.getByRole('button', { name: 'Register it and start' }).click();
      await page.getByRole('button', { name: 'Next step: go there' }).click();
      await page.getByRole('button', { name: 'Allow' }).click();
      await page.getByRole('button', { name: 'Next step: exchange it' }).click();
      expect(page.url()).not.toContain('code=');
      await page.getByRole('button', { name: 'Next step: use it' }).click();
      await page.getByRole('button', { name: 'Call an API' }).click();
      await page.getByText('Verified: the API answered.').first().waitFor();
      await page.getByRole('button', { name: 'Renew' }).click();
      await page.getByText('Renewed: another token').first().waitFor();
      await page.getByRole('button', { name: 'Send it in a URL' }).click();
      await page.getByText('taken as exposed').first().waitFor();
      await page.getByRole('button', { name: 'Revoke' }).click();
      await page
        .getByText(/Refused at \/userinfo after \d+ ms/)
        .first()
        .waitFor();
      expect(await page.locator('.tile').getAttribute('class')).toContain('revoked');
      await page.getByRole('link', { name: 'Connected apps' }).click();
      await page.getByRole('button', { name: 'Disconnect Life of a token' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
      await page.getByText('No app is connected.').waitFor();
    });
  });
});

describe('The frame', () => {
  it('is walked with the keyboard alone; the focus is seen, and goes where one went', async () => {
    const page = await fixture.open('/console/settings/tokens');
    await closing(page, async () => {
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
      await page.keyboard.press('Control+k');
      await page.keyboard.type('explain');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Explain a token' }).waitFor();
      await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1');
      expect(await page.title()).toBe('Explain a token · Tessera');
      await expect.poll(() => page.innerText('#live')).toMatch(/^Explain a token/);
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    });
  });

  it('signs out', async () => {
    const page = await fixture.open('/console');
    await closing(page, async () => {
      await page.getByRole('button', { name: /admin/i }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('signed out').first().waitFor();
      await page.goto(`${fixture.server.base}/console`);
      expect(page.url()).toContain('/login?next=console');
    });
  });

  it('leads to the sign-in and back when an act wants a recent one', async () => {
    const { id } = await fixture.server.registerClient({ id: 'rotating' });
    const page = await fixture.open(`/console/apps/${id}/credentials`);
    await closing(page, async () => {
      fixture.server.clock.advance(16 * 60_000);
      await page.getByRole('button', { name: 'Add a secret' }).click();
      await page.getByRole('dialog').getByRole('link', { name: 'Sign in again' }).click();
      await page.fill('#password', 'the administrator has a password');
      await page.click('button[type=submit]');
      await page.getByRole('button', { name: 'Add a secret' }).click();
      await expect.poll(() => page.locator('.once code').innerText()).toMatch(/^tsr_cs_/);
    });
  });
});

/** Everything that was on its way is there. */
const SETTLED = 'document.querySelector("h1") !== null && document.querySelector(".loading") === null';

const SCREENS = [
  '/console/settings/tokens',
  '/console/settings/tokens/new',
  '/console/settings/apps',
  '/console/settings/apps/agents',
  '/console/settings/account',
  '/console/settings/account/security',
  '/console/settings/account/sessions',
  '/console/settings/account/activity',
  '/console/apps',
  '/console/apps/new',
  '/console/apps/web-app',
  '/console/apps/web-app/credentials',
  '/console/apps/web-app/redirects',
  '/console/apps/web-app/settings',
  '/console/apps/web-app/settings/advanced',
  '/console/explain',
  '/console/life',
  '/console/nowhere',
];

describe.each([
  { colorScheme: 'light', width: 1280, rules: undefined },
  // The same page in other colours and another width: what else there is has been looked at.
  {
    colorScheme: 'dark',
    width: 390,
    rules: ['color-contrast', 'target-size', 'scrollable-region-focusable'],
  },
] as const)('$colorScheme, $width px', ({ colorScheme, width, rules }) => {
  it('nothing to object to on any screen', { timeout: 120_000 }, async () => {
    const page = await fixture.open('/console', undefined, { colorScheme, viewport: { width, height: 800 } });
    await closing(page, async () => {
      for (const path of SCREENS) {
        // oxlint-disable-next-line no-await-in-loop -- one page, one screen after the other
        await page.goto(`${fixture.server.base}${path}`);
        // oxlint-disable-next-line no-await-in-loop -- as above
        await expect.poll(() => page.evaluate(SETTLED)).toBe(true);
        // oxlint-disable-next-line no-await-in-loop -- as above
        expect([path, await violationsOn(page, rules)]).toEqual([path, []]);
        // oxlint-disable-next-line no-await-in-loop -- as above
        expect([path, await page.evaluate('document.documentElement.scrollWidth - innerWidth')]).toEqual([
          path,
          0,
        ]);
      }
    });
  });
});

describe('What is sent', () => {
  it('is little at first: no more than 200 kB, packed', async () => {
    const page = await (await fetch(`${fixture.server.base}/explain`)).text();
    const files = [...page.matchAll(/(?:src|href)="[^"]*\/console\/assets\/([^"]+)"/g)].map(
      ([, name = '']) => name,
    );
    expect(files.length).toBeGreaterThanOrEqual(2);
    const dist = fileURLToPath(new URL('../../packages/console/dist/', import.meta.url));
    const sizes = files.map((name) => gzipSync(readFileSync(`${dist}${name}`)).length);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(200_000);
  });

  it('may be kept for a year under a name that says what is in it, and is packed for who takes that', async () => {
    const page = await fetch(`${fixture.server.base}/explain`);
    const [, script = ''] = /<script type="module" src="([^"]+)"/.exec(await page.text()) ?? [];
    expect(script).toMatch(/\/console-[A-Z0-9]{8}\.js$/);
    const answer = await fetch(`${fixture.server.base}${script}`, { headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect((await fetch(`${fixture.server.base}/console/assets/nothing.js`)).status).toBe(404);
  });

  it('has a policy under which nothing runs but its own files', async () => {
    const { headers } = await fetch(`${fixture.server.base}/explain`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|https?:/);
  });

  it('never broke it, and asked no other server, in any of the tests before', () => {
    expect(fixture.complaints).toEqual([]);
  });
});
