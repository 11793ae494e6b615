import { describe, expect, it } from 'vitest';
import { validateAccessTokenClaims } from './access-token.ts';
import { JwtError } from './jwt-error.ts';

// The shape of RFC 9068 §2.2 and its example in §3.
const ISSUER = 'https://authorization-server.example.com/';
const AUDIENCE = 'https://rs.example.com/';
const EXP = 1639528912;
const claims = {
  iss: ISSUER,
  sub: '5ba552d67',
  aud: AUDIENCE,
  exp: EXP,
  iat: 1618354090,
  jti: 'dbe39bf3a3ba4238a513f51d6e1691c4',
  client_id: 's6BhdRkqt3',
  scope: 'openid profile reademail',
};

function codeOf(payload: Record<string, unknown>, nowMs = 1618354091_000): string {
  try {
    validateAccessTokenClaims(payload, { issuer: ISSUER, audience: AUDIENCE, nowMs });
  } catch (error) {
    if (error instanceof JwtError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('validateAccessTokenClaims refuses', () => {
  it.each(['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id'])(
    'a token without %s (RFC 9068 §2.2)',
    (name) => {
      expect(codeOf({ ...claims, [name]: undefined })).toBe('claim_missing');
      expect(codeOf({ ...claims, [name]: null })).toBe('claim_malformed');
      expect(codeOf({ ...claims, [name]: {} })).toBe('claim_malformed');
      expect(codeOf({ ...claims, [name]: '' })).toBe('claim_malformed');
      expect(codeOf({ ...claims, [name]: [] })).toBe('claim_malformed');
    },
  );

  it.each<[string, Record<string, unknown>, string]>([
    ['exp as text (RFC 7519 §2)', { exp: `${EXP}` }, 'claim_malformed'],
    ['exp with a fraction', { exp: EXP + 0.5 }, 'claim_malformed'],
    ['a negative exp', { exp: -1 }, 'claim_malformed'],
    ['an exp beyond what is exact', { exp: 1e308 }, 'claim_malformed'],
    ['exp of 2^53 + 1', { exp: 2 ** 53 + 2 }, 'claim_malformed'],
    ['exp NaN', { exp: Number.NaN }, 'claim_malformed'],
    ['exp true', { exp: true }, 'claim_malformed'],
    ['iat as text', { iat: '1618354090' }, 'claim_malformed'],
    ['nbf as text', { nbf: '1' }, 'claim_malformed'],
    ['scope as a list (RFC 9068 §2.2.3)', { scope: ['openid'] }, 'claim_malformed'],
    ['scope null', { scope: null }, 'claim_malformed'],
    ['auth_time as text (RFC 9068 §2.2.1)', { auth_time: 'yesterday' }, 'claim_malformed'],
    ['amr as text', { amr: 'pwd' }, 'claim_malformed'],
    ['org_id as a number', { org_id: 7 }, 'claim_malformed'],
    ['sub as a number', { sub: 7 }, 'claim_malformed'],
    ['iss as a list', { iss: [ISSUER] }, 'claim_malformed'],
    ['aud as a number', { aud: 7 }, 'claim_malformed'],
    ['aud with a member that is no text', { aud: [AUDIENCE, 7] }, 'claim_malformed'],
    ['another issuer (RFC 9068 §4)', { iss: 'https://evil.example/' }, 'wrong_issuer'],
    ['an issuer without its slash', { iss: ISSUER.slice(0, -1) }, 'wrong_issuer'],
    ['an issuer in another case', { iss: ISSUER.toUpperCase() }, 'wrong_issuer'],
    ['an issuer that only looks alike', { iss: ISSUER.replace('a', '\u0430') }, 'wrong_issuer'],
    ['another audience (RFC 9068 §4)', { aud: 'https://other.example/' }, 'wrong_audience'],
    ['an audience without its slash', { aud: AUDIENCE.slice(0, -1) }, 'wrong_audience'],
    ['an audience with more path', { aud: `${AUDIENCE}api` }, 'wrong_audience'],
    ['an audience in another case', { aud: AUDIENCE.toUpperCase() }, 'wrong_audience'],
    ['two audiences in one text', { aud: `${AUDIENCE} https://other.example/` }, 'wrong_audience'],
    ['other audiences only', { aud: ['https://a.example/', 'https://b.example/'] }, 'wrong_audience'],
    ['a long text built for slow matching', { aud: 'a'.repeat(16_000) }, 'wrong_audience'],
    ['a start in the future', { nbf: 1618354091 + 6 }, 'not_yet_valid'],
    ['an issue date in the future', { iat: 1618354091 + 6 }, 'not_yet_valid'],
  ])('%s', (_, change, code) => {
    expect(codeOf({ ...claims, ...change })).toBe(code);
  });

  it('a token from its last second on, to the millisecond and without leeway (RFC 7519 §4.1.4)', () => {
    expect(codeOf(claims, EXP * 1000 - 1)).toBe('accepted');
    expect(codeOf(claims, EXP * 1000)).toBe('expired');
    expect(codeOf(claims, EXP * 1000 + 1)).toBe('expired');
  });

  it('a start more than five seconds away (RFC 7519 §4.1.5)', () => {
    const nbf = 1700000000;
    const later = { ...claims, exp: nbf + 100, iat: nbf, nbf };
    expect(codeOf(later, (nbf - 5) * 1000)).toBe('accepted');
    expect(codeOf(later, (nbf - 5) * 1000 - 1)).toBe('not_yet_valid');
  });
});

describe('validateAccessTokenClaims', () => {
  it('gives the claims of a token that holds', () => {
    const all = { ...claims, auth_time: 1618354000, acr: '0', amr: ['pwd'], org_id: 'o1', extra: { any: 1 } };
    expect(
      validateAccessTokenClaims(all, { issuer: ISSUER, audience: AUDIENCE, nowMs: 1618354091_000 }),
    ).toEqual(all);
  });
  it('takes one of several audiences', () => {
    expect(codeOf({ ...claims, aud: ['https://other.example/', AUDIENCE] })).toBe('accepted');
  });
  it('takes a token without scope', () => {
    expect(codeOf({ ...claims, scope: undefined })).toBe('accepted');
  });
});
