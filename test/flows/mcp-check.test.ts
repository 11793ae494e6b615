// `tessera mcp check` as people run it: a process of its own, against the example MCP server and the real pages.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInWithForms } from '../../packages/cli/src/testing/form-sign-in.ts';
import { type Ended, runTessera } from '../../packages/cli/src/testing/run-tessera.ts';
import { startTestServer, type TestServer } from '../harness.ts';
import { type McpServer, startMcp } from '../mcp-server.ts';
import { MUSIC } from '../registrations.ts';
import { requestToken } from '../oauth-calls.ts';

interface Check {
  readonly step: string;
  readonly check: string;
  readonly outcome: string;
  readonly detail: string;
}

let server: TestServer;
let mcp: McpServer;
beforeAll(async () => {
  server = await startTestServer({ store: 'sqlite' });
  mcp = await startMcp(server);
  await server.registerClient({
    id: 'desktop',
    applicationType: 'native',
    tokenEndpointAuthMethod: 'none',
    redirectUris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
  });
});
afterAll(async () => {
  await mcp.close();
  await server.close();
});

function checkMcp(...options: readonly string[]): Promise<Ended> {
  return runTessera(['mcp', 'check', mcp.url, ...options]);
}

/** With a person who signs in and agrees. */
function checkWithSignIn(...options: readonly string[]): Promise<Ended> {
  let visit: Promise<string> | undefined;
  const { email, password } = server.person;
  return runTessera(
    ['mcp', 'check', mcp.url, '--sign-in', '--no-open', '--client-id', 'desktop', ...options],
    {
      onMessage: (stderr) => {
        const address = /^http:\S+\n/m.exec(stderr)?.[0].trim();
        if (address !== undefined) visit ??= signInWithForms(address, email, password);
      },
    },
  );
}

function checksOf({ stdout }: Ended): readonly Check[] {
  return JSON.parse(stdout);
}

function failed(ended: Ended): readonly string[] {
  return checksOf(ended)
    .filter(({ outcome }) => outcome === 'fail')
    .map(({ step, check, detail }) => `${step}: ${check}: ${detail}`);
}

async function tokenFor(resource: string, scope: string): Promise<string> {
  const { confidential } = server.clients;
  const answer = await requestToken(
    server,
    { grant_type: 'client_credentials', resource, scope },
    confidential,
  );
  return String(answer.body['access_token']);
}

describe('tessera mcp check', () => {
  it('finds nothing that fails without a person, and says how to go on', async () => {
    const ended = await checkMcp('--client-id', 'desktop');
    expect(ended.stdout).not.toContain('  fail  ');
    expect(ended.stdout).toContain(
      '  pass  no token is answered 401: 401 (MCP Authorization, Error Handling',
    );
    expect(ended.stdout).toContain(
      '  skip  not looked at: a person must sign in: run it again with --sign-in\n',
    );
    expect(ended.stderr).toMatch(/^\d+ pass, \d warn, 0 fail, 2 skip\.\n$/);
    expect(ended.code).toBe(0);
  });

  it.each(['json', 'yaml'])('gives the same as %s', async (format) => {
    const ended = await checkMcp('--client-id', 'desktop', '--output', format);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/"?check"?: "?an invalid token is answered 401/);
    expect(ended.stdout).toMatch(/"?outcome"?: "?skip/);
  });

  it.each([[], ['--as', 'claude-code']])(
    'goes on to the token and the call once somebody signs in %s',
    async (...as) => {
      const ended = await checkWithSignIn('--output', 'json', ...as.flat());
      expect(failed(ended)).toEqual([]);
      expect(ended.code).toBe(0);
      const [audience, taken, tools] = checksOf(ended).slice(-3);
      expect(audience).toMatchObject({
        check: 'it is for this server alone',
        outcome: 'pass',
        detail: mcp.url,
      });
      expect(taken).toMatchObject({ check: 'the token is taken', outcome: 'pass' });
      expect(tools).toMatchObject({ check: 'the tools are listed', outcome: 'pass', detail: '3 of them' });
      expect(ended.stdout).not.toMatch(/eyJ|tsr_(at|rt|ac)_/);
    },
  );

  it.each([
    ['a good token', () => tokenFor(mcp.url, 'catalog-read'), 0],
    ['a token for another API', () => tokenFor(MUSIC, 'catalog-read'), 3],
  ])('calls with %s that is given: exit code %s', async (_, token, code) => {
    const input = await token();
    const ended = await runTessera(['mcp', 'check', mcp.url, '--token', '-'], { input });
    expect(ended.code).toBe(code);
    expect(ended.stdout + ended.stderr).not.toContain(input);
  });

  it.each([
    ['mcp', 'check'],
    ['mcp', 'check', 'example.com/mcp'],
    ['mcp', 'check', 'ftp://example.com/mcp'],
    ['mcp', 'check', 'https://user@example.com/mcp'],
    ['mcp', 'check', 'https://example.com/mcp', '--as', 'netscape'],
    ['mcp', 'check', 'https://example.com/mcp', '--token', 'two words'],
  ])('is a question of usage: %s %s %s %s %s', async (...line) => {
    expect(await runTessera(line)).toMatchObject({ code: 2, stdout: '' });
  });

  it('fails where nobody answers', async () => {
    const ended = await runTessera(['mcp', 'check', 'http://127.0.0.1:1/mcp']);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('→ Start the server, or check the URL.');
  });
});
