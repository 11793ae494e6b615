/** `tessera serve` from outside: what it refuses, its first administrator, HTTPS, cookies, and how it stops. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { newDataDirectory, ROOT, runCommand } from '../demo-process.ts';

const COMMAND = join(ROOT, 'packages/cli/bin/tessera.js');
const CERTIFICATE = join(ROOT, 'test/vectors/tls/cert.pem');
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

interface Served {
  readonly child: ChildProcess;
  readonly port: number;
  readonly metricsPort: number;
  readonly stderr: () => string;
  /** Resolves to the exit code. */
  readonly stop: () => Promise<number | null>;
}

async function serve(environment: Readonly<Record<string, string>>): Promise<Served> {
  const child = spawn(process.execPath, [COMMAND, 'serve'], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const ready = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const line = stdout()
        .split('\n')
        .find((text) => text.includes('"msg":"ready"'));
      if (line !== undefined) resolve(line);
    });
    child.once('close', () => reject(new Error(stdout() + stderr())));
  });
  const { port, metricsPort } = JSON.parse(ready) as { port: number; metricsPort: number };
  const stop = (): Promise<number | null> =>
    new Promise((resolve) => {
      child.once('close', resolve);
      child.kill('SIGTERM');
    });
  return { child, port, metricsPort, stderr, stop };
}

function collect(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

function settings(data: string): Record<string, string> {
  return {
    TESSERA_ISSUER: 'http://localhost:4400',
    TESSERA_DATA_DIR: data,
    TESSERA_DATABASE_URL: `sqlite:${join(data, 'tessera.db')}`,
    TESSERA_PORT: '0',
    TESSERA_METRICS_PORT: '0',
  };
}

describe('what stops it: the setting and the fix, exit code 1', () => {
  it.each([
    ['no issuer', { TESSERA_ISSUER: '' }, /issuer/],
    [
      'http on a public name',
      { TESSERA_ISSUER: 'http://id.example.com' },
      /TESSERA_ISSUER=https:\/\/id\.example\.com/,
    ],
    ['a database in memory', { TESSERA_DATABASE_URL: 'sqlite::memory:' }, /TESSERA_DATABASE_URL/],
    [
      'PostgreSQL without a master key',
      { TESSERA_DATABASE_URL: 'postgres://localhost/tessera' },
      /PostgreSQL needs master_key/,
    ],
    [
      'a certificate that is none',
      { TESSERA_TLS_CERT: 'x', TESSERA_TLS_KEY: 'y' },
      /tls_cert is neither PEM/,
    ],
  ])('%s', async (_what, change, message) => {
    const ended = await runCommand(['serve'], { ...settings(newDataDirectory()), ...change });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });
});

describe('a server in production', () => {
  it('makes a first administrator, tells the password once, and stops cleanly', async () => {
    const data = newDataDirectory();
    const first = await serve(settings(data));
    expect(first.stderr()).toMatch(/First administrator: admin@localhost \/ \S{14} {3}\(shown once/);
    expect(await first.stop()).toBe(0);
    const second = await serve(settings(data));
    expect(second.stderr()).toBe('');
    expect(await second.stop()).toBe(0);
  });

  it('takes the first administrator from the settings, and prints no password', async () => {
    const served = await serve({
      ...settings(newDataDirectory()),
      TESSERA_ADMIN_EMAIL: 'ops@example.com',
      TESSERA_ADMIN_PASSWORD: 'a password of the operator',
    });
    expect(served.stderr()).toBe('');
    expect(await served.stop()).toBe(0);
  });

  it('answers health and metrics on their own port', async () => {
    const served = await serve(settings(newDataDirectory()));
    const base = `http://127.0.0.1:${served.metricsPort}`;
    expect(await (await fetch(`${base}/health/ready`)).json()).toEqual({ status: 'up' });
    await fetch(`http://127.0.0.1:${served.port}/api/token`, { method: 'POST' });
    const metrics = await (await fetch(`${base}/metrics`)).text();
    expect(metrics).toContain('tessera_http_requests_total{method="POST",path="/api/token",status="401"} 1');
    expect(await (await fetch(base)).text()).toContain('http://localhost:4400');
  });

  it('serves HTTPS by itself, with cookies that stay on this host', async () => {
    const served = await serve({
      ...settings(newDataDirectory()),
      TESSERA_ISSUER: 'https://localhost:4400',
      TESSERA_TLS_CERT: CERTIFICATE,
      TESSERA_TLS_KEY: join(ROOT, 'test/vectors/tls/key.pem'),
    });
    const page = await get(`https://localhost:${served.port}/login`);
    expect(page.status).toBe(200);
    expect(page.cookies).not.toEqual([]);
    for (const cookie of page.cookies) {
      expect(cookie).toMatch(/^__Host-tessera-[0-9a-f]{8}-browser=/);
      for (const attribute of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/'])
        expect(cookie).toContain(attribute);
      expect(cookie).not.toContain('Domain');
    }
  });
});

function get(
  url: string,
): Promise<{ readonly status: number | undefined; readonly cookies: readonly string[] }> {
  return new Promise((resolve, reject) => {
    request(url, { ca: readFileSync(CERTIFICATE), family: 4 }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, cookies: response.headers['set-cookie'] ?? [] });
    })
      .on('error', reject)
      .end();
  });
}
