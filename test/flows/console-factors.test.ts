// Account → Security in a real browser: passkeys of a virtual authenticator, one-time codes, recovery codes.
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violationsOn } from '../axe.ts';
import { type ConsoleFixture, startConsole } from '../console-browser.ts';
import { CodeApp } from '../second-factors.ts';

const SECURITY = '/console/settings/account/security';
/** Where pictures of the screens go, for whoever wants to look at them. */
const PICTURES = process.env['TESSERA_PICTURES'];

let fixture: ConsoleFixture;
beforeAll(async () => {
  fixture = await startConsole();
});
afterAll(() => fixture.close());

async function closing(page: Page, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } finally {
    await page.context().close();
  }
}

async function addAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable', { enableUI: false });
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** No violation; and a picture in light and dark, on a desk and on a phone. */
async function look(page: Page, name: string): Promise<void> {
  expect([name, await violationsOn(page)]).toEqual([name, []]);
  if (PICTURES === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      // oxlint-disable-next-line no-await-in-loop -- one page
      await page.emulateMedia({ colorScheme });
      // oxlint-disable-next-line no-await-in-loop -- one page
      await page.setViewportSize({ width, height: 844 });
      // oxlint-disable-next-line no-await-in-loop -- one page
      await page.screenshot({ path: `${PICTURES}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** The codes that are shown once, put away. */
async function takeCodes(page: Page): Promise<readonly string[]> {
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  const codes = await page.locator('.recovery-codes code').allTextContents();
  expect(codes).toHaveLength(10);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true);
  await page.getByRole('checkbox', { name: 'I have stored them' }).check();
  await page.getByRole('button', { name: 'Done' }).click();
  expect(await page.content()).not.toContain(codes[0]);
  return codes;
}

describe('Second factors', () => {
  it('adds a passkey, asks for it before it changes, renames and removes it', async () => {
    const person = await fixture.server.registerPerson({ email: 'passkeys@example.test' });
    const page = await fixture.open(SECURITY, person);
    await closing(page, async () => {
      await addAuthenticator(page);
      await page.getByText('No passkey yet.').waitFor();
      await look(page, 'security-empty');
      await page.getByRole('button', { name: 'Add a passkey' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('This laptop');
      await look(page, 'passkey-add');
      await page.getByRole('button', { name: 'Go on' }).click();
      await takeCodes(page);
      const passkeys = page.getByRole('table', { name: 'Passkeys' });
      await passkeys.getByRole('rowheader', { name: /This laptop/ }).waitFor();
      await page.getByText('10 left.').waitFor();

      // The password that this browser was opened with is not enough any more.
      await page.getByRole('button', { name: 'Rename This laptop' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('Old laptop');
      await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
      await page.getByRole('link', { name: 'Sign in again' }).click();
      await page.waitForURL(`**${SECURITY}`);
      await page.getByRole('button', { name: 'Rename This laptop' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('Old laptop');
      await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
      await passkeys.getByRole('rowheader', { name: /Old laptop/ }).waitFor();
      await look(page, 'security-passkey');

      await page.getByRole('button', { name: 'Add a passkey' }).click();
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByText('This device has a passkey of yours already').waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();

      await page.getByRole('button', { name: 'Remove Old laptop' }).click();
      await page.getByText('It is your only second factor').waitFor();
      await look(page, 'passkey-remove');
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await page.getByText('No passkey yet.').waitFor();
      await expect.poll(() => page.getByRole('heading', { name: 'Recovery codes' }).count()).toBe(0);
    });
  });

  it('sets up an authenticator app by its secret, renews the recovery codes, and removes it', async () => {
    const person = await fixture.server.registerPerson({ email: 'codes@example.test' });
    const page = await fixture.open(SECURITY, person);
    await closing(page, async () => {
      await page.getByRole('button', { name: 'Set up an app' }).click();
      await page.getByRole('img', { name: 'QR code' }).waitFor();
      const seed = await page.locator('.seed').innerText();
      const app = new CodeApp(seed.replaceAll(' ', ''));
      await look(page, 'app-set-up');
      await page.getByLabel('Six digits').fill('000000');
      await page.getByRole('button', { name: 'Turn it on' }).click();
      await page.getByText('It did not prove itself').waitFor();
      await page.getByLabel('Six digits').fill(app.code(fixture.server.clock.now()));
      await page.getByRole('button', { name: 'Turn it on' }).click();
      const first = await takeCodes(page);
      await page.getByRole('rowheader', { name: 'Authenticator app' }).waitFor();

      await page.getByRole('button', { name: 'Make new codes' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
      await page.getByRole('link', { name: 'Sign in again' }).click();
      await page.fill('#password', person.password);
      await page.click('button[type=submit]');
      fixture.server.clock.advance(60_000);
      await page.fill('#code', app.code(fixture.server.clock.now()));
      await page.locator('form:has(#code) button[type=submit]').click();
      await page.waitForURL(`**${SECURITY}`);
      await page.getByRole('button', { name: 'Make new codes' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
      const second = await takeCodes(page);
      expect(second.filter((code) => first.includes(code))).toEqual([]);

      await page.getByRole('button', { name: 'Remove Authenticator app' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await page.getByText('No authenticator app yet.').waitFor();
    });
  });

  it('never broke the policy of the page', () => {
    expect(fixture.complaints).toEqual([]);
  });
});
