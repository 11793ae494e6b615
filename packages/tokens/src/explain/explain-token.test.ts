import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { catClaimsFromJson, createCat, textClaim } from '../cat/index.ts';
import type { JsonValue } from '../cat/index.ts';
import { createMacKey } from '../cose/index.ts';
import { CWT_ACCESS_TOKEN_TYP, createCwtSigner } from '../cwt/index.ts';
import { importPublicJwk } from '../jwk.ts';
import type { VerificationKey } from '../jwk.ts';
import { createJwtSigner } from '../jwt-signer.ts';
import { generateSigningKey, importSigningKey } from '../signing-key.ts';
import type { SigningKeyHandle } from '../signing-key.ts';
import { createTokenString } from '../token-string.ts';
import { explainToken } from './explain-token.ts';
import type { TokenExpectations } from './expectations.ts';
import { readToken } from './read-token.ts';

const NOW = 1_800_000_000;
const random = (size: number) => randomBytes(size);
const claims = {
  iss: 'https://id.example',
  sub: 'app',
  aud: 'https://api.example/',
  exp: NOW + 60,
  iat: NOW,
  jti: 'AAECAwQFBgcICQoLDA0ODw',
  client_id: 'app',
  scope: 'read',
};
const catKey = createMacKey({ secret: randomBytes(32), kid: 'k1' });
const extensions = [textClaim('scope')];
const catToken = (json: JsonValue) =>
  createCat(catClaimsFromJson(json, { extensions }), { key: catKey, random, extensions });

let handle: SigningKeyHandle;
let published: VerificationKey;
let expectations: TokenExpectations;
beforeAll(async () => {
  const made = await generateSigningKey('ES256');
  handle = importSigningKey(made);
  published = importPublicJwk(made.publicJwk)!;
  expectations = {
    nowMs: NOW * 1000,
    issuer: claims.iss,
    audience: claims.aud,
    scopes: ['read'],
    findKey: (kid) => (kid === handle.kid ? published : undefined),
    catKeys: [catKey],
  };
});

const jwt = (more: object = {}, typ = 'at+jwt') => createJwtSigner(handle, typ).sign({ ...claims, ...more });
const cwt = (more: object = {}, typ: string = CWT_ACCESS_TOKEN_TYP) =>
  createCwtSigner(handle, typ).sign({ ...claims, ...more });

async function failuresOf(token: string, more: Partial<TokenExpectations> = {}): Promise<readonly string[]> {
  const { checks } = await explainToken(token, { ...expectations, ...more });
  const failures = checks.filter(({ result }) => result === 'failed');
  // Whatever fails says what to do.
  for (const failure of failures) expect(failure.fix).toMatch(/\S{3}/);
  return failures.map(({ check }) => check);
}

describe.each([
  ['JWT', jwt, 'at+jwt'],
  ['CWT', cwt, CWT_ACCESS_TOKEN_TYP],
])('a %s', (_, make, typ) => {
  it('passes every check, in the order in which an API makes them', async () => {
    const { checks } = await explainToken(make(), expectations);
    expect(checks.map(({ check, result }) => `${check} ${result}`)).toEqual(
      'form type algorithm issuer key signature claims audience expiry not_before binding scope'
        .split(' ')
        .map((check) => `${check} passed`),
    );
  });

  it.each<[string, object, Partial<TokenExpectations>, readonly string[]]>([
    ['for another API (RFC 9068 §4)', { aud: 'https://other.example/' }, {}, ['audience']],
    ['expired to the second (RFC 7519 §4.1.4)', { exp: NOW }, {}, ['expiry']],
    ['that begins later (RFC 7519 §4.1.5)', { nbf: NOW + 6 }, {}, ['not_before']],
    ['of another issuer (RFC 9068 §4)', { iss: 'https://evil.example' }, {}, ['issuer']],
    ['without the scope (RFC 6750 §3.1)', {}, { scopes: ['read', 'write'] }, ['scope']],
    ['of a key that is not published', {}, { findKey: () => undefined }, ['key']],
    ['without client_id (RFC 9068 §2.2)', { client_id: undefined }, {}, ['claims']],
    [
      'with several faults',
      { aud: 'x', exp: 1, iat: 1 },
      { scopes: ['write'] },
      ['audience', 'expiry', 'scope'],
    ],
  ])('%s fails that check', async (__, more, held, failing) => {
    expect(await failuresOf(make(more), held)).toEqual(failing);
  });

  it('of another type may be genuine all the same (RFC 8725 §3.11)', async () => {
    const other = typ === 'at+jwt' ? jwt({}, 'JWT') : cwt({}, 'application/cwt');
    expect(await failuresOf(other)).toEqual(['type']);
  });

  it('that was changed fails the signature', async () => {
    const token = make();
    const changed = `${token.slice(0, -9)}${token.at(-9) === 'A' ? 'B' : 'A'}${token.slice(-8)}`;
    expect(await failuresOf(changed)).toEqual(['signature']);
  });

  it('says what it expected and got', async () => {
    const { checks } = await explainToken(make({ aud: 'https://other.example/' }), expectations);
    expect(checks).toContainEqual({
      check: 'audience',
      result: 'failed',
      expected: 'https://api.example/',
      got: 'https://other.example/',
      fix: 'Ask for a token with resource=https://api.example/',
    });
  });

  it('is not held to what nobody named', async () => {
    const { checks } = await explainToken(make(), { nowMs: NOW * 1000 });
    const left = checks.filter(({ result }) => result === 'skipped').map(({ check }) => check);
    expect(left).toEqual(['issuer', 'key', 'signature', 'audience', 'scope']);
  });

  it('that is bound to a key says so', async () => {
    const jkt = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';
    const { checks } = await explainToken(make({ cnf: { jkt } }), expectations);
    expect(checks.find(({ check }) => check === 'binding')).toMatchObject({
      result: 'skipped',
      got: expect.stringContaining(jkt),
    });
  });
});

