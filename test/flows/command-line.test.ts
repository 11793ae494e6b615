/** The command line against the demo, each as a process of its own: what people and scripts see. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInWithForms } from '../../packages/cli/src/testing/form-sign-in.ts';
import { newHome, type RunOptions, runTessera } from '../../packages/cli/src/testing/run-tessera.ts';
import { type DemoProcess, startDemo } from '../demo-process.ts';
import { NoScriptBrowser } from '../no-script-browser.ts';

let demo: DemoProcess;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.stop());

const MEMBER = { email: 'bob@example.test', password: 'bob has a password' };

/** As the first administrator, by the token that the demo left. */
function asAdmin(line: string, options: RunOptions = {}) {
  const environment = { ...newHome(), TESSERA_DATA_DIR: demo.dataDirectory, ...options.environment };
  return runTessera(line.split(' '), { ...options, environment });
}

// Tests look into answers of many shapes.
// oxlint-disable-next-line typescript/no-explicit-any -- JSON of a test, which says itself what it expects in it
async function json(line: string, options: RunOptions = {}): Promise<any> {
  const ended = await asAdmin(`${line} --output json`, options);
  expect(ended).toMatchObject({ code: 0 });
  return JSON.parse(ended.stdout);
}

/** Runs `tessera login` and signs in on its page. @returns its home, in which somebody is signed in */
async function signIn(email: string, password: string) {
  const environment = newHome();
  let page: Promise<string> | undefined;
  const ended = await runTessera(['login', '--no-open', '--server', demo.issuer], {
    environment,
    onMessage: (stderr) => {
      const address = /^http:\S+\n/m.exec(stderr)?.[0].trim();
      if (address !== undefined) page ??= signInWithForms(address, email, password);
    },
  });
  return { ended, environment, page: await page };
}

