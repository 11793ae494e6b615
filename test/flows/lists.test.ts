// Every list stays a list while it changes: what was there all the time is shown once, whatever comes and goes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_ORGANIZATION_ID } from '../../packages/server/src/domain/organization.ts';
import { itemsOf } from '../account-calls.ts';
import { addSet, becomeCaller, type Caller, type CrowdSet, gather } from '../crowd.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { type ListRoute, listRoutes } from '../list-routes.ts';

const SETS = 12;
const PAGES = 5;
const CHANGES = 3;
const LARGEST_PAGE = 200;

/** Lists that come whole: each has so few rows that it needs no pages. */
const WHOLE = [
  '/account/v1/blocked-applications',
  '/account/v1/organizations',
  '/account/v1/passkeys',
  '/account/v1/personal-access-token-options',
  '/account/v1/second-factors',
  '/account/v1/sessions',
  '/admin/v1/clients/{id}/secrets',
  '/admin/v1/identity-providers',
  '/admin/v1/keys',
  '/admin/v1/users/{id}/risk-signals',
];

describe.each(STORES)('lists on %s', (store) => {
  let server: TestServer;
  let caller: Caller;
  let routes: readonly ListRoute[];
  let sets: CrowdSet[];
  beforeAll(async () => {
    server = await startTestServer({ store });
    caller = await becomeCaller(server);
    routes = await listRoutes(caller);
    sets = [
      ...(await gather(server, caller, { sets: SETS, tokens: SETS, auditEvents: SETS, refusals: SETS })),
    ];
  });
  afterAll(() => server?.close());

  /** An object that stays, in the place of `{id}`. */
  function addressOf(path: string): string {
    const ids: Readonly<Record<string, string | undefined>> = {
      '/admin/v1/organizations': DEFAULT_ORGANIZATION_ID,
      '/admin/v1/policies': caller.policyId,
      '/account/v1/applications': sets[0]?.clientId,
    };
    return path.replace(/^(.*)\/\{id\}/, (_all, parent: string) => {
      const id = ids[parent];
      if (id === undefined) throw new Error(`Say here which of ${parent} has rows in ${path}`);
      return `${parent}/${id}`;
    });
  }

  /** Page after page, as names of rows. */
  async function walk(
    path: string,
    limit: number,
    meanwhile: () => Promise<unknown>,
  ): Promise<readonly string[]> {
    const rows: string[] = [];
    let cursor = '';
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- the cursor comes with the page before
      const answer = await caller.call('GET', `${path}?limit=${limit}${cursor}`);
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
      rows.push(...itemsOf(answer).map(nameOf));
      const next = answer.body['next_cursor'];
      if (typeof next !== 'string') return rows;
      cursor = `&cursor=${next}`;
      // oxlint-disable-next-line no-await-in-loop -- between two pages
      await meanwhile();
    }
  }

  const still = (): Promise<void> => Promise.resolve();

  /** One set more, and one less: in turn one whose rows are not shown yet, and one whose rows may have been. */
  async function change(turn: number): Promise<void> {
    const [gone] = sets.splice(turn % 2 === 0 ? 1 : -2, 1);
    sets.push(await addSet(server, caller));
    await gone?.remove();
  }

  it('are paged, or known to be short', () => {
    expect(routes.filter(({ paged }) => paged).length).toBeGreaterThan(10);
    expect(
      routes
        .filter(({ paged }) => !paged)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(WHOLE);
  });

  it('show every row that stays exactly once, and none twice', async () => {
    for (const { path: template } of routes.filter(({ paged }) => paged)) {
      const path = addressOf(template);
      // oxlint-disable no-await-in-loop -- each list sees the changes made while it was read
      const before = await walk(path, LARGEST_PAGE, still);
      expect([path, new Set(before).size]).toEqual([path, before.length]);
      if (before.length < PAGES) throw new Error(`Let test/crowd.ts add rows of ${path}`);
      let changes = 0;
      const limit = Math.min(LARGEST_PAGE, Math.ceil(before.length / PAGES));
      const shown = await walk(path, limit, async () => {
        if (changes < CHANGES) await change(changes++);
      });
      const after = new Set(await walk(path, LARGEST_PAGE, still));
      // oxlint-enable no-await-in-loop
      const stayed = before.filter((row) => after.has(row));
      const missed = stayed.filter((row) => !shown.includes(row));
      expect([path, changes, missed]).toEqual([path, CHANGES, []]);
      expect([path, new Set(shown).size]).toEqual([path, shown.length]);
      expect([path, stayed.length > 0]).toEqual([path, true]);
    }
  });

  it('refuse the cursor of another list', async () => {
    const { body } = await caller.call('GET', '/admin/v1/users?limit=1');
    const cursor = String(body['next_cursor']);
    for (const { path } of routes.filter((each) => each.paged && each.path !== '/admin/v1/users')) {
      // oxlint-disable-next-line no-await-in-loop -- one list after another, of one store
      const answer = await caller.call('GET', `${addressOf(path)}?cursor=${cursor}`);
      const refused = { path, status: 400, body: { errors: [{ pointer: '/cursor' }] } };
      expect({ path, ...answer }).toMatchObject(refused);
    }
  });
});

/** What happened has no name; in a crowd no two things of a kind happen at one time. */
function nameOf(item: Readonly<Record<string, unknown>>): string {
  const names = ['id', 'token_id', 'request_id', 'user_id', 'client_id'];
  const name = names.map((member) => item[member]).find((value) => typeof value === 'string');
  return name ?? JSON.stringify(item);
}
