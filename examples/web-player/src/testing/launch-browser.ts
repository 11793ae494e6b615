import chromium from '@sparticuz/chromium';
import type { Browser } from 'playwright-core';
import { chromium as playwright } from 'playwright-core';

/**
 * Arguments the packaged browser would like that a test must not have: without web security CORS is not enforced and a
 * page that works here would fail elsewhere; in one process the browser dies with the first page that is closed.
 */
const UNWANTED = [
  '--disable-web-security',
  '--allow-running-insecure-content',
  '--disable-site-isolation-trials',
  '--single-process',
];

/** A real browser, from a package; a system browser named by CHROMIUM_PATH comes first. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? (await chromium.executablePath());
  return playwright.launch({
    executablePath,
    args: chromium.args.filter((argument) => !UNWANTED.includes(argument)),
  });
}
