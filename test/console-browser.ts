/** The console in a real browser, against a real server: one of each for a test file. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { buildIfChanged } from '../packages/console/build.mjs';
import { launchBrowser } from './chromium.ts';
import { startTestServer, type TestServer } from './harness.ts';
import type { Person } from './registrations.ts';

export interface ConsoleFixture {
  readonly server: TestServer;
  /** What browsers complained about: scripts that failed, breaches of the policy of the page. */
  readonly complaints: string[];
  /** A page at that path, signed in; its context goes with `close`. */
  open(
    path: string,
    person?: Pick<Person, 'email' | 'password'>,
    options?: BrowserContextOptions,
  ): Promise<Page>;
  close(): Promise<void>;
}

export const ADMIN = { email: 'admin@example.test', password: 'the administrator has a password' };

export async function startConsole(): Promise<ConsoleFixture> {
  await buildIfChanged();
  const [server, browser] = await Promise.all([startTestServer({ store: 'sqlite' }), launchBrowser()]);
  const complaints: string[] = [];
  return {
    server,
    complaints,
    open: (path, person = ADMIN, options = {}) => open(browser, server, complaints, path, person, options),
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

async function open(
  browser: Browser,
  server: TestServer,
  complaints: string[],
  path: string,
  { email, password }: Pick<Person, 'email' | 'password'>,
  options: BrowserContextOptions,
): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => void complaints.push(error.message));
  page.on('console', (message) => {
    // What the API refuses is part of what is tested; everything else is a fault.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text());
    }
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(server.base)) complaints.push(`a request to ${request.url()}`);
  });
  await page.goto(`${server.base}${path}`);
  if (page.url().includes('/login')) {
    await page.fill('#email', email);
    await page.fill('#password', password);
    await page.click('button[type=submit]');
  }
  await page.waitForSelector('h1');
  return page;
}
