/** Common Access Tokens at an API: what is refused and why, where they are found, what is handed back. */
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { hashTokenString } from '@tessera/tokens';
import { catClaimsFromJson, createCat, createReplayMemory, textClaim } from '@tessera/tokens/cat';
import type { JsonValue } from '@tessera/tokens/cat';
import { createMacKey, kidBytes } from '@tessera/tokens/cose';
import type { CoseKey } from '@tessera/tokens/cose';
import { SignJWT, calculateJwkThumbprint } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importSigningKey } from '@tessera/tokens';
import {
  AUDIENCE,
  EXP,
  JWKS_PATH,
  METADATA_PATH,
  NOW,
  sendJson,
  startAuthorizationServer,
} from '../../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../../testing/authorization-server.ts';
import type { PresentedRequest } from '../bearer.ts';
import { createProtection } from '../protection.ts';
import { tokenIdHash } from '../revocation.ts';
import { TokenError } from '../token-error.ts';
import { createVerifier } from '../verifier.ts';
import type { VerifierOptions } from '../verifier-options.ts';
import type { Verifier } from '../verifier.ts';

const secret = new Uint8Array(32).fill(7);
const k = Buffer.from(secret).toString('base64url');
const macKey = createMacKey({ kid: 'cdn-1', secret });
const jwk = { kty: 'oct', k, kid: 'cdn-1', alg: 'HS256' };
const extensions = [textClaim('scope'), textClaim('client_id')];
const url = 'https://music.example/v1/me';

let server: TestAuthorizationServer;
let verifier: Verifier;
let now = NOW;

beforeAll(async () => {
  server = await startAuthorizationServer();
});
afterAll(() => server.close());
beforeEach(() => {
  now = NOW;
  server.hits.clear();
  verifier = newVerifier();
});

function newVerifier(more: Partial<VerifierOptions> = {}): Verifier {
  const { issuer } = server;
  return createVerifier({ issuer, audience: AUDIENCE, keys: [jwk], clock: () => now, ...more });
}

type Json = Readonly<Record<string, JsonValue>>;

function cat(
  change: Json = {},
  key: CoseKey = macKey,
  drop: readonly string[] = [],
  typed = key.alg !== 'HS256',
): string {
  const json: Record<string, JsonValue> = {
    iss: server.issuer,
    sub: 'usr_ada',
    aud: AUDIENCE,
    exp: EXP,
    iat: NOW / 1000,
    cti: '0b71',
    client_id: 'client_player',
    scope: 'read write',
    ...change,
  };
  for (const name of drop) delete json[name];
  return createCat(catClaimsFromJson(json, { extensions }), {
    key,
    extensions,
    allowPersonal: true,
    typed,
  });
}

function signedWithPublishedKey(change: Json = {}): string {
  const handle = importSigningKey(server.keys[0]!);
  return cat(change, { kid: kidBytes(handle.kid), alg: 'ES256', key: handle.privateKey });
}

function untyped(): string {
  const handle = importSigningKey(server.keys[0]!);
  return cat({}, { kid: kidBytes(handle.kid), alg: 'ES256', key: handle.privateKey }, [], false);
}

const bearer = (token: string, more: Partial<PresentedRequest> = {}): PresentedRequest => ({
  method: 'GET',
  url,
  headers: { authorization: `Bearer ${token}` },
  ...more,
});

async function refusal(
  presented: PresentedRequest | string,
  by = verifier,
): Promise<TokenError | 'accepted'> {
  try {
    await by.verify(presented);
    return 'accepted';
  } catch (error) {
    if (error instanceof TokenError) return error;
    throw error;
  }
}

async function codeOf(presented: PresentedRequest | string, by = verifier): Promise<string> {
  const error = await refusal(presented, by);
  return error === 'accepted' ? error : error.code;
}

