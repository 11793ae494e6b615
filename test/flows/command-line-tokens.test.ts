/** The token tools of the command line, each a process of its own: what is refused, with which exit code, and why. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newHome, type RunOptions, runTessera } from '../../packages/cli/src/testing/run-tessera.ts';
import { type DemoProcess, startDemo } from '../demo-process.ts';

vi.setConfig({ testTimeout: 60_000 });

const API = 'https://music.example/';
const NOWHERE = 'http://127.0.0.1:1';

let demo: DemoProcess;
let directory: string;
const file = (name: string) => join(directory, name);
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tessera-keys-'));
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(file('secret.hex'), randomBytes(32).toString('hex'));
  writeFileSync(file('other.hex'), randomBytes(32).toString('hex'));
  writeFileSync(file('short.hex'), randomBytes(16).toString('hex'));
  writeFileSync(file('private.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
  writeFileSync(file('public.pem'), publicKey.export({ format: 'pem', type: 'spki' }));
  writeFileSync(file('public.jwk'), JSON.stringify(publicKey.export({ format: 'jwk' })));
  writeFileSync(file('claims.yaml'), 'iss: me\naud: cdn\ncatm: [GET]\ncatu: { path: { prefix: /live/ } }\n');
  writeFileSync(file('list.yaml'), '- 1\n');
  demo = await startDemo();
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await demo.stop();
});

/** Words with spaces stand in the list as they are. */
function run(args: readonly string[], input?: string, environment: RunOptions['environment'] = newHome()) {
  return runTessera(args, { environment, ...(input !== undefined && { input }) });
}

function asAdmin(args: readonly string[], input?: string) {
  return run(args, input, { ...newHome(), TESSERA_DATA_DIR: demo.dataDirectory });
}

async function tokenOfApp(resource?: string): Promise<string> {
  const { client_id, client_secret } = demo.state.confidential_client;
  const form = { grant_type: 'client_credentials', ...(resource !== undefined && { resource }) };
  const answer = await fetch(`${demo.issuer}/api/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
    body: new URLSearchParams(form),
  });
  const { access_token: token } = Object(await answer.json());
  return String(token);
}

const create = async (...args: string[]): Promise<string> => {
  const ended = await run(['cat', 'create', '--key', file('secret.hex'), ...args]);
  expect(ended.code).toBe(0);
  return ended.stdout.trim();
};

describe('tessera token explain', () => {
  it('says of its own token who got it, why it lives that long, and what is wrong with it', async () => {
    const token = await tokenOfApp(API);
    const good = await asAdmin(['token', 'explain', '-', '--audience', API, '--json'], token);
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(good.stdout)).toMatchObject({
      format: 'jwt',
      good: true,
      kept: { client_id: 'demo-app', status: 'live', lifetime_reason: expect.any(String) },
      background: { lifetime_rule: expect.any(String) },
    });
    const bad = await asAdmin(
      ['token', 'explain', '-', '--audience', 'https://a.example/', '--scope', 'x'],
      token,
    );
    expect(bad.code).toBe(3);
    expect(bad.stdout).toMatch(/^CHECK +RESULT +EXPECTED +GOT$/m);
    expect(bad.stdout).toMatch(/^audience +FAILED +https:\/\/a\.example\/ +https:\/\/music\.example\/$/m);
    expect(bad.stdout).toMatch(/^audience → Ask for a token with resource=https:\/\/a\.example\/$/m);
    expect(bad.stdout).toMatch(/^lifetime_rule +\S/m);
    expect(good.stdout + bad.stdout).not.toContain(token);
  });

  it('of an opaque one too; a revoked one ends with 3', async () => {
    const token = await tokenOfApp();
    expect(await asAdmin(['token', 'explain', token])).toMatchObject({ code: 0 });
    await asAdmin(['token', 'revoke', '-'], token);
    const ended = await asAdmin(['token', 'explain', '-', '--output', 'yaml'], token);
    expect(ended.code).toBe(3);
    expect(ended.stdout).toContain('it was revoked itself');
  });

  it('without a sign-in checks what it can, by the keys of the issuer', async () => {
    const token = await tokenOfApp(API);
    const args = ['token', 'explain', '-', '--issuer', demo.issuer, '--audience', API, '--json'];
    const ended = await run(args, token);
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout).checks).toContainEqual(
      expect.objectContaining({ check: 'signature', result: 'passed' }),
    );
    const offline = await run([...args.slice(0, -1), '--offline', '--json'], token);
    expect(JSON.parse(offline.stdout).checks).toContainEqual(
      expect.objectContaining({ check: 'signature', result: 'skipped' }),
    );
  });

  it('keeps a token of another issuer to itself', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg: 'ES256', typ: 'at+jwt' })}.${part({ iss: 'https://other.example', jti: 'j' })}.${'A'.repeat(86)}`;
    const ended = await asAdmin(['token', 'explain', '-', '--json'], token);
    expect(ended.code).toBe(3);
    expect(JSON.parse(ended.stdout).checks).toContainEqual(
      expect.objectContaining({ check: 'issuer', result: 'failed', got: 'https://other.example' }),
    );
    const refused = await asAdmin(['why', '--limit', '5', '--json']);
    expect(refused.stdout).not.toContain('explain');
  });

  it('ends with 3 for what is no token, and says what it may be', async () => {
    const ended = await run(['token', 'explain', 'Bearer abc']);
    expect(ended).toMatchObject({ code: 3, stdout: expect.stringContaining('Leave out what stands before') });
  });
});

