/** GW-31…GW-43: what callers, and whoever stands between, may try against the gateway. */
import { createTokenString } from '@tessera/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  EXP,
  INTROSPECTION_PATH,
  JWKS_PATH,
  NOW,
  sendJson,
  startAuthorizationServer,
  type TestAuthorizationServer,
} from '../../packages/verifier/testing/authorization-server.ts';
import { clientCertHeader, createAuthority, fetchWith, type Identity, selfSigned } from '../certificates.ts';
import { createDpopKey, type DpopKey } from '../dpop-key.ts';
import {
  headerSeen,
  sendRaw,
  startGateway,
  startUpstream,
  type TestGateway,
  type TestUpstream,
} from '../gateway.ts';

const OTHER = 'https://other.example/';
let issuer: TestAuthorizationServer;
let upstream: TestUpstream;
let gateway: TestGateway;
let now = NOW;
const running: { close(): Promise<void> }[] = [];

const settings = (routes: object, further: object = {}): Record<string, unknown> => ({
  issuers: { main: { url: issuer.issuer, client_id: 'gateway', client_secret: 'secret' } },
  routes,
  ...further,
});
const check = (change: object = {}): object => ({ audience: AUDIENCE, ...change });
async function start(routes: object, further: object = {}): Promise<TestGateway> {
  const started = await startGateway(settings(routes, further), { clock: () => now });
  running.push(started);
  return started;
}

beforeAll(async () => {
  issuer = await startAuthorizationServer();
  upstream = await startUpstream();
  running.push(issuer, upstream);
  const url = upstream.url;
  gateway = await start({
    api: { path: '/api', upstream: url, verify_access_token: check({ scopes_all: ['read'] }) },
    admin: { path: '/api/admin', upstream: url, verify_access_token: check({ scopes_all: ['admin'] }) },
    other: { path: '/other', upstream: url, verify_access_token: check({ audience: OTHER }) },
    open: { path: '/open', upstream: url, open: true },
    'open-with-token': { path: '/passed', upstream: url, verify_access_token: check(), token: 'pass' },
    dpop: { path: '/dpop', upstream: url, verify_access_token: check({ binding: 'dpop' }) },
    mtls: { path: '/mtls', upstream: url, verify_access_token: check({ binding: 'mtls' }) },
  });
});
afterAll(async () => {
  for (const one of running.toReversed()) await one.close();
});
beforeEach(() => {
  now = NOW;
  upstream.seen.length = 0;
});

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const opaque = (kind: 'at' | 'pat' | 'rt' | 'ac' = 'at'): string =>
  createTokenString(kind, (size) => crypto.getRandomValues(new Uint8Array(size)));
const request = (lines: readonly string[], body = ''): string => `${lines.join('\r\n')}\r\n\r\n${body}`;

describe('GW-31, S12: a token in the URL', () => {
  const rows: readonly (readonly [name: string, path: string])[] = [
    ['on a guarded route', '/api/x?access_token=TOKEN'],
    ['on an open route', '/open/x?a=b&access_token=TOKEN'],
    ['where there is no route', '/nowhere?access_token=TOKEN'],
    ['under an escaped name', '/api/x?access%5ftoken=TOKEN'],
    ['empty', '/api/x?access_token='],
    ['under another name', '/open/x?key=TOKEN'],
    ['in the path', '/open/TOKEN'],
  ];
  it.each(rows)('%s: 400, not forwarded, not in the log, reported as exposed', async (name, path) => {
    const token = opaque();
    const exposedBefore = gateway.exposed.length;
    const answer = await fetch(gateway.url + path.replace('TOKEN', token), {
      headers: bearer(issuer.sign()),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: 'invalid_request', code: 'token_in_url' });
    expect(upstream.seen).toEqual([]);
    expect(gateway.log.join('\n')).not.toContain(token.slice(7));
    expect(gateway.exposed.slice(exposedBefore)).toEqual(name === 'empty' ? [] : [token]);
  });

  it('is told from an authorization code, which travels there by design', async () => {
    expect((await fetch(`${gateway.url}/open/cb?code=${opaque('ac')}`)).status).toBe(200);
  });
});

