// Access policies in the console, in a real browser: made, looked at, tried, changed; light and dark, on a phone too.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { violationsOn } from '../axe.ts';
import { type ConsoleFixture, startConsole } from '../console-browser.ts';
import { requestToken } from '../oauth-calls.ts';

let fixture: ConsoleFixture;
beforeAll(async () => {
  fixture = await startConsole();
});
afterAll(() => fixture?.close());

/** To be looked at: a directory for pictures of every screen. */
const PICTURES = process.env['TESSERA_PICTURES'];

const VIEWS = [
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 390, height: 844 } }],
] as const;

async function look(page: Page, name: string): Promise<void> {
  await page.locator('.loading').waitFor({ state: 'detached' });
  for (const [colorScheme, { viewport }] of VIEWS) {
    // oxlint-disable-next-line no-await-in-loop -- one page, one look after the other
    await page.emulateMedia({ colorScheme });
    // oxlint-disable-next-line no-await-in-loop -- as above
    await page.setViewportSize(viewport);
    // oxlint-disable-next-line no-await-in-loop -- as above
    expect({ name, colorScheme, violations: await violationsOn(page) }).toEqual({
      name,
      colorScheme,
      violations: [],
    });
    // oxlint-disable-next-line no-await-in-loop -- as above
    const isWider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect({ name, colorScheme, isWider }).toEqual({ name, colorScheme, isWider: false });
    if (PICTURES !== undefined) {
      // oxlint-disable-next-line no-await-in-loop -- as above
      await page.screenshot({ path: `${PICTURES}/policies-${name}-${colorScheme}.png`, fullPage: true });
    }
  }
  await page.setViewportSize(VIEWS[0][1].viewport);
}

it('a policy is made, tried, enforced and deleted, and every screen is fit to be seen', async () => {
  const { server } = fixture;
  const page = await fixture.open('/console/policies');
  try {
    await page.getByText('No policies.').waitFor();
    await look(page, 'empty');
    await page.getByRole('link', { name: 'New policy' }).first().click();
    await page.getByLabel('Name').fill('Only from the office');
    await page.getByLabel('What it is for').fill('Machines stand in one building.');
    await page.getByLabel('For every token of this server').check();
    await page.getByRole('button', { name: 'Add a condition' }).click();
    await page.getByLabel('Condition 1', { exact: true }).selectOption('network');
    await page.getByLabel('Comparison').selectOption('none_of');
    await page.getByLabel('With').fill('10.0.0.0/99');
    await page.getByRole('button', { name: 'Make the policy' }).click();
    await page.getByText('is not a network in CIDR notation').first().waitFor();
    await page.getByLabel('With').fill('10.0.0.0/8');
    await look(page, 'new');
    await page.getByRole('button', { name: 'Make the policy' }).click();
    await page.getByRole('heading', { level: 1, name: 'Only from the office' }).waitFor();
    const ownToken = () =>
      requestToken(server, { grant_type: 'client_credentials' }, server.clients.confidential);
    // It begins by reporting only.
    expect((await ownToken()).status).toBe(200);
    await page.getByLabel('Enforce').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('2, updated').waitFor();
    expect((await ownToken()).body).toMatchObject({ error: 'access_denied' });
    await look(page, 'one');
    await page.goto(`${server.base}/console/policies`);
    await page.getByText('enforced').waitFor();
    await look(page, 'list');
    await page.getByRole('link', { name: 'Try a request' }).click();
    await page.getByLabel('Network').fill('198.51.100.7');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('heading', { name: 'no token' }).waitFor();
    await page.getByText('none of 10.0.0.0/8').waitFor();
    await look(page, 'dry-run');
    await page.getByRole('link', { name: 'Only from the office' }).click();
    await page.getByRole('button', { name: 'Delete this policy' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('No policies.').waitFor();
    expect((await ownToken()).status).toBe(200);
    expect(fixture.complaints).toEqual([]);
  } finally {
    await page.context().close();
  }
});