describe('tessera token verify with keys at hand', () => {
  it('asks nobody: a JWT by the keys of a file or an address', async () => {
    const token = await tokenOfApp(API);
    const answer = await fetch(`${demo.issuer}/.well-known/jwks.json`);
    writeFileSync(file('jwks.json'), await answer.text());
    const verify = ['token', 'verify', '-', '--issuer', demo.issuer, '--audience', API, '--jwks'];
    expect(await run([...verify, file('jwks.json')], token)).toMatchObject({ code: 0 });
    expect(await run([...verify, `${demo.issuer}/.well-known/jwks.json`], token)).toMatchObject({ code: 0 });
    const wrong = await run([...verify, file('jwks.json'), '--scope', 'admin', '--json'], token);
    expect(wrong.code).toBe(3);
    expect(JSON.parse(wrong.stdout)).toMatchObject({ valid: false, check: 'scope' });
    expect(wrong.stdout + wrong.stderr).not.toContain(token);
  });

  it.each([
    ['no issuer', ['--audience', API], 2, /--issuer/],
    ['no API', ['--issuer', NOWHERE], 2, /--audience/],
    ['another key', ['--issuer', NOWHERE, '--audience', API], 3, /Refused/],
  ])('with %s: %#', async (_, args, code, stderr) => {
    const token = await tokenOfApp(API);
    const ended = await run(['token', 'verify', '-', '--key', file('public.pem'), ...args], token);
    expect(ended).toMatchObject({ code, stderr: expect.stringMatching(stderr) });
  });
});

