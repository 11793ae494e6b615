// The organization switch of the console in a real browser: what is listed, what is made, and what is absent.
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violationsOn } from '../axe.ts';
import { adminToken, callApi } from '../admin-calls.ts';
import { type ConsoleFixture, startConsole } from '../console-browser.ts';
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
      await expect.poll(() => chooserOf(page).count()).toBe(0);
      // An API belongs to an organization of several people.
      expect(await entriesOf(page)).not.toContain('APIs');
    });
  });

  it('what is made belongs to the chosen one; lists are of it; the choice stays', async () => {
    const page = await fixture.open('/console/apps', builder);
    await closing(page, async () => {
      await expect
        .poll(() => chooserOf(page).locator('option').allInnerTexts())
        .toEqual([
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
      await expect.poll(() => page.getByRole('rowheader').count()).toBe(1);
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
      await expect.poll(() => page.getByRole('link', { name: 'Audit log' }).count()).toBe(0);
      await page.getByText('Nothing refused.').waitFor();

      await page.getByRole('link', { name: 'Apps', exact: true }).click();
      await chooserOf(page).selectOption('Choir');
      await page.getByRole('rowheader', { name: 'App of the choir' }).waitFor();
      await expect.poll(() => page.getByRole('link', { name: 'Register an app' }).count()).toBe(0);
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

  it('an owner invites people, changes what they may do, and removes them', async () => {
    const { server } = fixture;
    const owner = await server.registerPerson({ email: 'owner@example.test' });
    const members = `/admin/v1/organizations/${quartet}/members`;
    await callApi(server, token, 'POST', members, { user_id: owner.user.id, role: 'owner' });
    const page = await fixture.open('/console/people', owner);
    await closing(page, async () => {
      // One organization of several people is no question.
      await page.getByRole('rowheader', { name: owner.user.displayName }).first().waitFor();
      expect(await entriesOf(page)).not.toContain('Keys');
      await look(page, 'members');
      await page.getByRole('link', { name: 'Invitations', exact: true }).click();
      await page.getByText('No invitation waits.').waitFor();
      await look(page, 'invitations-empty');
      await page.getByRole('link', { name: 'Invite a person' }).first().click();
      await page.getByRole('textbox', { name: 'Email' }).fill('guest@example.test');
      await page.getByRole('radio', { name: 'Admin' }).check();
      await look(page, 'invitation-new');
      await page.getByRole('button', { name: 'Send the invitation' }).click();
      await page.getByRole('rowheader', { name: 'guest@example.test' }).waitFor();
      await look(page, 'invitations');
      await page.getByRole('button', { name: 'Take back' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
      await page.getByText('No invitation waits.').waitFor();

      await page.getByRole('link', { name: 'Members', exact: true }).click();
      const row = page.getByRole('row', { name: builder.email });
      await row.getByRole('button', { name: 'Change the role' }).click();
      await page.getByRole('radio', { name: 'Member' }).check();
      await page.getByRole('dialog').getByRole('button', { name: 'Change the role' }).click();
      await row.getByRole('cell', { name: 'member', exact: true }).waitFor();
      const changed = await callApi(server, token, 'GET', `${members}/${builder.user.id}`);
      expect(changed.body).toMatchObject({ role: 'member' });
      await row.getByRole('button', { name: 'Remove' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await row.waitFor({ state: 'detached' });
      expect((await callApi(server, token, 'GET', `${members}/${builder.user.id}`)).status).toBe(404);
    });
  });

  it('says what an organization allows of personal access tokens; whoever may not change it reads it', async () => {
    const { server } = fixture;
    const choir = String(
      (await callApi(server, token, 'POST', '/admin/v1/organizations', { name: 'Rules' })).body['id'],
    );
    const admin = await fixture.open('/console/issued/rules');
    await closing(admin, async () => {
      await admin.getByText('About which organization?').waitFor();
      await look(admin, 'token-rules-choose');
      await admin.getByRole('combobox', { name: 'About which organization?' }).selectOption('Rules');
      const days = admin.getByRole('spinbutton', { name: 'Longest life, in days' });
      await days.fill('30');
      await admin.getByRole('checkbox', { name: 'Each waits for approval' }).check();
      await admin.getByRole('combobox', { name: 'Who may make them' }).selectOption('admins');
      await admin.getByText('They apply to everybody').click();
      await admin.getByRole('group', { name: 'None of it applies to' }).getByRole('checkbox').first().check();
      await look(admin, 'token-rules');
      await admin.getByRole('button', { name: 'Save the rules' }).click();
      await admin.getByText('Saved.').waitFor();
    });
    const rules = await callApi(server, token, 'GET', `/admin/v1/organizations/${choir}/token-rules`);
    expect(rules.body).toMatchObject({
      max_lifetime: 30 * 86_400,
      approval_required: true,
      who_may_create: 'admins',
      exempt_user_ids: [expect.any(String)],
    });
    const reader = await fixture.server.registerPerson({ email: 'reader@example.test' });
    const member = { user_id: reader.user.id, role: 'developer' };
    await callApi(server, token, 'POST', `/admin/v1/organizations/${choir}/members`, member);
    const page = await fixture.open('/console/issued/rules', reader);
    await closing(page, async () => {
      await page.getByText('Admins and owners of the organization change them.').waitFor();
      await expect.poll(() => page.getByRole('button', { name: 'Save the rules' }).count()).toBe(0);
    });
  });

  it('Overview and Ctrl-K are about the chosen organization', async () => {
    const { server } = fixture;
    await callApi(server, token, 'POST', '/admin/v1/clients', {
      client_name: 'Zither of the quartet',
      grant_types: ['client_credentials'],
      organization_id: quartet,
    });
    await callApi(server, token, 'POST', '/admin/v1/resources', {
      identifier: 'https://zither.example/',
      name: 'Tunings',
      organization_id: quartet,
    });
    const zoe = await server.registerPerson({ email: 'zoe@example.test' });
    await callApi(server, token, 'POST', `/admin/v1/organizations/${quartet}/members`, {
      user_id: zoe.user.id,
      role: 'member',
    });
    await server.registerPerson({ email: 'outsider@example.test' });
    const page = await fixture.open('/console/overview');
    await closing(page, async () => {
      const asked = page.waitForRequest((request) => request.url().includes(`organization_id=${quartet}`));
      await chooserOf(page).selectOption('Quartet');
      expect((await asked).url()).toContain('/admin/v1/overview');
      const finds = async (text: string, count: number): Promise<void> => {
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox', { name: 'A screen, an app' }).fill(text);
        const options = page.getByRole('listbox', { name: 'Found' }).getByRole('option');
        await expect.poll(() => options.count(), { message: text }).toBe(count);
        await page.keyboard.press('Escape');
      };
      await finds('zither of', 1);
      await finds('zither.example', 1);
      await finds('zoe', 1);
      await finds('choir', 0);
      await finds('outsider', 0);
      await chooserOf(page).selectOption('');
      await finds('choir', 1);
      await finds('outsider', 1);
    });
  });

  it('never broke the policy of the page', () => {
    expect(fixture.complaints).toEqual([]);
  });
});
