/** `tessera agent` and `tessera application` against the demo, each as a process of its own. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newHome, runTessera } from '../../packages/cli/src/testing/run-tessera.ts';
import { type DemoProcess, startDemo } from '../demo-process.ts';

let demo: DemoProcess;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.stop());

/** As the first administrator, by the token that the demo left. */
function run(...args: readonly string[]) {
  return runTessera([...args], { environment: { ...newHome(), TESSERA_DATA_DIR: demo.dataDirectory } });
}

// oxlint-disable-next-line typescript/no-explicit-any -- JSON of a test, which says itself what it expects in it
async function json(...args: readonly string[]): Promise<any> {
  const ended = await run(...args, '--output', 'json');
  expect(ended).toMatchObject({ code: 0 });
  return ended.stdout === '' ? undefined : JSON.parse(ended.stdout);
}

it('refuses a permission without scopes, and agents and apps that there are not', async () => {
  expect(await run('agent', 'create', '--name', 'X', '--purpose', 'Y', '--permission', 'none')).toMatchObject(
    {
      code: 2,
    },
  );
  for (const line of ['agent stop none', 'agent get demo-app', 'application disconnect none']) {
    // oxlint-disable-next-line no-await-in-loop -- a process at a time
    expect(await run(...line.split(' '))).toMatchObject({ code: 1 });
  }
});

it('makes, lists, changes, stops, resumes, confirms and deletes an agent', async () => {
  const permission = 'https://music.example/=catalog-read user-read-private';
  const made = await json(
    'agent',
    'create',
    '--name',
    'Tidy',
    '--purpose',
    'Playlists',
    '--permission',
    permission,
  );
  expect(made).toMatchObject({ status: 'active', client_secret: expect.stringMatching(/^tsr_cs_/) });
  const id: string = made.client_id;
  expect(await json('agent', 'list')).toMatchObject([{ client_id: id, purpose: 'Playlists' }]);
  expect(await json('agent', 'list', '--all')).toMatchObject([{ client_id: id }]);
  expect(await json('agent', 'update', id, '--purpose', 'Order')).toMatchObject({ purpose: 'Order' });
  expect(await json('agent', 'stop', id)).toMatchObject({ status: 'stopped' });
  expect(await json('agent', 'resume', id)).toMatchObject({ status: 'active' });
  const confirmed = await json('agent', 'confirm', id);
  expect(confirmed.review_at).toBeGreaterThanOrEqual(made.review_at);
  const rotated = await json('agent', 'rotate-secret', id);
  expect(rotated.client_secret).not.toBe(made.client_secret);
  expect(await run('agent', 'delete', id)).toMatchObject({ code: 0 });
  expect(await json('agent', 'list')).toEqual([]);
  expect(await json('application', 'list')).toEqual([]);
});
