/** GW-44: Common Access Tokens at the gateway: what each claim refuses, where tokens may be, what never goes on. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { catClaimsFromJson, createCat, type JsonValue, textClaim } from '@tessera/tokens/cat';
import { type CborValue, encodeCbor } from '@tessera/tokens/cbor';
import { checkGatewayConfig } from '@tessera/gateway/config';
import { createCoseSigner, createMacKey } from '@tessera/tokens/cose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  EXP,
  NOW,
  startAuthorizationServer,
  type TestAuthorizationServer,
} from '../../packages/verifier/testing/authorization-server.ts';
import { createDpopKey } from '../dpop-key.ts';
import {
  headerSeen,
  sendRaw,
  startGateway,
  startUpstream,
  type TestGateway,
  type TestUpstream,
} from '../gateway.ts';

const HEADER = 'CTA-Common-Access-Token';
const secret = new Uint8Array(32).fill(7);
const key = createMacKey({ kid: 'cdn-1', secret });
const strange = createMacKey({ kid: 'cdn-1', secret: new Uint8Array(32) });
const jwk = { kty: 'oct', k: Buffer.from(secret).toString('base64url'), kid: 'cdn-1', alg: 'HS256' };
const extensions = [textClaim('scope'), textClaim('client_id')];

let issuer: TestAuthorizationServer;
let upstream: TestUpstream;
let gateway: TestGateway;
/** Behind a proxy on this machine. */
let behind: TestGateway;
let now = NOW;
/** Every token that was made, to be looked for where none may be. */
const made: string[] = [];

type Json = Readonly<Record<string, JsonValue>>;
let count = 0;

function claimsOf(change: Json) {
  const cti = (++count).toString(16).padStart(4, '0');
  const usual = { iss: issuer.issuer, sub: 'usr_ada', aud: AUDIENCE, exp: EXP, cti };
  return catClaimsFromJson({ ...usual, ...change }, { extensions });
}
function cat(change: Json = {}, by = key): string {
  const token = createCat(claimsOf(change), { key: by, extensions, allowPersonal: true });
  made.push(token);
  return token;
}
/** With labels and values that our own maker refuses. */
function rawCat(label: number, value: CborValue): string {
  const signer = createCoseSigner(key, { kidHeader: 'unprotected' });
  const token = Buffer.from(signer.sign(encodeCbor(new Map(claimsOf({})).set(label, value)))).toString(
    'base64url',
  );
  made.push(token);
  return token;
}

beforeAll(async () => {
  issuer = await startAuthorizationServer();
  upstream = await startUpstream();
  const { url } = upstream;
  const check = (places?: object, more: object = {}): object => ({
    audience: AUDIENCE,
    ...(places !== undefined && { cat: places }),
    ...more,
  });
  const settings = {
    issuers: { main: { url: issuer.issuer, cat_keys: JSON.stringify(jwk) } },
    routes: {
      media: {
        path: '/media',
        upstream: url,
        verify_access_token: check({ cookie: 'cat', query: 'CAT', path_prefix: 'cat:' }),
      },
      segment: { path: '/s', upstream: url, verify_access_token: check({ path_segment: 1, renew: true }) },
      root: { path: '/', upstream: url, verify_access_token: check({ path_segment: 0 }) },
      admin: { path: '/admin', upstream: url, verify_access_token: check(undefined, { scopes_all: ['x'] }) },
      header: {
        path: '/header',
        upstream: url,
        verify_access_token: check({ renew: true }, { scopes_all: ['read'] }),
      },
      none: { path: '/none', upstream: url, verify_access_token: check() },
      renew: {
        path: '/renew',
        upstream: url,
        verify_access_token: check({ cookie: 'cat', query: 'CAT', renew: true }),
      },
    },
  };
  const options = { clock: () => now };
  gateway = await startGateway(settings, options);
  behind = await startGateway({ ...settings, trusted_proxies: ['127.0.0.1', '10.0.0.0/8'] }, options);
});
afterAll(async () => {
  await gateway?.close();
  await behind?.close();
  await upstream?.close();
  await issuer?.close();
});
beforeEach(() => {
  now = NOW;
  upstream.seen.length = 0;
  upstream.answer = (_, response) => void response.end('{}');
});