const strange = createMacKey({ kid: 'cdn-1', secret: new Uint8Array(32) });
const other = createMacKey({ kid: 'cdn-2', secret });
const strangePair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('a CAT is refused', () => {
  it.each<[string, string, () => string]>([
    ['bad_signature', 'of another secret', () => cat({}, strange)],
    ['unknown_key', 'of a key of another name', () => cat({}, other)],
    ['wrong_issuer', 'of another issuer', () => cat({ iss: 'https://evil.example' })],
    ['wrong_audience', 'for another API', () => cat({ aud: 'https://other.example/' })],
    ['invalid_claims', 'without an issuer', () => cat({}, macKey, ['iss'])],
    ['invalid_claims', 'without an audience', () => cat({}, macKey, ['aud'])],
    ['invalid_claims', 'without an end', () => cat({}, macKey, ['exp'])],
    ['expired', 'at exp', () => cat({ exp: NOW / 1000 })],
    ['not_yet_valid', 'before nbf, without leeway', () => cat({ nbf: NOW / 1000 + 1 })],
    ['not_acceptable', 'for another method', () => cat({ catm: ['PUT'] })],
    ['not_acceptable', 'for another URI', () => cat({ catu: { path: { prefix: '/v2' } } })],
    ['invalid_claims', 'that may be used once, where nobody remembers', () => cat({ catreplay: 1 })],
    ['bound', 'that is bound to a key, as Bearer', () => cat({ cnf: { jkt: 'A'.repeat(43) } })],
    ['malformed_token', 'that is cut short', () => cat().slice(0, -4)],
    [
      'malformed_token',
      'of a dialect',
      () =>
        '0YRDoQEFoQRMU3ltbWV0cmljMjU2eDZkOTAxMDNhMTAxNzU2MzZmNjE3MDNhMmYyZjYxNzMyZTY1Nzg2MTZkNzA2YzY1MmU2MzZmNmRYIDL8dIteq8pMXXX9oL4eo2NX1kQUaselV6p_JHSEVXWX',
    ],
    [
      'unknown_key',
      'of a key that is not published',
      () => cat({}, { kid: kidBytes('es'), alg: 'ES256', key: strangePair.privateKey }),
    ],
  ])('%s: %s', async (code, _, token) => {
    expect(await codeOf(bearer(token()))).toBe(code);
  });

  it('with the claim or the dialect named, and without anything of the token', async () => {
    const claim = await refusal(bearer(cat({ catm: ['PUT'] })));
    expect(claim).toMatchObject({ status: 401, description: 'The token does not allow this method (catm)' });
    const dialect = await refusal('ogEjEGNDQVQ.owF4GGh0dHBz.W17GD7Gj');
    expect(dialect).toMatchObject({ code: 'malformed_token' });
    const old = await refusal(
      '0YRDoQEFoQRMU3ltbWV0cmljMjU2eDZkOTAxMDNhMTAxNzU2MzZmNjE3MDNhMmYyZjYxNzMyZTY1Nzg2MTZkNzA2YzY1MmU2MzZmNmRYIDL8dIteq8pMXXX9oL4eo2NX1kQUaselV6p_JHSEVXWX',
    );
    expect(old).toMatchObject({ description: expect.stringContaining('@eyevinn/cat') });
  });

  it('before anybody is asked for keys, when its issuer is not trusted or it is a MAC', async () => {
    const { privateKey: key } = strangePair;
    await codeOf(bearer(cat({ iss: 'https://evil.example' }, { kid: kidBytes('es'), alg: 'ES256', key })));
    await codeOf(bearer(cat({}, other)));
    expect(server.hits.get(JWKS_PATH)).toBeUndefined();
  });

  it('where its secret is that of another issuer', async () => {
    const second = {
      issuer: 'https://second.example',
      audience: AUDIENCE,
      keys: [{ ...jwk, kid: 'second' }],
    };
    const both = createVerifier({
      issuers: [{ issuer: server.issuer, audience: AUDIENCE, keys: [jwk] }, second],
      clock: () => now,
    });
    const ofSecond = createMacKey({ kid: 'second', secret });
    expect(await codeOf(bearer(cat()), both)).toBe('accepted');
    expect(await codeOf(bearer(cat({ iss: second.issuer }, ofSecond)), both)).toBe('accepted');
    expect(await codeOf(bearer(cat({}, ofSecond)), both)).toBe('bad_signature');
  });

  it('where the secret is none', async () => {
    const weak = newVerifier({ keys: [{ kty: 'oct', k: 'AAAA' }] });
    await expect(weak.verify(bearer(cat()))).rejects.toThrow(TypeError);
  });
});