describe('GW-32: credentials in every wrong form', () => {
  const token = (): string => issuer.sign();
  const rows: readonly (readonly [name: string, lines: () => readonly string[], status: 400 | 401])[] = [
    ['two headers', () => [`Authorization: Bearer ${token()}`, `Authorization: Bearer ${token()}`], 400],
    [
      'two headers, one of them Basic',
      () => [`Authorization: Bearer ${token()}`, 'Authorization: Basic eDp5'],
      400,
    ],
    ['a list', () => [`Authorization: Bearer ${token()}, Bearer ${token()}`], 400],
    ['a tab', () => [`Authorization: Bearer\t${token()}`], 400],
    ['two spaces', () => [`Authorization: Bearer  ${token()}`], 400],
    ['no space', () => [`Authorization: Bearer${token()}`], 401],
    ['quotes', () => [`Authorization: Bearer "${token()}"`], 400],
    ['another scheme', () => [`Authorization: Token ${token()}`], 401],
    ['an underscore for nothing', () => [`_Authorization: Bearer ${token()}`], 401],
  ];
  it.each(rows)('%s', async (_name, lines, status) => {
    const answer = await sendRaw(gateway.port, request(['GET /api/x HTTP/1.1', 'Host: api', ...lines()]));
    expect(answer.text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(upstream.seen).toEqual([]);
  });

  it('a NUL ends the connection', async () => {
    const answer = await sendRaw(
      gateway.port,
      request(['GET /api/x HTTP/1.1', 'Host: api', `Authorization: Bearer ${token()}\0`]),
    );
    expect(answer).toMatchObject({ closed: true, text: expect.stringMatching(/^HTTP\/1.1 400 /) });
  });

  it('the scheme may be written in any case', async () => {
    const answer = await fetch(`${gateway.url}/api/x`, { headers: { authorization: `BEARER ${token()}` } });
    expect(answer.status).toBe(200);
  });
});

describe('GW-33: headers that only the gateway may write', () => {
  const forged = [
    'X-User: root',
    'x-user: root',
    'X_User: root',
    'X-Auth-Subject: root',
    'x-auth-subject: root',
    'X_Auth_Subject: root',
    'X-Auth_Subject: root',
    'X.Auth.Subject: root',
    'X-Auth-Anything: root',
    'Remote-User: root',
    'Forwarded: for=10.0.0.1',
    'X-Forwarded-For: 10.0.0.1',
    'X-Forwarded-Uri: /admin',
    'X_Forwarded_For: 10.0.0.1',
    'X-Forwarded-Host: evil.example',
    'X-Original-URI: /admin',
    'X-Rewrite-URL: /admin',
    'X-Real-IP: 10.0.0.1',
    'X-Client-Cert: MIIB',
    'Client-Cert: :MIIB:',
    'X-SSL-Client-Verify: SUCCESS',
    'X-HTTP-Method-Override: DELETE',
    'X-Tessera-Anything: root',
    'Content_Length: 5',
    'Transfer_Encoding: chunked',
    'Cookie: a=b; __Host-tessera-12345678-session=secret; c=d',
    'X-Kept: yes',
  ];

  it('all are stripped, ours are set, and the rest goes on', async () => {
    const lines = ['GET /api/x HTTP/1.1', 'Host: api', ...forged, `Authorization: Bearer ${issuer.sign()}`];
    const answer = await sendRaw(gateway.port, request(lines));
    expect(answer.text).toMatch(/^HTTP\/1.1 200 /);
    const [seen] = upstream.seen;
    const text = JSON.stringify(seen!.rawHeaders);
    expect(text).not.toMatch(/root|10\.0\.0\.1|evil|\/admin|MIIB|SUCCESS|DELETE|secret|Bearer/);
    expect(text).not.toMatch(/transfer.encoding|content_length/i);
    expect(headerSeen(seen!, 'x-auth-subject')).toBe('usr_ada');
    expect(headerSeen(seen!, 'x-forwarded-for')).toBe('127.0.0.1');
    expect(headerSeen(seen!, 'x-forwarded-host')).toBe('api');
    expect(headerSeen(seen!, 'x-kept')).toBe('yes');
    expect(headerSeen(seen!, 'cookie')).toBe('a=b; c=d');
  });

  it('`Connection` cannot have ours dropped', async () => {
    const lines = [
      'GET /api/x HTTP/1.1',
      'Host: api',
      'Connection: X-Auth-Subject, x-forwarded-for, X-Kept, keep-alive',
      'X-Kept: no',
      `Authorization: Bearer ${issuer.sign()}`,
    ];
    await sendRaw(gateway.port, request(lines));
    const [seen] = upstream.seen;
    expect(headerSeen(seen!, 'x-auth-subject')).toBe('usr_ada');
    expect(headerSeen(seen!, 'x-forwarded-for')).toBe('127.0.0.1');
    expect(headerSeen(seen!, 'x-kept')).toBeUndefined();
  });

  it('a claim cannot become another header', async () => {
    const named = await start({
      api: {
        upstream: upstream.url,
        verify_access_token: check(),
        identity_headers: { 'X-Name': 'name', 'X-Scopes': 'scope', 'X-None': 'constructor' },
      },
    });
    await fetch(named.url, { headers: bearer(issuer.sign({ name: 'Ada\r\nX-Admin: 1 é 100%' })) });
    expect(headerSeen(upstream.seen[0]!, 'x-name')).toBe('Ada%0D%0AX-Admin: 1 %C3%A9 100%25');
    expect(headerSeen(upstream.seen[0]!, 'x-none')).toBeUndefined();
    expect(headerSeen(upstream.seen[0]!, 'x-admin')).toBeUndefined();
  });

  it('a proxy in front is believed where it is named, and only there', async () => {
    const behind = await start(
      { api: { upstream: upstream.url, verify_access_token: check() } },
      { trusted_proxies: ['127.0.0.1'] },
    );
    const headers = {
      ...bearer(issuer.sign()),
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'api.example.com',
      'x-auth-subject': 'root',
    };
    await fetch(behind.url, { headers });
    const [seen] = upstream.seen;
    expect(headerSeen(seen!, 'x-forwarded-for')).toBe('203.0.113.9, 127.0.0.1');
    expect(headerSeen(seen!, 'x-forwarded-proto')).toBe('https');
    expect(headerSeen(seen!, 'x-forwarded-host')).toBe('api.example.com');
    expect(headerSeen(seen!, 'x-auth-subject')).toBe('usr_ada');
  });
});

describe('GW-34: the path that is decided about is the path that is forwarded', () => {
  const refused = [
    '/api/../api/admin',
    '/api/./admin',
    '/api/%2e%2e/api/admin',
    '/api/%2E%2e/admin',
    '/api/.%2e/admin',
    '/api/..;/admin',
    '/api;a=b/admin',
    '/api/x;a=b',
    '//api/admin',
    '/api//admin',
    '/api/admin%2f..',
    '/api%2fadmin',
    '/api%2Fadmin',
    '/api%5cadmin',
    '/api\\admin',
    '/api/%00',
    '/api/%0a',
    '/api/%252e%252e/admin',
    '/api/%252fadmin',
    '/api/%c0%ae%c0%ae/admin',
    '/api/%ff',
    '/api/%zz',
    '/api/%',
    '/api/x#fragment',
    '/api/<x>',
    '/API/admin',
    '/api/ADMIN',
    '/api/%41dmin',
    'http://api/api/x',
    'http://evil.example/api/x',
    '*',
    'api/x',
  ];
  it.each(refused)('%s is refused', async (target) => {
    const answer = await sendRaw(
      gateway.port,
      request([`GET ${target} HTTP/1.1`, 'Host: api', `Authorization: Bearer ${issuer.sign()}`]),
    );
    expect(answer.text).toMatch(/^HTTP\/1.1 40[04] /);
    expect(upstream.seen).toEqual([]);
  });

  it.each([
    ['/api/%61dmin', '/api/admin', 403],
    ['/%61pi/x', '/api/x', 200],
    ['/api/a%2Db%7Ec', '/api/a-b~c', 200],
    ['/api/caf%c3%a9', '/api/caf%C3%A9', 200],
    ['/api/50%25', '/api/50%25', 200],
    ['/api/x?y=../%2e%2f', '/api/x?y=../%2e%2f', 200],
    ['/api', '/api', 200],
    ['/apix', '', 404],
  ] as const)('%s is read as %s', async (target, forwarded, status) => {
    const answer = await sendRaw(
      gateway.port,
      request([`GET ${target} HTTP/1.1`, 'Host: api', `Authorization: Bearer ${issuer.sign()}`]),
    );
    expect(answer.text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(upstream.seen.map(({ url }) => url)).toEqual(status === 200 ? [forwarded] : []);
  });
});

describe('GW-35: two requests in one', () => {
  const head = ['POST /open/x HTTP/1.1', 'Host: api'];
  const smuggled = '0\r\n\r\nGET /open/smuggled HTTP/1.1\r\nHost: api\r\n\r\n';
  const rows: readonly (readonly [name: string, bytes: string])[] = [
    [
      'Content-Length and Transfer-Encoding',
      request([...head, 'Content-Length: 4', 'Transfer-Encoding: chunked'], smuggled),
    ],
    [
      'Transfer-Encoding and Content-Length',
      request([...head, 'Transfer-Encoding: chunked', 'Content-Length: 4'], smuggled),
    ],
    ['xchunked', request([...head, 'Transfer-Encoding: xchunked'], smuggled)],
    ['a space before the colon', request([...head, 'Transfer-Encoding : chunked'], smuggled)],
    ['a vertical tab', request([...head, 'Transfer-Encoding: \x0bchunked'], smuggled)],
    [
      'two Transfer-Encodings',
      request([...head, 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], smuggled),
    ],
    ['chunked, identity', request([...head, 'Transfer-Encoding: chunked, identity'], smuggled)],
    ['chunked twice', request([...head, 'Transfer-Encoding: chunked, chunked'], smuggled)],
    ['gzip, chunked', request([...head, 'Transfer-Encoding: gzip, chunked'], smuggled)],
    ['two lengths', request([...head, 'Content-Length: 4', 'Content-Length: 5'], 'abcde')],
    ['two equal lengths', request([...head, 'Content-Length: 4', 'Content-Length: 4'], 'abcd')],
    ['a list of lengths', request([...head, 'Content-Length: 4, 4'], 'abcd')],
    ['a length with a sign', request([...head, 'Content-Length: +4'], 'abcd')],
    ['a bare LF after the request line', 'GET /open/x HTTP/1.1\nHost: api\n\n'],
    ['a bare LF at the end', 'GET /open/x HTTP/1.1\r\nHost: api\r\n\n'],
    ['a bare CR', request(['GET /open/x HTTP/1.1', 'Host: api', 'X-A: b\rX-B: c'])],
    ['obs-fold', request([...head, 'X-A: b', ' c'])],
    ['Transfer-Encoding folded', request([...head, 'Transfer-Encoding:', ' chunked'], smuggled)],
    [
      'HTTP/1.0 with Transfer-Encoding',
      request(['POST /open/x HTTP/1.0', 'Host: api', 'Transfer-Encoding: chunked'], smuggled),
    ],
    [
      'HTTP/1.0 with both',
      request(
        ['POST /open/x HTTP/1.0', 'Host: api', 'Transfer-Encoding: chunked', 'Content-Length: 4'],
        smuggled,
      ),
    ],
    ['HTTP/0.9', 'GET /open/x\r\n\r\n'],
    ['HTTP/1.2', request(['GET /open/x HTTP/1.2', 'Host: api'])],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['two hosts', request(['GET /open/x HTTP/1.1', 'Host: api', 'Host: other'])],
    ['a host with a path', request(['GET /open/x HTTP/1.1', 'Host: api/x'])],
    ['a host with a user', request(['GET /open/x HTTP/1.1', 'Host: user@api'])],
    [
      'a chunk of a negative size',
      request([...head, 'Transfer-Encoding: chunked'], '-3\r\nabc\r\n0\r\n\r\n'),
    ],
    ['a chunk size in 0x', request([...head, 'Transfer-Encoding: chunked'], '0x3\r\nabc\r\n0\r\n\r\n')],
    ['chunks ended by LF', request([...head, 'Transfer-Encoding: chunked'], '3\nabc\n0\n\n')],
    [
      'a chunk extension with LF',
      request([...head, 'Transfer-Encoding: chunked'], '3;a\nb\r\nabc\r\n0\r\n\r\n'),
    ],
  ];
  it.each(rows)('%s: 400, and the connection is closed', async (_name, bytes) => {
    const { text, closed } = await sendRaw(gateway.port, bytes);
    expect(text).toMatch(/^HTTP\/1.1 400 /);
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(closed).toBe(true);
    expect(upstream.seen.filter(({ url }) => url.includes('smuggled'))).toEqual([]);
  });

  it('a switch to HTTP/2 in clear text is no switch', async () => {
    const lines = [
      'GET /open/x HTTP/1.1',
      'Host: api',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABk',
    ];
    const { text } = await sendRaw(gateway.port, request(lines));
    expect(text).toMatch(/^HTTP\/1.1 200 /);
    expect(JSON.stringify(upstream.seen[0]!.rawHeaders)).not.toMatch(/h2c|http2/i);
  });

  it('what follows a refused request on the same connection is a request of its own', async () => {
    const first = request(['POST /api/x HTTP/1.1', 'Host: api', 'Content-Length: 5'], 'GET /');
    const second = request(['GET /open/second HTTP/1.1', 'Host: api', 'Connection: close']);
    const { text } = await sendRaw(gateway.port, first + second);
    expect(text).toMatch(/^HTTP\/1.1 401 /);
    expect(upstream.seen.map(({ url }) => url).filter((url) => url !== '/open/second')).toEqual([]);
  });

  it('TRACE would show what the gateway adds, CONNECT goes nowhere', async () => {
    expect((await sendRaw(gateway.port, request(['TRACE /open/x HTTP/1.1', 'Host: api']))).text).toMatch(
      /^HTTP\/1.1 405 /,
    );
    expect(
      (await sendRaw(gateway.port, request(['CONNECT api:443 HTTP/1.1', 'Host: api']))).text,
    ).not.toMatch(/ 200 /);
    expect(upstream.seen).toEqual([]);
  });
});

describe('GW-36: tokens that are bound to a key', () => {
  let key: DpopKey;
  let token: string;
  beforeAll(async () => {
    key = await createDpopKey();
  });
  beforeEach(() => void (token = issuer.sign({ cnf: { jkt: key.jkt } })));

  const proof = (change: object = {}, at: TestGateway = gateway): Promise<string> =>
    key.proof({ method: 'GET', url: `${at.url}/dpop`, at: NOW, accessToken: token, ...change });
  const send = (dpop: string, at: TestGateway = gateway, scheme = 'DPoP'): Promise<Response> =>
    fetch(`${at.url}/dpop`, { headers: { authorization: `${scheme} ${token}`, dpop } });

  it('a good proof passes once, and the upstream sees neither token nor proof', async () => {
    const used = await proof();
    expect((await send(used)).status).toBe(200);
    expect(headerSeen(upstream.seen[0]!, 'dpop')).toBeUndefined();
    const again = await send(used);
    expect(again.status).toBe(401);
    expect(again.headers.get('www-authenticate')).toMatch(/^DPoP .*error="invalid_dpop_proof".*algs=/);
    expect(upstream.seen).toHaveLength(1);
  });

  const rows: readonly (readonly [name: string, change: () => object])[] = [
    ['for another method', () => ({ method: 'POST' })],
    ['for another path', () => ({ url: `${gateway.url}/api` })],
    ['for another host', () => ({ url: 'http://other.example/dpop' })],
    ['for another token', () => ({ accessToken: issuer.sign() })],
    ['without the hash of the token', () => ({ claims: { ath: undefined } })],
    ['too old', () => ({ at: NOW - 600_000 })],
    ['from the future', () => ({ at: NOW + 600_000 })],
    ['without jti', () => ({ claims: { jti: undefined } })],
    ['of another type', () => ({ header: { typ: 'JWT' } })],
  ];
  it.each(rows)('a proof %s', async (_name, change) => {
    expect((await send(await proof(change()))).status).toBe(401);
    expect(upstream.seen).toEqual([]);
  });

  it('a proof of another key, no proof, and the token as Bearer', async () => {
    const stranger = await createDpopKey();
    const other = await stranger.proof({
      method: 'GET',
      url: `${gateway.url}/dpop`,
      at: NOW,
      accessToken: token,
    });
    expect(await (await send(other)).json()).toMatchObject({ code: 'wrong_key' });
    const none = await fetch(`${gateway.url}/dpop`, { headers: { authorization: `DPoP ${token}` } });
    expect(await none.json()).toMatchObject({ code: 'missing_proof' });
    const downgraded = await send(await proof(), gateway, 'Bearer');
    expect(await downgraded.json()).toMatchObject({ code: 'bound' });
    const unbound = await fetch(`${gateway.url}/dpop`, { headers: bearer(issuer.sign()) });
    expect([unbound.status, await unbound.json()]).toEqual([
      401,
      expect.objectContaining({ code: 'binding_required' }),
    ]);
    expect(upstream.seen).toEqual([]);
  });

  it('a proof is good at one gateway, and not after a restart, where nonces are required', async () => {
    const route = { dpop: { path: '/dpop', upstream: upstream.url, verify_access_token: check() } };
    const further = { dpop_nonce: 'required', public_url: 'https://api.example.com' };
    const [one, other] = [await start(route, further), await start(route, further)];
    const make = (nonce?: string): Promise<string> =>
      key.proof({
        method: 'GET',
        url: 'https://api.example.com/dpop',
        at: now,
        accessToken: token,
        ...(nonce === undefined ? {} : { claims: { nonce } }),
      });
    const asked = await send(await make(), one);
    expect(asked.status).toBe(401);
    expect(asked.headers.get('www-authenticate')).toContain('error="use_dpop_nonce"');
    const nonce = asked.headers.get('dpop-nonce') ?? '';
    const good = await make(nonce);
    expect((await send(good, one)).status).toBe(200);
    // The other stands for a second gateway, and for the first after a restart.
    expect(await (await send(good, other)).json()).toMatchObject({ code: 'use_dpop_nonce' });
    now = NOW + 300_000;
    expect(await (await send(await make(nonce), one)).json()).toMatchObject({ code: 'use_dpop_nonce' });
    expect(upstream.seen).toHaveLength(1);
  });
});

describe('GW-37: tokens that are bound to a certificate', () => {
  let server: Identity;
  let client: Identity;
  let stranger: Identity;
  let authorityCert: string;
  const around = { notBefore: new Date(NOW - 86_400_000), notAfter: new Date(NOW + 86_400_000) };
  beforeAll(async () => {
    const authority = await createAuthority();
    authorityCert = authority.cert;
    server = await authority.issue({ names: [{ type: 'dns', value: 'localhost' }] });
    [client, stranger] = await Promise.all([selfSigned(around), selfSigned(around)]);
  });
  const boundTo = ({ thumbprint }: Identity): string => issuer.sign({ cnf: { 'x5t#S256': thumbprint } });

  it('the header of a stranger is nothing', async () => {
    const answer = await fetch(`${gateway.url}/mtls`, {
      headers: { ...bearer(boundTo(client)), 'client-cert': clientCertHeader(client) },
    });
    expect([answer.status, await answer.json()]).toEqual([
      401,
      expect.objectContaining({ code: 'missing_certificate' }),
    ]);
    expect(upstream.seen).toEqual([]);
  });

  it('the header of a known proxy is believed in one form only', async () => {
    const behind = await start(
      { mtls: { upstream: upstream.url, verify_access_token: check({ binding: 'mtls' }) } },
      { trusted_proxies: ['127.0.0.1'] },
    );
    const ask = (value: string): Promise<Response> =>
      fetch(behind.url, { headers: { ...bearer(boundTo(client)), 'client-cert': value } });
    expect((await ask(clientCertHeader(client))).status).toBe(200);
    expect(headerSeen(upstream.seen[0]!, 'client-cert')).toBeUndefined();
    for (const wrong of [
      clientCertHeader(stranger),
      encodeURIComponent(client.cert),
      `${clientCertHeader(client)}, ${clientCertHeader(stranger)}`,
      `Hash=abc;Cert="${encodeURIComponent(client.cert)}"`,
      ':AAAA:',
    ]) {
      expect((await ask(wrong)).status).toBe(401);
    }
    expect(upstream.seen).toHaveLength(1);
  });

  it('over TLS the connection shows the certificate', async () => {
    const tls = await startGateway(
      settings(
        { mtls: { upstream: upstream.url, verify_access_token: check({ binding: 'mtls' }) } },
        {
          listen: [
            { port: 0, tls: { cert: server.cert, key: server.key, request_client_certificate: true } },
          ],
        },
      ),
      { clock: () => now },
    );
    running.push(tls);
    const url = `https://localhost:${tls.port}/`;
    const ask = (identity: Identity | undefined): Promise<Response> =>
      fetchWith(identity, authorityCert)(url, { headers: bearer(boundTo(client)) });
    expect((await ask(client)).status).toBe(200);
    expect((await ask(stranger)).status).toBe(401);
    now = NOW + 86_400_000 - 3_600_000;
    expect(upstream.seen).toHaveLength(1);
  });
});

describe('GW-38: tokens for somebody else', () => {
  it.each([
    ['for API A at API B', '/other', () => issuer.sign()],
    ['for API B at API A', '/api/x', () => issuer.sign({ aud: OTHER })],
    ['an ID token', '/api/x', () => issuer.sign({ aud: 'client_player' }, { typ: 'JWT' })],
    ['of another tenant', '/api/x', () => issuer.sign({ iss: `${issuer.issuer}/tenant` })],
  ])('%s', async (_name, path, token) => {
    const answer = await fetch(gateway.url + path, { headers: bearer(token()) });
    expect(answer.status).toBe(401);
    expect(upstream.seen).toEqual([]);
  });
});

describe('GW-39: scopes', () => {
  it.each(['', 'rea', 'read:all', 'READ', 'reads', 'write read:x', undefined])(
    '%s is not `read`',
    async (scope) => {
      const answer = await fetch(`${gateway.url}/api/x`, { headers: bearer(issuer.sign({ scope })) });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".*scope="read"/);
      expect(upstream.seen).toEqual([]);
    },
  );

  it('their order does not matter', async () => {
    expect(
      (await fetch(`${gateway.url}/api/x`, { headers: bearer(issuer.sign({ scope: 'z write read a' })) }))
        .status,
    ).toBe(200);
  });
});

describe('GW-40: expiry and revocation', () => {
  it.each([
    [EXP * 1000 - 1000, 200],
    [EXP * 1000 - 1, 200],
    [EXP * 1000, 401],
    [EXP * 1000 + 5000, 401],
  ])('at %i: %i, on the second and without leeway', async (at, status) => {
    const token = issuer.sign();
    expect((await fetch(`${gateway.url}/api/x`, { headers: bearer(token) })).status).toBe(200);
    now = at;
    expect((await fetch(`${gateway.url}/api/x`, { headers: bearer(token) })).status).toBe(status);
  });

  it('a token that was revoked is refused with the next request', async () => {
    const token = opaque();
    issuer.tokens.set(token, { active: true, ...issuer.claims() });
    expect((await fetch(`${gateway.url}/api/x`, { headers: bearer(token) })).status).toBe(200);
    issuer.tokens.set(token, { active: false, tessera_reason: 'revoked' });
    const answer = await fetch(`${gateway.url}/api/x`, { headers: bearer(token) });
    expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code: 'revoked' })]);
  });
});