const get = (path: string, headers: Record<string, string> = {}, by = gateway): Promise<Response> =>
  fetch(by.url + path, { headers, redirect: 'manual' });
const send = (token: string, path = '/media/a.m4s', more: Record<string, string> = {}, by = gateway) =>
  get(path, { [HEADER]: token, ...more }, by);
async function outcome(answer: Promise<Response>): Promise<string> {
  const { status, text } = await answer.then(async (got) => ({ status: got.status, text: await got.text() }));
  if (status === 200) return 'passed';
  const { code, error_description: description } = JSON.parse(text) as Record<string, string>;
  return `${status} ${code} ${/\((\w+)\)$/.exec(description ?? '')?.[1] ?? ''}`.trim();
}

describe('GW-44: each claim refuses with its name, and nothing reaches the upstream', () => {
  const refusals: readonly [string, string, () => Promise<Response>][] = [
    ['401 missing_token', 'none', () => get('/media/a')],
    ['401 bad_signature', 'of another secret', () => send(cat({}, strange))],
    ['401 wrong_audience aud', 'for another API', () => send(cat({ aud: 'https://other.example/' }))],
    ['401 expired exp', 'at exp', () => send(cat({ exp: NOW / 1000 }))],
    ['401 expired exp', 'at a fraction of a second', () => send(rawCat(4, NOW / 1000 - 0.5))],
    ['401 not_acceptable catm', 'for another method', () => send(cat({ catm: ['PUT'] }))],
    ['401 not_acceptable catu', 'for another path', () => send(cat({ catu: { path: { prefix: '/x' } } }))],
    [
      '401 not_acceptable catu',
      'for another host than the one that was called',
      () =>
        send(cat({ catu: { host: { exact: 'cdn.example' } } }), '/media/a', {
          'x-forwarded-host': 'cdn.example',
        }),
    ],
    [
      '401 not_acceptable catu',
      'for another scheme, whatever a stranger says of it',
      () => send(cat({ catu: { scheme: { exact: 'https' } } }), '/media/a', { 'x-forwarded-proto': 'https' }),
    ],
    ['401 not_acceptable catnip', 'for another network', () => send(cat({ catnip: ['192.0.2.0/24'] }))],
    [
      '401 not_acceptable catnip',
      'for an address that a stranger says it has',
      () => send(cat({ catnip: ['192.0.2.0/24'] }), '/media/a', { 'x-forwarded-for': '192.0.2.7' }),
    ],
    [
      '401 not_acceptable cath',
      'for another header',
      () => send(cat({ cath: { 'X-Device': { exact: 'tv' } } }), '/media/a', { 'x-device': 'phone' }),
    ],
    [
      '401 not_acceptable cath',
      'for a header that is not there',
      () => send(cat({ cath: { 'X-Device': { exact: 'tv' } } })),
    ],
    ['401 not_acceptable catalpn', 'for another protocol', () => send(cat({ catalpn: ['h2'] }))],
    ['401 invalid_claims', 'with a claim that is not known', () => send(rawCat(70_000, 1))],
    [
      '401 missing_proof',
      'bound to a key, without a proof',
      () => send(cat({ cnf: { jkt: 'A'.repeat(43) } })),
    ],
    ['403 insufficient_scope', 'without the scope', () => send(cat({ scope: 'write' }), '/header/a')],
    ['401 missing_token', 'in a header where the route takes none', () => send(cat(), '/none/a')],
    ['401 missing_token', 'in the query where the route takes none', () => get(`/none/a?CAT=${cat()}`)],
    ['401 missing_token', 'in the query of a route for headers', () => get(`/header/a?CAT=${cat()}`)],
    [
      '401 missing_token',
      'in a cookie of a route for headers',
      () => get('/header/a', { cookie: `cat=${cat()}` }),
    ],
    ['401 missing_token', 'in the path of a route for headers', () => get(`/header/cat:${cat()}/a`)],
    ['400 token_in_url', 'as access_token', () => get(`/media/a?access_token=${cat()}`)],
    ['400 ambiguous_path', 'with an encoded slash', () => send(cat(), '/media/a%2fb')],
    ['400 ambiguous_path', 'with encoded dots', () => sendPath(cat(), '/media/x/%2e%2e/secret')],
    ['400 ambiguous_path', "in front of another route's path", () => get(`/${cat()}/admin/a`)],
  ];
  it.each(refusals)('%s: %s', async (expected, _name, request) => {
    expect(await outcome(request())).toBe(expected);
    expect(upstream.seen).toEqual([]);
  });

  async function sendPath(token: string, path: string): Promise<Response> {
    const { text } = await sendRaw(
      gateway.port,
      `GET ${path} HTTP/1.1\r\nHost: a\r\n${HEADER}: ${token}\r\nConnection: close\r\n\r\n`,
    );
    const [head = '', body = ''] = text.split('\r\n\r\n');
    return new Response(body, { status: Number(head.split(' ')[1]) });
  }

  it('paths are compared in one spelling', async () => {
    const token = cat({ catu: { path: { prefix: '/media/one' } } });
    expect(await outcome(send(token, '/media/%6Fne/a'))).toBe('passed');
    expect(upstream.seen[0]?.url).toBe('/media/one/a');
  });
});