describe('a CAT', () => {
  it.each([
    ['HS256', () => cat()],
    ['ES256', () => signedWithPublishedKey()],
  ])('of %s gives the same object as a JWT', async (_, make) => {
    const jti = Buffer.from('0b71', 'hex').toString('base64url');
    const jwt = await verifier.verify(bearer(server.sign({ jti })), { scopes: ['read'] });
    const token = make();
    const accessToken = await verifier.verify(bearer(token), { scopes: ['read'] });
    const { claims: _claims, ...said } = jwt;
    expect(accessToken).toMatchObject({ ...said, format: 'cat' });
    expect(tokenIdHash({ token, accessToken })).toEqual(hashTokenString(jti));
  });

  it('of a client says so; one of another kind of issuer has neither client nor scope', async () => {
    const client = await verifier.verify(bearer(cat({ sub: 'client_player' })));
    expect(client.kind).toBe('client');
    const plain = await verifier.verify(bearer(cat({}, macKey, ['client_id', 'scope', 'iat'])));
    expect(plain).toMatchObject({ kind: 'user', sub: 'usr_ada', clientId: '', scopes: [], iat: 0 });
    expect(await codeOf(bearer(cat({}, macKey, ['scope'])))).toBe('accepted');
  });

  it('need not say what it is where the API takes CATs from elsewhere', async () => {
    expect(await codeOf(bearer(untyped()), newVerifier({ cat: {} }))).toBe('accepted');
    const cwt = server.signCwt({}, { typ: 'application/statuslist+cwt' });
    expect(await codeOf(bearer(cwt), newVerifier({ cat: {} }))).toBe('malformed_token');
  });

  it('may do without an audience where the API says so', async () => {
    const lax = newVerifier({ cat: { audienceOptional: true } });
    expect(await codeOf(bearer(cat({}, macKey, ['aud'])), lax)).toBe('accepted');
    expect(await codeOf(bearer(cat({ aud: 'https://other.example/' })), lax)).toBe('wrong_audience');
  });

  it('is judged by what is known of the client', async () => {
    const token = cat({ catnip: ['192.0.2.0/24', 64512], catalpn: ['h2'] });
    const from = (client: NonNullable<PresentedRequest['client']>) => codeOf(bearer(token, { client }));
    expect(await from({ ip: '192.0.2.7', alpn: 'h2' })).toBe('accepted');
    expect(await from({ asn: 64512, alpn: 'h2' })).toBe('accepted');
    expect(await from({ ip: '198.51.100.1', alpn: 'h2' })).toBe('not_acceptable');
    expect(await from({ ip: '192.0.2.7' })).toBe('not_acceptable');
    const socket = { remoteAddress: '::ffff:192.0.2.7', alpnProtocol: 'h2' };
    expect(await codeOf(bearer(token, { socket }))).toBe('accepted');
    const told = newVerifier({ cat: { client: () => ({ ip: '192.0.2.9', alpn: 'h2' }) } });
    expect(await codeOf(bearer(token), told)).toBe('accepted');
  });

  it('may be used once where somebody remembers', async () => {
    const once = newVerifier({ cat: { memory: { replays: createReplayMemory(() => now) } } });
    const token = cat({ catreplay: 1 });
    expect([await codeOf(bearer(token), once), await codeOf(bearer(token), once)]).toEqual([
      'accepted',
      'not_acceptable',
    ]);
  });
});