describe('a Common Access Token', () => {
  it('passes each claim', async () => {
    const token = catToken({ iss: claims.iss, aud: claims.aud, exp: NOW + 60, catm: ['GET'] });
    const { format, checks } = await explainToken(token, {
      ...expectations,
      scopes: [],
      request: { method: 'GET' },
    });
    expect(format).toBe('cat');
    expect(checks.filter(({ result }) => result !== 'passed')).toEqual([]);
    expect(checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['form', 'key', 'signature', 'exp', 'catm']),
    );
  });

  it.each<[string, JsonValue, Partial<TokenExpectations>, readonly string[]]>([
    ['expired, without leeway', { exp: NOW }, {}, ['exp']],
    ['for another method', { catm: ['GET'] }, { request: { method: 'POST' } }, ['catm']],
    ['for a method, with a request nobody described', { catm: ['GET'] }, {}, ['catm']],
    ['of another issuer', { iss: 'https://evil.example' }, {}, ['iss']],
    ['of another key', {}, { catKeys: [createMacKey({ secret: new Uint8Array(32), kid: 'k2' })] }, ['key']],
    ['of another secret', {}, { catKeys: [createMacKey({ secret: new Uint8Array(32) })] }, ['signature']],
    ['without the scope', { scope: 'read' }, { scopes: ['write'] }, ['scope']],
    ['of which several claims are not met', { exp: NOW, catm: ['GET'] }, {}, ['exp', 'catm']],
  ])('%s fails that check', async (_, json, held, failing) => {
    expect(await failuresOf(catToken(json), { scopes: [], ...held })).toEqual(failing);
  });

  it('without a key says what it can, and that nothing is proven', async () => {
    const { checks } = await explainToken(catToken({ exp: NOW }), { nowMs: NOW * 1000 });
    expect(checks.map(({ check, result }) => [check, result])).toEqual([
      ['form', 'passed'],
      ['key', 'skipped'],
      ['signature', 'skipped'],
      ['exp', 'failed'],
    ]);
  });
});

describe('what is no access token', () => {
  const opaque = createTokenString('at', random);
  it.each([
    ['nothing', '', 'form', /copy it again/],
    ['a word', 'hello', 'form', /no token/],
    ['a whole header', `Bearer ${opaque}`, 'form', /before the token/],
    ['a broken line', `${opaque.slice(0, 20)}\n${opaque.slice(20)}`, 'form', /one word/],
    ['a token cut off', opaque.slice(0, -1), 'form', /cut off/],
    ['a refresh token', createTokenString('rt', random), 'kind', /token endpoint/],
    ['a client secret', createTokenString('cs', random), 'kind', /access_token/],
  ])('%s: says what to do', async (_, token, check, fix) => {
    const { checks } = await explainToken(token, expectations);
    const failure = checks.find(({ result }) => result === 'failed');
    expect(failure).toMatchObject({ check, fix: expect.stringMatching(fix) });
    if (token.length > 10) expect(JSON.stringify(checks)).not.toContain(token.slice(8, 30));
  });

  it('an opaque access token can be told by its server only', async () => {
    const { format, checks } = await explainToken(opaque, expectations);
    expect(format).toBe('opaque');
    expect(checks.at(-1)).toMatchObject({ check: 'known', result: 'skipped' });
  });
});

describe('what a token says', () => {
  it('has the names of a JWT for the integers of a CWT', () => {
    expect(readToken(cwt())).toMatchObject({
      format: 'cwt',
      header: { alg: 'ES256', kid: handle.kid, typ: CWT_ACCESS_TOKEN_TYP, message: 'COSE_Sign1' },
      claims,
      diagnostic: expect.stringContaining('1: "https://id.example"'),
    });
  });

  it('has the names of the claims of a Common Access Token', () => {
    expect(readToken(catToken({ exp: NOW, catm: ['GET'] }))).toMatchObject({
      format: 'cat',
      header: { alg: 'HS256', kid: 'k1', message: 'COSE_Mac0' },
      claims: { exp: NOW, catm: ['GET'], catv: 1 },
    });
  });
});
