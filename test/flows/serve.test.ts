/** `tessera serve` from outside: what it refuses, its first administrator, HTTPS, cookies, and how it stops. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { newDataDirectory, ROOT, runCommand } from '../demo-process.ts';
import { serveSettings, ServeProcesses } from '../serve-process.ts';

const CERTIFICATE = join(ROOT, 'test/vectors/tls/cert.pem');
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OTHER_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const processes = new ServeProcesses();
afterEach(() => processes.kill());

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
    [
      'a certificate and the key of another',
      { TESSERA_TLS_CERT: CERTIFICATE, TESSERA_TLS_KEY: OTHER_KEY },
      /tls_cert and tls_key .*key values mismatch/,
    ],
    ['authorities that are none', { TESSERA_MTLS_CA: OTHER_KEY }, /mtls_ca holds no certificate/],
    [
      'authorities that cannot be read',
      { TESSERA_MTLS_CA: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
      /mtls_ca holds a certificate that cannot be read/,
    ],
  ])('%s', async (_what, change, message) => {
    const ended = await runCommand(['serve'], { ...serveSettings(), ...change });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });
});

describe('a server in production', () => {
  it('makes a first administrator, tells the password once, and stops cleanly', async () => {
    const data = newDataDirectory();
    const first = await processes.start(serveSettings(data));
    expect(first.stderr()).toMatch(/First administrator: admin@localhost \/ \S{14} {3}\(shown once/);
    expect(await first.stop()).toBe(0);
    const second = await processes.start(serveSettings(data));
    expect(second.stderr()).toBe('');
    expect(await second.stop()).toBe(0);
  });

  it('takes the first administrator from the settings, and prints no password', async () => {
    const served = await processes.start({
      ...serveSettings(),
      TESSERA_ADMIN_EMAIL: 'ops@example.com',
      TESSERA_ADMIN_PASSWORD: 'a password of the operator',
    });
    expect(served.stderr()).toBe('');
    expect(await served.stop()).toBe(0);
  });

  it('answers health and metrics on their own port', async () => {
    const served = await processes.start(serveSettings());
    const base = `http://127.0.0.1:${served.metricsPort}`;
    expect(await (await fetch(`${base}/health/ready`)).json()).toEqual({ status: 'up' });
    await fetch(`http://127.0.0.1:${served.port}/api/token`, { method: 'POST' });
    const metrics = await (await fetch(`${base}/metrics`)).text();
    expect(metrics).toContain('tessera_http_requests_total{method="POST",path="/api/token",status="401"} 1');
    expect(await (await fetch(base)).text()).toContain('http://localhost:4400');
  });

  it('serves HTTPS by itself, with cookies that stay on this host', async () => {
    const served = await processes.start({
      ...serveSettings(),
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