describe('GW-44: what the claims are held against', () => {
  it('is the address of the caller, mapped or not, and what trusted proxies say of it', async () => {
    const local = cat({ catnip: ['127.0.0.0/8'] });
    expect(await outcome(send(local))).toBe('passed');
    expect(await outcome(send(cat({ catnip: ['::ffff:127.0.0.0/104'] })))).toBe('passed');
    const far = cat({ catnip: ['192.0.2.0/24'] });
    const via = (chain: string) => outcome(send(far, '/media/a', { 'x-forwarded-for': chain }, behind));
    expect(await via('192.0.2.7')).toBe('passed');
    expect(await via('::ffff:192.0.2.7, 10.0.0.1')).toBe('passed');
    expect(await via('192.0.2.7:4711')).toBe('passed');
    expect(await via('192.0.2.7, 198.51.100.1')).toBe('401 not_acceptable catnip');
    expect(await via('192.0.2.7, nobody')).toMatch(/^401 \w+ catnip$/);
    expect(await outcome(send(local, '/media/a', { 'x-forwarded-for': '192.0.2.7' }, behind))).toBe(
      '401 not_acceptable catnip',
    );
  });

  it('is the URL that the caller called, without the token', async () => {
    const catu = {
      scheme: { exact: 'https' },
      host: { exact: 'cdn.example' },
      path: { exact: '/media/a' },
      query: { exact: 'q=1' },
    };
    const asked = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'cdn.example' };
    expect(await outcome(get(`/media/a?CAT=${cat({ catu })}&q=1`, asked, behind))).toBe('passed');
  });

  it('is the method, the headers, and the end to the fraction of a second', async () => {
    const token = cat({ catm: ['GET'], cath: { 'X-Device': { exact: 'tv' } } });
    expect(await outcome(send(token, '/media/a', { 'X-Device': 'tv' }))).toBe('passed');
    expect(await outcome(send(rawCat(4, NOW / 1000 + 0.5)))).toBe('passed');
  });

  it('is a proof of the key, where the token is bound to one', async () => {
    const dpop = await createDpopKey();
    const token = cat({ cnf: { jkt: dpop.jkt }, catdpop: { window: 30 } });
    const proof = (seconds: number) =>
      dpop.proof({
        method: 'GET',
        url: `${gateway.url}/media/a`,
        accessToken: token,
        at: NOW - seconds * 1000,
      });
    const fresh = await proof(5);
    expect(await outcome(send(token, '/media/a', { dpop: fresh }))).toBe('passed');
    expect(await outcome(send(token, '/media/a', { dpop: fresh }))).toBe('401 used_proof');
    expect(await outcome(send(token, '/media/a', { dpop: await proof(31) }))).toBe('401 bad_proof');
  });

  it('of two parallel uses of a token for one use one passes, and no other route is a second chance', async () => {
    const token = cat({ catreplay: 1, scope: 'read' });
    const uses = [send(token), send(token, '/header/a'), send(token), send(token, '/s/a')];
    const outcomes = await Promise.all(uses.map(outcome));
    expect(outcomes.toSorted()).toEqual([...Array<string>(3).fill('401 not_acceptable catreplay'), 'passed']);
    expect(upstream.seen).toHaveLength(1);
  });
});

