/** A real browser for tests: the one that an environment variable names, else the one inside an npm package. */
import packed from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

export async function launchBrowser(): Promise<Browser> {
  const system = process.env['CHROMIUM_PATH'];
  const executablePath = system ?? (await packed.executablePath());
  return chromium.launch({
    executablePath,
    args: [
      ...packed.args,
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
    ],
  });
}