describe('an administrator on the same machine', () => {
  it('needs no sign-in', async () => {
    expect(await json('whoami')).toMatchObject({
      email: demo.state.account.email,
      role: 'admin',
      server: demo.issuer,
      signed_in_by: 'admin.token',
    });
  });

  it('but not with a token that others may read', async () => {
    const { TESSERA_DATA_DIR: directory = '', ...home } = newHome();
    mkdirSync(directory);
    writeFileSync(join(directory, 'server.json'), JSON.stringify({ url: demo.issuer }));
    const token = readFileSync(join(demo.dataDirectory, 'admin.token'), 'utf8');
    writeFileSync(join(directory, 'admin.token'), token, { mode: 0o644 });
    const ended = await runTessera(['whoami'], { environment: { ...home, TESSERA_DATA_DIR: directory } });
    expect(ended).toMatchObject({ code: 4, stdout: '' });
    expect(ended.stderr).toContain('chmod 600');
    expect(ended.stderr).not.toContain(token.trim());
  });

  it('is told by the doctor that all is well, and what is not', async () => {
    const findings = await json('doctor');
    expect(findings.map((finding: { ok: boolean }) => finding.ok)).toEqual(Array(7).fill(true));
    const ended = await asAdmin('doctor --server http://127.0.0.1:1');
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/^fail {2}server: .*\n {6}→ Start it/m);
  });

  it('registers an app, whose secret is shown once', async () => {
    const created = await json('app create --id billing --name Billing --redirect-uri https://b.example/cb');
    expect(created).toMatchObject({ client_id: 'billing', client_secret: expect.stringMatching(/^tsr_cs_/) });
    expect(await json('client get billing')).not.toHaveProperty('client_secret');
    expect(await json('app update billing --type native --scope catalog-read')).toMatchObject({
      application_type: 'native',
      scope: 'catalog-read',
      redirect_uris: ['https://b.example/cb'],
    });
    const second = await json('app secret create billing --expires-at 2100-01-01');
    const secrets = await json('app secret list billing');
    expect(secrets).toHaveLength(2);
    expect(secrets[1]).toEqual({
      id: second.id,
      hint: second.client_secret.slice(-4),
      created_at: expect.any(Number),
      expires_at: 4_102_444_800,
    });
    expect(await asAdmin(`app secret delete billing ${secrets[0].id}`)).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(await asAdmin('app delete billing')).toMatchObject({ code: 0, stderr: 'Deleted billing.\n' });
    expect(await asAdmin('app get billing')).toMatchObject({ code: 1, stderr: 'No client has this id.\n' });
  });

  it('registers apps and APIs of an organization, and lists what is its', async () => {
    const { id } = await json('organization create --name Quartet');
    const app = await json(`app create --name Tuner --grant-type client_credentials --organization ${id}`);
    const api = await json(`api create --identifier https://q.example/ --name Q --organization ${id}`);
    expect([app.organization_id, api.organization_id]).toEqual([id, id]);
    expect(await json(`app list --organization ${id}`)).toMatchObject([{ client_id: app.client_id }]);
    expect(await json(`api list --organization ${id}`)).toMatchObject([{ identifier: 'https://q.example/' }]);
    expect(await asAdmin('app create --name X --organization org_none')).toMatchObject({
      code: 1,
      stdout: '',
    });
    expect(await asAdmin(`organization delete ${id}`)).toMatchObject({ code: 0 });
  });

  it('registers an app from standard input, and is told what is wrong with it', async () => {
    const input = JSON.stringify({
      client_name: 'X',
      grant_types: ['magic'],
      redirect_uris: ['http://x.example/'],
    });
    const ended = await asAdmin('app create -', { input });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/\/grant_types\/0 unknown grant type.*\/redirect_uris\/0/);
    expect(await asAdmin('app create -', { input: '[]' })).toMatchObject({ code: 2 });
  });

  it('looks after APIs, by identifier', async () => {
    const created = await json(
      'api create --identifier https://a.example/ --name A --scope read=Read --lifetime 60-90',
    );
    expect(created).toMatchObject({
      scopes: [{ name: 'read', description: 'Read' }],
      access_token_lifetime: { min: 60, max: 90 },
    });
    expect(await json('resource update https://a.example/ --lifetime 120')).toMatchObject({
      id: created.id,
      access_token_lifetime: 120,
    });
    expect((await asAdmin('api list')).stdout).toContain('https://a.example/');
    expect(await asAdmin('api delete https://a.example/')).toMatchObject({ code: 0 });
    expect(await asAdmin('api delete urn:tessera:api')).toMatchObject({ code: 1, stdout: '' });
  });

  it('looks after people, whose passwords come by standard input', async () => {
    const created = await json(`user create --email ${MEMBER.email} --password-stdin`, {
      input: `${MEMBER.password}\n`,
    });
    expect(created).toMatchObject({ email: MEMBER.email, role: 'member', has_password: true });
    expect(await json(`user update ${MEMBER.email} --name Bob`)).toMatchObject({ display_name: 'Bob' });
    const last = await asAdmin(`user delete ${demo.state.account.email}`);
    expect(last).toMatchObject({ code: 1, stderr: 'Make somebody else an administrator first.\n' });
  });

  it('looks after keys', async () => {
    const rotated = await json('key rotate --alg RS256');
    expect(rotated).toMatchObject({ alg: 'RS256', state: 'next' });
    expect(await json('key list')).toHaveLength(3);
    expect(await asAdmin(`key retire ${rotated.kid}`)).toMatchObject({ code: 1, stdout: '' });
  });

  it('reads what happened', async () => {
    const events = await json('audit list --type client.created --limit 1');
    expect(events).toMatchObject([{ type: 'client.created', outcome: 'success' }]);
    const table = await asAdmin('audit list --limit 1');
    expect(table.stdout).toMatch(/^AT +TYPE +OUTCOME/);
    expect(table.stderr).toContain('--limit');
    const csv = await asAdmin('audit export --format csv --type client.created --since 2020-01-01');
    expect(csv).toMatchObject({ code: 0 });
    expect(csv.stdout).toMatch(/^"id","at","type",.+\r\n"evt_/);
    const file = join(newHome()['TESSERA_DATA_DIR'] ?? '', '..', 'events.jsonl');
    expect(await asAdmin(`audit export --to ${file}`)).toMatchObject({ code: 0, stdout: '' });
    expect(JSON.parse(readFileSync(file, 'utf8').split('\n')[0] ?? '')).toHaveProperty('actor');
  });

  it('is told whether the log of it is as it was written', async () => {
    expect(await json('audit verify')).toMatchObject({ intact: true, findings: [] });
    const never = `9999.${'A'.repeat(43)}`;
    const cut = await asAdmin(`audit verify --anchor ${never}`);
    expect(cut).toMatchObject({ code: 1 });
    expect(cut.stderr).toContain('cut: anchor 9999');
    expect(await asAdmin('audit verify --anchor nonsense')).toMatchObject({ code: 1 });
  });
});

function credentials() {
  const { client_id, client_secret } = demo.state.confidential_client;
  return { TESSERA_CLIENT_ID: client_id, TESSERA_CLIENT_SECRET: client_secret };
}

