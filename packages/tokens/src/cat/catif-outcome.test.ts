/** What a token says about its own refusal. */
import { describe, expect, it } from 'vitest';
import { key, NOW, policy, tokenOf } from '../../testing/cat.ts';
import { encodeCbor } from '../cbor/index.ts';
import type { CborKey, CborValue } from '../cbor/index.ts';
import { createCoseSigner } from '../cose/index.ts';
import { CatError, catClaimsToJson, catifOutcome, decodeCat, verifyCat } from './index.ts';
import type { CatifMint, CatRequest, JsonValue } from './index.ts';

const mint: CatifMint = {
  keys: [key],
  issuer: 'https://issuer.example',
  clock: policy.clock,
  random: (size) => new Uint8Array(size).fill(3),
};

function errorOf(token: string, request: CatRequest = {}): CatError {
  try {
    void verifyCat(token, request, policy);
  } catch (error) {
    if (error instanceof CatError) return error;
    throw error;
  }
  throw new Error('the token was accepted');
}

const expired = (catif: JsonValue, more: Readonly<Record<string, JsonValue>> = {}) =>
  errorOf(tokenOf({ exp: NOW, catif, ...more }));

describe('there is no answer (CTA-5007-B §4.9.1)', () => {
  it('for a token whose signature does not hold', () => {
    const token = tokenOf({ exp: NOW, catif: { exp: [307, { Location: 'https://evil.example/' }] } });
    const last = token.endsWith('A') ? 'E' : 'A';
    const error = errorOf(`${token.slice(0, -2)}${last}${token.at(-1)}`);
    expect(error.authenticClaims()).toBeUndefined();
    expect(catifOutcome(error)).toBeUndefined();
  });
  it('for another claim', () => {
    expect(catifOutcome(expired({ catm: [403] }))).toBeUndefined();
  });
  it('without a rule', () => {
    expect(catifOutcome(errorOf(tokenOf({ exp: NOW })))).toBeUndefined();
  });
  it('where it needs a token that nobody makes, or a key that is not there', () => {
    const rule = { exp: [307, { Location: ['https://a.example/?CAT=', { iss: null }] }, 'k1'] };
    expect(catifOutcome(expired(rule))).toBeUndefined();
    expect(
      catifOutcome(expired({ exp: [307, { Location: ['a', { iss: null }] }, 'k2'] }), mint),
    ).toBeUndefined();
  });
  it('where nobody knows what to fill in', () => {
    const rule = { exp: [307, { Location: ['https://a.example/?CAT=', { aud: null }] }, 'k1'] };
    expect(catifOutcome(expired(rule), mint)).toBeUndefined();
  });
});

describe('the answer', () => {
  it('is a status and headers', () => {
    const rule = { exp: [307, { Location: 'https://auth.example.net/', 'Cache-Control': 'no-store' }] };
    expect(catifOutcome(expired(rule))).toEqual({
      status: 307,
      headers: [
        ['Location', 'https://auth.example.net/'],
        ['Cache-Control', 'no-store'],
      ],
      tokens: [],
    });
  });

  it('can be a status alone, and leaves framing to whoever sends it', () => {
    expect(catifOutcome(expired({ exp: [451] }))).toEqual({ status: 451, headers: [], tokens: [] });
    const rule = { exp: [403, { 'Content-Length': '9', 'transfer-encoding': 'chunked', 'X-Why': 'late' }] };
    expect(catifOutcome(expired(rule))?.headers).toEqual([['X-Why', 'late']]);
  });

  it('is for any claim, and for several at once', () => {
    const token = tokenOf({
      catm: ['GET'],
      catu: { host: { exact: 'a.example' } },
      catif: { 'catm,catu': [403] },
    });
    const url = 'https://b.example/';
    expect(catifOutcome(errorOf(token, { method: 'PUT', url }))?.status).toBe(403);
    expect(catifOutcome(errorOf(token, { method: 'GET', url }))?.status).toBe(403);
  });

  it('is for a claim that is not well-formed, too', () => {
    const claims = new Map<CborKey, CborValue>([
      [313, 'GET'],
      [322, new Map([[313, [405]]])],
    ]);
    const token = Buffer.from(createCoseSigner(key).sign(encodeCbor(claims))).toString('base64url');
    expect(catifOutcome(errorOf(token))?.status).toBe(405);
  });

  it('can hold a token that is made for it', () => {
    const template = {
      iss: null,
      iat: null,
      cti: null,
      sub: null,
      catu: { host: { exact: 'auth.example.net' } },
    };
    const rule = { exp: [307, { Location: ['https://auth.example.net/?CAT=', template, '&x=1'] }, 'k1'] };
    const outcome = catifOutcome(expired(rule, { sub: 'somebody' }), mint);
    const [token = ''] = outcome?.tokens ?? [];
    expect(outcome?.headers).toEqual([['Location', `https://auth.example.net/?CAT=${token}&x=1`]]);
    expect(catClaimsToJson(decodeCat(token).claims)).toEqual({
      iss: 'https://issuer.example',
      sub: 'somebody',
      iat: NOW,
      cti: '03'.repeat(16),
      catv: 1,
      catu: { host: { 'exact-match': 'auth.example.net' } },
    });
    void verifyCat(token, { url: 'https://auth.example.net/' }, policy);
  });
});
