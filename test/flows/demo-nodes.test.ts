/** The demo with several nodes on one PostgreSQL: one is stopped on the Cluster page, and the rest goes on (S16). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIfChanged } from '../../packages/console/build.mjs';
import { violationsOn } from '../axe.ts';
import { launchBrowser } from '../chromium.ts';
import { type DemoProcess, newDataDirectory, runCommand, startDemo } from '../demo-process.ts';
import { type BorrowedDatabase, borrowDatabase } from '../shared-postgres.ts';

interface ClusterAnswer {
  readonly nodes: readonly { readonly name: string; readonly status: string; readonly on_duty: boolean }[];
  readonly duty: { readonly number: number };
  readonly did: readonly { readonly chore: string; readonly count: number; readonly last_number: number }[];
  readonly turns: readonly { readonly number: number; readonly node_name: string }[];
  readonly demo_nodes?: readonly { readonly name: string; readonly url?: string }[];
}

describe('several nodes are refused', () => {
  it('on SQLite, with what to do', async () => {
    const ended = await runCommand(['start', '--nodes', '3', '--port', '0', '--data', newDataDirectory()]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('set TESSERA_DATABASE_URL to a PostgreSQL');
  });
});

describe('a demo of one node', () => {
  it('has none to stop', async () => {
    const demo = await startDemo();
    try {
      expect(await clusterOf(demo)).not.toHaveProperty('demo_nodes');
      expect(await tell(demo, 'n1', 'stop')).toBe(404);
      expect(await tell(demo, 'n2', 'start')).toBe(404);
    } finally {
      await demo.stop();
    }
  });
});

describe('a demo of three nodes', () => {
  const databases: BorrowedDatabase[] = [];
  let browser: Browser;
  let demo: DemoProcess;
  const start = async (): Promise<DemoProcess> => {
    const database = await borrowDatabase();
    if (database === undefined) throw new Error('there is no PostgreSQL outside of a test run');
    databases.push(database);
    const environment = {
      TESSERA_DATABASE_URL: database.url,
      TESSERA_DUTY_TURN: '1',
      TESSERA_DUTY_LEASE: '2',
    };
    return startDemo(newDataDirectory(), { nodes: 3, environment });
  };
  beforeAll(async () => {
    await buildIfChanged();
    [demo, browser] = await Promise.all([start(), launchBrowser()]);
  });
  afterAll(async () => {
    await demo?.stop();
    await browser?.close();
    await Promise.all(databases.map((database) => database.giveBack()));
  });

  it('has a whole server in each: what one gives out, the others know', async () => {
    const others = (await clusterOf(demo)).demo_nodes ?? [];
    expect(others.map(({ name }) => name)).toEqual(['n2', 'n3']);
    const { client_id: id, client_secret: secret } = demo.state.confidential_client;
    const headers = { authorization: `Basic ${btoa(`${id}:${secret}`)}` };
    const post = async (url: string, form: Record<string, string>): Promise<Record<string, unknown>> => {
      const answer = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) });
      return (await answer.json()) as Record<string, unknown>;
    };
    for (const { url = '' } of others) {
      // oxlint-disable-next-line no-await-in-loop -- a token of each node, asked about at the first
      const { access_token: token } = await post(`${url}/api/token`, { grant_type: 'client_credentials' });
      expect(token).toBeTypeOf('string');
      // oxlint-disable-next-line no-await-in-loop -- as above
      const known = await post(`${demo.issuer}/api/introspect`, { token: String(token) });
      expect(known).toMatchObject({ active: true, client_id: id, iss: demo.issuer });
    }
  });

  it('is stopped and watched on the Cluster page, and started again', async () => {
    const page = await clusterPage();
    const box = (name: string, state: string) =>
      page.locator('ol.circle li', { hasText: name }).getByText(state, { exact: true });
    await page.getByRole('button', { name: 'Stop n2 and watch' }).click();
    await box('n2', 'silent').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    const { duty } = await clusterOf(demo);
    await expect.poll(async () => (await clusterOf(demo)).duty.number).toBeGreaterThan(duty.number + 2);
    expect((await clusterOf(demo)).nodes.find(({ name }) => name === 'n2')?.on_duty).toBe(false);
    await page.getByRole('button', { name: 'Start n2 again' }).click();
    await page.getByRole('button', { name: 'Stop n2 and watch' }).waitFor();
    // One n2, not the silent one beside it.
    await expect.poll(() => page.locator('ol.circle li', { hasText: 'n2' }).count()).toBe(1);
    const isBack = async (): Promise<boolean | undefined> =>
      (await clusterOf(demo)).nodes.find(({ name, status }) => name === 'n2' && status === 'live')?.on_duty;
    await expect.poll(isBack).toBe(true);
    await page.context().close();
  });

  it('delivers a mail to its mailbox, also from a node that is another process', async () => {
    let deliverer = 'n1';
    for (let sent = 1; deliverer === 'n1'; sent += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, until it is the turn of another node
      await askForAccount(`reader-${sent}@example.test`);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await expect.poll(() => mails()).toBe(sent);
      // It is written down once it is done.
      // oxlint-disable-next-line no-await-in-loop -- as above
      await expect.poll(async () => (await lastDelivery()).count).toBeGreaterThanOrEqual(sent);
      // oxlint-disable-next-line no-await-in-loop -- as above
      deliverer = (await lastDelivery()).node;
    }
    expect(['n2', 'n3']).toContain(deliverer);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends with all its nodes on %s', async (how) => {
    const another = await start();
    const urls = ((await clusterOf(another)).demo_nodes ?? []).map(({ url = '' }) => url);
    expect(urls).toHaveLength(2);
    await another.stop(how);
    const answers = async (): Promise<number> => {
      const asked = await Promise.allSettled(urls.map((url) => fetch(`${url}/health/live`)));
      return asked.filter(({ status }) => status === 'fulfilled').length;
    };
    await expect.poll(answers).toBe(0);
  });

  async function askForAccount(email: string): Promise<void> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${demo.issuer}/login`);
    await page.getByRole('link', { name: 'Create an account' }).click();
    await page.getByRole('textbox').fill(email);
    await page.getByRole('textbox').press('Enter');
    await page.getByRole('heading', { name: 'Read your mail' }).waitFor();
    await context.close();
  }

  async function mails(): Promise<number> {
    const page = await (await fetch(`${demo.issuer}/mailbox`)).text();
    return page.split('Finish your account').length - 1;
  }

  async function lastDelivery(): Promise<{ readonly count: number; readonly node: string }> {
    const { did, turns } = await clusterOf(demo);
    const { last_number: turn, count = 0 } = did.find(({ chore }) => chore === 'mail') ?? {};
    return { count, node: turns.find(({ number }) => number === turn)?.node_name ?? '' };
  }

  async function clusterPage(): Promise<Page> {
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(`${demo.issuer}/console/cluster`);
    await page.fill('#email', demo.state.account.email);
    await page.fill('#password', demo.state.account.password);
    await page.click('button[type=submit]');
    await page.getByRole('heading', { name: 'Cluster', level: 1 }).waitFor();
    return page;
  }
});

function asAdministrator({ dataDirectory }: DemoProcess): Record<string, string> {
  const token = readFileSync(join(dataDirectory, 'admin.token'), 'utf8').trim();
  return { authorization: `Bearer ${token}` };
}

async function clusterOf(demo: DemoProcess): Promise<ClusterAnswer> {
  const answer = await fetch(`${demo.issuer}/admin/v1/cluster`, { headers: asAdministrator(demo) });
  expect(answer.status).toBe(200);
  return (await answer.json()) as ClusterAnswer;
}

async function tell(demo: DemoProcess, node: string, what: 'start' | 'stop'): Promise<number> {
  const url = `${demo.issuer}/admin/v1/cluster/demo-nodes/${node}/${what}`;
  const answer = await fetch(url, { method: 'POST', headers: asAdministrator(demo) });
  return answer.status;
}
