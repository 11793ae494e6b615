import { randomBytes } from 'node:crypto';
import { createTokenString } from '@tessera/tokens';
import { describe, expect, it, vi } from 'vitest';
import { newHome, runTessera } from './testing/run-tessera.ts';

vi.setConfig({ testTimeout: 60_000 });

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const JWT = `${part({ alg: 'ES256', typ: 'at+jwt' })}.${part({ sub: 'ada', exp: 1_700_000_000 })}.${'A'.repeat(86)}`;
const OF_NOWHERE = `${part({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })}.${part({ iss: 'http://127.0.0.1:1' })}.${'A'.repeat(86)}`;
const OPAQUE = createTokenString('at', (size) => randomBytes(size));
const MISTYPED = `${OPAQUE.slice(0, -1)}${OPAQUE.endsWith('0') ? '1' : '0'}`;
const NOWHERE = 'http://127.0.0.1:1';

describe('exit codes', () => {
  it.each([
    ['--help', 0, /Usage: tessera/],
    ['--version', 0, /^\d+\.\d+\.\d+\n$/],
    ['help token', 0, /Usage: tessera token/],
    ['completion bash', 0, /complete .* tessera/],
    ['completion zsh', 0, /bashcompinit/],
    ['completion fish', 0, /complete -c tessera/],
  ])('tessera %s: %i, on stdout', async (line, code, stdout) => {
    const ended = await runTessera(line.split(' '));
    expect(ended).toMatchObject({ code, stderr: '' });
    expect(ended.stdout).toMatch(stdout);
  });

  it.each([
    ['', 2, /Usage: tessera/],
    ['ap', 2, /Did you mean one of api, app\?/],
    ['app crate', 2, /Did you mean create\?/],
    ['app create --nmae x', 2, /Did you mean --name\?/],
    ['app list --output xml', 2, /Allowed choices are table, json, yaml/],
    ['app list --limit 0', 2, /whole number/],
    ['app get', 2, /missing required argument/],
    ['token verify x', 2, /--audience/],
    ['token request', 2, /--client-id/],
    ['token request --client-id x', 2, /secret of the app is missing/],
    [`token verify ${OPAQUE} --audience https://api.example/`, 2, /--client-id/],
    ['completion tcsh', 2, /bash, zsh, fish/],
    ['start --port 70000', 2, /from 0 to 65535/],
    ['user list --server http://tessera.example', 2, /not https/],
    ['user list --server tessera', 2, /not the URL of a server/],
    ['token inspect hello', 3, /no token/],
    [`token inspect ${MISTYPED}`, 3, /access token, but its checksum is wrong/],
    ['app list', 4, /^Not signed in\. Run `tessera login`\.\n$/],
    ['whoami', 4, /Not signed in/],
    [`login --no-open --server ${NOWHERE}`, 1, /does not answer/],
    [`token verify ${OF_NOWHERE} --audience x --issuer ${NOWHERE}`, 1, /cannot be checked now/],
    ['serve', 1, /TESSERA_ISSUER/],
    ['serve --config nowhere.yaml', 1, /nowhere\.yaml/],
    ['config check', 1, /TESSERA_ISSUER/],
  ])('tessera %s: %i, on stderr', async (line, code, stderr) => {
    const ended = await runTessera(line === '' ? [] : line.split(' '));
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(stderr);
    expect(ended.stderr).not.toMatch(/\n +at /);
  });

  it('TESSERA_TOKEN without TESSERA_URL is a question of usage', async () => {
    const ended = await runTessera(['whoami'], { environment: { ...newHome(), TESSERA_TOKEN: OPAQUE } });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).not.toContain(OPAQUE);
  });
});

describe('token inspect, offline', () => {
  it('reads a JWT from standard input and says that its signature was not checked', async () => {
    const ended = await runTessera(['token', 'inspect', '-', '--output', 'json'], { input: `${JWT}\n` });
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout)).toEqual({
      format: 'jwt',
      header: { alg: 'ES256', typ: 'at+jwt' },
      claims: { sub: 'ada', exp: 1_700_000_000 },
      expired: true,
      signature: 'not checked',
    });
  });

  it('prints times that a person can read', async () => {
    const ended = await runTessera(['token', 'inspect', JWT]);
    expect(ended.stdout).toMatch(/claim\.exp +1700000000 +2023-11-14T22:13:20Z/);
    expect(ended.stdout).not.toContain(JWT);
  });

  it('knows the kind of an opaque token by its looks', async () => {
    const ended = await runTessera(['token', 'inspect', '-', '--output', 'yaml'], { input: OPAQUE });
    expect(ended).toMatchObject({ code: 0, stdout: 'format: opaque\nkind: access token\nchecksum: ok\n' });
    expect(ended.stderr).toContain('only its server knows more');
  });
});

describe('config show', () => {
  it('hides secrets and tells where each setting comes from', async () => {
    const password = 'a password of the administrator';
    const environment = { ...newHome(), TESSERA_PORT: '5500', TESSERA_ADMIN_PASSWORD: password };
    const ended = await runTessera(['config', 'show', '--json'], { environment });
    expect(ended.stdout).not.toContain(password);
    expect(JSON.parse(ended.stdout)).toEqual(
      expect.arrayContaining([
        { name: 'port', value: 5500, source: 'environment' },
        { name: 'admin_password', value: '(hidden)', source: 'environment' },
        { name: 'host', value: 'localhost', source: 'default' },
      ]),
    );
  });
});
