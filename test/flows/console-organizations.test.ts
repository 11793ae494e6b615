// The organization switch of the console in a real browser: what is listed, what is made, and what is absent.
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, callApi } from '../admin-calls.ts';
import { type ConsoleFixture, startConsole, violationsOn } from '../console-browser.ts';
import type { Person } from '../registrations.ts';

/** Where pictures of the screens go, for whoever wants to look at them. */
const PICTURES = process.env['TESSERA_PICTURES'];

let fixture: ConsoleFixture;
let token: string;
let builder: Person;
let quartet: string;

beforeAll(async () => {
  fixture = await startConsole();
  const { server } = fixture;
  token = await adminToken(server);
  builder = await server.registerPerson({ email: 'builder@example.test' });
  quartet = await organizationWith('Quartet', 'developer');
  const choir = await organizationWith('Choir', 'member');
  await callApi(server, token, 'POST', '/admin/v1/clients', {
    client_name: 'App of the choir',
    grant_types: ['client_credentials'],
    organization_id: choir,
  });
});
afterAll(() => fixture.close());

async function organizationWith(name: string, role: string): Promise<string> {
  const made = await callApi(fixture.server, token, 'POST', '/admin/v1/organizations', { name });
  const id = String(made.body['id']);
  const member = { user_id: builder.user.id, role };
  const added = await callApi(fixture.server, token, 'POST', `/admin/v1/organizations/${id}/members`, member);
  expect(added.status).toBe(201);
  return id;
}

async function closing(page: Page, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } finally {
    await page.context().close();
  }
}

async function look(page: Page, name: string): Promise<void> {
  expect([name, await violationsOn(page)]).toEqual([name, []]);
  for (const width of [390, 1280]) {
    // oxlint-disable-next-line no-await-in-loop -- one page
    await page.setViewportSize({ width, height: 800 });
    // oxlint-disable-next-line no-await-in-loop -- one page
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    if (PICTURES === undefined) continue;
    // oxlint-disable-next-line no-await-in-loop -- as above
    await mkdir(PICTURES, { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one page
      await page.emulateMedia({ colorScheme });
      // oxlint-disable-next-line no-await-in-loop -- one page
      await page.screenshot({ path: `${PICTURES}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
}

const chooserOf = (page: Page) => page.getByRole('combobox', { name: 'Organization' });
const entriesOf = (page: Page) => page.locator('.entries.beside a').allInnerTexts();

describe('Organizations', () => {
  it('are no question to whoever has one', async () => {
    const person = await fixture.server.registerPerson({ email: 'alone@example.test' });
    const page = await fixture.open('/console/apps', person);
    await closing(page, async () => {
      await page.getByText('No apps yet.').waitFor();
      expect(await chooserOf(page).count()).toBe(0);
      // An API belongs to an organization of several people.
      expect(await entriesOf(page)).not.toContain('APIs');
    });
  });

  it('what is made belongs to the chosen one; lists are of it; the choice stays', async () => {
    const page = await fixture.open('/console/apps', builder);
    await closing(page, async () => {
      expect(await chooserOf(page).locator('option').allInnerTexts()).toEqual([
        'All organizations',
        'Personal',
        expect.stringMatching(/Choir|Quartet/),
        expect.stringMatching(/Choir|Quartet/),
      ]);
      await page.getByRole('rowheader', { name: 'App of the choir' }).waitFor();
      await chooserOf(page).selectOption('Quartet');
      await page.getByText('No apps yet.').waitFor();
      await look(page, 'organization-apps');
      await page.getByRole('link', { name: 'Register an app' }).first().click();
      await page.getByRole('textbox', { name: 'Name' }).fill('App of the quartet');
      await page.getByRole('radio', { name: 'Machine' }).check();
      await look(page, 'organization-new-app');
      await page.getByRole('button', { name: 'Register' }).click();
      await page.getByRole('checkbox', { name: 'I have stored it' }).check();
      const [made] = (
        await callApi(fixture.server, token, 'GET', `/admin/v1/clients?organization_id=${quartet}`)
      ).body['items'] as readonly Record<string, unknown>[];
      expect(made).toMatchObject({ client_name: 'App of the quartet', organization_id: quartet });

      await page.goto(`${fixture.server.base}/console/apps`);
      await page.getByRole('rowheader', { name: 'App of the quartet' }).waitFor();
      expect(await page.getByRole('rowheader').count()).toBe(1);
      await chooserOf(page).selectOption('Personal');
      await page.getByText('No apps yet.').waitFor();
    });
  });

  it('an entry or a button that one has no role for is absent', async () => {
    const page = await fixture.open('/console/apps', builder);
    await closing(page, async () => {
      await chooserOf(page).selectOption('Quartet');
      await page.getByRole('link', { name: 'Register an app' }).waitFor();
      expect(await entriesOf(page)).toEqual(expect.arrayContaining(['APIs', 'Issued tokens', 'Activity']));
      await page.getByRole('link', { name: 'Activity' }).click();
      await page.getByRole('heading', { name: 'Activity' }).waitFor();
      expect(await page.getByRole('link', { name: 'Audit log' }).count()).toBe(0);
      await page.getByText('Nothing refused.').waitFor();

      await page.getByRole('link', { name: 'Apps', exact: true }).click();
      await chooserOf(page).selectOption('Choir');
      await page.getByRole('rowheader', { name: 'App of the choir' }).waitFor();
      expect(await page.getByRole('link', { name: 'Register an app' }).count()).toBe(0);
      const entries = await entriesOf(page);
      expect(entries).toContain('APIs');
      expect(entries).not.toContain('Issued tokens');
      expect(entries).not.toContain('Activity');
    });
  });

  it('an operator sees those of others, and everything at once until one is chosen', async () => {
    const page = await fixture.open('/console/apis');
    await closing(page, async () => {
      await page.getByRole('table', { name: 'APIs' }).waitFor();
      await chooserOf(page).selectOption('Quartet');
      await page.getByText('No APIs yet.').waitFor();
      await page.getByRole('link', { name: 'Register an API' }).first().click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Scores');
      await page.getByRole('textbox', { name: 'Identifier' }).fill('https://scores.example/');
      await page.getByRole('button', { name: 'Register' }).click();
      await page.getByRole('heading', { name: 'Scores' }).waitFor();
      const kept = await fixture.server.tessera.store.resources.findByIdentifier('https://scores.example/');
      expect(kept?.organizationId).toBe(quartet);
    });
  });

  it('never broke the policy of the page', () => {
    expect(fixture.complaints).toEqual([]);
  });
});
