import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Config,
  type ConfigInputs,
  loadConfig,
  productionProblems,
  productionWarnings,
} from './config.ts';

const KEY = Buffer.alloc(32, 7).toString('base64url');
const empty = mkdtempSync(join(tmpdir(), 'tessera-config-'));

function load(inputs: Partial<ConfigInputs>): ReturnType<typeof loadConfig> {
  return loadConfig({ environment: {}, workingDirectory: empty, ...inputs });
}

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'tessera-config-')), 'tessera.yaml');
  writeFileSync(path, text);
  return path;
}

describe('settings that stop the start', () => {
  it.each<[string, Partial<ConfigInputs>, RegExp]>([
    [
      'a proxy that is no address',
      { environment: { TESSERA_TRUSTED_PROXIES: '10.0.0.0/8,proxy.example' } },
      /^trusted_proxies: proxy\.example is neither an address nor a network/,
    ],
    [
      'a network of too many bits',
      { environment: { TESSERA_TRUSTED_PROXIES: '10.0.0.0/33' } },
      /^trusted_proxies: 10\.0\.0\.0\/33 is neither/,
    ],
    ['an unknown key', { file: file('isuer: https://a.example\n') }, /isuer is not a setting/],
    ['a name every object has', { file: file('constructor: 1\n') }, /constructor is not a setting/],
    [
      'settings by way of the prototype',
      { file: file('__proto__:\n  port: 1\n') },
      /__proto__ is not a setting/,
    ],
    ['a key that is nearly right', { file: file('databaseUrl: x\n') }, /did you mean database_url/],
    ['a wrong type', { file: file('port: "4400"\n') }, /^port must be integer/],
    ['a port out of range', { environment: { TESSERA_PORT: '70000' } }, /^port /],
    ['a list instead of settings', { file: file('- a\n') }, /expected settings/],
    ['broken YAML', { file: file('a: [1\n') }, /tessera\.yaml/],
    ['a file that is not there', { file: '/nonexistent.yaml' }, /cannot be read/],
    [
      'an issuer with a slash at its end',
      { environment: { TESSERA_ISSUER: 'https://a.example/' } },
      /ends with a slash/,
    ],
    [
      'an issuer with a query (RFC 8414 §2)',
      { environment: { TESSERA_ISSUER: 'https://a.example?x' } },
      /query/,
    ],
    ['an issuer in capitals', { environment: { TESSERA_ISSUER: 'https://A.example' } }, /normal form/],
    ['a short master key', { environment: { TESSERA_MASTER_KEY: 'abc' } }, /32 bytes/],
    [
      'PostgreSQL without a master key',
      { environment: { TESSERA_DATABASE_URL: 'postgres://x/y' } },
      /needs master_key/,
    ],
    [
      'a secret given twice',
      { environment: { TESSERA_MASTER_KEY: KEY, TESSERA_MASTER_KEY_FILE: '/x' } },
      /not both/,
    ],
    ['half of TLS', { environment: { TESSERA_TLS_CERT: 'x' } }, /go together/],
  ])('%s', (_what, inputs, message) => {
    expect(() => load(inputs)).toThrow(message);
  });
});

describe('settings', () => {
  it.each(['10.0.0.1', '10.0.0.0/8', '10.0.0.0/255.0.0.0', '2001:db8::/32', 'loopback', 'uniquelocal'])(
    'take the proxy %s',
    (proxy) => {
      const { config } = load({ environment: { TESSERA_TRUSTED_PROXIES: proxy } });
      expect(config.trusted_proxies).toEqual([proxy]);
    },
  );

  it('come from defaults, then the file, then the environment, then the command line', () => {
    const path = file('port: 1\nhost: 127.0.0.1\nmetrics_port: 2\n');
    const { config, sources } = load({
      file: path,
      environment: { TESSERA_HOST: '::1' },
      overrides: { metrics_port: 3 },
    });
    expect(config).toMatchObject({ port: 1, host: '::1', metrics_port: 3, refresh_token_grace: 30 });
    expect(sources).toMatchObject({
      port: 'file',
      host: 'environment',
      metrics_port: 'command line',
      data_dir: 'default',
    });
  });

  it('reads a secret from a file', () => {
    const path = file(`${KEY}\n`);
    expect(load({ environment: { TESSERA_MASTER_KEY_FILE: path } }).config.master_key).toBe(KEY);
  });

  it('warns of an unknown name in the environment', () => {
    expect(load({ environment: { TESSERA_TYPO: 'x' } }).warnings).toEqual([
      expect.stringContaining('TESSERA_TYPO'),
    ]);
  });

  it('ignores, with one warning, what Kubernetes injects', () => {
    const { config, warnings } = load({
      environment: {
        TESSERA_PORT: 'tcp://10.0.0.1:4400',
        TESSERA_PORT_4400_TCP: 'tcp://10.0.0.1:4400',
        TESSERA_SERVICE_HOST: '10.0.0.1',
      },
    });
    expect(config.port).toBe(4400);
    expect(warnings).toEqual([expect.stringContaining('Kubernetes')]);
  });
});

describe('what production refuses', () => {
  const safe = { ...load({}).config, issuer: 'https://id.example.com' };

  it.each<[string, Partial<Config>, RegExp]>([
    [
      'http on a public name',
      { issuer: 'http://id.example.com' },
      /TESSERA_ISSUER=https:\/\/id\.example\.com/,
    ],
    ['a database in memory', { database_url: 'sqlite::memory:' }, /TESSERA_DATABASE_URL/],
    ['trusting everybody as a proxy', { trusted_proxies: ['0.0.0.0/0'] }, /trusted_proxies/],
  ])('%s, and says the fix', (_what, change, message) => {
    expect(productionProblems({ ...safe, ...change })).toEqual([expect.stringMatching(message)]);
  });

  it('no issuer', () => {
    expect(productionProblems(load({}).config)).toEqual([expect.stringContaining('TESSERA_ISSUER')]);
  });

  it('nothing of a safe configuration', () => {
    expect(productionProblems(safe)).toEqual([]);
    expect(productionProblems({ ...safe, issuer: 'http://localhost:4400' })).toEqual([]);
  });
});

describe('what serve says about settings', () => {
  it('warns of hosts that are open to http and private addresses', () => {
    const { config } = load({
      environment: { TESSERA_OUTBOUND_ALLOW_HOSTS: 'localhost:8080, keys.internal' },
    });
    expect(productionWarnings(config)).toEqual([expect.stringContaining('localhost:8080, keys.internal')]);
  });

  it('is quiet about the defaults', () => {
    expect(productionWarnings(load({}).config)).toEqual([]);
  });
});
