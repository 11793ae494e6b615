// The command line: any server, by its address and a file of hooks.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningPeer, startOidcProvider } from './peers/oidc-provider.ts';

/** As somebody would write it who knows nothing of this repository. */
const HOOKS = `
export default (issuer) => ({
  async createClient(metadata) {
    const body = JSON.stringify(metadata);
    const headers = { 'content-type': 'application/json' };
    return (await fetch(issuer + '/reg', { method: 'POST', headers, body })).json();
  },
  createUser: async () => ({ username: 'ada', password: 'any' }),
  pages: { signIn: () => undefined, consent: () => undefined },
});
`;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

function run(...options: readonly string[]): Promise<Ended> {
  const script = join(import.meta.dirname, 'run.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...options], (error, out, errors) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, errors }),
    );
  });
}

describe('the command line', () => {
  let peer: RunningPeer;
  let directory: string;
  let hooks: string;

  beforeAll(async () => {
    peer = await startOidcProvider();
    directory = await mkdtemp(join(tmpdir(), 'conformance-'));
    hooks = join(directory, 'hooks.mjs');
    await writeFile(hooks, HOOKS);
  });
  afterAll(async () => {
    await peer?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('runs the checks that are asked for and says what came out', async () => {
    const { issuer } = peer.hooks;
    const { code, out, errors } = await run('--issuer', issuer, '--hooks', hooks, '--only', 'JK-01,TK-23');
    expect({ code, errors }).toEqual({ code: 0, errors: '2 passed, 0 failed, 0 not offered\n' });
    expect(out).toBe('passed      TK-23\npassed      JK-01\n');
  });

  it('exits with 1 when a check fails, and says why', async () => {
    const { issuer } = peer.hooks;
    const { code, out } = await run('--issuer', issuer, '--hooks', hooks, '--only', 'MD-01-cache', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ id: 'MD-01-cache', outcome: 'failed' });
  });

  it('says how it is used', async () => {
    const { code, errors } = await run('--issuer', 'https://id.example.com');
    expect(code).toBe(2);
    expect(errors).toContain('--hooks');
  });
});