describe('a CAT that is bound to a key', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicJwk = pair.publicKey.export({ format: 'jwk' });
  const proofFor = (token: string, iat = now / 1000): Promise<string> => {
    const ath = createHash('sha256').update(token).digest('base64url');
    return new SignJWT({ jti: randomUUID(), htm: 'GET', htu: url, iat, ath })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk })
      .sign(pair.privateKey);
  };
  const presenting = (token: string, dpop: string): PresentedRequest => ({
    method: 'GET',
    url,
    headers: { authorization: `DPoP ${token}`, dpop },
  });

  it('passes with a proof, once', async () => {
    const jkt = await calculateJwkThumbprint(publicJwk);
    const token = cat({ cnf: { jkt } });
    const proof = await proofFor(token);
    expect(await codeOf(presenting(token, proof))).toBe('accepted');
    expect(await codeOf(presenting(token, proof))).toBe('used_proof');
    expect(await codeOf(presenting(cat({ cnf: { jkt: 'A'.repeat(43) } }), proof))).toBe('bad_proof');
  });

  it('says how old a proof may be', async () => {
    const token = cat({ cnf: { jkt: await calculateJwkThumbprint(publicJwk) }, catdpop: { window: 30 } });
    expect(await codeOf(presenting(token, await proofFor(token, now / 1000 - 30)))).toBe('accepted');
    expect(await codeOf(presenting(token, await proofFor(token, now / 1000 - 31)))).toBe('bad_proof');
  });

  it('needs the proof wherever it is sent', async () => {
    const placed = newVerifier({ cat: { carriers: {} } });
    const token = cat({ cnf: { jkt: await calculateJwkThumbprint(publicJwk) } });
    const headers = { 'cta-common-access-token': token };
    expect(await codeOf({ method: 'GET', url, headers }, placed)).toBe('missing_proof');
    const dpop = await proofFor(token);
    expect(await codeOf({ method: 'GET', url, headers: { ...headers, dpop } }, placed)).toBe('accepted');
  });
});

describe('places for CATs', () => {
  const at = (headers: Record<string, string>, called = url): PresentedRequest => ({
    method: 'GET',
    url: called,
    headers,
  });

  it('are none unless the API says so', async () => {
    expect(await codeOf(at({ 'cta-common-access-token': cat() }))).toBe('missing_token');
    expect(await codeOf(at({}, `${url}?CAT=${cat()}`))).toBe('missing_token');
    const header = newVerifier({ cat: { carriers: {} } });
    expect(await codeOf(at({}, `${url}?CAT=${cat()}`), header)).toBe('missing_token');
  });

  it('are the header, a cookie, and the URL where a route says so', async () => {
    const placed = newVerifier({ cat: { carriers: { query: ['CAT'], path: { prefix: 'cat:' } } } });
    const token = cat({ catu: { path: { exact: '/v1/me' }, query: { exact: 'a=1' } } });
    const requests = [
      at({ 'cta-common-access-token': token }, `${url}?a=1`),
      at({ cookie: `a=b; CTA-Common-Access-Token=${token}` }, `${url}?a=1`),
      at({}, `${url}?CAT=${token}&a=1`),
      at({}, `https://music.example/cat:${token}/v1/me?a=1`),
      at({ host: 'music.example' }, `/v1/me?CAT=${token}&a=1`),
    ];
    expect(await Promise.all(requests.map((request) => codeOf(request, placed)))).toEqual(
      Array(5).fill('accepted'),
    );
  });

  it('may hold several, one of which is enough; an access token in Authorization comes first', async () => {
    const placed = newVerifier({ cat: { carriers: {} } });
    const several = `${cat({ exp: 1 })}, ${cat({}, strange)}, ${cat({ sub: 'usr_bob' })}`;
    const found = await placed.verify(at({ 'cta-common-access-token': several }));
    expect(found.sub).toBe('usr_bob');
    const headers = { 'cta-common-access-token': cat(), authorization: `Bearer ${cat({ exp: 1 })}` };
    expect(await codeOf(at(headers), placed)).toBe('expired');
    expect(await codeOf(at({ 'cta-common-access-token': `${cat({ exp: 1 })}, abc` }), placed)).toBe(
      'expired',
    );
    expect(await codeOf(at({}), placed)).toBe('missing_token');
    expect(await codeOf(at({ authorization: `Bearer ${server.sign()}` }), placed)).toBe('accepted');
  });
});

