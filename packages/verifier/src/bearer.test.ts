import { describe, expect, it } from 'vitest';
import { readBearerToken } from './bearer.ts';
import type { PresentedRequest } from './bearer.ts';
import { TokenError } from './token-error.ts';

function read(request: PresentedRequest): string {
  try {
    return readBearerToken(request);
  } catch (error) {
    if (error instanceof TokenError) return `refused: ${error.code}`;
    throw error;
  }
}

const withHeader = (authorization: string): PresentedRequest => ({ url: '/', headers: { authorization } });

describe('readBearerToken refuses a header (RFC 6750 §2.1)', () => {
  it.each([
    ['', 'missing_token'],
    ['Basic YTpi', 'missing_token'],
    ['Bearerx abc', 'missing_token'],
    ['DPoP abc', 'missing_token'],
    ['Bearer', 'malformed_request'],
    ['Bearer ', 'malformed_request'],
    ['Bearer  abc', 'malformed_request'],
    ['Bearer\tabc', 'malformed_request'],
    ['Bearer \tabc', 'malformed_request'],
    [' Bearer abc', 'malformed_request'],
    ['Bearer abc ', 'malformed_request'],
    ['Bearer abc def', 'malformed_request'],
    ['Bearer: abc', 'malformed_request'],
    ['Bearer=abc', 'malformed_request'],
    ['Bearer "abc"', 'malformed_request'],
    ['Bearer a\u00e9c', 'malformed_request'],
    ['Bearer a\0c', 'malformed_request'],
    ['Bearer a%20c', 'malformed_request'],
    ['Bearer ab=c', 'malformed_request'],
    ['Bearer =', 'malformed_request'],
    ['Bearer abc,def', 'malformed_request'],
    ['Bearer abc, Bearer def', 'several_tokens'],
    ['Bearer abc,Bearer def', 'several_tokens'],
    ['Basic YTpi, Bearer def', 'several_tokens'],
  ])('%j: %s', (value, code) => {
    expect(read(withHeader(value))).toBe(`refused: ${code}`);
  });

  it('that is there twice (RFC 9110 §5.3)', () => {
    const refused = 'refused: several_tokens';
    expect(read({ url: '/', headers: { authorization: ['Bearer a', 'Bearer b'] } })).toBe(refused);
    expect(read({ url: '/', headers: { authorization: 'Bearer a', Authorization: 'Bearer a' } })).toBe(
      refused,
    );
    // Node keeps the first of several in `headers` and says nothing; only `rawHeaders` has them all.
    const rawHeaders = ['Authorization', 'Bearer a', 'Host', 'x', 'authorization', 'Bearer b'];
    expect(read({ url: '/', headers: { authorization: 'Bearer a' }, rawHeaders })).toBe(refused);
    const headers = new Headers({ authorization: 'Bearer a' });
    headers.append('authorization', 'Bearer b');
    expect(read({ url: 'https://api.example/', headers })).toBe(refused);
  });

  it('that is not there', () => {
    const refused = 'refused: missing_token';
    expect(read({ url: '/', headers: {} })).toBe(refused);
    expect(read({ url: '/', headers: { authorization: undefined } })).toBe(refused);
    expect(read({ url: '/', headers: { authorization: [] } })).toBe(refused);
    expect(read({ url: '/', headers: new Headers() })).toBe(refused);
    expect(read({ url: '/', headers: { 'x-authorization': 'Bearer abc' } })).toBe(refused);
  });
});

describe('readBearerToken refuses a token in the URL, whatever else is there (RFC 6750 §2.3, OAuth 2.1 §5.1.2)', () => {
  it.each([
    '/?access_token=abc',
    '/?a=b&access_token=abc',
    '/?access_token=',
    '/?access_token',
    '/?access%5Ftoken=abc',
    '/?%61ccess_token=abc',
    'https://api.example/v1/me?access_token=abc#top',
    '/?x=?&access_token=abc',
  ])('%s', (url) => {
    expect(read({ url, headers: {} })).toBe('refused: token_in_url');
    expect(read({ url, headers: { authorization: 'Bearer abc' } })).toBe('refused: token_in_url');
    expect(read({ url, headers: { authorization: 'Basic YTpi' } })).toBe('refused: token_in_url');
  });

  it.each([
    '/',
    '/access_token=abc',
    '/?q=access_token',
    '/?my_access_token=a',
    '/?q=%25',
    '/?a=b#access_token=c',
  ])('but not in %s', (url) => {
    expect(read({ url, headers: { authorization: 'Bearer abc' } })).toBe('abc');
  });
});

describe('readBearerToken', () => {
  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('takes the scheme %s (RFC 9110 §11.1)', (scheme) => {
    expect(read(withHeader(`${scheme} abc`))).toBe('abc');
  });
  it.each(['abc', 'a.b.c', 'tsr_at_x', 'A-Z~9+/', 'YTpi==', '='.padStart(3, 'a')])(
    'takes the token %s',
    (token) => {
      expect(read(withHeader(`Bearer ${token}`))).toBe(token);
    },
  );
  it('takes any spelling of the header name in a plain object', () => {
    expect(read({ url: '/', headers: { AUTHORIZATION: 'Bearer abc' } })).toBe('abc');
  });
  it('reads a long token in time that grows with its length only', () => {
    expect(read(withHeader(`Bearer ${'='.repeat(500_000)}a`))).toBe('refused: malformed_request');
  });
});
