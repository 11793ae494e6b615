/** `tessera start` from outside: what it prints, that the printed commands work as they stand, and how it refuses. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoProcess, newDataDirectory, runCommand, startDemo } from '../demo-process.ts';

const shell = promisify(execFile);
const oneLine = (text: string): string[] => text.trimEnd().split('\n');
/** What was printed, but for the time it took and the ports that were free. */
const plain = (text: string): string => text.replace(/\(\d+\.\d s\)/, '').replaceAll(/:\d{4,5}\b/g, ':port');
const PORTS = ['--music-port', '0', '--gateway-port', '0', '--player-port', '0', '--metrics-port', '0'];

describe('what stops the start: one clear line, exit code 1', () => {
  it('a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const ended = await runCommand(['start', '--port', port, ...PORTS, '--data', newDataDirectory()]);
    await new Promise((resolve) => other.close(resolve));
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(oneLine(ended.stderr)).toEqual([
      `Port ${port} is taken. Run \`npm start -- --port 0\` or stop that program.`,
    ]);
  });

  it('a data directory that cannot be written', async () => {
    const ended = await runCommand([
      'start',
      '--port',
      '0',
      ...PORTS,
      '--data',
      '/proc/tessera-cannot-be-here',
    ]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(oneLine(ended.stderr)).toEqual([
      expect.stringMatching(/^The data directory .* cannot be made\..*--data/),
    ]);
  });

  it('a database newer than the program', async () => {
    const data = newDataDirectory();
    await (await startDemo(data)).stop();
    const database = new DatabaseSync(join(data, 'tessera.db'));
    database.exec(`UPDATE meta SET value = 9999 WHERE key = 'minimum_program'`);
    database.close();
    const ended = await runCommand(['start', '--port', '0', ...PORTS, '--data', data]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(oneLine(ended.stderr)).toEqual([expect.stringMatching(/newer/)]);
  });

  it('a master key that is not the one of the database', async () => {
    const data = newDataDirectory();
    await (await startDemo(data)).stop();
    rmSync(join(data, 'master.key'));
    const ended = await runCommand(['start', '--port', '0', ...PORTS, '--data', data]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(oneLine(ended.stderr)).toEqual([expect.stringMatching(/cannot be opened with this master key/)]);
  });

  it('a setting that does not exist', async () => {
    const ended = await runCommand(['start', '--colour', 'blue']);
    expect(ended.code).toBe(2);
  });
});

describe('a running demo', () => {
  let demo: DemoProcess;
  beforeAll(async () => {
    demo = await startDemo();
  });
  afterAll(() => demo.stop());

  it('prints at most twenty lines, and the same at the next start', async () => {
    expect(demo.output.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    const data = newDataDirectory();
    const first = await startDemo(data);
    await first.stop();
    const second = await startDemo(data);
    await second.stop();
    expect(plain(second.output)).toBe(plain(first.output));
  });

  it('prints commands that work as they stand: a token, then the track', async () => {
    const commands = demo.output.split('\n').filter((line) => /^ {3}(curl|TOKEN=)/.test(line));
    expect(commands).toHaveLength(3);
    const [getToken = '', keepToken = '', useToken = ''] = commands;
    const token = JSON.parse(
      (await shell('bash', ['-c', getToken.replace('curl', 'curl -s')])).stdout,
    ) as object;
    expect(token).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'catalog-read',
    });
    const { stdout } = await shell('bash', ['-c', `${keepToken}\n${useToken.replace('curl', 'curl -s')}`]);
    expect(JSON.parse(stdout)).toMatchObject({ id: demo.state.track_id, type: 'track' });
  });

  it('keeps its secrets for this user alone', () => {
    for (const name of ['demo.json', 'admin.token', 'server.json', 'master.key']) {
      expect(statSync(join(demo.dataDirectory, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('leaves a token by which the command line needs no sign-in', async () => {
    const token = readFileSync(join(demo.dataDirectory, 'admin.token'), 'utf8').trim();
    const answer = await fetch(`${demo.issuer}/admin/v1/users`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
    const listed = await runCommand(['user', 'list', '--output', 'json'], {
      TESSERA_DATA_DIR: demo.dataDirectory,
    });
    expect(listed.code).toBe(0);
    expect(listed.stdout).toContain(demo.state.account.email);
  });

  it('`config check` names the apps that may go without PKCE', async () => {
    const token = readFileSync(join(demo.dataDirectory, 'admin.token'), 'utf8').trim();
    const registered = await fetch(`${demo.issuer}/admin/v1/clients`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        client_id: 'old-app',
        client_name: 'Old app',
        redirect_uris: ['https://old.example/cb'],
        require_pkce: false,
      }),
    });
    expect(registered.status).toBe(201);
    const checked = await runCommand(['config', 'check'], {
      TESSERA_DATA_DIR: demo.dataDirectory,
      TESSERA_ISSUER: 'https://id.example.com',
    });
    expect(checked.code).toBe(0);
    expect(checked.stderr).toMatch(/old-app may sign people in without PKCE/);
    expect(checked.stderr).not.toMatch(/demo-app/);
  });

  it('answers on both loopback addresses, and says on every port what it is', async () => {
    const port = new URL(demo.issuer).port;
    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
    for (const url of [demo.issuer, demo.musicApi, demo.gateway, demo.player]) {
      const page = await fetch(url, { headers: { accept: 'text/html' } });
      expect(page.status).toBe(200);
      expect(await page.text()).toContain(demo.issuer);
    }
  });

  it('leads a browser that comes by an address to the name its cookies are for', async () => {
    const { port } = new URL(demo.issuer);
    const page = await fetch(`http://127.0.0.1:${port}/login?x=1`, {
      headers: { accept: 'text/html' },
      redirect: 'manual',
    });
    expect(page.status).toBe(303);
    expect(page.headers.get('location')).toBe(`${demo.issuer}/login?x=1`);
    const program = await fetch(`http://127.0.0.1:${port}/.well-known/jwks.json`, { redirect: 'manual' });
    expect(program.status).toBe(200);
  });

  it('answers under no other name, so that a page elsewhere cannot read its password', async () => {
    const { port } = new URL(demo.issuer);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      get({ host: '127.0.0.1', port, path: '/', headers: { host: `rebound.example:${port}` } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on('error', reject);
    });
    expect(status).toBe(421);
  });

  it('is refused by `serve`, which says what to do', async () => {
    const ended = await runCommand(['serve'], {
      TESSERA_ISSUER: 'https://id.example.com',
      TESSERA_DATA_DIR: demo.dataDirectory,
      TESSERA_DATABASE_URL: `sqlite:${join(demo.dataDirectory, 'tessera.db')}`,
    });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/belongs to the demo/);
  });

  it('holds its database: a second process says so', async () => {
    mkdirSync(demo.dataDirectory, { recursive: true });
    const ended = await runCommand(['start', '--port', '0', ...PORTS, '--data', demo.dataDirectory]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