describe('tessera cat', () => {
  it.each([
    ['no key', ['cat', 'create'], /--key/],
    ['a key that is too short', ['cat', 'create', '--key', 'short.hex'], /32 to 1024 bytes/],
    ['a public key', ['cat', 'create', '--key', 'public.pem'], /only checks/],
    ['no claims', ['cat', 'create', 'list.yaml', '--key', 'secret.hex'], /object of claims/],
    ['no such file', ['cat', 'create', 'none.yaml', '--key', 'secret.hex'], /cannot be read/],
    ['an unknown claim', ['cat', 'create', '--key', 'secret.hex', '--claim', 'catx=1'], /catx/],
    ['a malformed claim', ['cat', 'create', '--key', 'secret.hex', '--claim', 'catm=GET'], /catm/],
    ['a claim without value', ['cat', 'create', '--key', 'secret.hex', '--claim', 'catm'], /name=value/],
    [
      'too large a token',
      ['cat', 'create', '--key', 'secret.hex', '--claim', `sub=${'x'.repeat(4096)}`],
      /larger/,
    ],
    ['verify without a key', ['cat', 'verify', 'x'], /--key/],
    ['renew without a key', ['cat', 'renew', 'x'], /--key/],
  ])('is not used with %s: 2', async (_, args, stderr) => {
    const named = args.map((each) => (/\.(?:hex|pem|yaml)$/.test(each) ? file(each) : each));
    expect(await run(named)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(stderr) });
  });

  it('makes a token from a file and options, and says what is in it', async () => {
    const token = await create(
      file('claims.yaml'),
      '--kid',
      'k1',
      '--expires-in',
      '600',
      '--claim',
      'sub=ada',
    );
    const read = await run(['cat', 'inspect', '-', '--json'], token);
    expect(JSON.parse(read.stdout)).toMatchObject({
      header: { alg: 'HS256', kid: 'k1', message: 'COSE_Mac0' },
      claims: {
        iss: 'me',
        aud: expect.anything(),
        sub: 'ada',
        catv: 1,
        catm: ['GET'],
        exp: expect.any(Number),
      },
      size: expect.stringMatching(/^\d+ bytes$/),
      diagnostic: expect.stringContaining('312: {3: {1: "/live/"}}'),
    });
    const table = await run(['token', 'inspect', '-'], token);
    expect(table.stdout).toMatch(/claim\.exp +\d+ +20\d\d-/);
  });

  it('says that a token is long, and that one has no end', async () => {
    const args = ['cat', 'create', '--key', file('secret.hex'), '--claim'];
    const long = await run([...args, `sub=${'x'.repeat(1100)}`, '--expires-in', '60']);
    expect(long.stderr).toContain('more than 1 KB');
    const endless = await run([...args, 'sub=ada']);
    expect(endless.stderr).toContain('does not end');
  });

  it.each([
    ['a request as the token allows it', ['--url', 'https://cdn.example/live/a', '--method', 'GET'], 0],
    ['another path', ['--url', 'https://cdn.example/vod/a', '--method', 'GET'], 3],
    ['another method', ['--url', 'https://cdn.example/live/a', '--method', 'POST'], 3],
    ['a request that nobody described', [], 3],
    ['another issuer', ['--issuer', 'you', '--url', 'https://cdn.example/live/a', '--method', 'GET'], 3],
    ['another recipient', ['--audience', 'you', '--url', 'https://cdn.example/live/a', '--method', 'GET'], 3],
  ])('verifies %s: exit code %#', async (_, args, code) => {
    const token = await create(file('claims.yaml'), '--expires-in', '600');
    const verify = ['verify', '-', '--key', file('secret.hex'), ...args];
    const ended = await run(['cat', ...verify, '--json'], token);
    expect(ended.code).toBe(code);
    expect(JSON.parse(ended.stdout)).toMatchObject({ format: 'cat', good: code === 0 });
    expect((await run(['token', ...verify], token)).code).toBe(code);
  });

  it('refuses a token of another secret', async () => {
    const token = await create('--expires-in', '60');
    const ended = await run(['cat', 'verify', '-', '--key', file('other.hex')], token);
    expect(ended).toMatchObject({ code: 3, stderr: 'Refused: signature.\n' });
    expect(ended.stdout).toMatch(/^signature +FAILED/m);
  });

  it('signs with a private key, and verifies with the public one in any form', async () => {
    const made = await run(['cat', 'create', '--key', file('private.pem'), '--expires-in', '60']);
    const token = made.stdout.trim();
    const verdicts = ['public.pem', 'public.jwk', 'private.pem'].map((name) =>
      run(['cat', 'verify', '-', '--key', file(name)], token),
    );
    expect((await Promise.all(verdicts)).map(({ code }) => code)).toEqual([0, 0, 0]);
  });

  it('renews when it is time, and says how it is handed over', async () => {
    const asks = ['--claim', 'iss=me', '--claim', 'catr={type: header, expadd: 600, deadline: 3600}'];
    const due = await create(...asks, '--expires-in', '60');
    const renewed = await run(['cat', 'renew', '-', '--key', file('secret.hex'), '--json'], due);
    expect(renewed.code).toBe(0);
    const { token, header, type } = JSON.parse(renewed.stdout);
    expect(type).toBe('header');
    expect(header).toBe(`CTA-Common-Access-Token: ${token}`);
    expect((await run(['cat', 'verify', '-', '--key', file('secret.hex')], token)).code).toBe(0);
    const early = await create(...asks, '--expires-in', '7200');
    expect(await run(['cat', 'renew', '-', '--key', file('secret.hex')], early)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not time yet'),
    });
    expect(await run(['cat', 'renew', '-', '--key', file('other.hex')], due)).toMatchObject({ code: 3 });
  });
});
