/** `tessera policy` against the demo, each as a process of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  return runTessera(args, { environment: { ...newHome(), TESSERA_DATA_DIR: demo.dataDirectory } });
}

// oxlint-disable-next-line typescript/no-explicit-any -- JSON of a test, which says itself what it expects in it
async function json(...args: readonly string[]): Promise<any> {
  const ended = await run(...args, '--output', 'json');
  expect(ended).toMatchObject({ code: 0 });
  return ended.stdout === '' ? undefined : JSON.parse(ended.stdout);
}

function file(name: string, text: string): string {
  const path = join(demo.dataDirectory, name);
  writeFileSync(path, text);
  return path;
}

it('refuses files that hold no policy, and policies with what there is not', async () => {
  for (const [text, code] of [
    ['- a list', 2],
    ['{ "name": "X" }', 1],
    ['name: X\nconditions: { moon: {} }\noutcome: { kind: block }', 1],
    ['name: X\noutcome: { kind: vanish }', 1],
    ['name: X\nconditions: { network: { any_of: [10.0.0.0/99] } }\noutcome: { kind: block }', 1],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- a process at a time
    expect([text, (await run('policy', 'create', file('wrong.yaml', text))).code]).toEqual([text, code]);
  }
});

it('makes, shows, asks, changes, exports, imports and deletes a policy', async () => {
  const yaml =
    'name: Elsewhere\nconditions:\n  network:\n    none_of: [127.0.0.0/8]\noutcome:\n  kind: block\n';
  const made = await json('policy', 'create', file('policy.yaml', yaml), '--mode', 'report_only');
  expect(made).toMatchObject({ name: 'Elsewhere', mode: 'report_only', version: 1 });
  const asked = await run('policy', 'dry-run', '--client', 'demo-app', '--network', '198.51.100.7');
  expect(asked.stdout).toContain('met      network: expected none of 127.0.0.0/8; got 198.51.100.7');
  expect(await json('policy', 'update', made.id, '--mode', 'enforce')).toMatchObject({ version: 2 });
  expect(await json('policy', 'dry-run', '--network', '198.51.100.7')).toMatchObject({ decision: 'block' });
  const exported = await run('policy', 'export');
  expect(exported.stdout).toContain('name: Elsewhere');
  const again = exported.stdout.replace('127.0.0.0/8', '10.0.0.0/8');
  expect(await json('policy', 'import', file('policies.yaml', again))).toMatchObject([
    { id: made.id, version: 3 },
  ]);
  expect((await json('policy', 'history', made.id)).map(({ what }: { what: string }) => what)).toEqual([
    'updated',
    'updated',
    'created',
  ]);
  expect(await run('policy', 'delete', made.id)).toMatchObject({ code: 0 });
  expect(await json('policy', 'list')).toEqual([]);
  expect(await json('policy', 'import', file('policies.yaml', again))).toMatchObject([{ version: 1 }]);
});