describe('GW-44: tokens are taken out before the upstream, and stand in no log', () => {
  const marks = 'a=1; b=2';
  const places: readonly [string, (token: string) => Promise<Response>, url: string][] = [
    ['header', (token) => send(token, '/media/a?q=1'), '/media/a?q=1'],
    ['Authorization', (token) => get('/media/a?q=1', { authorization: `Bearer ${token}` }), '/media/a?q=1'],
    ['cookie', (token) => get('/media/a?q=1', { cookie: `a=1; cat=${token}; b=2` }), '/media/a?q=1'],
    ['cookie, joined', (token) => get('/media/a?q=1', { cookie: `a=1, cat=${token}; b=2` }), '/media/a?q=1'],
    ['query', (token) => get(`/media/a?CAT=${token}&q=1`), '/media/a?q=1'],
    ['query, escaped', (token) => get(`/media/a?q=1&%43AT=${token}`), '/media/a?q=1'],
    ['path by its beginning', (token) => get(`/media/cat:${token}/a?q=1`), '/media/a?q=1'],
    ['path by its number', (token) => get(`/s/${token}/a?q=1`), '/s/a?q=1'],
    ['path in front', (token) => get(`/${token}/a?q=1`), '/a?q=1'],
  ];
  it.each(places)('%s', async (_place, request, url) => {
    const token = cat();
    expect(await outcome(request(token))).toBe('passed');
    const [seen] = upstream.seen;
    expect(seen?.url).toBe(url);
    expect(headerSeen(seen!, 'x-auth-subject')).toBe('usr_ada');
    expect(JSON.stringify(seen)).not.toContain(token);
    const refused = cat({ exp: 1 });
    expect((await request(refused)).status).toBe(401);
  });

  it('and out of the address of the page that asks', async () => {
    const [token, before] = [cat(), cat()];
    await send(token, '/media/a', { referer: `${gateway.url}/media/page?CAT=${before}&q=1` });
    expect(headerSeen(upstream.seen[0]!, 'referer')).toBe(`${gateway.url}/media/page?q=1`);
  });

  it('all of them, where one of several passes', async () => {
    const tokens = [cat({ exp: 1 }), cat({}, strange), cat({ sub: 'usr_bob' })] as const;
    const answer = get(`/media/a?CAT=${tokens[2]}`, {
      [HEADER]: `${tokens[0]}, ${tokens[1]}`,
      cookie: `${marks}; cat=${tokens[0]}`,
    });
    expect(await outcome(answer)).toBe('passed');
    const [seen] = upstream.seen;
    expect(headerSeen(seen!, 'x-auth-subject')).toBe('usr_bob');
    expect(seen?.headers.cookie).toBe(marks);
    for (const token of tokens) expect(JSON.stringify(seen)).not.toContain(token);
  });

  it('other tokens pass there as before', async () => {
    expect(await outcome(get('/header/a', { authorization: `Bearer ${issuer.sign()}` }))).toBe('passed');
  });
});

describe('GW-44: an answer under way', () => {
  const begin = async (claims: Json): Promise<{ answer: Response; end: () => void }> => {
    const ending = Promise.withResolvers<() => void>();
    upstream.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      ending.resolve(() => void response.end('data: 2\n\n'));
    };
    const answer = await send(cat(claims));
    return { answer, end: await ending.promise };
  };

  it('goes on while its token is good, though the token speaks about the request and was for one use', async () => {
    const { answer, end } = await begin({ catu: { path: { prefix: '/media' } }, catreplay: 1 });
    // Passages are looked at once a second.
    await wait(2200);
    end();
    expect(await answer.text()).toBe('data: 1\n\ndata: 2\n\n');
  });

  it('ends with its token', async () => {
    const { answer } = await begin({ catm: ['GET'], exp: NOW / 1000 + 5 });
    now = NOW + 5000;
    expect(await answer.text()).toBe('data: 1\n\n');
  });
});

