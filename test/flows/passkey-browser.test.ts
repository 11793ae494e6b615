// Passkeys, codes and recovery codes in a real browser, with a virtual authenticator, by keyboard alone.
import { mkdir } from 'node:fs/promises';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { violationsOn } from '../axe.ts';
import { launchBrowser } from '../chromium.ts';
import { startTestServer, type TestServer } from '../harness.ts';
import type { Person } from '../registrations.ts';
import { CodeApp } from '../second-factors.ts';
import { turnPage } from '../turn-page.ts';

/** Where pictures of the pages go, for whoever wants to look at them. */
const PICTURES = process.env['TESSERA_PICTURES'];

describe('second factors in a browser', () => {
  let server: TestServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let devtools: CDPSession;
  let authenticatorId: string;
  let person: Person;
  const complaints: string[] = [];
  let people = 0;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer({ store: 'sqlite' }), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  beforeEach(async () => {
    server.clock.advance(120_000);
    people += 1;
    person = await server.registerPerson({ email: `browser${people}@example.test` });
    context = await browser.newContext();
    page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable', { enableUI: false });
    ({ authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    }));
  });
  afterEach(async () => {
    await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    await context.close();
    complaints.splice(0);
  });

  /** No violation, and a picture in light and dark, on a desk and on a phone. */
  async function look(name: string): Promise<void> {
    expect(await violationsOn(page)).toEqual([]);
    if (PICTURES === undefined) return;
    await mkdir(PICTURES, { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [size, width, height] of [
        ['desktop', 1280, 800],
        ['phone', 390, 844],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop -- one page
        await page.emulateMedia({ colorScheme });
        // oxlint-disable-next-line no-await-in-loop -- one page
        await page.setViewportSize({ width, height });
        // oxlint-disable-next-line no-await-in-loop -- one page
        await page.screenshot({ path: `${PICTURES}/${name}-${size}-${colorScheme}.png`, fullPage: true });
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 800 });
  }

  async function expectSignedIn(): Promise<void> {
    await page.getByText('You are signed in').waitFor();
    expect(complaints).toEqual([]);
  }

  /** The autofill request of the sign-in page would use the only passkey there is at once; this holds it back. */
  const holdAutofill = () =>
    page.addInitScript(() => {
      PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
    });

  /** Presses what has the focus, and waits for the page that it leads to. */
  const enter = (): Promise<void> => turnPage(page, () => page.keyboard.press('Enter'));

  async function signInByKeyboard(): Promise<void> {
    await page.goto(`${server.base}/login`);
    // The browser moves the focus there by itself, a moment later on a busy machine.
    await page.waitForFunction(() => document.activeElement?.id === 'email');
    await page.keyboard.type(person.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(person.password);
    await enter();
  }

  /** Presses Tab until the element has the focus, as somebody without a mouse does. */
  async function tabTo(name: string): Promise<void> {
    for (let pressed = 0; pressed < 30; pressed += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one key after the other
      await page.keyboard.press('Tab');
      // oxlint-disable-next-line no-await-in-loop -- as above
      const focused = await page.evaluate(() => document.activeElement?.textContent?.trim());
      if (focused === name) return;
    }
    throw new Error(`The keyboard does not lead to ${name}`);
  }

  async function addPasskeyByKeyboard(): Promise<void> {
    await tabTo('Add a passkey');
    await enter();
    await page.waitForURL('**/login/set-up');
    await page.getByRole('button', { name: 'Add a passkey' }).waitFor();
    await look('set-up');
    await tabTo('Add a passkey');
    await enter();
    await page.getByRole('heading', { name: 'Your passkey is added' }).waitFor();
    await look('passkey-added');
    await tabTo('I have kept them: go on');
    await enter();
    await expectSignedIn();
  }

  it('a passkey is added, then signs in by its button, by keyboard alone', async () => {
    await holdAutofill();
    await signInByKeyboard();
    await look('account');
    await addPasskeyByKeyboard();
    const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
    expect(credentials).toHaveLength(1);
    await context.clearCookies();
    await page.goto(`${server.base}/login`);
    await look('sign-in');
    await tabTo('Sign in with a passkey');
    await enter();
    await expectSignedIn();
    const [event] = await server.auditEvents('sign_in');
    expect(event).toMatchObject({
      actor: person.user.id,
      detail: { amr: expect.stringMatching(/^[hs]wk user mfa$/) },
    });
  });

  it('a passkey signs in where the email is typed', async () => {
    const held = await holdAutofill();
    await signInByKeyboard();
    await addPasskeyByKeyboard();
    await held.dispose();
    await context.clearCookies();
    await page.goto(`${server.base}/login`);
    await expectSignedIn();
  });

  it('a passkey is the second step after the password, and a refusal is told', async () => {
    await holdAutofill();
    await signInByKeyboard();
    await addPasskeyByKeyboard();
    await context.clearCookies();
    await signInByKeyboard();
    await page.getByRole('heading', { name: 'Show that it is you' }).waitFor();
    await look('second-step-passkey');
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await devtools.send('WebAuthn.clearCredentials', { authenticatorId });
    await page.getByRole('button', { name: 'Use a passkey' }).press('Enter');
    await page.getByText('No passkey was used.').waitFor();
    await look('second-step-no-passkey');
    expect(complaints).toEqual([]);
  });

  it('a password and a code of an app, then a recovery code, by keyboard alone', async () => {
    await holdAutofill();
    await signInByKeyboard();
    await tabTo('Add a passkey');
    await enter();
    await tabTo('Set up an app');
    await enter();
    await page.getByRole('heading', { name: 'Set up your authenticator app' }).waitFor();
    await look('set-up-app');
    const secret = (await page.locator('.seed').textContent()) ?? '';
    const app = new CodeApp(secret.replaceAll(' ', ''));
    await page.getByLabel('Six digits').focus();
    await page.keyboard.type(app.code(server.clock.now()));
    await enter();
    const codes = await page.locator('.recovery-codes code').allTextContents();
    expect(codes).toHaveLength(10);
    await look('app-added');

    server.clock.advance(60_000);
    await context.clearCookies();
    await signInByKeyboard();
    await page.getByLabel('Code from your authenticator app').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('code');
    await look('second-step');
    await page.keyboard.type('000000');
    await enter();
    await page.locator('#problem').waitFor();
    complaints.splice(0);
    await look('second-step-wrong-code');
    await page.keyboard.type(app.code(server.clock.now()));
    await enter();
    await expectSignedIn();

    await context.clearCookies();
    await signInByKeyboard();
    await tabTo('Use a recovery code');
    await enter();
    await page.getByLabel('Recovery code').waitFor();
    await look('second-step-recovery');
    await page.keyboard.type(codes[0]?.toLowerCase() ?? '');
    await enter();
    await expectSignedIn();
  });

  it('nothing on the pages asks anybody else, and nothing runs in them but our script', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await holdAutofill();
    await page.goto(`${server.base}/login`);
    await signInByKeyboard();
    await page.goto(`${server.base}/login/set-up?kind=app`);
    expect(new Set(asked)).toEqual(new Set([server.base]));
    expect(complaints).toEqual([]);
  });
});