describe('GW-41: the keys of the issuer', () => {
  it('known keys go on while the issuer is away, and a flood of unknown ones costs it one request', async () => {
    const own = await start({ api: { upstream: upstream.url, verify_access_token: check() } });
    const ask = async (token: string): Promise<number> =>
      (await fetch(own.url, { headers: bearer(token) })).status;
    expect(await ask(issuer.sign())).toBe(200);
    issuer.answers.set(JWKS_PATH, (res) => sendJson(res, {}, 500));
    now = NOW + 400_000;
    expect(await ask(issuer.sign())).toBe(200);
    const before = issuer.hits.get(JWKS_PATH) ?? 0;
    const [first = '', ...rest] = issuer.sign().split('.');
    const unknown = { ...(JSON.parse(Buffer.from(first, 'base64url').toString()) as object) };
    for (let count = 0; count < 20; count++) {
      const head = Buffer.from(JSON.stringify({ ...unknown, kid: `k${count}` })).toString('base64url');
      expect([401, 503]).toContain(await ask([head, ...rest].join('.')));
    }
    issuer.answers.delete(JWKS_PATH);
    expect((issuer.hits.get(JWKS_PATH) ?? 0) - before).toBeLessThanOrEqual(1);
  });

  it.each([
    ['a key set of 10 MB', (url: string) => ({ keys: [{ kty: 'EC', x: 'a'.repeat(10_000_000), url }] })],
    ['a redirect', undefined],
  ])('%s: 503, never 200', async (_name, document) => {
    issuer.answers.set(JWKS_PATH, (res) =>
      document === undefined
        ? res.writeHead(302, { location: `${upstream.url}/keys` }).end()
        : sendJson(res, document('')),
    );
    const own = await start({ api: { upstream: upstream.url, verify_access_token: check() } });
    const answer = await fetch(own.url, { headers: bearer(issuer.sign()) });
    issuer.answers.delete(JWKS_PATH);
    expect(answer.status).toBe(503);
    expect(upstream.seen).toEqual([]);
  });
});

