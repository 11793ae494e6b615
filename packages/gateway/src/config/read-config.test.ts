import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { checkGatewayConfig, parseGatewayConfig, readGatewayConfig } from './read-config.ts';

const check = { audience: 'https://api.example/' };
const good = {
  issuers: { main: { url: 'https://id.example' } },
  routes: { api: { upstream: 'http://127.0.0.1:8080', verify_access_token: check } },
};
const withRoute = (change: object, further: object = {}): object => ({
  ...good,
  ...further,
  routes: { api: { ...good.routes.api, ...change } },
});

function problemsOf(settings: unknown, environment: Record<string, string> = {}): readonly string[] {
  try {
    checkGatewayConfig(settings, environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('a file that cannot be used: each problem says where it is and what to write', () => {
  const rows: readonly (readonly [name: string, settings: unknown, problem: RegExp])[] = [
    ['no settings', 'text', /must hold settings/],
    ['no routes', { routes: {} }, /routes is empty/],
    ['routes are missing', {}, /routes is missing/],
    ['an unknown key', { ...good, route: {} }, /^route is not a setting; did you mean routes\?$/],
    [
      'an unknown key far inside',
      withRoute({ verify_access_token: { ...check, scope_all: ['a'] } }),
      /scope_all is not a setting; did you mean scopes_all/,
    ],
    ['a name that does not fit', { routes: { 'My API': {} } }, /routes\.My API: the name does not fit/],
    ['a wrong type', withRoute({ strip_path: 'yes' }), /routes\.api\.strip_path must be boolean/],
    [
      'not one of a few',
      withRoute({ token: 'keep' }),
      /routes\.api\.token must be one of strip, pass, inside/,
    ],
    ['no list', withRoute({ methods: 'GET' }), /routes\.api\.methods must be a list/],
    [
      'an entry of a list',
      withRoute({ quotas: [{ per: 'day', requests: 1, seconds: 1 }] }),
      /routes\.api\.quotas\[0\]\.per must be one of/,
    ],
    ['a missing entry', withRoute({ verify_access_token: {} }), /verify_access_token\.audience is missing/],
    [
      'neither check nor open',
      withRoute({ verify_access_token: undefined }),
      /has no check\. Add verify_access_token, or `open: true`/,
    ],
    ['both', withRoute({ open: true }), /is open and has verify_access_token/],
    ['no upstream', withRoute({ upstream: undefined }), /upstream is missing/],
    ['an upstream that is none', withRoute({ upstream: 'ftp://x' }), /upstream must be an http or https URL/],
    ['an upstream with a password', withRoute({ upstream: 'http://a:b@x' }), /upstream may not have a user/],
    ['a path with dots', withRoute({ path: '/a/../b' }), /path must be a plain path/],
    ['a path with escapes', withRoute({ path: '/a%2fb' }), /path must be a plain path/],
    ['a host with a port', withRoute({ host: 'a.example:80' }), /host must be a host name/],
    [
      'quotas without a check',
      withRoute({
        verify_access_token: undefined,
        open: true,
        quotas: [{ per: 'token', requests: 1, seconds: 1 }],
      }),
      /nothing to go by/,
    ],
    [
      'an issuer that is not there',
      withRoute({ verify_access_token: { ...check, issuers: ['other'] } }),
      /other is not under issuers/,
    ],
    ['no issuer', { ...withRoute({}), issuers: {} }, /issuers is empty/],
    [
      'which of two issuers',
      { ...good, issuers: { a: { url: 'https://a' }, b: { url: 'https://b' } } },
      /choose from a, b/,
    ],
    [
      'half of the credentials',
      { ...good, issuers: { main: { url: 'https://a', client_id: 'x' } } },
      /go together/,
    ],
    [
      'a prefix without its header',
      withRoute({ verify_access_token: { ...check, prefix: 'x' } }),
      /prefix needs header/,
    ],
    [
      'Authorization as another header',
      withRoute({ verify_access_token: { ...check, header: 'Authorization' } }),
      /Remove it/,
    ],
    [
      'DPoP in another header',
      withRoute({ verify_access_token: { ...check, header: 'X-Token', binding: 'dpop' } }),
      /DPoP needs the Authorization header/,
    ],
    ['a framing header', withRoute({ set_headers: { 'Content-Length': '5' } }), /belongs to the connection/],
    ['identity in Host', withRoute({ identity_headers: { Host: 'sub' } }), /Host is not a header for that/],
    [
      'two that write Authorization',
      withRoute({ token: 'pass', set_headers: { Authorization: 'x' } }),
      /both write the header/,
    ],
    ['inside without its issuer', withRoute({ token: 'inside' }), /say under inside_tokens/],
    ['twins', { ...good, routes: { a: good.routes.api, b: good.routes.api } }, /are for the same requests/],
    ['everybody as a proxy', withRoute({}, { trusted_proxies: ['0.0.0.0/0'] }), /is everybody/],
    [
      'a proxy by name',
      withRoute({}, { trusted_proxies: ['proxy.internal'] }),
      /neither an address nor a network/,
    ],
    [
      'an empty secret',
      withRoute({ set_headers: { Authorization: '' } }),
      /set_headers\.Authorization is empty\. Write it, or set TESSERA_GATEWAY_ROUTES_API_SET_HEADERS_AUTHORIZATION/,
    ],
    ['a name like a prototype', JSON.parse('{"routes":{"__proto__":{}}}'), /the name does not fit/],
  ];
  it.each(rows)('%s', (_name, settings, problem) => {
    expect(problemsOf(settings).join('\n')).toMatch(problem);
  });

  it('all problems are told at once', () => {
    expect(problemsOf({ ...withRoute({ upstreem: 'x', token: 'y' }), colour: 'blue' })).toHaveLength(3);
  });

  it('YAML that is none, and a key that comes twice', () => {
    expect(() => parseGatewayConfig('a: [', {})).toThrow(/gateway\.yaml: /);
    expect(() => parseGatewayConfig('routes: {}\nroutes: {}', {})).toThrow(/gateway\.yaml: .*unique/);
    expect(() => readGatewayConfig('/nowhere/gateway.yaml', {})).toThrow(/cannot be read/);
  });
});

describe('secrets come from the environment, too', () => {
  const secret = { ...good, issuers: { main: { url: 'https://id.example', client_id: 'gateway' } } };
  const variable = 'TESSERA_GATEWAY_ISSUERS_MAIN_CLIENT_SECRET';

  it('by the name of their place, or from a file', () => {
    expect(checkGatewayConfig(secret, { [variable]: 'hush' }).issuers['main']?.client_secret).toBe('hush');
    const file = join(mkdtempSync(join(tmpdir(), 'tessera-secret-')), 'secret');
    writeFileSync(file, 'from a file\n');
    const read = checkGatewayConfig(secret, { [`${variable}_FILE`]: file });
    expect(read.issuers['main']?.client_secret).toBe('from a file');
  });

  it('but not from both, nor from a file that is not there', () => {
    expect(problemsOf(secret, { [variable]: 'a', [`${variable}_FILE`]: 'b' }).join()).toMatch(/not both/);
    expect(problemsOf(secret, { [`${variable}_FILE`]: '/nowhere' }).join()).toMatch(/cannot be read/);
  });
});

it('what is not said has its default', () => {
  const config = checkGatewayConfig(good);
  expect(config.listen).toEqual([{ host: '127.0.0.1', port: 4420, max_connections: 10_000 }]);
  expect(config.routes['api']).toMatchObject({
    path: '/',
    token: 'strip',
    verify_access_token: { binding: 'none' },
  });
  expect(config.identity_headers).toEqual({
    'X-Auth-Subject': 'sub',
    'X-Auth-Client': 'client_id',
    'X-Auth-Scope': 'scope',
  });
});