describe('tokens', () => {
  const API = 'https://music.example/';
  it('are requested, verified, revoked, and refused from then on', async () => {
    const environment = credentials();
    const requested = await asAdmin(`token request --resource ${API}`, { environment });
    expect(requested).toMatchObject({ code: 0, stderr: '' });
    const token = requested.stdout.trim();
    const accepted = await json(`token verify - --audience ${API}`, { input: token });
    expect(accepted).toMatchObject({ valid: true, format: 'jwt', client_id: environment.TESSERA_CLIENT_ID });
    const elsewhere = await asAdmin('token verify - --audience https://a.example/ --json', { input: token });
    expect(elsewhere.code).toBe(3);
    expect(JSON.parse(elsewhere.stdout)).toMatchObject({ valid: false, code: 'wrong_audience' });
    const scope = await asAdmin(`token verify - --audience ${API} --scope admin`, { input: token });
    expect(scope).toMatchObject({ code: 3, stderr: expect.stringContaining('Refused') });
    expect(scope.stdout + scope.stderr).not.toContain(token);
  });

  it('that are opaque are explained by the server', async () => {
    const environment = credentials();
    const { stdout: token } = await asAdmin('token request', { environment });
    const told = await json('token inspect -', { environment, input: token });
    expect(told).toMatchObject({ kind: 'access token', introspection: { active: true } });
    const revoked = await json('token revoke -', { input: token });
    expect(revoked).toMatchObject({ status: 'revoked' });
    expect(await json('token inspect -', { environment, input: token })).toMatchObject({
      introspection: { active: false },
    });
    const listed = await json(`token list --client ${environment.TESSERA_CLIENT_ID}`);
    expect(listed).toContainEqual(revoked);
    expect(await json(`token revoke ${revoked.token_id}`)).toEqual(revoked);
  });

  it('are not had with a wrong secret, which is not printed', async () => {
    const environment = { ...credentials(), TESSERA_CLIENT_SECRET: 'tsr_cs_wrong' };
    const ended = await asAdmin('token request', { environment });
    expect(ended).toMatchObject({ code: 4, stdout: '' });
    expect(ended.stderr).not.toContain('tsr_cs_wrong');
  });
});

describe('tessera why', () => {
  it('says why a request was refused, what the client was not told, and what to do', async () => {
    const refused = await fetch(`${demo.issuer}/api/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('demo-app:not-its-secret').toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const id = refused.headers.get('x-request-id') ?? '';
    expect(await json(`why ${id}`)).toMatchObject({
      request_id: id,
      path: '/api/token',
      status: 401,
      error: 'invalid_client',
      client_id: 'demo-app',
      detail: 'wrong credentials; it came by client_secret_basic, and is registered for client_secret_basic',
      fix: expect.stringContaining('credentials are wrong'),
    });
    const table = await asAdmin(`why ${id}`);
    expect(table.stdout).toMatch(/^error +invalid_client$/m);
    const listed = await asAdmin('why --client demo-app --limit 1');
    expect(listed.stdout).toMatch(/^AT +REQUEST +PATH +STATUS +ERROR/);
    expect(listed.stdout).toContain(id);
    expect(listed.stdout + table.stdout).not.toContain('not-its-secret');
  });

  it('shows the token that was refused, where it was one of ours', async () => {
    const environment = credentials();
    const token = (await asAdmin('token request', { environment })).stdout.trim();
    await asAdmin('token revoke -', { input: token });
    const refused = await fetch(`${demo.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } });
    const told = await json(`why ${refused.headers.get('x-request-id')}`);
    expect(told).toMatchObject({
      detail: 'revoked',
      client_id: environment.TESSERA_CLIENT_ID,
      token: { status: 'revoked' },
      fix: expect.stringContaining('Somebody ended it'),
    });
  });

  it('ends with 1 for what is not known', async () => {
    expect(await asAdmin('why req_none')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('No refusal'),
    });
  });
});

