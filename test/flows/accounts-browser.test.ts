/** An account from nothing, as a person makes it in the demo: a real browser, the keyboard alone, mails in the mailbox. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { buildIfChanged } from '../../packages/console/build.mjs';
import { violationsOn } from '../axe.ts';
import { launchBrowser } from '../chromium.ts';
import { type DemoProcess, startDemo } from '../demo-process.ts';
import { turnPage } from '../turn-page.ts';

const EMAIL = 'grace@example.test';
const PASSWORD = 'a password of several words';
let demo: DemoProcess;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  await buildIfChanged();
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
  page = await (await browser.newContext()).newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
});
afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Goes on with Tab until a link or a button has this name, and presses Enter. */
async function enter(name: string): Promise<void> {
  for (let pressed = 0; pressed < 30; pressed += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one key after the other
    const focused = await page.evaluate("document.activeElement?.textContent?.trim() ?? ''");
    if (focused === name) {
      // oxlint-disable-next-line no-await-in-loop -- the last key
      await turnPage(page, () => page.keyboard.press('Enter'));
      return;
    }
    // oxlint-disable-next-line no-await-in-loop -- one key after the other
    await page.keyboard.press('Tab');
  }
  throw new Error(`No Tab leads to ${name} on ${page.url()}`);
}

/** Types into the field that has the focus, and into the ones after it, and sends the form. */
async function type(...texts: readonly string[]): Promise<void> {
  for (const [index, text] of texts.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- one field after the other
    if (index > 0) await page.keyboard.press('Tab');
    // oxlint-disable-next-line no-await-in-loop -- one field after the other
    await page.keyboard.type(text);
  }
  await turnPage(page, () => page.keyboard.press('Enter'));
}

/** A mail in the mailbox. Several that are sent at once come in any order, so it is known by its subject. */
const mailOf = (subject: string) => page.locator('.mails li').filter({ hasText: subject }).first();

async function waitForMail(subject: string): Promise<void> {
  await vi.waitFor(
    async () => {
      await page.goto(`${demo.issuer}/mailbox`);
      expect(await mailOf(subject).count()).toBe(1);
    },
    { timeout: 30_000, interval: 300 },
  );
}

/** Opens the newest mail with this subject in the mailbox, and follows its link. */
async function followMail(subject: string): Promise<void> {
  await waitForMail(subject);
  await mailOf(subject).locator('a').focus();
  await turnPage(page, () => page.keyboard.press('Enter'));
  await isAccessible();
  await page.locator('.mail-text a[href*="?link="]').focus();
  await turnPage(page, () => page.keyboard.press('Enter'));
  expect(page.url()).not.toContain('tsr_');
}

async function isAccessible(): Promise<void> {
  expect(await violationsOn(page)).toEqual([]);
}

const heading = () => page.textContent('h1');
const host = () => new URL(demo.issuer).host;

it('sign-up → mail in the mailbox → verified → signed in', async () => {
  await page.goto(`${demo.issuer}/login`);
  await isAccessible();
  await enter('Create an account');
  await isAccessible();
  await type(EMAIL);
  expect(await heading()).toBe('Read your mail');
  await followMail(`Finish your account at ${host()}`);
  await isAccessible();
  await type('Grace Hopper', PASSWORD);
  expect(await heading()).toBe('Grace Hopper');
});

it('recovery → another password → signed in with it', async () => {
  await enter('Sign out');
  await page.goto(`${demo.issuer}/login`);
  await enter('Forgot your password?');
  await type(EMAIL);
  await followMail(`Choose another password at ${host()}`);
  await isAccessible();
  await page.getByLabel('Password').focus();
  await type(`${PASSWORD}!`);
  await expect.poll(() => page.textContent('.note')).toBe('Your password is saved. Sign in with it.');
  await type(EMAIL, `${PASSWORD}!`);
  expect(await heading()).toBe('Grace Hopper');
});

it('a first personal access token → a curl that works, until it is revoked', async () => {
  await page.goto(`${demo.issuer}/console/settings/tokens`);
  await page.getByRole('link', { name: '+ New token' }).first().click();
  await page.getByRole('textbox', { name: 'Name' }).fill('nightly');
  await page.getByRole('checkbox', { name: 'Read tracks, artists and albums' }).check();
  await page.getByRole('button', { name: 'Create the token' }).click();
  // As the page shows it; only where the API listens is put in, which its identifier does not say.
  const shown = await page.locator('dialog pre code').innerText();
  const track = `${demo.musicApi}/v1/tracks/${demo.state.track_id}`;
  const command = shown.replace(/https?:\/\/\S+$/, `-s -w '\\n%{http_code}' ${track}`);
  const call = async (): Promise<readonly string[]> => {
    const { stdout } = await promisify(execFile)('sh', ['-c', command]);
    return stdout.split(/\n(?=\d+$)/);
  };
  const [body = '', status] = await call();
  expect([status, JSON.parse(body)]).toEqual(['200', expect.objectContaining({ id: demo.state.track_id })]);
  await page.getByRole('checkbox', { name: 'I have stored it' }).check();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Revoke nightly' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('A token for your scripts.').waitFor();
  await expect.poll(async () => (await call())[1]).toBe('401');
});

it('change of address → confirmed at the new one → the old one is told', async () => {
  const authorization = `Bearer ${readFileSync(join(demo.dataDirectory, 'admin.token'), 'utf8').trim()}`;
  const { account } = demo.state;
  const asked = await fetch(`${demo.issuer}/account/v1/email`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'countess@example.test', current_password: account.password }),
  });
  expect(asked.status).toBe(202);
  await followMail(`Confirm your new address at ${host()}`);
  await isAccessible();
  await enter('Confirm');
  expect(await heading()).toBe('Your address is confirmed');
  const told = `Your address at ${host()} was changed`;
  await waitForMail(told);
  await expect.poll(() => mailOf(told).textContent()).toContain(account.email);
});
