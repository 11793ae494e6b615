// The runner of the pages must see a page that is wrong.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Demo } from './demo.ts';
import { runPage } from './run-page.ts';

let server: Server;
let demo: Demo;

beforeAll(async () => {
  server = createServer((request, response) => {
    response.writeHead(request.url === '/good' ? 200 : 401).end('{"said":"hello","count":2}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  demo = {
    printed: '',
    directory: mkdtempSync(join(tmpdir(), 'tessera-runner-')),
    account: { email: '', password: '' },
    address: (text) => text.replaceAll('4400', `${port}`),
    close: async () => {},
  };
});
afterAll(() => {
  server.close();
  rmSync(demo.directory, { recursive: true, force: true });
});

async function run(...blocks: readonly string[]): Promise<readonly string[]> {
  const page = await runPage(blocks.join('\n\n'), demo, new Set());
  await page.close();
  return page.differences.map((difference) => difference.split(';', 1)[0] ?? '');
}

const sh = (...lines: readonly string[]): string => ['```sh', ...lines, '```'].join('\n');
const json = (text: string): string => ['```json', text, '```'].join('\n');
const GOOD = 'curl http://127.0.0.1:4400/good';
const BAD = 'curl http://127.0.0.1:4400/bad';

describe('the runner of the pages', () => {
  it.each([
    ['another status', [sh(GOOD, '# → 401')], 'line 2: expected 401'],
    ['a refusal that is not stated', [sh(BAD)], 'line 2: an answer is 401, and the page does not say so'],
    [
      'a refusal before the stated answer',
      [sh(BAD, GOOD, '# → 200')],
      'line 2: an answer is 401, and the page does not say so',
    ],
    [
      'text that does not come',
      [sh(GOOD, '# → 200 goodbye')],
      'line 2: expected the output to hold: goodbye',
    ],
    ['a command that fails', [sh('false')], 'line 2: the command fails'],
    [
      'another exit code',
      [sh('exit_code() { return 3; }', 'exit_code', '# → exit 4')],
      'line 2: expected exit code 4',
    ],
    [
      'a member that is missing',
      [sh(GOOD), json('{"said":"hello","count":2,"more":1}')],
      'line 2: /more is missing',
    ],
    [
      'a member that is not shown',
      [sh(GOOD), json('{"said":"hello"}')],
      'line 2: /count is there and not shown',
    ],
    ['another value', [sh(GOOD), json('{"said":"hello","count":3}')], 'line 2: /count is 2'],
  ])('sees %s', async (_what, blocks, difference) => {
    expect(await run(...blocks)).toEqual([difference]);
  });

  it('sees a page that stops half-way', async () => {
    expect(await run(sh('exit 0'), sh('echo hello', '# → hello'))).toEqual([
      'line 2: not reached',
      'line 6: not reached',
    ]);
  });

  it('passes a page that is right', async () => {
    const program = ['```js', '// hello.mjs', 'console.log("saved");', '```'].join('\n');
    expect(
      await run(
        sh(GOOD, '# → 200 "said":"…lo"', BAD, '# → 401'),
        json('{"said":"hel…","count":2}'),
        program,
        sh('node hello.mjs', '# → saved'),
        sh('exit_code() { return 3; }', 'exit_code', '# → exit 3'),
      ),
    ).toEqual([]);
  });
});
