/** An account from nothing, as a person makes it in the demo: a real browser, the keyboard alone, mails in the mailbox. */
import { AxeBuilder } from '@axe-core/playwright';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { launchBrowser } from '../chromium.ts';
import { type DemoProcess, startDemo } from '../demo-process.ts';

const EMAIL = 'grace@example.test';
const PASSWORD = 'a password of several words';
let demo: DemoProcess;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
  page = await (await browser.newContext()).newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
}, 60_000);
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
      await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
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
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
}

/** Opens the newest mail with this subject in the mailbox, and follows its link. */
async function followMail(subject: string): Promise<void> {
  await vi.waitFor(
    async () => {
      await page.goto(`${demo.issuer}/mailbox`);
      expect((await page.locator('.mails a').allTextContents())[0]).toBe(subject);
    },
    { timeout: 10_000, interval: 300 },
  );
  await page.locator('.mails li:first-child a').focus();
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
  await isAccessible();
  await page.locator('.mail-text a[href*="?link="]').focus();
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
  expect(page.url()).not.toContain('tsr_');
}

async function isAccessible(): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
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
}, 60_000);

it('recovery → another password → signed in with it', async () => {
  await enter('Sign out');
  await page.goto(`${demo.issuer}/login`);
  await enter('Forgot your password?');
  await type(EMAIL);
  await followMail(`Choose another password at ${host()}`);
  await isAccessible();
  await page.getByLabel('Password').focus();
  await type(`${PASSWORD}!`);
  expect(await page.textContent('.note')).toBe('Your password is saved. Sign in with it.');
  await type(EMAIL, `${PASSWORD}!`);
  expect(await heading()).toBe('Grace Hopper');
}, 60_000);

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
  await vi.waitFor(
    async () => {
      await page.goto(`${demo.issuer}/mailbox`);
      expect((await page.locator('.mails li').allTextContents())[0]).toContain(account.email);
    },
    { timeout: 10_000, interval: 300 },
  );
  expect(await page.textContent('.mails li:first-child a')).toBe(`Your address at ${host()} was changed`);
}, 60_000);
