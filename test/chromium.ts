/** A real browser for tests: the one that CHROMIUM_PATH names, else the one inside an npm package. */
import packed from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/**
 * None of the package's own arguments: they switch off web security, so that no CORS failure would ever show, and run
 * all contexts in one process, so that they share their storage.
 */
const ARGUMENTS = [
  '--no-sandbox',
  '--headless=shell',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? (await packed.executablePath());
  return chromium.launch({ executablePath, args: ARGUMENTS });
}