describe('GW-42: introspection is away', () => {
  it('503 and never 200; what was found good before counts no longer than its cache', async () => {
    const own = await startGateway(
      {
        issuers: {
          main: { url: issuer.issuer, client_id: 'g', client_secret: 's', introspection_cache_seconds: 10 },
        },
        routes: { api: { upstream: upstream.url, verify_access_token: check() } },
      },
      { clock: () => now },
    );
    running.push(own);
    const ask = async (token: string): Promise<number> =>
      (await fetch(own.url, { headers: bearer(token) })).status;
    const [known, fresh] = [opaque(), opaque()];
    for (const token of [known, fresh]) issuer.tokens.set(token, { active: true, ...issuer.claims() });
    expect(await ask(known)).toBe(200);
    issuer.answers.set(INTROSPECTION_PATH, (res) => res.destroy());
    expect(await ask(fresh)).toBe(503);
    expect(await ask(known)).toBe(200);
    now = NOW + 10_000;
    expect(await ask(known)).toBe(503);
    issuer.answers.delete(INTROSPECTION_PATH);
  });
});

describe('GW-43: what is remembered of one token says nothing of another, nor of another route', () => {
  it('neither scope, nor audience, nor binding is skipped for a token that was seen', async () => {
    const own = await startGateway(
      {
        issuers: {
          main: { url: issuer.issuer, client_id: 'g', client_secret: 's', introspection_cache_seconds: 60 },
        },
        routes: {
          read: {
            path: '/read',
            upstream: upstream.url,
            verify_access_token: check({ scopes_all: ['read'] }),
          },
          admin: {
            path: '/admin',
            upstream: upstream.url,
            verify_access_token: check({ scopes_all: ['admin'] }),
          },
          other: { path: '/other', upstream: upstream.url, verify_access_token: check({ audience: OTHER }) },
          bound: { path: '/bound', upstream: upstream.url, verify_access_token: check({ binding: 'any' }) },
        },
      },
      { clock: () => now },
    );
    running.push(own);
    const token = opaque();
    issuer.tokens.set(token, { active: true, ...issuer.claims() });
    const ask = async (path: string, of: string): Promise<number> =>
      (await fetch(own.url + path, { headers: bearer(of) })).status;
    for (const sent of [token, issuer.sign()]) {
      expect(await ask('/read', sent)).toBe(200);
      expect(await ask('/admin', sent)).toBe(403);
      expect(await ask('/other', sent)).toBe(401);
      expect(await ask('/bound', sent)).toBe(401);
      expect(await ask('/read', sent)).toBe(200);
    }
    const near = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`;
    expect(await ask('/read', near)).toBe(401);
  });
});
