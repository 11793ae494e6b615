// The screens of whoever runs the server, in a real browser: each with something in it, light and dark, on a phone too.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violationsOn } from '../axe.ts';
import { adminToken, callApi } from '../admin-calls.ts';
import { type ConsoleFixture, startConsole } from '../console-browser.ts';
import { postForm, requestToken } from '../oauth-calls.ts';
import { type TokenOwner, tokenOwner } from '../personal-tokens.ts';

let fixture: ConsoleFixture;
let grace: TokenOwner;
beforeAll(async () => {
  fixture = await startConsole();
  const { server } = fixture;
  const { confidential } = server.clients;
  await requestToken(server, { grant_type: 'client_credentials' }, confidential);
  await postForm(
    server,
    '/api/token',
    { grant_type: 'client_credentials' },
    { ...confidential, secret: 'wrong' },
  );
  // One personal access token that is good, and one that waits.
  grace = await tokenOwner(server, 'grace.hopper@people.test');
  await grace.make({ name: 'nightly' });
  const operator = await adminToken(server);
  const rules = '/admin/v1/organizations/org_default/token-rules';
  await callApi(server, operator, 'PATCH', rules, { approval_required: true });
  await grace.make({ name: 'weekly', description: 'reports' });
  await callApi(server, operator, 'PATCH', rules, { approval_required: false });
});
afterAll(() => fixture?.close());

/** A name that would be markup, if anything took it for that. */
const MARKUP = '<img src=x onerror=alert(1)>"\'';

async function closing(page: Page, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } finally {
    await page.context().close();
  }
}

const SCREENS = [
  ['/console/overview', 'Overview'],
  ['/console/apis', 'APIs'],
  ['/console/apis/new', 'Register an API'],
  ['/console/people', 'People'],
  ['/console/people/new', 'Add a person'],
  ['/console/issued', 'Issued tokens'],
  ['/console/issued/all', 'Issued tokens'],
  ['/console/issued/personal', 'Issued tokens'],
  ['/console/issued/awaiting', 'Issued tokens'],
  ['/console/activity', 'Activity'],
  ['/console/activity/refused', 'Activity'],
  ['/console/keys', 'Keys'],
  ['/console/cluster', 'Cluster'],
  ['/console/cluster/settings', 'Cluster'],
] as const;

/** To be looked at: a directory for pictures of every screen. */
const PICTURES = process.env['TESSERA_PICTURES'];

const VIEWS = [
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
  ['dark on a phone', { colorScheme: 'dark', viewport: { width: 390, height: 844 } }],
] as const;

describe.each(VIEWS)('%s', (view, options) => {
  it('every screen shows what it is for, and axe has nothing against it', async () => {
    const page = await fixture.open('/console/overview', undefined, options);
    await closing(page, async () => {
      for (const [path, title] of SCREENS) {
        // oxlint-disable-next-line no-await-in-loop -- one page of one browser
        await look(page, path, title, view);
      }
      expect(fixture.complaints).toEqual([]);
    });
  }, 240_000);
});

async function look(page: Page, path: string, title: string, view: string): Promise<void> {
  await page.goto(`${fixture.server.base}${path}`);
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  await page.locator('.loading').waitFor({ state: 'detached' });
  expect({ path, violations: await violationsOn(page) }).toEqual({ path, violations: [] });
  const isWider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect({ path, isWider }).toEqual({ path, isWider: false });
  if (PICTURES !== undefined) {
    const name = `${path.slice('/console/'.length).replaceAll('/', '-')}-${view.replaceAll(' ', '-')}`;
    await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }
}