describe('GW-44: what a token asks for', () => {
  const soon = NOW / 1000 + 30;
  const catr = (change: Json = {}): Json => ({
    exp: soon,
    catr: { type: 'automatic', expadd: 300, ...change },
  });
  const renewed = async (token: string): Promise<void> => {
    made.push(token);
    now = NOW + 60_000;
    expect(await outcome(send(token, '/renew/a'))).toBe('passed');
  };

  it('is renewed by header', async () => {
    upstream.answer = (_, response) => void response.writeHead(200, { 'cache-control': 'public' }).end();
    const answer = await send(cat(catr()), '/renew/a');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    await renewed(answer.headers.get(HEADER)?.split(';')[0] ?? '');
  });

  it('is renewed by cookie, beside those of the upstream', async () => {
    upstream.answer = (_, response) => void response.writeHead(200, { 'set-cookie': 'own=1' }).end();
    const answer = await get('/renew/a', { cookie: `cat=${cat(catr())}` });
    const [own, ours = ''] = answer.headers.getSetCookie();
    expect(own).toBe('own=1');
    await renewed(/^cat=([^;]+)/.exec(ours)?.[1] ?? '');
  });

  it('is renewed by redirection, and the upstream is not asked before', async () => {
    const answer = await get(`/renew/a?CAT=${cat(catr())}&q=1`);
    expect(answer.status).toBe(307);
    expect(upstream.seen).toEqual([]);
    const location = new URL(answer.headers.get('location') ?? '');
    expect(location.href).toMatch(`${gateway.url}/renew/a?CAT=`);
    expect(location.searchParams.get('q')).toBe('1');
    await renewed(location.searchParams.get('CAT') ?? '');
  });

  it('is renewed in no header by which an answer is framed', async () => {
    const answer = await send(cat(catr({ type: 'header', 'header-name': 'Content-Length' })), '/renew/a');
    expect([answer.status, await answer.text()]).toEqual([200, '{}']);
  });

  it('is not renewed where the route does not, nor before it is time', async () => {
    expect((await send(cat(catr()))).headers.get(HEADER)).toBeNull();
    expect((await send(cat({ ...catr(), exp: EXP }), '/renew/a')).headers.get(HEADER)).toBeNull();
  });

  it('is the answer to its own refusal: a status and headers', async () => {
    const catif = { exp: [307, { Location: 'https://auth.example/' }], catm: [404, { 'X-Why': 'method' }] };
    const away = await send(cat({ exp: 1, catif }));
    expect([away.status, away.headers.get('location')]).toEqual([307, 'https://auth.example/']);
    const method = await send(cat({ catm: ['PUT'], catif }), '/header/a');
    expect([method.status, method.headers.get('x-why'), await method.text()]).toEqual([404, 'method', '']);
    expect((await send(cat({ exp: 1, catif }, strange))).status).toBe(401);
    expect(upstream.seen).toEqual([]);
  });
});