describe('tessera login', () => {
  it('signs an administrator in, renews by itself, and forgets on logout', async () => {
    const { email, password } = demo.state.account;
    const { ended, environment, page } = await signIn(email, password);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toContain(`as ${email} (admin)`);
    expect(page).toContain('Signed in');

    const file = join(environment['XDG_CONFIG_HOME'] ?? '', 'tessera', 'login.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const login = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...login, expiresAt: 0 }));
    const renewed = await runTessera(['whoami', '--json'], { environment });
    expect(JSON.parse(renewed.stdout)).toMatchObject({ email, signed_in_by: 'login' });
    expect(JSON.parse(readFileSync(file, 'utf8')).refreshToken).not.toBe(login.refreshToken);

    expect(await runTessera(['logout'], { environment })).toMatchObject({ code: 0 });
    writeFileSync(file, JSON.stringify({ ...login, refreshToken: undefined }));
    expect(await runTessera(['whoami'], { environment })).toMatchObject({ code: 4, stdout: '' });
  });

  it('lets a member in, who may not administer: exit code 5', async () => {
    const { environment } = await signIn(MEMBER.email, MEMBER.password);
    const ended = await runTessera(['user', 'list'], { environment });
    expect(ended).toMatchObject({
      code: 5,
      stdout: '',
      stderr: 'This is for the operators of this server.\n',
    });
  });
});

describe('tessera login --device', () => {
  /** Runs it, and decides about the code in a browser that is elsewhere. */
  async function decideOn(step: 'allow' | 'deny') {
    const { email, password } = demo.state.account;
    const environment = newHome();
    let decided: Promise<unknown> | undefined;
    const decide = async (code: string): Promise<void> => {
      const browser = new NoScriptBrowser(demo.issuer);
      await browser.submit(await browser.get('/device'), { email, password });
      const shown = await browser.submit(await browser.get('/device'), { user_code: code }, 'look');
      await browser.submit(shown, {}, step);
    };
    const ended = await runTessera(['login', '--device', '--server', demo.issuer], {
      environment,
      onMessage: (stderr) => {
        const code = /^ +([A-Z]{4}-[A-Z]{4})$/m.exec(stderr)?.[1];
        if (code !== undefined) decided ??= decide(code);
      },
    });
    await decided;
    return { ended, environment };
  }

  it('shows a code, and signs in once somebody allowed it; somebody else may deny', async () => {
    const [allowed, denied] = await Promise.all([decideOn('allow'), decideOn('deny')]);
    expect(allowed.ended).toMatchObject({ code: 0, stdout: '' });
    expect(allowed.ended.stderr).toContain(`Go to ${demo.issuer}/device and enter the code`);
    expect(allowed.ended.stderr).toContain(`as ${demo.state.account.email} (admin)`);
    expect(allowed.ended.stderr).not.toContain('tsr_');
    const whoami = await runTessera(['whoami', '--json'], { environment: allowed.environment });
    expect(JSON.parse(whoami.stdout)).toMatchObject({ signed_in_by: 'login' });
    expect(denied.ended).toMatchObject({ code: 4, stdout: '' });
    expect(denied.ended.stderr).toContain('Not signed in: access_denied.');
    expect((await runTessera(['whoami'], { environment: denied.environment })).code).toBe(4);
  });
});

describe('tessera issuer', () => {
  const ISSUER = 'https://ci.example';
  const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  const MUSIC = 'https://music.example/';
  const rules = [
    { claims: { sub: 'repo:acme/*' }, client_id: 'deployer', scopes: ['catalog-read'], resources: [MUSIC] },
  ];
  const create = (more: object): RunOptions => ({
    input: JSON.stringify({
      issuer: ISSUER,
      kind: 'workload',
      name: 'CI',
      jwks_uri: `${ISSUER}/keys`,
      rules,
      ...more,
    }),
  });

  it('is told what is wrong with a trusted issuer', async () => {
    const ended = await asAdmin('issuer create -', create({ jwks_uri: 'http://ci.example/keys' }));
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('/jwks_uri');
  });

  it('creates, lists, shows, changes and deletes one, by id or by its address', async () => {
    const app = {
      client_id: 'deployer',
      client_name: 'Deployer',
      grant_types: [JWT_BEARER],
      redirect_uris: [],
    };
    await json('app create -', { input: JSON.stringify(app) });
    const made = await json('issuer create -', create({}));
    expect(made).toMatchObject({ issuer: ISSUER, status: 'active', jwks_uri: `${ISSUER}/keys` });
    expect(await json('issuer list')).toContainEqual(expect.objectContaining({ id: made.id }));
    expect(await json(`issuer get ${ISSUER}`)).toMatchObject({ id: made.id });
    const renamed = await json(`issuer update ${made.id} -`, { input: JSON.stringify({ name: 'Builds' }) });
    expect(renamed).toMatchObject({ id: made.id, name: 'Builds' });
    expect(await json(`issuer disable ${ISSUER}`)).toMatchObject({ status: 'disabled' });
    expect(await json(`issuer enable ${made.id}`)).toMatchObject({ status: 'active' });
    expect(await asAdmin(`issuer delete ${ISSUER}`)).toMatchObject({
      code: 0,
      stderr: `Deleted ${ISSUER}.\n`,
    });
    const gone = await asAdmin(`issuer get ${ISSUER}`);
    expect(gone).toMatchObject({ code: 1, stdout: '', stderr: `No trusted issuer is called ${ISSUER}.\n` });
  });
});

describe('TESSERA_URL and TESSERA_TOKEN', () => {
  it('come first, and a token that is refused is not tried twice nor printed', async () => {
    const environment = { TESSERA_URL: demo.issuer, TESSERA_TOKEN: 'tsr_at_no_such_token' };
    const ended = await asAdmin('user list', { environment });
    expect(ended).toMatchObject({ code: 4, stdout: '' });
    expect(ended.stderr).toContain('TESSERA_TOKEN');
    expect(ended.stderr).not.toContain('no_such_token');
  });
});