describe('who runs the server', () => {
  it.each(['personal', 'awaiting'])('reads whose a token is by name, with a way to them: %s', async (tab) => {
    const page = await fixture.open(`/console/issued/${tab}`);
    await closing(page, async () => {
      const owner = page.getByRole('link', { name: grace.user.displayName }).first();
      await owner.waitFor();
      await expect.poll(() => page.getByText(grace.email).count()).toBeGreaterThan(0);
      await expect.poll(() => page.getByText(grace.user.id).count()).toBe(0);
      await owner.click();
      await page.waitForURL(`**/console/people/${grace.user.id}`);
    });
  });

  it('registers an API, says how long its tokens live, and deletes it', async () => {
    const page = await fixture.open('/console/apis');
    await closing(page, async () => {
      await page.getByRole('link', { name: 'Register an API' }).first().click();
      await page.getByRole('textbox', { name: 'Name' }).fill(MARKUP);
      await page.getByRole('textbox', { name: 'Identifier' }).fill('https://notes.example/');
      await page
        .getByRole('textbox', { name: 'Permissions' })
        .fill('notes-read Read your notes\nnotes-write');
      await page.getByRole('button', { name: 'Register' }).click();
      await page.getByRole('heading', { level: 1, name: MARKUP }).waitFor();
      await page.getByRole('spinbutton', { name: 'Tokens live for' }).fill('900');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved.').waitFor();
      const { resources } = fixture.server.tessera.store;
      expect(await resources.findByIdentifier('https://notes.example/')).toMatchObject({
        name: MARKUP,
        accessTokenLifetime: 900,
        scopes: [
          { name: 'notes-read', description: 'Read your notes' },
          { name: 'notes-write', description: '' },
        ],
      });
      await page.getByRole('button', { name: 'Delete this API' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('heading', { level: 1, name: 'APIs' }).waitFor();
      expect(await resources.findByIdentifier('https://notes.example/')).toBeUndefined();
    });
  });

  it('adds a person, disables them, and a person cannot do that to themselves', async () => {
    const page = await fixture.open('/console/people/new');
    await closing(page, async () => {
      await page.getByRole('textbox', { name: 'Name' }).fill(MARKUP);
      await page.getByRole('textbox', { name: 'Email' }).fill('marked@example.test');
      await page.getByLabel('Password (optional)').fill('a long enough password');
      await page.getByRole('button', { name: 'Add' }).click();
      await page.getByRole('heading', { level: 1, name: MARKUP }).waitFor();
      await page.getByRole('button', { name: 'Disable the account' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Disable the account' }).click();
      await page.getByRole('button', { name: 'Enable the account' }).waitFor();
      const admin = await fixture.server.tessera.store.users.findByEmail('admin@example.test');
      await page.goto(`${fixture.server.base}/console/people/${admin?.id}`);
      await page.getByText('This is you.').waitFor();
      await expect.poll(() => page.getByRole('button', { name: 'Disable the account' }).count()).toBe(0);
    });
  });

  it('revokes an issued token', async () => {
    const page = await fixture.open('/console/issued');
    await closing(page, async () => {
      const revoke = page.getByRole('button', { name: 'Revoke the token of' });
      const live = async (): Promise<number> => {
        const { items } = await fixture.server.tessera.store.accessTokens.list({}, { limit: 10 });
        return items.filter(({ endedAt }) => endedAt === undefined).length;
      };
      await revoke.first().waitFor();
      const before = await live();
      await expect.poll(() => revoke.count()).toBe(before);
      await revoke.first().click();
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
      await expect.poll(() => revoke.count()).toBe(before - 1);
      expect(await live()).toBe(before - 1);
    });
  });

  it('rotates a key, takes one back, and checks the audit log', async () => {
    const page = await fixture.open('/console/keys');
    await closing(page, async () => {
      await page.getByRole('button', { name: 'Rotate' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
      await page.getByText('signs next').waitFor();
      const { keyRing } = fixture.server.tessera;
      const [leaked, next] = (await keyRing.list()).filter(({ alg }) => alg === 'ES256');
      await page.getByRole('button', { name: `Revoke ${leaked?.kid}` }).click();
      if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/keys-revoke.png` });
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
      // The question names it too, until it is answered.
      await page
        .getByText(leaked?.kid ?? '')
        .first()
        .waitFor({ state: 'detached' });
      expect(keyRing.activeKid('ES256')).toBe(next?.kid);
      await page.goto(`${fixture.server.base}/console/activity`);
      await page.getByRole('button', { name: 'Check the audit log' }).click();
      await page.getByText(/^Whole: \d+ events/).waitFor();
      expect((await keyRing.list()).filter(({ alg }) => alg === 'ES256')).toHaveLength(1);
    });
  });

  it('is an operator: nobody else is shown the entries, or finds the screens', async () => {
    const person = await fixture.server.registerPerson({ email: 'plain@example.test' });
    const page = await fixture.open('/console/people', person);
    await closing(page, async () => {
      await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
      for (const name of ['Overview', 'People', 'Keys', 'Cluster']) {
        // oxlint-disable-next-line no-await-in-loop -- one page of one browser
        await expect.poll(() => page.getByRole('link', { name, exact: true }).count()).toBe(0);
      }
    });
  });
});
