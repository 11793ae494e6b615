import { createTokenString } from '@tessera/tokens';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readAccessToken } from './bearer.ts';
import { TokenError } from './token-error.ts';

const PAT = createTokenString('pat', randomBytes);
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const read = (authorization: string, more: Readonly<Record<string, string>> = {}) =>
  readAccessToken({ headers: { authorization, ...more } }, { basicPersonalTokens: true });
const codeOf = (presented: () => unknown): string => {
  try {
    presented();
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
  return 'passed';
};

describe('HTTP Basic with a personal access token', () => {
  it.each([
    ['another kind of token', basic(`:${createTokenString('at', randomBytes)}`)],
    ['a refresh token', basic(`:${createTokenString('rt', randomBytes)}`)],
    ['a client secret', basic(`app:${createTokenString('cs', randomBytes)}`)],
    ['a password', basic('ada:correct horse')],
    ['the token as the user name', basic(`${PAT}:`)],
    ['no colon', basic(PAT)],
    ['a typing error', basic(`:${PAT.slice(0, -1)}${PAT.endsWith('0') ? '1' : '0'}`)],
    ['something after the token', basic(`:${PAT}:`)],
    ['the token as it is', `Basic ${PAT}`],
    ['nothing', 'Basic '],
    ['no base64', 'Basic :::'],
  ])('is refused with %s', (_what, authorization) => {
    expect(codeOf(() => read(authorization))).toBe('malformed_token');
  });

  it('is refused where the API did not opt in', () => {
    expect(codeOf(() => readAccessToken({ headers: { authorization: basic(`:${PAT}`) } }))).toBe(
      'missing_token',
    );
  });

  it('is refused from a page of another site, and nowhere else', () => {
    const presented = basic(`:${PAT}`);
    expect(codeOf(() => read(presented, { 'sec-fetch-site': 'cross-site' }))).toBe('malformed_request');
    for (const site of ['same-origin', 'same-site', 'none']) {
      expect(read(presented, { 'sec-fetch-site': site }).token).toBe(PAT);
    }
    const headers = new Headers({ authorization: presented, 'sec-fetch-site': 'cross-site' });
    expect(codeOf(() => readAccessToken({ headers }, { basicPersonalTokens: true }))).toBe(
      'malformed_request',
    );
  });

  it.each(['', 'ada', 'anything at all', 'ada@example.com'])('takes any user name: %s', (user) => {
    expect(read(basic(`${user}:${PAT}`))).toEqual({ scheme: 'Bearer', token: PAT });
    expect(read(basic(`${user}:${PAT}`).replace('Basic', 'bAsIc')).token).toBe(PAT);
  });

  it('leaves Bearer as it is', () => {
    expect(read(`Bearer ${PAT}`).token).toBe(PAT);
    expect(codeOf(() => read(`Bearer ${PAT}, ${basic(`:${PAT}`)}`))).toBe('malformed_request');
  });
});
