/** The page Access token of the running demo: every line it shows is taken from it and run as it stands. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shownCode } from '../../packages/server/src/pages/testing/code-blocks.ts';
import type { ShownCode } from '../../packages/server/src/pages/testing/code-blocks.ts';
import { type DemoProcess, startDemo } from '../demo-process.ts';

const run = promisify(execFile);
let demo: DemoProcess;
let shown: readonly ShownCode[];

beforeAll(async () => {
  demo = await startDemo();
  shown = shownCode(await (await fetch(demo.issuer)).text());
});
afterAll(() => demo.stop());

/** What each block of shell lines prints in the end, in the order of the page. */
const PRINTED: readonly (readonly [string, RegExp])[] = [
  ['get a token', /"access_token":"tsr_at_.*"expires_in":3600/],
  ['call the API', /"id":"2TpxZ7JUBn3uw46aR7qd6V"/],
  ['put it in a URL', /^HTTP\/1.1 400 /],
  ['authorize', /^303 http:\/\/localhost:\d+\/login\?interaction=/],
  ['30 seconds', /^HTTP\/1.1 200 [^]*"id":"2TpxZ7JUBn3uw46aR7qd6V"/],
  ['decode', /aud: 'https:\/\/music\.example\/'/],
  ['introspect', /"active":true/],
  ['revoke', /^HTTP\/1.1 401 [^]*The access token was revoked/],
];

describe('the lines on the page', () => {
  it('are these, and no others', () => {
    expect(shown.map((block) => block.run)).toEqual(['shell', 'shell', 'js', ...Array(6).fill('shell')]);
  });

  it.each(PRINTED.map(([what, printed], index) => ({ what, printed, index })))(
    '$what',
    async ({ printed, index }) => {
      const code = shown.filter((block) => block.run === 'shell')[index]?.code ?? '';
      const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', code], { timeout: 120_000 });
      expect(stdout).toMatch(printed);
    },
  );

  it('getProfile() takes the token from storage and gives the profile back', async () => {
    const code = shown.find((block) => block.run === 'js')?.code;
    const asked: unknown[] = [];
    const answer = async (url: string, init: unknown) => {
      asked.push([url, init]);
      return Response.json({ display_name: 'Ada' });
    };
    const page = { localStorage: { getItem: () => 'the-token' }, fetch: answer };
    expect(await runInNewContext(`${code}; getProfile();`, page)).toEqual({ display_name: 'Ada' });
    expect(asked).toEqual([[`${demo.musicApi}/v1/me`, { headers: { Authorization: 'Bearer the-token' } }]]);
  });
});