it('GW-44: other proxies that ask get the same answer, and the address they are trusted with', async () => {
  const settings = (trusted: readonly string[]): Record<string, unknown> => ({
    issuers: { main: { url: issuer.issuer, cat_keys: JSON.stringify(jwk) } },
    trusted_proxies: trusted,
    forward_auth: { proxies: [{ dialect: 'nginx', addresses: ['127.0.0.1'] }] },
    routes: {
      a: { path: '/a', verify_access_token: { audience: AUDIENCE, cat: { query: 'CAT', renew: true } } },
    },
  });
  const asking = await startGateway(settings([]), { clock: () => now });
  const trusting = await startGateway(settings(['127.0.0.1']), { clock: () => now });
  const ask = (token: string, by = asking) =>
    get(
      '/verify',
      { 'x-original-method': 'GET', 'x-original-uri': `/a/b?CAT=${token}`, 'x-forwarded-for': '192.0.2.7' },
      by,
    );
  const passed = await ask(cat({ catu: { path: { exact: '/a/b' }, query: { exact: '' } } }));
  expect([passed.status, passed.headers.get('x-auth-subject')]).toEqual([200, 'usr_ada']);
  expect((await ask(cat({ catm: ['PUT'] }))).headers.get('x-auth-error')).toBe('not_acceptable');
  const network = { catnip: ['192.0.2.0/24'] };
  expect((await ask(cat({ catnip: ['127.0.0.0/8'] }))).status).toBe(401);
  expect((await ask(cat(network))).status).toBe(401);
  expect((await ask(cat(network), trusting)).status).toBe(200);
  const soon = { exp: NOW / 1000 + 30, catr: { type: 'header', expadd: 300 } };
  expect((await ask(cat(soon))).headers.get(HEADER)).not.toBeNull();
  for (const token of made) expect(asking.log.join('')).not.toContain(token.slice(0, 60));
  await asking.close();
  await trusting.close();
});

it('GW-44: a token for one use stays used when the configuration changes', async () => {
  const settings = (renew: boolean): Record<string, unknown> => ({
    issuers: { main: { url: issuer.issuer, cat_keys: JSON.stringify(jwk) } },
    routes: { a: { upstream: upstream.url, verify_access_token: { audience: AUDIENCE, cat: { renew } } } },
  });
  const started = await startGateway(settings(false), { clock: () => now });
  const token = cat({ catreplay: 1 });
  expect(await outcome(send(token, '/a', {}, started))).toBe('passed');
  await started.gateway.reload(checkGatewayConfig(settings(true)));
  expect(await outcome(send(token, '/a', {}, started))).toBe('401 not_acceptable catreplay');
  await started.close();
});

it('GW-44: of all tokens none is in a log', () => {
  expect(made.length).toBeGreaterThan(50);
  const log = [...gateway.log, ...behind.log].join('\n');
  expect(log).toContain('"outcome":"expired"');
  for (const token of made) expect(log).not.toContain(token.slice(0, 60));
});

it('GW-44: secrets come from a file; what is none stops the start and is not told', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'tessera-cat-')), 'keys');
  writeFileSync(file, JSON.stringify({ keys: [jwk] }));
  const settings = (keys: string, places: object = {}): Record<string, unknown> => ({
    issuers: { main: { url: issuer.issuer, cat_keys: keys } },
    routes: { a: { upstream: upstream.url, verify_access_token: { audience: AUDIENCE, cat: places } } },
  });
  const started = await startGateway(settings(file), { clock: () => now });
  upstream.answer = (_, response) => void response.end();
  expect(await outcome(send(cat(), '/a', {}, started))).toBe('passed');
  await started.close();
  const problem = (keys: string, places?: object) =>
    startGateway(settings(keys, places)).then(
      () => 'started',
      (error: Error) => error.message,
    );
  const good = JSON.stringify(jwk);
  expect(await problem(JSON.stringify({ ...jwk, k: 'c2VjcmV0' }))).toBe(
    'issuers.main.cat_keys must hold symmetric JWKs for HS256 (kty oct, kid, k of at least 32 bytes).',
  );
  expect(await problem('{"k":"c2VjcmV0"')).toBe('issuers.main.cat_keys is not JSON.');
  expect(await problem('/nowhere')).toMatch(/neither a JWK nor a file/);
  expect(await problem(good, { cookies: 'x' })).toMatch(/cookies is not a setting; did you mean cookie/);
  expect(await problem(good, { query: 'access_token' })).toMatch(/access_token is refused/);
  expect(await problem(good, { header: 'Authorization' })).toMatch(/not a header for that/);
  expect(await problem(good, { path_segment: 0, path_prefix: 'x' })).toMatch(/Remove one/);
});
