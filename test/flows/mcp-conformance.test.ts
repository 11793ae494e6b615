// The authorization conformance of the Model Context Protocol, as its authors publish it, against the real server.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertFree } from '../../packages/server/src/startup/listen.ts';
import { startTestServer, STORES, type TestServer } from '../harness.ts';
import { finish } from '../oauth-calls.ts';

const PROGRAM = fileURLToPath(new URL('../../node_modules/.bin/conformance', import.meta.url));
const REVISIONS = ['2025-11-25', '2026-07-28'];
const CLIENT_ID = 'mcp-conformance';

interface Check {
  readonly id: string;
  readonly status: string;
}

/** Runs it, and does the part of the person: whatever address it prints is opened, signed in to and agreed with. */
async function runConformance(
  server: TestServer,
  port: number,
  revision: string,
): Promise<{ readonly code: number | null; readonly output: string; readonly checks: readonly Check[] }> {
  const results = mkdtempSync(join(tmpdir(), 'tessera-mcp-'));
  const program = spawn(
    process.execPath,
    [
      PROGRAM,
      'authorization',
      `--url=${server.issuer}`,
      `--client-id=${CLIENT_ID}`,
      `--port=${port}`,
      `--output-dir=${results}`,
      `--spec-version=${revision}`,
    ],
    { cwd: results, env: { PATH: process.env['PATH'], NO_COLOR: '1', TMPDIR: tmpdir() } },
  );
  let output = '';
  let signIn: Promise<unknown> | undefined;
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
    const address = output
      .split(/\s/)
      .find((word) => word.startsWith(`${server.issuer}/authorize?`) && output.includes(`${word}\n`));
    if (address !== undefined) signIn ??= signInAt(server, address).catch(() => program.kill());
  };
  program.stdout.on('data', hear);
  program.stderr.on('data', hear);
  const code = await new Promise<number | null>((resolve) => program.once('close', resolve));
  await signIn;
  const checks = readdirSync(results, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('checks.json'))
    .flatMap((name): readonly Check[] => JSON.parse(readFileSync(join(results, name), 'utf8')));
  rmSync(results, { recursive: true });
  return { code, output, checks };
}

async function signInAt(server: TestServer, address: string): Promise<void> {
  const browser = server.newBrowser();
  const { leftFor } = await finish(server, browser, await browser.get(address));
  if (leftFor === undefined) throw new Error('The pages did not lead back to the app');
  await fetch(leftFor);
}

describe.each(STORES)('the MCP authorization conformance on %s', (store) => {
  let server: TestServer;
  let port: number;
  beforeAll(async () => {
    server = await startTestServer({ store });
    port = await assertFree('127.0.0.1', 0);
    await server.registerClient({
      id: CLIENT_ID,
      applicationType: 'native',
      tokenEndpointAuthMethod: 'none',
      redirectUris: [`http://127.0.0.1:${port}/callback`],
    });
  });
  afterAll(() => server.close());

  it.each(REVISIONS)('passes, revision %s', async (revision) => {
    const { code, output, checks } = await runConformance(server, port, revision);
    // Where the program itself fails, its output says why.
    expect(code === 0 ? '' : output).toBe('');
    expect(Object.fromEntries(checks.map(({ id, status }) => [id, status]))).toEqual({
      'authorization-server-metadata': 'SUCCESS',
      'authorization-server-metadata-cimd': 'SUCCESS',
      'authorization-code-grant': 'SUCCESS',
    });
  });
});