describe('what a token asks for', () => {
  it('is renewed where the API renews', async () => {
    const token = cat({ exp: NOW / 1000 + 30, catr: { type: 'header', expadd: 120 } });
    expect((await verifier.verify(bearer(token))).renewal).toBeUndefined();
    const renewing = newVerifier({ cat: { renewal: {} } });
    const { renewal } = await renewing.verify(bearer(token));
    expect(renewal).toMatchObject({ type: 'header', exp: NOW / 1000 + 120 });
    const [renewed = ''] = renewal?.header?.value.split(';') ?? [];
    now += 100_000;
    expect(await codeOf(bearer(token), renewing)).toBe('expired');
    expect(await renewing.verify(bearer(renewed))).toMatchObject({
      sub: 'usr_ada',
      scopes: ['read', 'write'],
    });
  });

  it('is renewed with a key of its own', async () => {
    const { privateKey } = strangePair;
    const signingKey = { ...privateKey.export({ format: 'jwk' }), kid: 'renew', alg: 'ES256' };
    const renewing = newVerifier({ cat: { renewal: { signingKey, issuer: 'https://edge.example' } } });
    const token = cat({ exp: NOW / 1000 + 30, catr: { type: 'cookie', expadd: 120 } });
    const { renewal } = await renewing.verify(bearer(token));
    expect(renewal?.setCookie).toMatch(/^CTA-Common-Access-Token=2D3S/);
    const wrong = newVerifier({ cat: { renewal: { signingKey: {} } } });
    await expect(wrong.verify(bearer(token))).rejects.toThrow(TypeError);
  });

  it('is answered as it says when it is refused', async () => {
    const token = cat({ exp: 1, catif: { exp: [307, { Location: 'https://auth.example/' }] } });
    const error = await refusal(bearer(token));
    expect(error).toMatchObject({
      code: 'expired',
      answer: { status: 307, headers: [['Location', 'https://auth.example/']] },
    });
    const protection = createProtection({ verifier });
    const { refusal: answer } = await protection.check(bearer(token), {});
    expect(answer).toEqual({
      status: 307,
      headers: { 'cache-control': 'no-store', location: 'https://auth.example/' },
      body: '',
    });
    const forged = `${token.slice(0, -6)}AAAAAA`;
    expect((await protection.check(bearer(forged), {})).refusal?.status).toBe(401);
  });
});

describe('of a CAT only events tell: where what is not known is to be refused', () => {
  const streams: ServerResponse[] = [];
  const strict = (): Verifier =>
    newVerifier({ clientId: 'api', clientSecret: 'secret', onStaleRevocation: 'deny' });
  let isUp = true;
  beforeEach(() => {
    streams.length = 0;
    isUp = true;
    const { issuer } = server;
    server.answers.set(METADATA_PATH, (res) =>
      sendJson(res, { issuer, tessera_events_endpoint: `${issuer}/events` }),
    );
    server.answers.set('/events', (res) => {
      if (!isUp) return sendJson(res, {}, 503);
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write('event: live\nid: 1\ndata: {}\n\n');
      streams.push(res);
    });
  });
  afterAll(() => server.answers.clear());

  it('one passes while the stream is taken up anew, and not while there is none', async () => {
    const by = strict();
    expect(await codeOf(bearer(cat()), by)).toBe('accepted');
    const codes = new Set<string>();
    for (let turn = 1; turn <= 3; turn += 1) {
      streams.at(-1)?.end();
      while (streams.length === turn) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await new Promise((resolve) => {
          setTimeout(resolve, 5);
        });
        // oxlint-disable-next-line no-await-in-loop -- as above
        codes.add(await codeOf(bearer(cat()), by));
      }
    }
    expect([...codes]).toEqual(['accepted']);
    isUp = false;
    streams.at(-1)?.end();
    await expect.poll(() => codeOf(bearer(cat()), by)).toBe('unavailable');
    by.close();
  });
});
