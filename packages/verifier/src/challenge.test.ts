import { describe, expect, it } from 'vitest';
import { challenge } from './challenge.ts';
import { TokenError, tokenErrors } from './token-error.ts';

describe('challenge', () => {
  it('has no error code where no token was sent (RFC 6750 §3.1)', () => {
    expect(challenge(new TokenError('missing_token'), { realm: 'music' })).toBe('Bearer realm="music"');
  });

  it('says which scopes to ask for, even then (RFC 6750 §3)', () => {
    const error = new TokenError('missing_token', undefined, { scopes: ['read', 'write'] });
    expect(challenge(error, { realm: 'music' })).toBe('Bearer realm="music", scope="read write"');
  });

  it('names error, description and the metadata (RFC 6750 §3, RFC 9728 §5.1)', () => {
    expect(
      challenge(new TokenError('expired'), {
        realm: 'music',
        resourceMetadataUrl: 'https://music.example/.well-known/oauth-protected-resource',
      }),
    ).toBe(
      'Bearer realm="music", error="invalid_token", error_description="The access token expired", ' +
        'resource_metadata="https://music.example/.well-known/oauth-protected-resource"',
    );
  });

  it('lists all scopes that are needed (RFC 6750 §3.1)', () => {
    const error = new TokenError('insufficient_scope', undefined, { scopes: ['read', 'write'] });
    expect(challenge(error, { realm: 'music' })).toContain('error="insufficient_scope"');
    expect(challenge(error, { realm: 'music' })).toContain('scope="read write"');
  });

  it('cannot be split by what it is given', () => {
    const error = new TokenError('expired', 'a "quoted"\r\nSet-Cookie: a=b \\ \u00e9');
    expect(challenge(error, { realm: 'a", error="b' })).toBe(
      'Bearer realm="a?, error=?b", error="invalid_token", error_description="a ?quoted???Set-Cookie: a=b ? ?"',
    );
  });
});

describe('the table of errors', () => {
  it.each(Object.entries(tokenErrors))('%s is fit for a header', (_, { description }) => {
    expect(description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  });
  it('gives each error code the status of the RFC (RFC 6750 §3.1, RFC 9449 §7.1)', () => {
    const pairs = Object.values(tokenErrors).map(({ error, status }) => `${error ?? 'no code'} ${status}`);
    expect([...new Set(pairs)].toSorted()).toEqual([
      'insufficient_scope 403',
      'insufficient_user_authentication 401',
      'invalid_dpop_proof 401',
      'invalid_request 400',
      'invalid_token 401',
      'no code 401',
      'no code 503',
      'use_dpop_nonce 401',
    ]);
  });
  it('leads to the page of the docs', () => {
    expect(new TokenError('expired').docsPage).toBe('/docs/reference/errors#expired');
  });
});
